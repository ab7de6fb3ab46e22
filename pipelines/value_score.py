"""Job: what every customer of a day will buy and spend, and is worth, by the champion."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa

from features.clock import require_history
from features.star import history
from models.spec import FloatArray
from models.value.snapshots import ValueSnapshot
from models.worth.rfm import rfm_cuts, rfm_figures, rfm_scores
from pipelines.config import Business
from pipelines.definition import value_definition
from pipelines.jobs import Job
from pipelines.progress import fact
from pipelines.scoring import ColumnsDiffer, ScoredDay, live, notes_of, repair
from pipelines.tables import Fact, Manifest, sweep, write_partition
from pipelines.value_gathered import Purse, described, purse_of, summary_of
from pipelines.value_learning import ValueModel, tiered
from pipelines.value_told import Told, told_of
from pipelines.value_version import columns_differ, model_of
from pipelines.versions import Version

RFM: Final = ("recency_score", "frequency_score", "monetary_score")

SCHEMA: Final = pa.schema(
    [
        pa.field("customer", pa.string()),
        pa.field("as_of", pa.date32()),
        pa.field("probability", pa.float64()),
        pa.field("purchases", pa.float64()),
        pa.field("spend", pa.float64()),
        pa.field("value", pa.float64()),
        pa.field("value_rank", pa.int32()),
        pa.field("value_share_cumulated", pa.float64()),
        pa.field("tier", pa.string()),
        pa.field("alive", pa.float64()),
        pa.field("alive_reason", pa.string()),
        *(pa.field(name, pa.int32()) for name in RFM),
        pa.field("cell", pa.string()),
        pa.field("model_version", pa.int32()),
        pa.field("run_id", pa.string()),
    ]
)
"""One row per customer of the cohort, by customer. Money is in minor units. ``probability`` (0..1)
to buy within the horizon, null without a learner; ``purchases`` expected and ``spend`` within it;
``value``: margin within ``value.clv_days``, discounted, null without a model of repeat buying;
``value_rank`` 1 is worth most; ``value_share_cumulated``: share of all value of those up to it;
``alive`` null where its reason says so: it is no score of churn. Scores of recency, orders and
money: 1 is the worst, null of who has no order; ``cell`` is their name."""


@dataclass(frozen=True)
class ValueScored:
    """Where the scores lie, what they are of, and what their reader should know of the day.

    Attributes
    ----------
    path, manifest
        The file and what it says of itself.
    as_of, version
        The day and the model.
    money
        Predictor that told the spend.
    notes
        What makes the scores say more or less than they seem to.
    """

    path: Path
    manifest: Manifest
    as_of: date
    version: Version
    money: str
    notes: tuple[str, ...]


def run(job: Job, as_of: date) -> ValueScored:
    """Value of a day's customers by the champion; the same day, data and version: equal bytes.

    Raises
    ------
    NoChampion
        When no version has been promoted.
    SettingsDiffer, ColumnsDiffer
        When the model was trained under other settings, or on other columns.
    OutsideHistory
        When nothing was bought before the day.
    CohortEmpty
        When the day has no customers.
    ValueUntold
        When the version's predictor says nothing of the day.
    """
    business = job.business
    path = job.home.scores(business.name, job.task, as_of) / "scores.parquet"
    with job.alone(f"score-{job.task}"):
        sweep(path.parent.parent)
        repair(path)
        registry, version = live(job, value_definition(business))
        tables = registry.load_tables(version)
        require_same_columns(tables, business)
        model = model_of(tables)
        with job.opened() as con, job.steps.step(f"purchases before {as_of}"):
            known = history(con, business.sources)
            if known.first_on is not None and known.last_on is not None:
                require_history([as_of], known.first_on, known.last_on)
            purse = purse_of(con, business, [as_of], as_of)
        with job.steps.step(f"value as of {as_of}"):
            at = purse.on(as_of, business.value.horizon_days)
            summary = summary_of(purse.purchases, as_of).reindex(at.customers)
            told = told_of(model, business, purse, (at, summary))
            rows = _rows(business, purse, (at, told), version)
        facts = _facts(job, purse, as_of, (version, model))
        manifest = write_partition(path, iter([rows]), SCHEMA, facts)
    day = ScoredDay(as_of, purse.known, date.fromisoformat(version.said("seen_until")))
    fact("scored", business=business.name, task=job.task, as_of=as_of, rows=manifest.rows)
    notes = (*notes_of(day), *told.notes)
    return ValueScored(path, manifest, as_of, version, model.money, notes)


def require_same_columns(tables: Mapping[str, pa.Table], business: Business) -> None:
    """Nothing, when the columns that the version learnt are those of today's config.

    Raises
    ------
    ColumnsDiffer
        Naming those that are gone or defined differently.
    """
    differing = columns_differ(tables, described(business))
    if differing:
        message = (
            f"scoring needs the behaviour table that the model was trained on, but the config's "
            f"lacks or defines differently {differing}; restore the settings or train again"
        )
        raise ColumnsDiffer(message)


def _rows(
    business: Business, purse: Purse, found: tuple[ValueSnapshot, Told], version: Version
) -> pa.RecordBatch:
    at, told = found
    count, value = len(at.customers), told.repeat["value"]
    rank, share = _ranked(value.to_numpy(dtype=np.float64))
    scores = _scores(business, purse, at)
    columns = {
        "customer": at.customers.to_numpy(dtype=object),
        "as_of": np.full(count, np.datetime64(at.as_of, "D")),
        "probability": told.chance,
        "purchases": told.repeat["purchases"].to_numpy(dtype=np.float64),
        "spend": told.spend,
        "value": value.to_numpy(dtype=np.float64),
        "value_rank": rank,
        "value_share_cumulated": share,
        "tier": tiered(business, value).to_numpy(dtype=object),
        "alive": told.repeat["alive"].to_numpy(dtype=np.float64),
        "alive_reason": told.repeat["alive_reason"].to_numpy(dtype=object),
        **{name: scores[name].to_numpy(dtype=np.float64) for name in RFM},
        "cell": scores["cell"].to_numpy(dtype=object),
        "model_version": np.full(count, version.number),
        "run_id": np.full(count, version.run_id, dtype=object),
    }
    arrays = [pa.array(columns[field.name], field.type, from_pandas=True) for field in SCHEMA]
    batch = pa.RecordBatch.from_arrays(arrays, schema=SCHEMA)
    return batch.take(pa.array(np.argsort(columns["customer"].astype(str), kind="stable")))


def _ranked(value: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Place of each by falling value, from 1, and the share of all value of those up to it."""
    order = np.argsort(-value, kind="stable")  # nulls last
    rank, share = np.full(len(value), np.nan), np.full(len(value), np.nan)
    known = order[: int(np.count_nonzero(~np.isnan(value)))]
    total = float(value[known].sum())
    rank[known] = np.arange(len(known)) + 1
    if total > 0:
        share[known] = np.minimum(np.cumsum(value[known]) / total, 1.0)
    return rank, share


def _scores(business: Business, purse: Purse, at: ValueSnapshot) -> pd.DataFrame:
    """Scores of recency, orders and money, with cut points of all customers known that day."""
    worth = business.value.worth.in_minor_units(business.currency.digits)
    spec = worth.rfm
    figures = rfm_figures(purse.purchases, at.as_of, spec)
    scores = rfm_scores(figures, rfm_cuts(figures, spec), worth.named_cells)
    return scores.reindex(at.customers)


def _facts(job: Job, purse: Purse, as_of: date, by: tuple[Version, ValueModel]) -> dict[str, Fact]:
    """What the partition says of itself; nothing that differs between reruns."""
    version, model = by
    return {
        "business": job.business.name,
        "as_of": str(as_of),
        "model": version.name,
        "model_version": version.number,
        "run_id": version.run_id,
        "data_fingerprint": purse.data_fingerprint,
        "data_until": str(purse.known.last_on),
        "outcomes_seen_until": version.said("seen_until"),
        "money": model.money,
        "repeat_buying": model.models.beyond or "",
        "horizon_days": model.economy.horizon_days,
        "clv_days": model.economy.clv_days,
        "margin_share": model.economy.margin_share,
        "tiers": job.business.value.worth.tier_rows.to_json(orient="records"),
    }
