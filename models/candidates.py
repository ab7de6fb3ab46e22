"""Several models searched on the same folds, and the one of them that is trained."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.catalogue import SIMPLEST_FIRST, ChurnSpec
from models.front import Front
from models.metrics import Metric
from models.out_of_fold import out_of_fold
from models.rolling import Outcomes
from models.search import Found, Task, usable_folds
from models.spec import FloatArray, Params, Search
from models.winner import Verdict, verdict


@dataclass(frozen=True, eq=False)
class Choice:
    """The model that is trained, and what it was chosen from.

    Attributes
    ----------
    spec
        Its settings.
    found
        Every candidate's search by its kind, simplest kind first.
    verdict
        How the candidates stand; None when there was only one.
    front
        What the search for two goals found; None where there was one goal.
    columns
        Those that the model heeds; empty: all.
    """

    spec: ChurnSpec
    found: Mapping[str, Found]
    verdict: Verdict | None = None
    front: Front | None = None
    columns: tuple[str, ...] = ()

    @property
    def winner(self) -> Found:
        """What the search of the chosen model found."""
        return self.found[self.spec.kind]


@dataclass(frozen=True, eq=False)
class Judging:
    """How candidates are told apart.

    Attributes
    ----------
    outcomes
        What happened to the rows of the task.
    metrics
        What counts, by name; in all of them the winner is as good as the best.
    """

    outcomes: Outcomes
    metrics: Mapping[str, Metric]


def choose(
    specs: Sequence[ChurnSpec],
    task: Task,
    judging: Judging,
    find: Callable[[ChurnSpec], Found],
    plan: Search,
) -> Choice:
    """The simplest of the models that are as good as the best on the folds of the task.

    Parameters
    ----------
    specs
        Candidates of different kinds, at least one; one alone is not judged.
    task
        Rows and folds, which validate each row once at most.
    judging
        Outcomes and metrics; see `models.winner.verdict`.
    find
        Searches one candidate on the task: `models.stacking.find`.
    plan
        Seed and threads.

    Raises
    ------
    OneClassOnly
        When no fold has both outcomes, among its training or its validation rows.
    """
    ordered = sorted(specs, key=lambda spec: SIMPLEST_FIRST.index(spec.kind))
    by_kind: dict[str, ChurnSpec] = {spec.kind: spec for spec in ordered}
    found = {kind: find(spec) for kind, spec in by_kind.items()}
    if len(ordered) == 1:
        return Choice(ordered[0], found)
    is_judged = np.isin(
        np.arange(len(task.churned)), np.concatenate([fold.valid for fold in usable_folds(task)])
    )
    said = {
        kind: _scattered(spec, found[kind].params, task, plan)[is_judged]
        for kind, spec in by_kind.items()
    }
    outcomes = judging.outcomes.where(is_judged)
    reached = verdict(outcomes, said, judging.metrics, plan.seed)
    return Choice(by_kind[reached.winner], found, reached)


def _scattered(spec: ChurnSpec, params: Params, task: Task, plan: Search) -> FloatArray:
    """Probabilities out of fold at the places of their rows, shape (n,); NaN elsewhere."""
    said = np.full(len(task.churned), np.nan)
    folds = usable_folds(task)
    for fold, chances in zip(folds, out_of_fold(spec, params, task, plan), strict=True):
        said[fold.valid] = chances
    return said
