"""Who stays in a segment and who moves, from one day to another; and the same search earlier."""

from datetime import date
from typing import Final

import pandas as pd

from features.clock import days_after
from models.metrics import Estimate
from models.migration import migration
from models.proportions import wilson
from models.segments.agreement import agreement
from models.segments.choosing import find_segments
from models.segments.model import SegmentModel
from models.segments.moving import segment_drift, segment_reference
from models.segments.preparing import NothingToGroup
from models.segments.settings import SegmentsSpec
from pipelines.segment_days import days_back
from pipelines.segments_figures import spent
from pipelines.segments_found import NO_SEARCH, FoundBefore, Moves
from pipelines.segments_gathered import Material

RESAMPLES: Final = 500
"""Of intervals over customers drawn anew."""


def moves_between(model: SegmentModel, material: Material, before: date, after: date) -> Moves:
    """Customers of two days, assigned by one split, and the revenue that moved with them."""
    assigned = {day: model.assign(material.tables[day]) for day in (before, after)}
    groups = {
        day: pd.Series(each.segment, index=material.tables[day].index)
        for day, each in assigned.items()
    }
    length = days_back(material.days, before, after)
    money = [_money(material, day, length) for day in (before, after)]
    both = pd.concat([groups[before], groups[after]], axis=1, join="inner", keys=["then", "now"])
    stayed, by_chance = _stayed(both)
    return Moves(
        before=before,
        after=after,
        money_days=length,
        migration=migration(groups[before], groups[after], *money),
        drift=segment_drift(segment_reference(assigned[before], model.count), assigned[after]),
        stayed=stayed,
        by_chance=by_chance,
        by_segment=_by_segment(both, model.count),
    )


def _money(material: Material, day: date, length: int | None) -> pd.Series | None:
    if length is None:
        return None
    return spent(material.spending, material.tables[day].index, days_after(day, -length), day)


def _stayed(both: pd.DataFrame) -> tuple[Estimate, float]:
    """Share of those in the same segment on both days, and what it would be by chance."""
    is_same = both["then"] == both["now"]
    shares = [both[day].value_counts(normalize=True) for day in ("then", "now")]
    by_chance = float(shares[0].mul(shares[1], fill_value=0.0).sum())
    return wilson(int(is_same.sum()), len(both)), by_chance


def _by_segment(both: pd.DataFrame, count: int) -> pd.DataFrame:
    rows = []
    for number in range(count):
        now = both.loc[both["then"] == number, "now"]
        told = wilson(int((now == number).sum()), len(now))
        rows.append(
            {
                "segment": number,
                "customers": len(now),
                "stayed": told.value,
                "low": told.low,
                "high": told.high,
            }
        )
    return pd.DataFrame(rows)


def found_before(
    model: SegmentModel, material: Material, earlier: date, spec: SegmentsSpec
) -> FoundBefore:
    """The same search on an earlier day, and what it would have said of the customers of the day.

    Parameters
    ----------
    model
        Split of the day.
    material
        Of the search on the day.
    earlier
        Nothing from that day on is seen by the earlier search.
    spec
        Of both.
    """
    then, now = material.tables[earlier], material.table
    try:
        found = find_segments(then, spec)
    except NothingToGroup as error:  # of the earlier day: that says nothing against this one's
        return FoundBefore(earlier, 0, f"{NO_SEARCH}{error}")
    if found.model is None:
        return FoundBefore(earlier, 0, found.reason)
    ours, theirs = model.assign(now).segment, found.model.assign(now).segment
    was = pd.Series(found.model.assign(then).segment, index=then.index)
    both = pd.concat(
        [was, pd.Series(theirs, index=now.index)], axis=1, join="inner", keys=["then", "now"]
    )
    stayed, by_chance = _stayed(both)
    same = agreement(ours, theirs, RESAMPLES, spec.seed)
    return FoundBefore(earlier, found.model.count, found.reason, same, stayed, by_chance)
