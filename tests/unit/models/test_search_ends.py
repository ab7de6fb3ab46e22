"""When trials and searches end early: pruned by their first folds, or by the time that is left."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from optuna.storages import InMemoryStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend

from models.churn import tree
from models.metrics import log_loss
from models.search import UNPRUNED, Found, Task, Trial, search
from models.spec import ChurnTree, FloatArray, Search
from models.splits import customer_folds
from tests.churners import churners

PEOPLE = churners(300)
TASK = Task(
    PEOPLE.features, PEOPLE.churned, customer_folds([str(row) for row in range(300)], 3, seed=1)
)
TREE = ChurnTree(leaves=6, rows_per_leaf=20)
AN_AGE = 1e9


def facts(found: Found) -> list[tuple[int, dict[str, float], float, bool]]:
    return [(each.place, dict(each.params), each.value, each.is_pruned) for each in found.trials]


def searched(**asked: float) -> Found:
    return search(TREE, Search.model_validate({"seed": 5, **asked}), TASK, InMemoryStorage(), "s")


def losses_of(trial: Trial) -> list[float]:
    """Log loss of its settings on every fold, fitted anew: what an unpruned trial would see."""
    found = []
    for fold in TASK.folds:
        rows, judged = PEOPLE.features.iloc[fold.train], PEOPLE.features.iloc[fold.valid]
        fitted = tree.fit(TREE, trial.params, rows, PEOPLE.churned[fold.train], seed=5)
        found.append(log_loss(PEOPLE.churned[fold.valid], fitted.predict(judged)))
    return found


def verdicts(trials: Sequence[Trial]) -> list[tuple[float, bool]]:
    """Value of each trial and whether it is pruned, by the rule said in slow words."""
    completed: list[list[float]] = []
    expected = []
    for trial in trials:
        losses = losses_of(trial)
        so_far = [float(np.mean(losses[:folds])) for folds in (1, 2, 3)]
        seen = 3
        if len(completed) >= UNPRUNED:
            bounds = [float(np.median([each[step] for each in completed])) for step in (0, 1)]
            for step in (0, 1):
                if min(so_far[: step + 1]) > bounds[step]:
                    seen = min(seen, step + 1)
        if seen == 3:
            completed.append(so_far)
        expected.append((so_far[seen - 1], seen < 3))
    return expected


def test_a_trial_is_pruned_by_the_median_of_the_completed_ones_on_the_same_folds() -> None:
    found = searched(trials=40)
    told = [(trial.value, trial.is_pruned) for trial in found.trials]
    expected = verdicts(found.trials)
    assert [is_pruned for _, is_pruned in told] == [is_pruned for _, is_pruned in expected]
    assert [value for value, _ in told] == pytest.approx([value for value, _ in expected], rel=1e-9)
    assert 0 < sum(trial.is_pruned for trial in found.trials) < 40 - UNPRUNED


def test_a_pruned_trial_does_not_fit_the_folds_behind_its_verdict(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    judged: list[int] = []

    def count(*given: FloatArray) -> float:
        judged.append(1)
        return log_loss(*given)  # type: ignore[arg-type]

    monkeypatch.setattr("models.search.log_loss", count)
    found = searched(trials=16, threads=1)
    pruned = sum(trial.is_pruned for trial in found.trials)
    assert 3 * 16 - 2 * pruned <= len(judged) <= 3 * 16 - pruned


def test_no_trial_is_pruned_where_that_is_off() -> None:
    assert not any(trial.is_pruned for trial in searched(trials=16, prune=False).trials)


def test_a_trial_that_is_pruned_says_of_which_folds_its_loss_is() -> None:
    found = searched(trials=16)
    names = {(trial.is_pruned, *trial.metrics) for trial in found.trials}
    assert names == {(False, "log_loss"), (True, "log_loss_of_first_folds")}


def test_the_best_is_never_a_pruned_trial() -> None:
    found = searched(trials=16)
    completed = [trial for trial in found.trials if not trial.is_pruned]
    assert (found.value, found.params) == min(
        ((trial.value, trial.params) for trial in completed), key=lambda pair: pair[0]
    )


def test_the_smallest_budget_still_completes_the_hand_set_trial() -> None:
    found = searched(trials=9, seconds=1e-9)
    assert facts(found) == facts(searched(trials=1))
    assert found.is_cut
    assert found.params == tree.first_params(TREE)


def test_a_budget_that_is_not_used_up_changes_nothing() -> None:
    found, expected = searched(trials=9, seconds=AN_AGE), searched(trials=9)
    assert facts(found) == facts(expected)
    assert not found.is_cut
    assert not expected.is_cut


def test_a_resumed_search_counts_the_time_of_those_before_it(tmp_path: Path) -> None:
    def resumed(seconds: float | None) -> Found:
        storage = JournalStorage(JournalFileBackend(str(tmp_path / "journal")))
        return search(TREE, Search(trials=9, seconds=seconds, seed=5), TASK, storage, "s")

    first = resumed(1e-9)
    spent = first.trials[0].seconds
    assert facts(resumed(spent / 2)) == facts(first)
    further = resumed(spent * 1.0001)
    assert len(further.trials) == 2
    assert facts(resumed(spent * 1.0001)) == facts(further)
    whole = resumed(None)
    assert not whole.is_cut
    assert facts(whole) == facts(searched(trials=9))
