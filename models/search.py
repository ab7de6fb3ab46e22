"""Hyperparameter search that can be killed at any moment and resumed to the same end."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Final, Protocol

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

PRUNED_ABOVE: Final = 50.0
"""Percentile of earlier trials' losses on the same folds above which a trial is given up."""

UNPRUNED: Final = 5
"""Completed trials before any is given up: a percentile of fewer says little."""

_ENDED: Final = (TrialState.COMPLETE, TrialState.PRUNED)


@dataclass(frozen=True, eq=False)
class Task:
    """The rows to search on and how they are divided."""

    features: pd.DataFrame
    churned: BoolArray
    folds: Sequence[Fold]


@dataclass(frozen=True)
class Trial:
    """One trial that came to its end.

    Attributes
    ----------
    place
        0, 1, ... among the trials that ended.
    params
        Its hyperparameters.
    value
        Mean log loss over the folds, in nats; of a pruned trial, over those that it saw.
    seconds
        Wall time from asking to telling.
    is_pruned
        Whether it was given up before its last fold.
    """

    place: int
    params: Params
    value: float
    seconds: float
    is_pruned: bool = False

    @property
    def metrics(self) -> Mapping[str, float]:
        """Its value by a name that says of which folds it is."""
        return {"log_loss_of_first_folds" if self.is_pruned else "log_loss": self.value}


@dataclass(frozen=True)
class Found:
    """The best hyperparameters, their mean log loss, and every trial behind them.

    Attributes
    ----------
    params, value
        Of the best trial that saw all folds.
    trials
        By their place.
    study_name
        Under which the storage keeps them.
    is_cut
        Whether the time budget ended the search before its last trial.
    """

    params: Params
    value: float
    trials: tuple[Trial, ...]
    study_name: str
    is_cut: bool = False


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
        Number of trials in all, their seed, and the time that they may take.
    task
        Rows and folds; a fold whose training rows hold one outcome is left out.
    storage
        Where Optuna keeps trials. One process at a time may search a study.
    study_name
        First part of the study's name. The second is a digest of the spec, the seed and the rows,
        so that trials of other data are never taken for these.
    on_trial
        Called after each trial that newly ended, to show progress.

    Raises
    ------
    OneClassOnly
        When no fold has both outcomes in its training rows.

    Notes
    -----
    A trial that a killed process left running is failed, and its place is given again. A place
    always gets the same suggestion: its sampler is new, seeded with ``plan.seed + place``, and
    sees the completed and the pruned trials only. It always gets the same verdict, too: after each
    fold but the last a trial is pruned when its mean loss so far is above the median that the
    completed trials had there (Golovin et al. 2017, "Google Vizier: a service for black-box
    optimization", section 3.2.2). So a resumed search ends like an uninterrupted one.

    With ``plan.seconds`` no trial begins once the earlier ones took that long, those before a kill
    included; the first always runs. Which trial is the last then depends on the machine.
    """
    with quiet(), threadpool_limits(limits=1, user_api="blas"):  # folds take the cores
        study = optuna.create_study(
            storage=storage,
            study_name=f"{study_name}-{digest(spec, plan, task)[:16]}",
            load_if_exists=True,
            direction="minimize",
            pruner=_pruner(plan),
        )
        trials = brought_to_end(study, plan, lambda: _Objective.of(spec, plan, task), on_trial)
    best = min(
        (trial for trial in trials if not trial.is_pruned),
        key=lambda trial: (trial.value, trial.place),
    )
    is_cut = len(trials) < plan.trials
    return Found(best.params, best.value, tuple(trials), study.study_name, is_cut)


class Objective(Protocol):
    """What a search tries to improve."""

    def run(self, study: optuna.Study, place: int) -> None:
        """Bring the trial of one place to its end."""


def brought_to_end(
    study: optuna.Study,
    plan: Search,
    objective: Callable[[], Objective],
    on_trial: Callable[[Trial], None] | None,
) -> list[Trial]:
    """Every trial of a study, those that it lacks run now; the objective is made where one is.

    A trial that a killed process left running is failed, and its place is given again.
    """
    for trial in study.get_trials(states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)
    ended = _ended(study)
    if _has_more(plan, ended):
        made = objective()
        while _has_more(plan, ended):
            made.run(study, len(ended))
            ended = _ended(study)
            if on_trial is not None:
                on_trial(ended[-1])
    return ended[: plan.trials]


def digest(spec: ChurnSpec, plan: Search, task: Task) -> str:
    """SHA-256 (64 hex digits) of everything that decides the value of a trial."""
    columns = [str(name) for name in task.features.columns]
    settings = spec.model_dump_json(  # any number of threads gives the same result
        exclude={"threads": True, "members": {"__all__": {"threads"}}}
    )
    told = hashlib.sha256(repr((settings, plan.seed, plan.prune, columns)).encode())
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
            for fold in usable_folds(task)
        ]
        return cls(spec, plan, task, prepared)

    def run(self, study: optuna.Study, place: int) -> None:
        """Bring the trial of one place to its end."""
        kind = CHURN_KINDS[self.spec.kind]
        study.sampler = optuna.samplers.TPESampler(seed=self.plan.seed + place, constant_liar=False)
        if place == 0 and not study.get_trials(states=(TrialState.WAITING,)):
            study.enqueue_trial(dict(kind.first_params(self.spec)))
        trial = study.ask()

        def is_hopeless(losses: Sequence[float]) -> bool:
            trial.report(float(np.mean(losses)), step=len(losses))
            return len(losses) < len(self.prepared) and trial.should_prune()

        losses = self._losses(kind.search_space(self.spec, trial), is_hopeless)
        if len(losses) < len(self.prepared):
            study.tell(trial, state=TrialState.PRUNED)
        else:
            study.tell(trial, float(np.mean(losses)))

    def _losses(
        self, params: Params, is_hopeless: Callable[[Sequence[float]], bool]
    ) -> list[float]:
        """Log loss of each fold in their order, up to the one that shows the trial is hopeless.

        A fold begins when the verdict on those before it is known, up to the number of threads: so
        no core waits for a verdict, and the verdicts are the same at any number.
        """
        features, churned = self.task.features, self.task.churned

        def on_fold(prepared: tuple[Fold, Fitter]) -> float:
            fold, fit = prepared
            return log_loss(churned[fold.valid], fit(params).predict(features.iloc[fold.valid]))

        losses: list[float] = []
        waiting = iter(self.prepared)
        with ThreadPoolExecutor(max_workers=self.plan.threads) as pool:
            running = deque(
                pool.submit(on_fold, fold) for fold in islice(waiting, self.plan.threads)
            )
            while running:
                losses.append(running.popleft().result())
                if is_hopeless(losses):
                    break
                running.extend(pool.submit(on_fold, fold) for fold in islice(waiting, 1))
        return losses


def _pruner(plan: Search) -> optuna.pruners.BasePruner:
    if not plan.prune:
        return optuna.pruners.NopPruner()
    return optuna.pruners.PercentilePruner(PRUNED_ABOVE, n_startup_trials=UNPRUNED)


def _has_more(plan: Search, ended: Sequence[Trial]) -> bool:
    """Whether another trial may begin."""
    if plan.seconds is None or not ended:
        return len(ended) < plan.trials
    return len(ended) < plan.trials and sum(trial.seconds for trial in ended) < plan.seconds


def usable_folds(task: Task) -> list[Fold]:
    """Folds that train on both outcomes.

    Raises
    ------
    OneClassOnly
        When there is none.
    """
    folds = [fold for fold in task.folds if len(np.unique(task.churned[fold.train])) > 1]
    if not folds:
        message = (
            f"a search needs a fold that trains on both outcomes, but none of {len(task.folds)} "
            f"folds does; widen the cohort or use more as_of dates"
        )
        raise OneClassOnly(message)
    return folds


def _ended(study: optuna.Study) -> list[Trial]:
    kept = study.get_trials(deepcopy=False, states=_ENDED)
    kept.sort(key=lambda trial: trial.number)
    return [_trial(place, trial) for place, trial in enumerate(kept)]


def _trial(place: int, kept: FrozenTrial) -> Trial:
    values = kept.values  # noqa: PD011 - of a trial, which may have two goals; no table
    if not values or kept.duration is None:
        message = (
            f"a trial that ended needs a value and a duration, but trial {kept.number} lacks one"
        )
        raise ValueError(message)
    is_pruned = kept.state == TrialState.PRUNED
    return Trial(place, dict(kept.params), values[0], kept.duration.total_seconds(), is_pruned)


@contextmanager
def quiet() -> Iterator[None]:
    """Optuna's own progress lines, off for as long as a search runs."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
