"""Several models searched on the same folds, and the one of them that is trained."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models.catalogue import SIMPLEST_FIRST, ChurnSpec
from models.metrics import Metric
from models.out_of_fold import out_of_fold
from models.search import Found, Task, usable_folds
from models.spec import FloatArray, Search
from models.winner import Validated, Verdict, verdict


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
    """

    spec: ChurnSpec
    found: Mapping[str, Found]
    verdict: Verdict | None = None

    @property
    def winner(self) -> Found:
        """What the search of the chosen model found."""
        return self.found[self.spec.kind]


@dataclass(frozen=True, eq=False)
class Judging:
    """How candidates are told apart.

    Attributes
    ----------
    customers
        Identifier of each row of the task, shape (n,).
    metrics
        What counts, by name; in all of them the winner is as good as the best.
    """

    customers: npt.NDArray[np.generic]
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
        Rows and folds.
    judging
        Customers and metrics; see `models.winner.verdict`.
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
    found: dict[str, Found] = {spec.kind: find(spec) for spec in ordered}
    if len(ordered) == 1:
        return Choice(ordered[0], found)
    folds = usable_folds(task)
    rows = np.concatenate([fold.valid for fold in folds])
    number = np.repeat(np.arange(len(folds)), [len(fold.valid) for fold in folds])
    said: dict[str, FloatArray] = {
        spec.kind: np.concatenate(out_of_fold(spec, found[spec.kind].params, task, plan))
        for spec in ordered
    }
    validated = Validated(task.churned[rows], judging.customers[rows], number)
    reached = verdict(validated, said, judging.metrics, plan.seed)
    spec = next(spec for spec in ordered if spec.kind == reached.winner)
    return Choice(spec, found, reached)
