"""Breadth: how many different products and categories, how concentrated, how many of them new.

A product's category has no history: what the products table says now counts at every as_of.
"""

from features.contract import Family, Feature, Shape, feature
from features.measures import CATEGORIES, CATEGORY_LINES, PRODUCTS
from features.wording import lately

SPREAD_DAYS = (91, 364)
"""Windows over which concentration is told, or those of the config that are nearest."""

_NO_CATEGORY = "no category in the window"


def breadth(shape: Shape) -> Family:
    """Distinct products and categories, share of new products, entropy and concentration."""
    found: list[Feature] = []
    if shape.orders is not None and shape.orders.has_products:
        found += [each for days in shape.windows_days for each in _products(days)]
    if shape.orders is not None and shape.orders.category is not None:
        found += [_categories(days) for days in shape.windows_days]
        windows = sorted({shape.nearest(days) for days in SPREAD_DAYS})
        found += [each for days in windows for each in _spread(days)]
    return Family("breadth", tuple(found))


def _products(days: int) -> tuple[Feature, ...]:
    return (
        feature(
            f"products_count_{days}d",
            "products",
            days,
            "never ordered a named product",
            lately("different products", days),
            term=PRODUCTS.distinct(days),
            cause="need gone",
        ),
        feature(
            f"new_products_share_{days}d",
            "share",
            days,
            "no product in the window",
            lately("share of products never bought before", days),
            term=PRODUCTS.fresh(days) / PRODUCTS.distinct(days),
            cause="novelty",
        ),
    )


def _categories(days: int) -> Feature:
    return feature(
        f"categories_count_{days}d",
        "categories",
        days,
        "never ordered a product with a category",
        lately("different categories", days),
        term=CATEGORIES.distinct(days),
        cause="rival",
    )


def _spread(days: int) -> tuple[Feature, ...]:
    """Over the lines of each category, n of N.

    Concentration is the index of Herfindahl (1950) and Hirschman (1945), the sum of squared shares:
    1 when all are of one category, 1/k when k share them equally. Entropy is Shannon's (1948), in
    nats: ln N - (sum of n ln n) / N.
    """
    lines = CATEGORY_LINES.within(days)
    return (
        feature(
            f"category_concentration_{days}d",
            "index",
            days,
            _NO_CATEGORY,
            lately("concentration on few categories (Herfindahl)", days),
            term=CATEGORIES.squares(CATEGORY_LINES, days) / (lines * lines),
            cause="rival",
        ),
        feature(
            f"category_entropy_{days}d",
            "nats",
            days,
            _NO_CATEGORY,
            lately("variety of categories (entropy)", days),
            term=(lines.log() - CATEGORIES.logs(CATEGORY_LINES, days) / lines).at_least_zero(),
            cause="novelty",
        ),
        feature(
            f"top_category_share_{days}d",
            "share",
            days,
            _NO_CATEGORY,
            lately("share of the largest category", days),
            term=CATEGORIES.top(CATEGORY_LINES, days) / lines,
            cause="rival",
        ),
    )
