"""Price: how much was discounted, bought with a coupon, dear for its kind, or of the own brand."""

from features.contract import Family, Feature, Shape, feature
from features.measures import (
    BRANDED_LINES,
    COUPON_LINES,
    DISCOUNT,
    DISCOUNTED_LINES,
    FULL_PRICE,
    LINES,
    PRIVATE_LINES,
    SPEND,
    USUAL_PRICE,
)
from features.terms import Term
from features.wording import lately

_NO_ORDER = "no order in the window"


def price(shape: Shape) -> Family:
    """Discount, coupon, price tier within category and own brand, as far as the sources tell."""
    found: list[Feature] = []
    if shape.orders is None:
        return Family("price", ())
    for days in shape.windows_days:
        if shape.orders.has_discounts:
            found += _discounts(days)
        if shape.orders.has_coupons:
            coupons = COUPON_LINES.within(days) / LINES.within(days)
            found.append(_share("coupon_lines_share", "items bought with a coupon", days, coupons))
        if shape.orders.has_private_labels:
            found.append(_own_brand(days))
        if shape.orders.category is not None:
            found.append(_tier(days))
    return Family("price", tuple(found))


def _share(name: str, phrase: str, days: int, term: Term) -> Feature:
    return feature(
        f"{name}_{days}d",
        "share",
        days,
        _NO_ORDER,
        lately(f"share of {phrase}", days),
        term=term,
        cause="rival",
    )


def _discounts(days: int) -> list[Feature]:
    # What was paid is net of the discount, so the full price is their sum.
    full_price = SPEND.within(days) + DISCOUNT.within(days)
    taken_off = feature(
        f"discount_share_{days}d",
        "share",
        days,
        "nothing with a price in the window",
        lately("share of the price taken off", days),
        term=DISCOUNT.within(days) / full_price,
        cause="rival",
    )
    reduced = DISCOUNTED_LINES.within(days) / LINES.within(days)
    return [taken_off, _share("discounted_lines_share", "items on discount", days, reduced)]


def _own_brand(days: int) -> Feature:
    return feature(
        f"private_label_lines_share_{days}d",
        "share",
        days,
        "no item of a known brand in the window",
        lately("share of items of the shop's own brand", days),
        term=PRIVATE_LINES.within(days) / BRANDED_LINES.within(days),
        cause="lost trust",
    )


def _tier(days: int) -> Feature:
    """Price before discount over what as many units of the same categories usually cost by then."""
    return feature(
        f"price_tier_{days}d",
        "ratio",
        days,
        "no item of a category with a known price above 0 in the window",
        lately("price over what is usual in the category", days),
        term=FULL_PRICE.within(days) / USUAL_PRICE.within(days),
        cause="rival",
    )
