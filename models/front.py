"""The search for two goals at once: much profit with few columns."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

import numpy as np
import optuna
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState
from threadpoolctl import threadpool_limits

from models.catalogue import CHURN_KINDS, ChurnSpec
from models.columns import only, ranked
from models.levels import Ranking
from models.metrics import Metric
from models.rolling import Outcomes
from models.search import Task, Trial, brought_to_end, digest, quiet, usable_folds
from models.spec import FloatArray, OneClassOnly, Params, Search
from models.splits import Fold
from models.winner import Verdict, verdict

POPULATION: Final = 10
"""Trials of a generation; Optuna's 50 are more than most searches have in all."""

COLUMNS: Final = "columns"
"""Name of the hyperparameter that says how many columns a trial keeps."""


@dataclass(frozen=True, eq=False)
class Goal:
    """What is to be much while columns are few.

    Attributes
    ----------
    name
        Of the metric.
    metric
        More of it is better.
    outcomes
        What happened to the rows of the task.
    """

    name: str
    metric: Metric
    outcomes: Outcomes


@dataclass(frozen=True)
class Front:
    """What the search found, and what was chosen of it.

    Attributes
    ----------
    points
        Trials than which none has both no fewer columns and no less of the metric, the fewest
        columns first.
    trials
        All, by their place; the value is the mean of the metric over the folds.
    verdict
        How the points, by the text of their place, stand beside the best of them.
    study_name
        Under which the storage keeps the trials.
    is_cut
        Whether the time budget ended the search.
    """

    points: tuple[Trial, ...]
    trials: tuple[Trial, ...]
    verdict: Verdict
    study_name: str
    is_cut: bool

    @property
    def chosen(self) -> Trial:
        """The point with the fewest columns within one standard error of the best."""
        return next(point for point in self.points if str(point.place) == self.verdict.winner)


def columns_of(trial: Trial) -> int:
    """How many columns a trial kept."""
    return int(trial.params[COLUMNS])


def params_of(trial: Trial) -> Params:
    """A trial's hyperparameters without the number of columns."""
    return {name: value for name, value in trial.params.items() if name != COLUMNS}


def search_front(
    spec: ChurnSpec,
    plan: Search,
    task: Task,
    storage: BaseStorage,
    study_name: str,
    *,
    goal: Goal,
    on_trial: Callable[[Trial], None] | None = None,
) -> Front:
    """The trials that no other beats in both goals, and the one of them that is to be trained.

    NSGA-II (Deb, Pratap, Agarwal and Meyarivan 2002, "A fast and elitist multiobjective genetic
    algorithm: NSGA-II") over the hyperparameters of the kind and the number of columns; the first
    trial is the hand-set one with all columns. Columns are ranked once for each fold, by its
    training rows alone (`models.columns.ranked`), and a trial keeps the first so many.

    Of the front, that with the fewest columns is chosen whose metric is within one standard error
    of the best (`models.winner.verdict`).

    Parameters
    ----------
    spec, plan, task, storage, on_trial
        As in `models.search.search`; no trial is pruned.
    goal
        The metric, and what happened.
    study_name
        As in `models.search.search`; another one where the metric depends on other settings.

    Raises
    ------
    OneClassOnly
        When no fold has both outcomes in its training and in its validation rows.

    Notes
    -----
    A place always gets the same suggestion, as in `models.search.search`. The parents of a
    generation are put into the order of their places for that: Optuna gives them in one order when
    it first chooses them, and in another once a killed process has stored the choice.
    """
    with quiet(), threadpool_limits(limits=1, user_api="blas"):  # folds take the cores
        study = optuna.create_study(
            storage=storage,
            study_name=f"{study_name}-{goal.name}-{digest(spec, plan, task)[:16]}",
            load_if_exists=True,
            directions=["maximize", "minimize"],
        )
        objective = _Objective.of(spec, plan, task, goal)
        trials = brought_to_end(study, plan, lambda: objective, on_trial)
        points = front_of(trials)
        reached = objective.verdict(points)
    is_cut = len(trials) < plan.trials
    return Front(tuple(points), tuple(trials), reached, study.study_name, is_cut)


def front_of(trials: Sequence[Trial]) -> list[Trial]:
    """Trials that no other beats in one goal without losing in the other, fewest columns first.

    Of trials that are equal in both, the first.
    """
    points: list[Trial] = []
    for trial in sorted(trials, key=lambda each: (columns_of(each), -each.value, each.place)):
        if not points or trial.value > points[-1].value:
            points.append(trial)
    return points


class _Sampler(optuna.samplers.NSGAIISampler):
    """NSGA-II whose parents come in the order of their places, chosen just now or stored before."""

    def get_parent_population(self, study: optuna.Study, generation: int) -> list[FrozenTrial]:
        parents = super().get_parent_population(study, generation)
        return sorted(parents, key=lambda parent: parent.number)


@dataclass(frozen=True, eq=False)
class _Objective:
    """Metric of hyperparameters and a number of columns over folds whose columns are ranked."""

    spec: ChurnSpec
    plan: Search
    task: Task
    goal: Goal
    ranked: Sequence[tuple[Fold, tuple[str, ...]]]

    @classmethod
    def of(cls, spec: ChurnSpec, plan: Search, task: Task, goal: Goal) -> "_Objective":
        folds = [
            fold for fold in usable_folds(task) if len(np.unique(task.churned[fold.valid])) > 1
        ]
        if not folds:
            message = (
                f"a search for {goal.name} needs a fold that validates on both outcomes, but none "
                f"of {len(task.folds)} folds does; widen the cohort or use more as_of dates"
            )
            raise OneClassOnly(message)
        ranks = [
            ranked(spec, task.features.iloc[fold.train], task.churned[fold.train], plan.seed)
            for fold in folds
        ]
        return cls(spec, plan, task, goal, list(zip(folds, ranks, strict=True)))

    def run(self, study: optuna.Study, place: int) -> None:
        """Bring the trial of one place to its end."""
        kind, width = CHURN_KINDS[self.spec.kind], self.task.features.shape[1]
        study.sampler = _Sampler(population_size=POPULATION, seed=self.plan.seed + place)
        if place == 0 and not study.get_trials(states=(TrialState.WAITING,)):
            study.enqueue_trial({**kind.first_params(self.spec), COLUMNS: width})
        trial = study.ask()
        params = kind.search_space(self.spec, trial)
        columns = trial.suggest_int(COLUMNS, 1, width, log=True)
        chances = self.chances(params, columns)
        values = [
            self.goal.metric.kernel(Ranking.of(left, said).levels(np.ones((1, len(left)))))[0]
            for left, said in (
                (self.task.churned[fold.valid], said)
                for (fold, _), said in zip(self.ranked, chances, strict=True)
            )
        ]
        study.tell(trial, [float(np.mean(values)), columns])

    def chances(self, params: Params, columns: int) -> list[FloatArray]:
        """Probabilities of each fold's validation rows, by a model that keeps so many columns."""
        features, churned = self.task.features, self.task.churned

        def on_fold(place: tuple[Fold, tuple[str, ...]]) -> FloatArray:
            fold, order = place
            rows = only(features.iloc[fold.train], set(order[:columns]))
            kind, left = CHURN_KINDS[self.spec.kind], churned[fold.train]
            fitted = kind.fit(self.spec, params, rows, left, self.plan.seed)
            return fitted.predict(features.iloc[fold.valid])

        with ThreadPoolExecutor(max_workers=self.plan.threads) as pool:
            return list(pool.map(on_fold, self.ranked))

    def verdict(self, points: Sequence[Trial]) -> Verdict:
        """How the points stand beside the best of them, on the rows that validated."""
        said = {str(point.place): np.full(len(self.task.churned), np.nan) for point in points}
        for point in points:
            chances = self.chances(params_of(point), columns_of(point))
            for (fold, _), each in zip(self.ranked, chances, strict=True):
                said[str(point.place)][fold.valid] = each
        is_judged = ~np.isnan(said[str(points[0].place)])
        return verdict(
            self.goal.outcomes.where(is_judged),
            {name: each[is_judged] for name, each in said.items()},
            {self.goal.name: self.goal.metric},
            self.plan.seed,
        )
