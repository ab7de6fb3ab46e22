import numpy as np
import pytest
from optuna.storages import InMemoryStorage

from models.candidates import Judging, choose
from models.catalogue import CHURN_KINDS, SIMPLEST_FIRST, ChurnSpec
from models.metrics import METRICS, average_precision
from models.out_of_fold import out_of_fold
from models.rolling import Outcomes
from models.search import Found, Task, search
from models.spec import ChurnGbm, ChurnLogit, ChurnTree, Search
from models.splits import Fold, customer_folds
from tests.churners import churners

PEOPLE = churners(600)
CUSTOMERS = np.array([str(row) for row in range(600)], dtype=object)
FOLDS = customer_folds(list(CUSTOMERS), folds=2, seed=1)
TASK = Task(PEOPLE.features, PEOPLE.churned, FOLDS)
PLAN = Search(trials=2, seed=5)
JUDGING = Judging(
    Outcomes(PEOPLE.churned, None, CUSTOMERS), {"average_precision": METRICS["average_precision"]}
)


def find(spec: ChurnSpec) -> Found:
    return search(spec, PLAN, TASK, InMemoryStorage(), "s")


def test_every_kind_has_its_place_in_the_order_of_simplicity() -> None:
    assert sorted(SIMPLEST_FIRST) == sorted(CHURN_KINDS)


def test_one_model_alone_is_searched_and_not_judged() -> None:
    choice = choose([ChurnGbm(trees=40)], TASK, JUDGING, find, PLAN)
    assert choice.verdict is None
    assert choice.spec == ChurnGbm(trees=40)
    assert choice.winner == choice.found["churn_gbm"]
    assert [trial.place for trial in choice.winner.trials] == [0, 1]


def test_candidates_are_judged_simplest_first_whatever_their_order() -> None:
    specs: list[ChurnSpec] = [ChurnGbm(trees=40), ChurnTree(), ChurnLogit()]
    one, other = (choose(each, TASK, JUDGING, find, PLAN) for each in (specs, specs[::-1]))
    assert list(one.found) == ["churn_tree", "churn_logit", "churn_gbm"]
    assert one.verdict is not None
    assert one.verdict == other.verdict
    assert one.spec.kind == one.verdict.winner
    assert one.winner == one.found[one.spec.kind]


def test_the_verdict_is_of_chances_for_rows_that_the_model_had_not_seen() -> None:
    choice = choose([ChurnLogit(), ChurnTree(leaves=4)], TASK, JUDGING, find, PLAN)
    assert choice.verdict is not None
    said = out_of_fold(ChurnLogit(), choice.found["churn_logit"].params, TASK, PLAN)
    everyone = np.empty(600)
    for fold, part in zip(FOLDS, said, strict=True):
        everyone[fold.valid] = part
    value = average_precision(PEOPLE.churned, everyone)
    standing = choice.verdict.standings["churn_logit"]["average_precision"]
    assert standing.value == pytest.approx(value, rel=1e-12)


def test_chances_out_of_fold_are_those_of_a_fit_to_the_training_rows_alone() -> None:
    spec = ChurnTree()
    params = CHURN_KINDS["churn_tree"].first_params(spec)
    for fold, said in zip(FOLDS, out_of_fold(spec, params, TASK, PLAN), strict=True):
        rows = PEOPLE.features.iloc[fold.train]
        fitted = CHURN_KINDS["churn_tree"].fit(
            spec, params, rows, PEOPLE.churned[fold.train], PLAN.seed
        )
        assert np.array_equal(said, fitted.predict(PEOPLE.features.iloc[fold.valid]))


def test_a_fold_that_trains_on_one_outcome_is_left_out_of_the_choice_too() -> None:
    odd = Fold("odd", np.flatnonzero(~PEOPLE.churned), FOLDS[0].valid)
    with_it = Task(PEOPLE.features, PEOPLE.churned, [odd, *FOLDS])
    specs: list[ChurnSpec] = [ChurnLogit(), ChurnTree(leaves=4)]
    expected = choose(specs, TASK, JUDGING, find, PLAN).verdict
    assert choose(specs, with_it, JUDGING, find, PLAN).verdict == expected
