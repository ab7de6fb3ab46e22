"""Hyperparameter search that can be killed at any moment and resumed to the same end."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import optuna
import pandas as pd
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState
from threadpoolctl import threadpool_limits

from models.catalogue import CHURN_KINDS, ChurnSpec
from models.metrics import log_loss
from models.spec import BoolArray, Fitter, OneClassOnly, Params, Search, numbers
from models.splits import Fold


@dataclass(frozen=True, eq=False)
class Task:
    """The rows to search on and how they are divided."""

    features: pd.DataFrame
    churned: BoolArray
    folds: Sequence[Fold]


@dataclass(frozen=True)
class Trial:
    """One completed trial.

    Attributes
    ----------
    place
        0, 1, ... among the completed trials.
    params
        Its hyperparameters.
    value
        Mean log loss over the folds, in nats.
    seconds
        Wall time from asking to telling.
    """

    place: int
    params: Params
    value: float
    seconds: float


@dataclass(frozen=True)
class Found:
    """The best hyperparameters, their mean log loss, and every trial behind them."""

    params: Params
    value: float
    trials: tuple[Trial, ...]
    study_name: str


def search(
    spec: ChurnSpec,
    plan: Search,
    task: Task,
    storage: BaseStorage,
    study_name: str,
    *,
    on_trial: Callable[[Trial], None] | None = None,
) -> Found:
    """Hyperparameters with the least mean log loss over the folds.

    The first trial is the settings of ``spec``; the others come from a tree-structured Parzen
    estimator (Bergstra et al. 2011, "Algorithms for hyper-parameter optimization").

    Parameters
    ----------
    spec
        Kind and hand-set values.
    plan
        Number of trials in all, and their seed.
    task
        Rows and folds; a fold whose training rows hold one outcome is left out.
    storage
        Where Optuna keeps trials. One process at a time may search a study.
    study_name
        First part of the study's name. The second is a digest of the spec, the seed and the rows,
        so that trials of other data are never taken for these.
    on_trial
        Called after each newly completed trial, to show progress.

    Raises
    ------
    OneClassOnly
        When no fold has both outcomes in its training rows.

    Notes
    -----
    A trial that a killed process left running is failed, and its place is given again. A place
    always gets the same suggestion: its sampler is new, seeded with ``plan.seed + place``, and
    sees the completed trials only. So a resumed search ends like an uninterrupted one.
    """
    with _quiet(), threadpool_limits(limits=1, user_api="blas"):  # folds take the cores
        study = optuna.create_study(
            storage=storage,
            study_name=f"{study_name}-{digest(spec, plan, task)[:16]}",
            load_if_exists=True,
            direction="minimize",
        )
        _fail_abandoned(study)
        done = len(_completed(study))
        if done < plan.trials:
            objective = _Objective.of(spec, plan, task)
            for place in range(done, plan.trials):
                objective.run(study, place)
                if on_trial is not None:
                    on_trial(_completed(study)[place])
        trials = _completed(study)[: plan.trials]
    best = min(trials, key=lambda trial: (trial.value, trial.place))
    return Found(best.params, best.value, tuple(trials), study.study_name)


def digest(spec: ChurnSpec, plan: Search, task: Task) -> str:
    """SHA-256 (64 hex digits) of everything that decides the value of a trial."""
    columns = [str(name) for name in task.features.columns]
    settings = spec.model_dump_json(exclude={"threads"})  # any number gives the same result
    told = hashlib.sha256(repr((settings, plan.seed, columns)).encode())
    told.update(np.ascontiguousarray(numbers(task.features, columns)).tobytes())
    told.update(np.packbits(task.churned).tobytes())
    for fold in task.folds:
        told.update(fold.train.tobytes())
        told.update(fold.valid.tobytes())
    return told.hexdigest()


@dataclass(frozen=True, eq=False)
class _Objective:
    """Mean log loss of hyperparameters over folds whose training rows were prepared once."""

    spec: ChurnSpec
    plan: Search
    task: Task
    prepared: Sequence[tuple[Fold, Fitter]]

    @classmethod
    def of(cls, spec: ChurnSpec, plan: Search, task: Task) -> "_Objective":
        fitter, features, churned = CHURN_KINDS[spec.kind].fitter, task.features, task.churned
        prepared = [
            (fold, fitter(spec, features.iloc[fold.train], churned[fold.train], plan.seed))
            for fold in _usable(task)
        ]
        return cls(spec, plan, task, prepared)

    def run(self, study: optuna.Study, place: int) -> None:
        """Complete the trial of one place."""
        kind = CHURN_KINDS[self.spec.kind]
        study.sampler = optuna.samplers.TPESampler(seed=self.plan.seed + place, constant_liar=False)
        if place == 0 and not study.get_trials(states=(TrialState.WAITING,)):
            study.enqueue_trial(dict(kind.first_params(self.spec)))
        trial = study.ask()
        study.tell(trial, self._loss(kind.search_space(trial)))

    def _loss(self, params: Params) -> float:
        features, churned = self.task.features, self.task.churned

        def on_fold(prepared: tuple[Fold, Fitter]) -> float:
            fold, fit = prepared
            return log_loss(churned[fold.valid], fit(params).predict(features.iloc[fold.valid]))

        with ThreadPoolExecutor(max_workers=self.plan.threads) as pool:
            return float(np.mean(list(pool.map(on_fold, self.prepared))))


def _usable(task: Task) -> list[Fold]:
    folds = [fold for fold in task.folds if len(np.unique(task.churned[fold.train])) > 1]
    if not folds:
        message = (
            f"a search needs a fold that trains on both outcomes, but none of {len(task.folds)} "
            f"folds does; widen the cohort or use more as_of dates"
        )
        raise OneClassOnly(message)
    return folds


def _fail_abandoned(study: optuna.Study) -> None:
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)


def _completed(study: optuna.Study) -> list[Trial]:
    kept = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    kept.sort(key=lambda trial: trial.number)
    return [_trial(place, trial) for place, trial in enumerate(kept)]


def _trial(place: int, kept: FrozenTrial) -> Trial:
    if kept.value is None or kept.duration is None:
        message = (
            f"a completed trial needs a value and a duration, but trial {kept.number} lacks one"
        )
        raise ValueError(message)
    return Trial(place, dict(kept.params), kept.value, kept.duration.total_seconds())


@contextmanager
def _quiet() -> Iterator[None]:
    """Optuna's own progress lines, off for as long as a search runs."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
