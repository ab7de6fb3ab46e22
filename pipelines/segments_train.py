"""Job: which groups of customers there are, what each is called and brings, and what to do."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from features.contract import fingerprint
from models.metrics import Estimate
from pipelines.definition import segments_definition
from pipelines.jobs import Job
from pipelines.progress import fact
from pipelines.runs import Run
from pipelines.segments_found import Kept, Moves, SegmentsFound
from pipelines.segments_gathered import Material, gathered
from pipelines.segments_learning import found_in
from pipelines.segments_page import segments_page
from pipelines.segments_version import scripted, version_of
from pipelines.tables import replace_text
from pipelines.tracked import as_parquet, config_file, training, training_run
from pipelines.versions import Logged, Version
from pipelines.writeup import git_commit

EXAMPLE_CUSTOMERS: Final = 5
"""Whom a stored version is tried on."""


@dataclass(frozen=True)
class SegmentsTrained:
    """What was found, and the version that holds it.

    Attributes
    ----------
    found
        Splits that were tried, and what is told of the one that was kept.
    version
        None where no split is stable: nothing is registered then.
    page
        File that shows what was found.
    """

    found: SegmentsFound
    version: Version | None
    page: Path


def run(job: Job) -> SegmentsTrained:
    """Look for segments, tell what they are, and register them with the alias ``challenger``.

    Raises
    ------
    SegmentColumnsUnknown
        When the config names a family or a column that is not there.
    OutsideHistory, LabelsMissing, CohortEmpty
        When the orders do not cover the day, or nobody belongs to the cohort then.
    NothingToGroup
        When there are too few customers, or no column differs between them.
    ActionsIncomplete
        When no action of the config fits a segment.
    """
    business = job.business
    with training(job) as registry:
        material = gathered(job)
        tags = _tags(job, material)
        with training_run(job, registry, tags) as tracked:
            found = found_in(job, material)
            with job.steps.step("tracking: metrics, tables, page"):
                text = segments_page(business, found)
                _log(tracked, job, found, text)
                logged = _model(tracked, material, found)
        version = registry.register(job.model_name, logged, tags) if logged else None
        page = job.home.reports(business.name) / "segments.html"
        replace_text(page, text)
    count = found.search.model.count if found.search.model else 0
    number = version.number if version else None
    fact("trained", business=business.name, task=job.task, segments=count, version=number)
    return SegmentsTrained(found, version, page)


def _tags(job: Job, material: Material) -> dict[str, str]:
    """What a run and its version say of themselves."""
    return {
        "business": job.business.name,
        "kind": f"segments_{job.business.segments.split.kind}",
        "data_fingerprint": material.data_fingerprint,
        "behaviour_fingerprint": fingerprint(material.columns.described),
        "code": git_commit(),
        "definition": json.dumps(segments_definition(job.business)),
        "trained_on": json.dumps([str(material.days.as_of)]),
        "seen_until": str(material.days.known_until),
    }


def _log(tracked: Run, job: Job, found: SegmentsFound, page: str) -> None:
    """Parameters, metrics, tables and page of the run."""
    asked = job.business.segments.model_dump(mode="json", exclude={"actions", "split", "rules"})
    split = job.business.segments.split
    tracked.log(
        params={
            **{f"segments.{name}": value for name, value in asked.items()},
            **{f"split.{name}": value for name, value in split},
            **{f"rules.{name}": value for name, value in job.business.segments.rules},
            "as_of": str(found.as_of),
            "columns": len(found.columns),
        },
        metrics=dict(_figures(found)),
        files={
            **config_file(job.business),
            "reason.txt": found.search.reason,
            "segments.html": page,
            **{f"{name}.parquet": as_parquet(table) for name, table in _tables(found).items()},
        },
    )


def _tables(found: SegmentsFound) -> dict[str, pd.DataFrame]:
    """What was found, as tables."""
    tables = {"candidates": found.search.frame}
    kept = found.kept
    if kept is None:
        return tables
    tables |= {
        "segments": kept.gallery.frame(found.words),
        "effects": _texts(kept.gallery.effects),
        "effects_of_others": _texts(kept.others),
        "explained": kept.explained,
    }
    for each in (kept.moves, *kept.later):
        if each is not None:
            named = f"{each.before}_{each.after}"
            moves = each.migration.moves.astype({"source": str, "target": str})
            tables |= {f"moves_{named}": moves, f"drift_{named}": each.drift.rows}
    return tables


def _texts(effects: pd.DataFrame) -> pd.DataFrame:
    """Effects whose column of levels, which only categories have, is one of texts."""
    return effects.assign(level=effects["level"].astype("string"))


def _figures(found: SegmentsFound) -> Iterator[tuple[str, float]]:
    """Every figure that is told, those with an interval with both its ends; no NaN."""
    yield "customers", float(found.customers)
    for each in found.search.candidates:
        yield from _ends(f"candidate.{each.count}.rand", each.rand)
    if found.kept is None:
        yield "segments", 0.0
        return
    yield from _of_kept(found.kept)


def _of_kept(kept: Kept) -> Iterator[tuple[str, float]]:
    yield "segments", float(len(kept.gallery.portraits))
    for each in kept.gallery.portraits:
        name = f"segment.{each.segment}"
        yield from _ends(f"{name}.share", each.share)
        yield from _ends(f"{name}.purity", each.rule.purity)
        yield from _ends(f"{name}.coverage", each.rule.coverage)
        for figure, told in each.figures.items():
            yield from _ends(f"{name}.{figure}", told.mean)
    for row in kept.explained.to_dict("records"):
        for key, value in row.items():
            if key != "figure" and not np.isnan(value):
                yield f"explained.{row['figure']}.{key}", float(value)
    for moves in (kept.moves, *kept.later):
        if moves is not None:
            yield from _of_moves(moves)
    before = kept.before
    if before is not None:
        yield "before.segments", float(before.count)
        if before.rand is not None and before.stayed is not None:
            yield from _ends("before.rand", before.rand)
            yield from _ends("before.stayed", before.stayed)


def _of_moves(moves: Moves) -> Iterator[tuple[str, float]]:
    name = f"moves.{moves.before}.{moves.after}"
    yield from _ends(f"{name}.stayed", moves.stayed)
    yield f"{name}.stayed_by_chance", moves.by_chance
    yield f"{name}.share_psi", moves.drift.psi


def _ends(name: str, each: Estimate) -> Iterator[tuple[str, float]]:
    """The figure and both ends of its interval; MLflow stores no NaN."""
    for suffix, value in (("", each.value), (".low", each.low), (".high", each.high)):
        if not np.isnan(value):
            yield f"{name}{suffix}", value


def _model(tracked: Run, material: Material, found: SegmentsFound) -> Logged | None:
    """The registered tables, with the script that assigns by them; None without segments."""
    if found.kept is None:
        return None
    made = version_of(found, found.kept, material.columns.described)
    rows = material.table[list(found.columns)].head(EXAMPLE_CUSTOMERS).astype(np.float64)
    return tracked.log_script(scripted(made, rows.rename_axis("customer").reset_index()))
