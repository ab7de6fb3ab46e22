"""Rhythm: the gaps between days with an order, and how overdue the next one is."""

from features.contract import Column, Family, Shape, share

_COUNT = "count(gap_days)"
_MEAN = "sum(gap_days) / nullif(count(gap_days), 0)"
# Sample variance times (n - 1): sum of squares less the square of the sum over n; whole sums are
# exact, so the result does not depend on the order of rows.
_SQUARES = "sum(gap_days * gap_days) - sum(gap_days) * sum(gap_days) / nullif(count(gap_days), 0)"
_SPREAD = f"sqrt(greatest(0, {_SQUARES}) / nullif(greatest({_COUNT} - 1, 0), 0))"
_LONGEST = "max(gap_days)"
_SINCE = "min(CASE WHEN is_purchase THEN age_days END)"
_ONE_DAY = "ordered on fewer than two days"
_TWO_DAYS = "fewer than three days with an order"

_COLUMNS = (
    Column("gap_mean_days", "days", None, _ONE_DAY, "usual gap between orders", _MEAN),
    Column(
        "gap_spread_days", "days", None, _TWO_DAYS, "spread of the gaps between orders", _SPREAD
    ),
    Column("gap_longest_days", "days", None, _ONE_DAY, "longest gap between orders", _LONGEST),
    Column(
        "gap_variation",
        "ratio",
        None,
        _TWO_DAYS,
        "irregularity of the gaps (spread over mean)",
        share(_SPREAD, _MEAN),
    ),
    Column(
        "overdue_ratio",
        "ratio",
        None,
        _ONE_DAY,
        "time since the last order over the usual gap",
        share(_SINCE, _MEAN),
    ),
)


def rhythm(shape: Shape) -> Family:
    """Mean, spread and regularity of a customer's own gaps, and the overdue ratio."""
    return Family("rhythm", "day", _COLUMNS if shape.has_orders else ())
