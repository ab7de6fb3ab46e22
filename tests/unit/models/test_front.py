import re
from pathlib import Path

import numpy as np
import optuna
import pytest
from optuna.storages import BaseStorage, InMemoryStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend
from pydantic import TypeAdapter

from models.catalogue import CHURN_KINDS, ChurnSpec
from models.churn import gbm, tree
from models.columns import only, ranked
from models.front import (
    COLUMNS,
    Front,
    Goal,
    columns_of,
    front_of,
    params_of,
    search_front,
)
from models.metrics import METRICS, average_precision
from models.rolling import Outcomes
from models.search import Task, Trial
from models.spec import ChurnGbm, ChurnTree, OneClassOnly, Search
from models.splits import Fold, customer_folds
from tests.churners import churners

MANY = churners(1500)
PEOPLE = MANY.first(400)
FOLDS = customer_folds([str(row) for row in range(400)], folds=2, seed=1)
TASK = Task(PEOPLE.features, PEOPLE.churned, FOLDS)
GOAL = Goal("average_precision", METRICS["average_precision"], Outcomes(PEOPLE.churned))
TREE = ChurnTree(leaves=6, rows_per_leaf=20)
PLAN = Search(trials=24, seed=5)


class Killed(BaseException):
    """What no code catches, like a kill."""


def journal(path: Path) -> JournalStorage:
    return JournalStorage(JournalFileBackend(str(path)))


def searched(
    storage: BaseStorage | None = None, plan: Search = PLAN, spec: ChurnSpec = TREE
) -> Front:
    return search_front(spec, plan, TASK, storage or InMemoryStorage(), "s", goal=GOAL)


def facts(found: Front) -> list[tuple[int, dict[str, float], float]]:
    return [(trial.place, dict(trial.params), trial.value) for trial in found.trials]


@pytest.fixture(scope="module")
def whole() -> Front:
    return searched()


def test_the_first_trial_is_the_hand_set_one_with_all_columns(whole: Front) -> None:
    first = whole.trials[0]
    assert params_of(first) == tree.first_params(TREE)
    assert columns_of(first) == 6


def test_no_trial_beats_a_point_of_the_front_in_both_goals(whole: Front) -> None:
    assert 1 < len(whole.points) <= 6
    for point in whole.points:
        for trial in whole.trials:
            is_no_worse = trial.value >= point.value and columns_of(trial) <= columns_of(point)
            is_equal = trial.value == point.value and columns_of(trial) == columns_of(point)
            assert not is_no_worse or is_equal
    for trial in whole.trials:
        assert any(
            point.value >= trial.value and columns_of(point) <= columns_of(trial)
            for point in whole.points
        )


def test_the_front_has_the_fewest_columns_first_and_of_equal_trials_one() -> None:
    def trial(place: int, columns: int, value: float) -> Trial:
        return Trial(place, {COLUMNS: columns}, value, 0.0)

    trials = [trial(0, 5, 0.7), trial(1, 2, 0.6), trial(2, 2, 0.6), trial(3, 3, 0.5)]
    assert [point.place for point in front_of([*trials, trial(4, 9, 0.7)])] == [1, 0]


def test_the_value_of_a_trial_is_of_models_that_keep_the_first_columns_of_their_fold() -> None:
    spec = ChurnGbm(trees=40)
    found = searched(plan=Search(trials=3, seed=2), spec=spec)
    for trial in found.trials:
        values = []
        for fold in FOLDS:
            rows, left = PEOPLE.features.iloc[fold.train], PEOPLE.churned[fold.train]
            order = ranked(spec, rows, left, 2)
            few = only(rows, order[: columns_of(trial)])
            fitted = gbm.fit(spec, params_of(trial), few, left, seed=2)
            said = fitted.predict(PEOPLE.features.iloc[fold.valid])
            values.append(average_precision(PEOPLE.churned[fold.valid], said))
        assert trial.value == pytest.approx(np.mean(values), rel=1e-12)
    assert len({columns_of(trial) for trial in found.trials}) > 1


def test_the_chosen_point_has_the_fewest_columns_within_one_standard_error(
    whole: Front,
) -> None:
    is_as_good = [
        whole.verdict.standings[str(point.place)]["average_precision"].is_as_good
        for point in whole.points
    ]
    assert whole.chosen == whole.points[is_as_good.index(True)]
    assert is_as_good[-1]


LATER = [pytest.param(place, marks=pytest.mark.slow) for place in (1, 9, 11, 19, 21)]


@pytest.mark.parametrize("last_words", [0, 10, 20, *LATER])
def test_a_search_killed_in_a_trial_ends_like_an_uninterrupted_one(
    whole: Front, last_words: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Among them the first trials of a generation, whose parents are then chosen or read back."""
    tell, told = optuna.Study.tell, [0]

    def die_at_last(study: optuna.Study, *given: object, **named: object) -> object:
        told[0] += 1
        if told[0] > last_words:
            raise Killed
        return tell(study, *given, **named)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(optuna.Study, "tell", die_at_last)
        with pytest.raises(Killed):
            searched(journal(tmp_path / "j"))
    resumed = searched(journal(tmp_path / "j"))
    assert facts(resumed) == facts(whole)
    assert (resumed.points[0].params, resumed.verdict) == (whole.points[0].params, whole.verdict)


def test_any_number_of_threads_finds_the_same(whole: Front) -> None:
    one = searched(plan=Search(trials=24, seed=5, threads=1))
    assert facts(one) == facts(whole)


def test_a_budget_ends_the_search_after_its_first_trial() -> None:
    found = searched(plan=Search(trials=24, seed=5, seconds=1e-9))
    assert len(found.trials) == 1
    assert found.is_cut
    assert found.chosen == found.trials[0]


def test_folds_that_validate_on_one_outcome_only_are_refused() -> None:
    odd = Fold("odd", FOLDS[0].train, np.flatnonzero(~PEOPLE.churned))
    task = Task(PEOPLE.features, PEOPLE.churned, [odd])
    text = (
        "a search for average_precision needs a fold that validates on both outcomes, but none of "
        "1 folds does; widen the cohort or use more as_of dates"
    )
    with pytest.raises(OneClassOnly, match=f"^{re.escape(text)}$"):
        search_front(TREE, PLAN, task, InMemoryStorage(), "s", goal=GOAL)


def test_a_column_that_says_nothing_is_among_the_last() -> None:
    order = ranked(ChurnGbm(), PEOPLE.features, PEOPLE.churned, 1)
    assert sorted(order) == sorted(PEOPLE.features.columns)
    assert order.index("color") >= 3


def test_no_name_keeps_all_columns_and_others_keep_themselves() -> None:
    assert only(PEOPLE.features, ()) is PEOPLE.features
    few = only(PEOPLE.features, {"color"})
    assert few["color"].equals(PEOPLE.features["color"])
    assert (few.drop(columns="color") == 0).all(axis=None)
    assert list(few.columns) == list(PEOPLE.features.columns)


@pytest.mark.parametrize("kind", sorted(CHURN_KINDS))
def test_a_column_that_was_not_kept_moves_nobody(kind: str) -> None:
    spec: ChurnSpec = TypeAdapter(ChurnSpec).validate_python({"kind": kind})
    module, kept = CHURN_KINDS[kind], {"days_since_order", "orders_count_182d"}
    rows = only(MANY.features, kept)
    fitted = module.fit(spec, module.first_params(spec), rows, MANY.churned, 1)
    moved = np.abs(fitted.contributions(MANY.features)).max(axis=0)
    assert {name for name, most in zip(fitted.columns, moved, strict=True) if most > 0} <= kept
    assert moved.max() > 1e-3
    other = MANY.features.assign(spend_28d=np.nan, color=1e9, gap_mean_days=-3.0)
    assert np.array_equal(fitted.predict(other), fitted.predict(MANY.features))
