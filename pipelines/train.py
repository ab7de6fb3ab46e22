"""Job: a churn model that is searched, calibrated, tested out of time, and registered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from features.behaviour import columns, shape_of
from features.contract import Column, fingerprint
from features.errors import RegularsError
from features.loads import data_fingerprint
from features.star import history
from features.warehouse import Connection
from models.baselines import Baseline, fit_baselines
from models.calibration import Platt, calibrate
from models.catalogue import CHURN_KINDS, ChurnSpec
from models.drift import reference
from models.leaks import check_the_check
from models.metrics import Estimate
from models.search import Found, Task, search
from models.spec import ChurnGbm, ChurnLogit, Fitted, FloatArray, Params
from models.splits import Fold, folds_of
from pipelines.config import Business, Churn
from pipelines.contest import Contest, baselines_table, contest_of, metrics_with
from pipelines.frames import Frame, labelled_frame
from pipelines.jobs import Job
from pipelines.journal import opened_journal
from pipelines.plan import PARTS, SPLIT_SEED, Part, Plan, parts_of, plan
from pipelines.progress import fact
from pipelines.proposal_page import definition_files
from pipelines.proposal_record import Defined, define
from pipelines.registry import Registry
from pipelines.versions import Trial, Version
from pipelines.writeup import Recipe, Writeup, model_tags, recipe_of

RIVALS: Final[tuple[ChurnSpec, ...]] = (ChurnLogit(), ChurnGbm())
"""Judged beside the model of the config, hand-set: one that is smooth, and one that is not."""


class LeakFound(RegularsError):
    """A column knows the outcome: the features see the future, or the label."""


@dataclass(frozen=True)
class Material:
    """All that one training looks at."""

    plan: Plan
    frames: Mapping[Part, Frame]
    columns: tuple[Column, ...]
    recipe: Recipe
    defined: Defined


@dataclass(frozen=True)
class Learned:
    """The calibrated model, the simple rules beside it, and how it was found."""

    fitted: Fitted
    line: Platt
    found: Found
    baselines: tuple[Baseline, ...]
    by_cutoff: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Trained:
    """A registered version and what every contestant reached on the test customers."""

    version: Version
    estimates: Mapping[str, Mapping[str, Estimate]]


def run(job: Job) -> Trained:
    """Search, fit, calibrate, test and register a version with the alias ``challenger``.

    Raises
    ------
    LeakFound
        When a column tells the outcome by itself.
    LeakCheckBroken
        When the leak check does not notice planted copies of the label.
    RegularsError
        When days, cohort or labels do not allow a training.
    """
    business = job.business
    with job.alone("train"):
        with job.steps.step("tracking"):
            registry = Registry(business.tracking.address, job.home.root)
            registry.reconcile()
        material = gather(job)
        name = f"train {job.now:%Y-%m-%d %H:%M}"
        tags = model_tags(job, material.recipe, material.plan)
        with registry.start_run(f"{business.name}/churn", name, tags) as tracked:
            check_leaks(material.frames["train"], business.churn.leak_bound)
            learned = _learn(job, material)
            contest = _contest(business, learned, material)
            estimates = contest.estimates()
            with job.steps.step("tracking: metrics, plots, model"):
                writeup = Writeup(job, learned.fitted, material.columns, contest, estimates)
                tracked.log(
                    params=writeup.params(learned.found.params, learned.line),
                    metrics=writeup.metrics(learned.by_cutoff),
                    files={
                        **writeup.files(material.frames["test"]),
                        **definition_files(business, material.defined),
                    },
                )
                tracked.log_trials(
                    Trial(t.place, t.params, {"log_loss": t.value}) for t in learned.found.trials
                )
                logged = tracked.log_model(
                    learned.fitted.library_object,
                    material.columns,
                    material.frames["test"].features.head(200),
                    {
                        "reference": reference(material.frames["train"].features),
                        "baselines": baselines_table(learned.baselines),
                    },
                )
        tags |= {"calibrated": contest.calibrated("model")}
        version = registry.register(job.model_name, logged, tags)
    auc = estimates["model"]["roc_auc"]
    fact("trained", business=business.name, version=version.number, roc_auc=f"{auc.value:.4f}")
    return Trained(version, estimates)


def gather(job: Job) -> Material:
    """Behaviour and labels of every part of the plan.

    Raises
    ------
    RegularsError
        When a day has no history, no cohort, or no label yet.
    """
    business = job.business
    shape = shape_of(business.sources, business.behaviour)
    with job.opened() as con, job.steps.step("behaviour table and labels"):
        known = history(con, business.sources)
        chosen = plan(con, business.churn, known)
        frame = labelled_frame(con, business, chosen.as_ofs, known)
        followed = _recipe(job, con)
        defined = define(con, business, known)
    return Material(chosen, split(frame, chosen), columns(shape), followed, defined)


def recipe(job: Job) -> Recipe:
    """What a training would follow now: data, columns, settings and code."""
    with job.opened() as con:
        return _recipe(job, con)


def _recipe(job: Job, con: Connection) -> Recipe:
    business = job.business
    promised = fingerprint(columns(shape_of(business.sources, business.behaviour)))
    return recipe_of(business, promised, data_fingerprint(con))


def split(frame: Frame, chosen: Plan) -> dict[Part, Frame]:
    """Rows of each part, by their day, or by their customer where the plan says so."""
    if not chosen.by_customer:
        days = {"train": chosen.train, "calibration": chosen.calibration, "test": chosen.test}
        return {part: frame.on(days[part]) for part in PARTS}
    drawn = parts_of(frame.customers)
    return {part: frame.where(drawn == number) for number, part in enumerate(PARTS)}


def check_leaks(frame: Frame, bound: float) -> None:
    """Refuse columns that tell the outcome; first prove that planted copies are noticed.

    Raises
    ------
    LeakFound
        Naming the columns.
    LeakCheckBroken
        When a planted copy of the label goes unnoticed.
    """
    leaks = check_the_check(frame.features, frame.churned, SPLIT_SEED, bound)
    if leaks:
        named = ", ".join(f"{leak.column} (AUC {leak.auc:.3f} by {leak.how})" for leak in leaks)
        message = (
            f"training needs columns that do not know the outcome, but these tell it by "
            f"themselves: {named}; look where they come from, or raise churn.leak_bound={bound} "
            f"if they are right"
        )
        raise LeakFound(message)


def _learn(job: Job, material: Material) -> Learned:
    """Search on the training rows, fit them all, calibrate on the later slice."""
    churn, train, later = (
        job.business.churn,
        material.frames["train"],
        material.frames["calibration"],
    )
    label_days = 0 if churn.kind == "labelled" else churn.label_days
    folds = folds_of(
        list(train.customers), train.as_of, label_days, churn.search.folds, churn.search.seed
    )
    with job.steps.step(f"search: {churn.search.trials} trials", churn.search.trials) as advance:
        found = search(
            churn.model,
            churn.search,
            Task(train.features, train.churned, folds),
            opened_journal(job.home.search(job.business.name)),
            job.task,
            on_trial=lambda trial: advance(trial.place + 1),
        )
    with job.steps.step("fit, calibrate, test"):
        fitted = _fit(churn.model, found.params, train, churn.search.seed)
        calibrated, line = calibrate(fitted, later.features, later.churned)
        baselines = fit_baselines(train.features, train.churned)
        by_cutoff = _by_cutoff(churn, found.params, train, folds)
    return Learned(calibrated, line, found, baselines, by_cutoff)


def _fit(spec: ChurnSpec, params: Params, frame: Frame, seed: int) -> Fitted:
    return CHURN_KINDS[spec.kind].fit(spec, params, frame.features, frame.churned, seed)


def _by_cutoff(
    churn: Churn, params: Params, train: Frame, folds: list[Fold]
) -> dict[str, dict[str, float]]:
    """Metrics of each rolling origin: fitted on what was over by then, judged on its day."""
    figures, metrics = {}, metrics_with(churn.economics)
    for fold in folds:
        learn, judge = _rows(train, fold.train), _rows(train, fold.valid)
        fitted = _fit(churn.model, params, learn, churn.search.seed)
        contest = Contest(judge.churned, {"model": fitted.predict(judge.features)}, metrics)
        estimates = contest.estimates()["model"]
        figures[fold.name] = {key: estimate.value for key, estimate in estimates.items()}
    return figures


def _rows(frame: Frame, positions: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Frame:
    mask = np.zeros(len(frame.churned), dtype=bool)
    mask[positions] = True
    return frame.where(mask)


def _contest(business: Business, learned: Learned, material: Material) -> Contest:
    """The model, the other kinds of model, and the simple rules on the test customers."""
    test = material.frames["test"]
    probabilities: dict[str, FloatArray] = {"model": learned.fitted.predict(test.features)}
    for rival in RIVALS:
        if rival.kind != business.churn.model.kind:
            probabilities[rival.kind] = _rival(rival, material).predict(test.features)
    for baseline in learned.baselines:
        probabilities[baseline.name] = baseline.predict(test.features)
    return contest_of(business, test, probabilities)


def _rival(spec: ChurnSpec, material: Material) -> Fitted:
    params = CHURN_KINDS[spec.kind].first_params(spec)
    later = material.frames["calibration"]
    fitted = _fit(spec, params, material.frames["train"], SPLIT_SEED)
    return calibrate(fitted, later.features, later.churned)[0]
