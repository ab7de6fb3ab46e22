"""Job: what customers will spend and are worth, learnt, picked, tested out of time, registered."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from models.drift import reference
from models.metrics import Estimate
from models.value.snapshots import OWN
from pipelines.definition import value_definition
from pipelines.jobs import Job
from pipelines.progress import fact
from pipelines.runs import Run
from pipelines.tracked import as_parquet, config_file, training, training_run
from pipelines.value_days import newer_half
from pipelines.value_found import ValueFound
from pipelines.value_gathered import SUMMARY, ValueMaterial, described, gathered
from pipelines.value_learning import ValueLearnt, learnt
from pipelines.value_models import season_times_of
from pipelines.value_page import value_page
from pipelines.value_version import scripted
from pipelines.value_worth import keep, worth_on_newest, written
from pipelines.versions import Logged, Version
from pipelines.writeup import git_commit

EXAMPLE_CUSTOMERS: Final = 5
"""Who a stored version is tried on."""


@dataclass(frozen=True)
class ValueTrained:
    """A registered version, what it reached, and the page that shows it."""

    version: Version
    found: ValueFound
    page: Path


def run(job: Job) -> ValueTrained:
    """Learn what customers will spend, test it out of time, register it as ``challenger``.

    Raises
    ------
    SpendingUnclear, NoSpending
        When there are no orders, or no customer that is known bought anything.
    OutsideHistory, HorizonNotObserved
        When the orders do not cover the days to learn from and to test on.
    CohortEmpty
        When a day has no customers.
    """
    business = job.business
    with training(job) as registry:
        material = gathered(job)
        tags = _tags(job, material)
        with training_run(job, registry, tags) as tracked:
            found = learnt(job, material)
            with job.steps.step("what customers were worth so far"):
                worth = worth_on_newest(job, material, found)
            with job.steps.step("tracking: metrics, model, page"):
                text = value_page(business, found.found, worth)
                logged = _log(tracked, job, material, found, written(worth, text))
        version = registry.register(job.model_name, logged, tags)
        page = keep(job, worth, text)
    shipped = found.model.money
    fact("trained", business=business.name, task=job.task, version=version.number, chosen=shipped)
    return ValueTrained(version, found.found, page)


def _tags(job: Job, material: ValueMaterial) -> dict[str, str]:
    """What a run and its version say of themselves."""
    days = material.days
    return {
        "business": job.business.name,
        "kind": "value",
        "data_fingerprint": material.purse.data_fingerprint,
        "code": git_commit(),
        "definition": json.dumps(value_definition(job.business)),
        "trained_on": json.dumps([str(day) for day in days.learnt(days.tested)]),
        "compared_with": json.dumps([str(day) for day in newer_half(days)]),
        "chosen_on": str(days.chosen),
        "tested_on": str(days.tested),
        "seen_until": str(days.tested),
    }


def _log(
    tracked: Run,
    job: Job,
    material: ValueMaterial,
    found: ValueLearnt,
    files: Mapping[str, str | bytes],
) -> Logged:
    """Parameters, metrics, tables and page of the run, and its model."""
    asked = job.business.value.model_dump(mode="json", exclude={"learner", "worth"})
    told = found.found
    tracked.log(
        params={
            **{f"value.{name}": value for name, value in asked.items()},
            **{f"learner.{name}": value for name, value in job.business.value.learner},
            "chosen": told.shipped,
            "repeat_buying": found.model.models.beyond or "none",
        },
        metrics=dict(_figures(told)),
        files={
            **config_file(job.business),
            **files,
            "customers_of_the_test.parquet": as_parquet(told.customers.reset_index()),
            "figures_of_the_test.parquet": as_parquet(told.held.figures),
            "deciles_of_the_test.parquet": as_parquet(told.held.deciles),
            "cohorts_of_the_test.parquet": as_parquet(told.held.cohorts),
        },
    )
    return tracked.log_script(
        scripted(
            found.model,
            described(job.business),
            reference(_compared(material, found)),
            _example(found),
        )
    )


def _compared(material: ValueMaterial, found: ValueLearnt) -> pd.DataFrame:
    """Figures that those of a later day are held against; of the tested day, if of none.

    Those that the learner looks at: what no part of a version looks at may change.
    """
    days, purse, learner = material.days, material.purse, found.model.models.learner
    used = list(learner.columns if learner is not None else OWN)
    figures = [purse.on(day, days.horizon_days).figures[used] for day in newer_half(days)]
    return pd.concat(figures or [found.tested.at.figures[used]], ignore_index=True)


def _figures(found: ValueFound) -> Iterator[tuple[str, float]]:
    """Every figure of the test with both ends of its interval."""
    for row in found.held.figures.to_dict("records"):
        name = f"test.{row['predictor']}.{row['measure']}"
        yield from _ends(name, Estimate(row["value"], row["low"], row["high"]))
    if found.held_before is not None:
        for row in found.held_before.figures.to_dict("records"):
            name = f"choice.{row['predictor']}.{row['measure']}"
            yield from _ends(name, Estimate(row["value"], row["low"], row["high"]))
    if found.verdict is not None:
        for name, each in found.verdict.gains.items():
            yield from _ends(f"test.mae_gain_over_{name}", each)
        for name, each in found.verdict.bias_gains.items():
            yield from _ends(f"test.total_bias_gain_over_{name}", each)
    for name, each in found.calibration.items():
        yield from _ends(f"test.{name}.calibration_error", each)
    yield "margin_share", found.margin_share


def _ends(name: str, each: Estimate) -> Iterator[tuple[str, float]]:
    """The figure and both ends of its interval; MLflow stores no NaN."""
    for suffix, value in (("", each.value), (".low", each.low), (".high", each.high)):
        if not np.isnan(value):
            yield f"{name}{suffix}", float(value)


def _example(found: ValueLearnt) -> pd.DataFrame:
    """Some customers of the tested day with all that the stored model is asked with."""
    tested, model = found.tested, found.model
    some = tested.at.customers[:EXAMPLE_CUSTOMERS]
    learner = model.models.learner
    names = pd.DataFrame({"customer": some.astype(str)}, index=some)
    if learner is not None:
        names = names.join(tested.at.figures.loc[some, list(learner.columns)].astype(np.float64))
    rows = names.join(tested.summary.loc[some, list(SUMMARY)].astype(np.float64))
    if model.money in tested.plain.said:
        rows[f"value_{model.money}"] = pd.Series(
            tested.plain.said[model.money], index=tested.at.customers
        ).loc[some]
    rows["value_times"], rows["value_shift"] = season_times_of(tested.said), tested.shift
    return rows.reset_index(drop=True)
