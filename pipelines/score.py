"""Job: who is about to leave, as of a day; customers stream in batches through one version."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa

from features.star import history
from features.warehouse import Connection
from models.catalogue import CHURN_KINDS
from models.contacts import Choice
from models.drift import medians
from models.phrases import Money
from pipelines.artifacts import Opened
from pipelines.config import Business
from pipelines.contest import CALIBRATED
from pipelines.definition import definition
from pipelines.draft import DRAFT, Asked, Ranked, drafted, write_draft
from pipelines.explained import EXPLAINED, Explaining
from pipelines.jobs import Job
from pipelines.plan import outcomes_seen_until
from pipelines.progress import fact
from pipelines.scoring import (
    ScoredDay,
    behaviour_batches,
    champion_of,
    facts_of,
    notes_of,
    repair,
)
from pipelines.season import asked_of, season_of
from pipelines.tables import (
    Fact,
    Manifest,
    sweep,
    write_partition,
)
from pipelines.targets import TARGETED, Targets, targets, untargeted
from pipelines.versions import Version

SCHEMA = pa.schema(
    [
        *(DRAFT.field(name) for name in ("customer", "as_of")),
        pa.field("probability", pa.float64()),
        pa.field("decile", pa.int8()),
        pa.field("spend_at_risk", pa.float64()),
        *EXPLAINED,
        *TARGETED,
        pa.field("model_version", pa.int32()),
        pa.field("run_id", pa.string()),
    ]
)
"""One row per customer and as_of; decile 1 is the most endangered tenth. Probabilities are shifted
as `pipelines.season` says; ``spend_at_risk`` is probability × spend in the longest window, in minor
units. Reasons, cause and play are those of `pipelines.explained`, for those whom
``score.reasons_for`` asks for; expected profit and offer are those of `pipelines.targets`."""


@dataclass(frozen=True)
class Scored:
    """Where the scores lie, what they are of, and what their reader should know of the day."""

    path: Path
    manifest: Manifest
    as_of: date
    version: Version
    notes: tuple[str, ...]
    offers: Choice | None


def run(job: Job, as_of: date) -> Scored:
    """Score every customer of the cohort at ``as_of`` with the champion.

    The partition is staged and renamed; the same day, data and version give the same bytes.

    Raises
    ------
    NoChampion
        When no version has been promoted.
    ColumnsDiffer, SettingsDiffer
        When the config's columns, or what they mean, are not those of the model.
    """
    business = job.business
    path = job.home.scores(business.name, job.task, as_of) / "scores.parquet"
    with job.alone("score"):
        sweep(job.home.root / "scores" / business.name)
        repair(path)
        version, opened = champion_of(job, definition(job.business))
        model = _model(job, version, opened)
        with job.opened() as con, _passing_folder(job) as folder:
            known = history(con, business.sources)
            day = ScoredDay(as_of, known, outcomes_seen_until(version, business.churn))
            facts = _facts(job, con, model, day)
            draft = folder / "draft.parquet"
            with job.steps.step(f"scores as of {as_of}") as advance:
                most, worth = business.score.reasons_for, _worth(business)
                asked = Asked(model.explaining, most, known.customers, worth)
                batches = behaviour_batches(job, con, as_of)
                ranked = write_draft(draft, batches, asked, _spend(job), advance)
                season = season_of(con, business, known, as_of, asked_of(version))
                seasonal = season.applied(ranked.probability)
                ranked = replace(ranked, probability=seasonal.probability)
                chosen = _chosen(business, model, ranked)
                facts |= seasonal.facts() | _of_offers(chosen)
                final = _final(draft, ranked, chosen, version)
                manifest = write_partition(path, final, SCHEMA, facts)
    fact("scored", business=business.name, as_of=as_of, rows=manifest.rows, version=version.number)
    notes = notes_of(day)
    if seasonal.shift:
        notes = (*notes, seasonal.told)
    if business.churn.economics and model.why_no_offers:
        notes = (*notes, f"no offers are chosen: {model.why_no_offers}")
    return Scored(path, manifest, as_of, version, notes, chosen.choice if chosen else None)


def _facts(job: Job, con: Connection, model: "_Model", day: ScoredDay) -> dict[str, Fact]:
    """What the partition says of itself; nothing that differs from one rerun to the next."""
    return {
        **facts_of(job, con, model.version, model.explaining.columns, day),
        "reasons_for": job.business.score.reasons_for,
        "plays": job.business.churn.plays.model_dump_json(),
    }


def _of_offers(chosen: Targets | None) -> dict[str, Fact]:
    if chosen is None:
        return {}
    return {
        "offers": int(chosen.choice.contacted.sum()),
        "offers_profit": round(chosen.choice.profit, 2),
        "offers_spending": round(chosen.choice.spending, 2),
    }


@contextmanager
def _passing_folder(job: Job) -> Iterator[Path]:
    """A folder for the draft; what a killed scoring left goes first, for this one runs alone."""
    prefix = f"draft-{job.business.name}-"
    for left in job.spill.glob(f"{prefix}*"):
        shutil.rmtree(left)
    with TemporaryDirectory(prefix=prefix, dir=job.spill) as folder:
        yield Path(folder)


@dataclass(frozen=True)
class _Model:
    version: Version
    explaining: Explaining

    @property
    def why_no_offers(self) -> str:
        """Why nothing may be built on the size of its chances; empty when all may."""
        unknown = "the model was trained before its chances were tested; train it again"
        found = self.version.tags.get("calibrated", unknown)
        return "" if found == CALIBRATED else found


def _model(job: Job, version: Version, opened: Opened) -> _Model:
    """The version's model with what people are told of it."""
    fitted = CHURN_KINDS[version.said("kind")].restore(
        opened.library_object, [column.name for column in opened.columns]
    )
    money = Money(job.business.currency.code, job.business.currency.digits)
    typical = medians(opened.tables["reference"])
    plays = job.business.churn.plays
    return _Model(version, Explaining(fitted, opened.columns, typical, money, plays))


def _spend(job: Job) -> str:
    """Name of the column of spend in the longest window."""
    return f"spend_{job.business.behaviour.windows_days[-1]}d"


def _worth(business: Business) -> tuple[str, ...]:
    """Columns by which customers differ in worth."""
    economics = business.churn.economics
    return (economics.clv_column,) if economics and economics.clv_column else ()


def _chosen(business: Business, model: _Model, ranked: Ranked) -> Targets | None:
    """The choice among everybody, where there are economics, customers and calibrated chances."""
    economics = business.churn.economics
    if economics is None or model.why_no_offers or not len(ranked.probability):
        return None
    return targets(
        ranked.probability,
        ranked.worth,
        economics,
        business.currency.digits,
        business.score.budget,
    )


def _final(
    draft: Path, ranked: Ranked, chosen: Targets | None, version: Version
) -> Iterator[pa.RecordBatch]:
    """Second pass: the draft with deciles, offers, version and run."""
    for rows, batch in drafted(draft, ranked):
        customer, as_of, spend, *told = batch.columns
        probability = ranked.probability[rows.start : rows.stop]
        spent = spend.to_numpy(zero_copy_only=False).astype(np.float64)
        at_risk = pa.array(np.round(probability * spent), from_pandas=True)
        decile = pa.array(ranked.decile[rows.start : rows.stop])
        number = pa.array(np.full(len(rows), version.number, dtype=np.int32))
        run_id = pa.array([version.run_id] * len(rows))
        wanted = slice(rows.start, rows.stop)
        offers = (chosen.rows(wanted) if chosen else untargeted(len(rows))).columns
        columns_ = [
            *(customer, as_of, pa.array(probability), decile, at_risk),
            *told,
            *offers,
            *(number, run_id),
        ]
        yield pa.RecordBatch.from_arrays(columns_, schema=SCHEMA)
