"""Job: hold a registered version of value against the newest days; write what a person decides."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd
import pyarrow as pa

from features.behaviour import columns, shape_of
from features.clock import days_after, days_between
from features.star import history
from models.drift import drift
from models.leaks import Leak, leaking_columns
from models.metrics import Estimate
from models.spec import FloatArray
from models.value.baselines import naive
from models.value.choice import DECIDING, NOT_WORSE, TOTALS
from models.value.held_out import MEASURES, HeldOut, held_out
from models.value.snapshots import OWN, ValueSnapshot
from pipelines.config import Business
from pipelines.definition import changes, value_definition
from pipelines.evidence import Evidence
from pipelines.findings import Gate
from pipelines.gates import calibrated, data_fresh, no_leak, steady, unseen_days
from pipelines.jobs import Job
from pipelines.progress import fact
from pipelines.registry import Registry
from pipelines.reviewing import (
    CHALLENGER,
    contestants,
    identity,
    keep,
    played,
    require_same_settings,
)
from pipelines.rounding import signed, with_interval
from pipelines.value_days import newest_test
from pipelines.value_gathered import Purse, asked_on, described, purse_of, quarters_of, summary_of
from pipelines.value_learning import chance_calibration
from pipelines.value_models import NAIVE
from pipelines.value_review_page import review_page
from pipelines.value_told import Told, told_of
from pipelines.value_version import columns_differ, model_of
from pipelines.value_words import exact, named
from pipelines.versions import Version

CHANCES: Final = "A chance of 20 % to buy must come true for one in five."


@dataclass(frozen=True)
class ValueReviewed:
    """A review and the folder that holds its page and evidence."""

    evidence: Evidence
    folder: Path


@dataclass(frozen=True, eq=False)
class _Newest:
    """The newest day whose horizon is over, its customers, and what they did before."""

    day: date
    purse: Purse
    at: ValueSnapshot
    summary: pd.DataFrame
    last_on: date
    came: FloatArray


@dataclass(frozen=True, eq=False)
class _Played:
    """What a version told of the newest day, and the tables it is made of."""

    told: Told
    money: str
    tables: Mapping[str, pa.Table]


@dataclass(frozen=True, eq=False)
class _Behind:
    """What the gates look at beside the comparison."""

    newest: _Newest
    challenger: Version
    money: str
    baselines: tuple[str, ...]
    calibration: Estimate | None
    drift: Mapping[str, float]
    settled: tuple[str, ...]
    leaks: tuple[Leak, ...]


def run(job: Job) -> ValueReviewed:
    """Tell the newest day by challenger, champion and naive predictors; check gates, write it down.

    Raises
    ------
    NothingToReview
        When there is no challenger, or it is live already.
    SettingsDiffer
        When the challenger was trained under another config, or on other columns.
    RegularsError
        When there is no day to judge by.
    """
    with job.alone(f"review-{job.task}"):
        registry = Registry(job.business.tracking.address, job.home.root)
        challenger, champion = contestants(job, registry)
        require_same_settings(job, challenger, _differences(job, registry, challenger))
        with job.steps.step("newest days"):
            newest = _newest(job)
        with job.steps.step("value on the newest day, gates"):
            found = played(
                (challenger, champion),
                lambda version: _differences(job, registry, version),
                lambda version: _told(job, registry, version, newest),
            )
            held, behind = _compared(job, (challenger, newest), found)
            evidence = _evidence(job, (challenger, champion), held, behind)
            page = review_page(job.business, evidence, held, newest.day)
        folder = keep(job, registry, challenger, evidence, page)
    fact("reviewed", business=job.business.name, task=job.task, passed=evidence.is_passed)
    return ValueReviewed(evidence, folder)


def _differences(job: Job, registry: Registry, version: Version) -> list[str]:
    found = changes(json.loads(version.said("definition")), value_definition(job.business))
    differing = columns_differ(registry.load_tables(version), described(job.business))
    return [*found, *(f"its column {name} is gone or another" for name in differing)]


def _newest(job: Job) -> _Newest:
    business = job.business
    horizon = business.value.horizon_days
    with job.opened() as con:
        _, day = newest_test(business.value, history(con, business.sources))
        purse = purse_of(con, business, [day])
    at = purse.on(day, horizon)
    summary = summary_of(purse.purchases, day).reindex(at.customers)
    last_on = days_after(day, horizon - 1)
    return _Newest(day, purse, at, summary, last_on, at.outcome("a review"))


def _told(job: Job, registry: Registry, version: Version, newest: _Newest) -> _Played:
    tables = registry.load_tables(version)
    model = model_of(tables)
    told = told_of(model, job.business, newest.purse, (newest.at, newest.summary))
    return _Played(told, model.money, tables)


def _compared(
    job: Job, judged: tuple[Version, _Newest], found: Mapping[str, _Played]
) -> tuple[HeldOut, _Behind]:
    """Versions and naive predictors beside what came, and what else the gates look at."""
    (challenger, newest), business = judged, job.business
    customers, purchases = newest.at.customers, newest.purse.purchases
    plain = naive(customers, purchases, asked_on(business, newest.day))
    held = held_out(
        newest.came,
        {name: each.told.spend for name, each in found.items()} | plain.said,
        cohorts=quarters_of(newest.purse.before(newest.day), customers).to_numpy(dtype=object),
        seed=business.value.seed,
        resamples=business.value.resamples,
    )
    own, bought = found[CHALLENGER], newest.came > 0
    moved = drift(own.tables["reference"].to_pandas(), newest.at.figures)
    psi = dict(zip(moved["column"].astype(str), moved["psi"].astype(float), strict=True))
    told_apart = bool(bought.any() and not bought.all())
    return held, _Behind(
        newest,
        challenger,
        own.money,
        tuple(plain.said),
        chance_calibration(business, own.told.chance, bought),
        psi,
        _settled(business, newest, challenger, psi),
        leaking_columns(newest.at.figures, bought, business.churn.leak_bound) if told_apart else (),
    )


def _settled(
    business: Business, newest: _Newest, version: Version, names: Iterable[str]
) -> tuple[str, ...]:
    """Columns that never looked beyond the history on the days that they are compared with.

    Money swings with the season, and is what is told; its own columns are shown, and not judged.
    """
    with_days = [date.fromisoformat(day) for day in json.loads(version.said("compared_with"))]
    first = newest.purse.known.first_on
    if first is None or not with_days:
        return ()
    reach = days_between(first, min(with_days))
    found = columns(shape_of(business.sources, business.behaviour))
    reaches = {column.name: column.looks_back_days for column in found}
    return tuple(
        name for name in names if name not in OWN and (reaches.get(name) or reach + 1) <= reach
    )


def _evidence(
    job: Job, versions: tuple[Version, Version | None], held: HeldOut, behind: _Behind
) -> Evidence:
    """Figures and gates of the review."""
    challenger, champion = versions
    newest, business = behind.newest, job.business
    rivals = [name for name in held.predictors if name not in {CHALLENGER, *behind.baselines}]
    least = min(behind.baselines, key=lambda name: held.value(name, DECIDING).value)
    incumbent = next(iter(rivals), least)
    others = [name for name in held.predictors if name != CHALLENGER]
    figures = {
        name: {measure: held.value(name, measure) for measure in MEASURES}
        for name in held.predictors
    }
    return Evidence(
        identity(
            job,
            versions,
            newest.day,
            newest.purse.data_fingerprint,
            business.value.model_dump_json(),
        ),
        job.now,
        newest.day,
        challenger.number,
        challenger.run_id,
        champion.number if champion else None,
        incumbent,
        newest.purse.data_fingerprint,
        _gates(business, held, behind, rivals),
        figures,
        {f"{DECIDING} gain over {name}": held.gain(DECIDING, CHALLENGER, name) for name in others},
        behind.drift,
        behind.settled,
    )


def _gates(
    business: Business, held: HeldOut, behind: _Behind, rivals: list[str]
) -> tuple[Gate, ...]:
    """Every gate with what it required and what was found."""
    seen = date.fromisoformat(behind.challenger.said("seen_until"))
    bounds = business.value
    chances = () if behind.calibration is None else (_chances(business, behind.calibration),)
    return (
        *(_better(business, held, behind, name) for name in behind.baselines),
        *(_not_worse(business, held, name) for name in rivals),
        *(_total(held, name) for name in (*_totals(behind), *rivals)),
        *chances,
        steady(bounds.drift_most, {n: behind.drift[n] for n in behind.settled}),
        unseen_days(behind.newest.day, seen),
        no_leak(behind.leaks),
        data_fresh(
            (seen, "learnt from"),
            behind.newest.last_on,
            bounds.age_most,
            "Customers and seasons change.",
        ),
    )


def _better(business: Business, held: HeldOut, behind: _Behind, name: str) -> Gate:
    """A model beats each naive predictor; a naive one is no worse than the others."""
    if behind.money in NAIVE:
        return _not_worse(business, held, name)
    gain = held.gain(DECIDING, CHALLENGER, name)
    return Gate(
        f"better than {named(name)}",
        "an interval of the mean absolute error, less its own, below 0",
        exact_interval(business, gain),
        gain.low > 0,
        "What anybody can work out from the purchases alone needs no model.",
    )


def _not_worse(business: Business, held: HeldOut, name: str) -> Gate:
    gain = held.gain(DECIDING, CHALLENGER, name)
    return Gate(
        f"not worse than {named(name)}",
        "an interval of the mean absolute error, less its own, that reaches 0 or less",
        exact_interval(business, gain),
        gain.high >= 0,
        "What is used is changed for something that is no worse.",
    )


def exact_interval(business: Business, gain: Estimate) -> str:
    """A gain as the difference of errors: less is better."""
    less = Estimate(-gain.value, -gain.high, -gain.low)
    return with_interval(less, lambda value: signed(value, lambda each: exact(each, business)))


def _totals(behind: _Behind) -> list[str]:
    return [name for name in TOTALS if name in behind.baselines] or list(behind.baselines)


def _total(held: HeldOut, name: str) -> Gate:
    gain = held.gain(NOT_WORSE, CHALLENGER, name)
    return Gate(
        f"total not farther off than that of {named(name)}",
        "an interval of how much nearer the total is, as a share of what came, that reaches 0",
        with_interval(gain, signed),
        gain.high >= 0,
        "Budgets are made of totals.",
    )


def _chances(business: Business, found: Estimate) -> Gate:
    bound = business.value.calibration_error_most
    return calibrated(bound, found, "chances come true", CHANCES)
