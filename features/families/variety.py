"""Variety over categories: how many different ones, and how concentrated.

A product's category has no history: what the products table says now counts at every as_of.
"""

from features.contract import Column, Family, Shape, share


def variety(shape: Shape) -> Family:
    """Distinct categories per window; concentration over the longest.

    Concentration is the index of Herfindahl (1950) and Hirschman (1945), the sum of squared shares
    of the lines: 1 when all are of one category, 1/n when n share them equally.
    """
    if not (shape.has_orders and shape.has_categories):
        return Family("variety", "category", ())
    longest = shape.longest
    concentration = Column(
        f"category_concentration_{longest}d",
        "index",
        longest,
        "no category in the window",
        f"concentration on few categories in the last {longest} days (Herfindahl)",
        share("sum(lines * lines)", "(sum(lines) * sum(lines))"),
    )
    favourite = Column(
        f"top_category_share_{longest}d",
        "share",
        longest,
        "no category in the window",
        f"share of the largest category in the last {longest} days",
        share("max(lines)", "sum(lines)"),
    )
    counts = (_count(days) for days in shape.windows_days)
    return Family("variety", "category", (*counts, concentration, favourite))


def _count(days: int) -> Column:
    return Column(
        f"categories_count_{days}d",
        "categories",
        days,
        "no category in the longest window",
        f"different categories in the last {days} days",
        f"sum(within_{days}d)",
    )
