"""On which days segments are looked for, and between which customers are seen to move."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from features.clock import OutsideHistory, days_after, days_between
from features.labels import LabelsMissing
from features.settings import ChurnDefinition
from features.star import History
from pipelines.segment_settings import Segments

LATER_MOST: Final = 3
"""Later days on which it is counted who is still in the same segment, at most."""

ONE_DAY: Final = "the sources have no orders, so that customers are known of one day"


@dataclass(frozen=True)
class SegmentDays:
    """Days of one training.

    Attributes
    ----------
    as_of
        Day before which all is known that segments are made of.
    known_until
        First day that no figure of a segment sees.
    earlier
        Day from which on moves are told; None: ``no_earlier`` says why there is none.
    no_earlier
        Empty where there is one.
    later
        Days behind as_of on which it is counted who is still in the same segment, ascending.
    first_on
        First day of the orders; None without orders.
    """

    as_of: date
    known_until: date
    earlier: date | None
    no_earlier: str
    later: tuple[date, ...]
    first_on: date | None

    @property
    def all(self) -> tuple[date, ...]:
        """All days of which a behaviour table is needed, ascending."""
        return (*([] if self.earlier is None else [self.earlier]), self.as_of, *self.later)


def segment_days(
    asked: Segments, churn: ChurnDefinition, known: History, labelled: list[date]
) -> SegmentDays:
    """The days that a config asks for.

    Parameters
    ----------
    asked, churn
        Of the config.
    known
        What the warehouse holds.
    labelled
        Days that the labels table speaks of; none where churn is silence.

    Raises
    ------
    OutsideHistory
        When there are no orders, or as_of lies outside of them.
    LabelsMissing
        When there are neither orders nor labels, so that nothing tells a day.
    """
    if known.first_on is None or known.last_on is None or not known.sales_lines:
        return _without_orders(asked, churn, known, labelled)
    end, step = days_after(known.last_on, 1), churn.label_days
    newest = max(labelled) if labelled else days_after(end, -step)
    as_of = asked.as_of or newest
    if not known.first_on < as_of <= end:
        message = (
            f"segments as of {as_of} need orders before it and up to the day before, but the "
            f"warehouse holds those of {known.first_on} to {known.last_on}; use segments.as_of "
            f"after {known.first_on} and up to {end}"
        )
        raise OutsideHistory(message)
    earlier = days_after(as_of, -asked.earlier_days)
    reach = days_after(earlier, -asked.earlier_days)
    is_there = reach >= known.first_on
    told = (
        f"a comparison with {earlier} needs orders from {reach} on, segments.earlier_days="
        f"{asked.earlier_days} before it, but they begin on {known.first_on}"
    )
    steps = (days_after(as_of, step * number) for number in range(1, LATER_MOST + 1))
    return SegmentDays(
        as_of=as_of,
        known_until=min(days_after(as_of, step), end),
        earlier=earlier if is_there else None,
        no_earlier="" if is_there else told,
        later=tuple(day for day in steps if day <= end),
        first_on=known.first_on,
    )


def _without_orders(
    asked: Segments, churn: ChurnDefinition, known: History, labelled: list[date]
) -> SegmentDays:
    """Of a business whose customers are known, and not what they bought."""
    as_of = asked.as_of or max(labelled, default=None)
    if as_of is None:
        if churn.kind == "silent" or not known.customers:
            message = "segments need orders, but the warehouse has none; run: regulars build"
            raise OutsideHistory(message)
        message = (
            "segments need a day, but there are neither orders nor labels that tell one; set "
            "segments.as_of"
        )
        raise LabelsMissing(message)
    return SegmentDays(as_of, days_after(as_of, churn.label_days), None, ONE_DAY, (), None)


def days_back(days: SegmentDays, before: date, after: date) -> int | None:
    """Days before each of two days in which money counts, as many as lie between both.

    None where there are no orders so far back.
    """
    length = days_between(before, after)
    if days.first_on is None or days_after(before, -length) < days.first_on:
        return None
    return length
