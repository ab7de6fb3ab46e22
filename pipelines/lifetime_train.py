"""Job: a model of lifetimes that is fitted, calibrated, tested out of time, and registered."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from features.behaviour import columns, shape_of
from features.contract import Column, fingerprint
from features.loads import data_fingerprint
from features.star import history
from models.calibration import Platt
from models.drift import reference
from models.hazard import WEEK_COLUMN, HazardFitted, calibrate, fit
from models.metrics import Estimate
from pipelines.contest import MODEL
from pipelines.definition import lifetime_definition
from pipelines.jobs import Job
from pipelines.lifetime_contest import (
    EVERYBODY,
    LifetimeContest,
    curve_of_everybody,
    for_all,
)
from pipelines.lifetime_frames import (
    WEEK,
    LifetimeFrame,
    LifetimeParts,
    LifetimePlan,
    lifetime_parts,
    lifetime_plan,
)
from pipelines.progress import fact
from pipelines.runs import Run
from pipelines.tracked import as_parquet, config_file, training, training_run
from pipelines.versions import Logged, Version
from pipelines.writeup import CHECK_ROWS, git_commit


@dataclass(frozen=True)
class LifetimeTrained:
    """A registered version and what it reached on the test customers beside one curve for all."""

    version: Version
    plan: LifetimePlan
    estimates: Mapping[str, Mapping[str, Estimate]]


@dataclass(frozen=True)
class _Learned:
    """The calibrated model, its line, and the curve of everybody."""

    fitted: HazardFitted
    line: Platt
    curve: pd.DataFrame


@dataclass(frozen=True)
class _Material:
    """All that one training looks at."""

    plan: LifetimePlan
    parts: LifetimeParts
    columns: tuple[Column, ...]
    data_fingerprint: str


def run(job: Job) -> LifetimeTrained:
    """Fit, calibrate, test and register a version with the alias ``challenger``.

    Raises
    ------
    NoLifetimes
        When nothing tells when customers leave.
    RegularsError
        When days, cohort or outcomes do not allow a training.
    """
    business = job.business
    with training(job) as registry:
        material = _gather(job)
        tags = _tags(job, material)
        with training_run(job, registry, tags) as tracked:
            with job.steps.step("fit, calibrate, test"):
                learned = _learn(job, material.parts)
                estimates = _contest(job, learned, material.parts.test).estimates()
            with job.steps.step("tracking: metrics, model"):
                logged = _log(tracked, job, learned, material, estimates)
        version = registry.register(job.model_name, logged, tags)
    concordance = estimates[MODEL]["concordance"].value
    fact("trained", business=business.name, task=job.task, version=version.number, c=concordance)
    return LifetimeTrained(version, material.plan, estimates)


def _gather(job: Job) -> _Material:
    business = job.business
    with job.opened() as con, job.steps.step("behaviour table and lifetimes"):
        known = history(con, business.sources)
        chosen = lifetime_plan(business.churn, business.lifetime, known)
        parts = lifetime_parts(con, business, chosen)
        described = columns(shape_of(business.sources, business.behaviour))
        return _Material(chosen, parts, described, data_fingerprint(con))


def _learn(job: Job, parts: LifetimeParts) -> _Learned:
    """Fit on what was known one horizon before the test, calibrate on how it went on."""
    asked, train = job.business.lifetime, parts.train.watched()
    fitted = fit(asked.model, train.features, train.lifetimes, asked.weeks, asked.seed)
    later = parts.later
    fitted, line = calibrate(
        fitted, later.features, later.lifetimes, asked.model.rows_most, asked.seed
    )
    return _Learned(fitted, line, curve_of_everybody(parts.known(), asked.weeks))


def _contest(job: Job, learned: _Learned, test: LifetimeFrame) -> LifetimeContest:
    curves = {
        MODEL: learned.fitted.survival(test.features),
        EVERYBODY: for_all(learned.curve, len(test.customers)),
    }
    return LifetimeContest(test.lifetimes, curves, job.business.lifetime.horizons_weeks)


def _tags(job: Job, material: _Material) -> dict[str, str]:
    """What a run and its version say of themselves."""
    chosen = material.plan
    return {
        "business": job.business.name,
        "kind": "hazard_gbm",
        "weeks": str(job.business.lifetime.weeks),
        "data_fingerprint": material.data_fingerprint,
        "behaviour_fingerprint": fingerprint(material.columns),
        "code": git_commit(),
        "definition": json.dumps(lifetime_definition(job.business)),
        "trained_on": json.dumps([str(day) for day in chosen.as_ofs]),
        "fitted_until": str(chosen.fitted_until),
        "calibrated_until": str(chosen.test),
        "tested_on": str(chosen.test),
    }


def _log(
    tracked: Run,
    job: Job,
    learned: _Learned,
    material: _Material,
    estimates: Mapping[str, Mapping[str, Estimate]],
) -> Logged:
    """Parameters, metrics and files of the run, and its model."""
    asked, test = job.business.lifetime, material.parts.test
    settings = asked.model_dump(mode="json", exclude={"model"})
    tracked.log(
        params={
            **{f"model.{name}": value for name, value in asked.model.model_dump().items()},
            **{f"lifetime.{name}": value for name, value in settings.items()},
            "calibration.slope": learned.line.slope,
            "calibration.intercept": learned.line.intercept,
            "calibration.fallback": learned.line.fallback or "none",
            "columns": len(material.columns),
        },
        metrics={
            f"test.{name}.{key}{suffix}": value
            for name, figures in estimates.items()
            for key, each in figures.items()
            for suffix, value in (("", each.value), (".low", each.low), (".high", each.high))
        },
        files={
            **config_file(job.business),
            "estimates.json": _estimates(estimates),
            "curves.csv": _curves(learned, test).to_csv(index=False),
            "check/rows.parquet": _check_rows(learned.fitted, test),
        },
    )
    example = test.features.head(CHECK_ROWS).assign(**{WEEK_COLUMN: 1.0})
    return tracked.log_model(
        learned.fitted.library_object,
        (*material.columns, WEEK),
        example,
        {
            "reference": reference(material.parts.train.watched().features),
            EVERYBODY: learned.curve,
        },
    )


def _estimates(estimates: Mapping[str, Mapping[str, Estimate]]) -> str:
    """The figures as JSON, by contestant."""
    plain = {
        name: {key: vars(each) for key, each in found.items()} for name, found in estimates.items()
    }
    return json.dumps(plain, indent=2)


def _curves(learned: _Learned, test: LifetimeFrame) -> pd.DataFrame:
    """Week by week: mean of the model's curves, what came true, and the curve of everybody."""
    weeks = len(learned.curve)
    true = curve_of_everybody(test.lifetimes, weeks)["outlasting"]
    said = learned.fitted.survival(test.features).mean(axis=0)
    return learned.curve.rename(columns={"outlasting": EVERYBODY}).assign(model=said, found=true)


def _check_rows(fitted: HazardFitted, test: LifetimeFrame) -> bytes:
    """Rows of features with the hazard of every week, so that anyone can check a loaded model."""
    rows = test.features.head(CHECK_ROWS)
    hazards = fitted.hazards(rows)
    named = {f"hazard_week_{week + 1}": hazards[:, week] for week in range(hazards.shape[1])}
    return as_parquet(pd.concat([rows, pd.DataFrame(named)], axis=1))
