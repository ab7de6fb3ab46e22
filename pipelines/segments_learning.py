"""The search for segments on a day, and all that is told of what it found."""

import numpy as np
import pandas as pd

from features.clock import days_after
from models.metrics import Estimate
from models.segments.choosing import find_segments
from models.segments.distinguishing import effects
from models.segments.explaining import explained
from models.segments.model import SegmentModel
from models.segments.portraits import Asked, gallery
from models.segments.settings import SegmentsSpec, SplitSpec
from models.spec import IntArray
from pipelines.config import Business
from pipelines.jobs import Job
from pipelines.segments_columns import naming_words, words_of
from pipelines.segments_figures import spent
from pipelines.segments_found import Kept, SegmentsFound
from pipelines.segments_gathered import Material
from pipelines.segments_map import segment_map
from pipelines.segments_moves import RESAMPLES, found_before, moves_between

SEGMENTS, BANDS = "segments", "bands"
"""What a figure is explained by: the split, and as many equal bands by past spend."""


def spec_of(split: SplitSpec, columns: tuple[str, ...]) -> SegmentsSpec:
    """How these columns are split."""
    return SegmentsSpec(columns=columns, **split.model_dump())


def found_in(job: Job, material: Material) -> SegmentsFound:
    """What there is to find, and what is told of it.

    Raises
    ------
    NothingToGroup
        When there are too few customers, or no column differs between them.
    ActionsIncomplete
        When no action of the config fits a segment.
    """
    business, table = job.business, material.table
    spec = spec_of(business.segments.split, material.columns.used)
    with job.steps.step(f"splits of {len(table):,} customers"):
        search = find_segments(table, spec)
    with job.steps.step("portraits, moves"):
        kept = None if search.model is None else _kept(business, material, search.model, spec)
        shown = segment_map(search.space, search.model, table, spec.seed)
    return SegmentsFound(
        business=business.name,
        as_of=material.days.as_of,
        known_until=material.days.known_until,
        customers=len(table),
        columns=tuple(material.columns.used),
        left_out=search.space.preparation.left_out,
        search=search,
        map=shown,
        words=words_of(business, material.columns.known),
        figures=material.figures.meant,
        not_told=material.figures.not_told,
        kept=kept,
    )


def _kept(business: Business, material: Material, model: SegmentModel, spec: SegmentsSpec) -> Kept:
    days, table, columns = material.days, material.table, material.columns
    assigned = model.assign(table)
    asked = Asked(
        columns=_told_apart(table, columns.used),
        used=columns.used,
        rules=business.segments.rules,
        actions=business.segments.actions,
        words=naming_words(business, columns.known, columns.used),
    )
    earlier = days.earlier
    return Kept(
        assigned=assigned,
        gallery=gallery(table, assigned.segment, material.figures.by_name, asked),
        others=_others(material, assigned.segment),
        explained=_explained(material, assigned.segment, model.count, spec.seed),
        moves=None if earlier is None else moves_between(model, material, earlier, days.as_of),
        later=tuple(moves_between(model, material, days.as_of, day) for day in days.later),
        before=None if earlier is None else found_before(model, material, earlier, spec),
        no_moves=days.no_earlier,
    )


def _told_apart(table: pd.DataFrame, columns: tuple[str, ...]) -> tuple[str, ...]:
    """Columns that differ between customers."""
    return tuple(name for name in columns if not _is_constant(table[name]))


def _is_constant(values: pd.Series) -> bool:
    known = values.dropna().to_numpy()
    return len(known) == 0 or bool((known == known[0]).all())


def _others(material: Material, segment: IntArray) -> pd.DataFrame:
    """Effects of the columns that segments were not made of."""
    columns = _told_apart(material.table, material.columns.others)
    return effects(material.table, segment, columns)


def _explained(material: Material, segment: IntArray, count: int, seed: int) -> pd.DataFrame:
    """How much of each figure lies between segments, and between bands of past spend."""
    ways = {SEGMENTS: segment}
    bands = _bands(material, count)
    if bands is not None:
        ways[BANDS] = bands
    nothing = Estimate(float("nan"), float("nan"), float("nan"))
    rows = []
    for name, values in material.figures.by_name.items():
        told = explained(values, ways, RESAMPLES, seed)
        figures = {SEGMENTS: told.shares[SEGMENTS], BANDS: told.shares.get(BANDS, nothing)}
        rows.append({"figure": name} | _ends(figures | {"gain": told.gain.get(BANDS, nothing)}))
    return pd.DataFrame(rows)


def _ends(figures: dict[str, Estimate]) -> dict[str, float]:
    return {
        f"{name}{suffix}": value
        for name, each in figures.items()
        for suffix, value in (("", each.value), ("_low", each.low), ("_high", each.high))
    }


def _bands(material: Material, count: int) -> IntArray | None:
    """As many equal bands of the customers by what they spent before; None where nobody knows."""
    start = material.days.first_on
    if start is None:
        return None
    as_of, window = material.days.as_of, material.columns.window_days
    begin = max(start, days_after(as_of, -window))
    money = spent(material.spending, material.table.index, begin, as_of)
    if money is None:
        return None
    rank = money.rank(method="first").to_numpy() - 1
    return np.floor(rank * count / len(rank)).astype(np.int64)
