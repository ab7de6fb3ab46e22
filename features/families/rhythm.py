"""Rhythm: the gaps between days with an order, and how overdue the next one is."""

from features.contract import Column, Family, Shape, share

_COUNT = "count(gap_days)"
_MEAN = "sum(gap_days) / nullif(count(gap_days), 0)"
_SQUARES = "sum(gap_days * gap_days) - sum(gap_days) * sum(gap_days) / nullif(count(gap_days), 0)"
_SPREAD = f"sqrt(greatest(0, {_SQUARES}) / nullif({_COUNT} - 1, 0))"
_SINCE = "min(CASE WHEN is_purchase THEN age_days END)"
_ONE_DAY = "ordered on one day only"


def rhythm(shape: Shape) -> Family:
    """Mean, spread and regularity of a customer's own gaps, and the overdue ratio."""
    if not shape.has_orders:
        return Family("rhythm", "day", ())
    return Family(
        "rhythm",
        "day",
        (
            Column("gap_mean_days", "days", None, _ONE_DAY, "usual gap between orders", _MEAN),
            Column(
                "gap_spread_days",
                "days",
                None,
                "fewer than three days with an order",
                "spread of the gaps between orders",
                _SPREAD,
            ),
            Column(
                "gap_longest_days",
                "days",
                None,
                _ONE_DAY,
                "longest gap between orders",
                "max(gap_days)",
            ),
            Column(
                "gap_variation",
                "ratio",
                None,
                "fewer than three days with an order",
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
        ),
    )
