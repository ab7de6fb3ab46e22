"""Returns and cancellations: how much of what was bought came back."""

from features.contract import Family, Feature, Shape, feature
from features.measures import LINES, RETURNED_AMOUNT, RETURNED_LINES, SPEND
from features.wording import lately


def returns(shape: Shape) -> Family:
    """Lines given back, and their money over what was spent, per window."""
    if shape.orders is None or not shape.orders.has_returns:
        return Family("returns", ())
    return Family("returns", tuple(each for d in shape.windows_days for each in _windowed(d)))


def _windowed(days: int) -> tuple[Feature, ...]:
    everything = LINES.within(days) + RETURNED_LINES.within(days)
    return (
        feature(
            f"returned_lines_share_{days}d",
            "share",
            days,
            "nothing bought or returned in the window",
            lately("share of items that were given back", days),
            term=RETURNED_LINES.within(days) / everything,
            cause="dissatisfaction",
        ),
        feature(
            f"returned_amount_ratio_{days}d",
            "ratio",
            days,
            "nothing spent in the window",
            lately("money given back over money spent", days),
            term=RETURNED_AMOUNT.within(days) / SPEND.within(days),
            cause="dissatisfaction",
        ),
    )
