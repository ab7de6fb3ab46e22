import numpy as np
import pytest
from optuna.storages import InMemoryStorage
from optuna.trial import FixedTrial
from scipy.optimize import minimize

from models.calibration import log_odds
from models.catalogue import CHURN_KINDS
from models.churn import blend, gbm, logit
from models.churn.blend import member_params, stacked, with_weights
from models.metrics import log_loss
from models.search import Task, search
from models.spec import (
    BoolArray,
    ChurnEbm,
    ChurnGbm,
    ChurnLogit,
    ChurnRules,
    ChurnTree,
    FloatArray,
    Search,
)
from models.spec_blend import BlendMember, ChurnBlend
from models.splits import customer_folds
from models.stacking import find
from tests.churners import churners

PEOPLE = churners(1500)
TRAIN, TEST = PEOPLE.first(1000), PEOPLE.last(500)
GBM, LOGIT = ChurnGbm(trees=40), ChurnLogit()


def odds_of(members: tuple[BlendMember, ...], weights: dict[str, float]) -> FloatArray:
    """Log-odds of test customers by a blend with these weights."""
    spec = ChurnBlend(members=members)
    firsts = {each.kind: CHURN_KINDS[each.kind].first_params(each) for each in members}
    params = with_weights({str(kind): found for kind, found in firsts.items()}, weights)
    fitted = blend.fit(spec, params, TRAIN.features, TRAIN.churned, seed=1)
    return log_odds(fitted.predict(TEST.features))


def alone(member: BlendMember) -> FloatArray:
    kind = CHURN_KINDS[member.kind]
    params = kind.first_params(member)
    fitted = kind.fit(member, params, TRAIN.features, TRAIN.churned, 1)
    return log_odds(fitted.predict(TEST.features))


def test_log_odds_of_trees_are_the_weighted_sum_and_a_constant() -> None:
    members: tuple[BlendMember, ...] = (GBM, ChurnTree(), ChurnRules(), ChurnEbm())
    weights = {"churn_gbm": 0.4, "churn_tree": 0.1, "churn_rules": 0.3, "churn_ebm": 0.5}
    summed = sum(weights[member.kind] * alone(member) for member in members)
    rest = odds_of(members, weights) - summed
    assert rest == pytest.approx(np.full(500, rest[0]), abs=1e-9)


def test_a_member_without_weight_is_left_out() -> None:
    weights = {"churn_gbm": 1.0, "churn_logit": 0.0}
    rest = odds_of((GBM, LOGIT), weights) - alone(GBM)
    assert rest == pytest.approx(np.full(500, rest[0]), abs=1e-9)
    nobody = odds_of((GBM, LOGIT), dict.fromkeys(weights, 0.0))
    assert nobody == pytest.approx(np.full(500, log_odds(TRAIN.churned.mean())), abs=1e-9)


def test_a_logistic_regression_is_told_by_its_trees_up_to_the_width_of_a_bin() -> None:
    params = logit.first_params(LOGIT)
    exact = logit.fit(LOGIT, params, TRAIN.features, TRAIN.churned, 1)
    weights = {"churn_gbm": 0.0, "churn_logit": 1.0}
    told, expected = odds_of((GBM, LOGIT), weights), log_odds(exact.predict(TEST.features))
    away = np.abs((told - told.mean()) - (expected - expected.mean()))
    assert np.median(away) < 0.01 * expected.std()
    assert np.quantile(away, 0.99) < 0.1 * expected.std()


def test_a_missing_value_that_no_training_customer_lacked_moves_nothing() -> None:
    spec = ChurnBlend(members=(LOGIT, GBM))
    params = with_weights(
        {"churn_logit": logit.first_params(LOGIT), "churn_gbm": gbm.first_params(GBM)},
        {"churn_logit": 1.0, "churn_gbm": 0.0},
    )
    fitted = blend.fit(spec, params, TRAIN.features, TRAIN.churned, seed=1)
    exact = logit.fit(LOGIT, logit.first_params(LOGIT), TRAIN.features, TRAIN.churned, 1)
    lacking = TEST.features.assign(orders_count_182d=np.nan)
    told, expected = (log_odds(each.predict(lacking)) for each in (fitted, exact))
    away = (told - expected) - np.median(told - expected)
    assert np.quantile(np.abs(away), 0.9) < 0.1 * expected.std()


def test_the_mean_probability_is_the_rate_of_the_training_rows() -> None:
    spec = ChurnBlend()
    fitted = blend.fit(spec, blend.first_params(spec), TRAIN.features, TRAIN.churned, seed=1)
    mean = fitted.predict(TRAIN.features).mean()
    assert mean == pytest.approx(TRAIN.churned.mean(), abs=1e-9)


def test_hyperparameters_of_a_member_are_told_apart_by_its_kind() -> None:
    params = with_weights({"a": {"x": 1.0}, "ab": {"x": 2.0}}, {"a": 0.3, "ab": 0.7})
    assert params == {"a.x": 1.0, "a.weight": 0.3, "ab.x": 2.0, "ab.weight": 0.7}
    assert member_params(params, "a") == {"x": 1.0}


def test_the_search_space_holds_every_members_and_the_weights() -> None:
    spec = ChurnBlend(members=(LOGIT, ChurnTree()))
    first = blend.first_params(spec)
    assert first["churn_logit.weight"] == first["churn_tree.weight"] == 0.5
    assert blend.search_space(spec, FixedTrial(dict(first))) == first


def drawn(folds: int, seed: int = 3) -> tuple[list[FloatArray], list[BoolArray]]:
    """Log-odds of three members: a truthful one, a noisy one, one that runs the other way."""
    random = np.random.default_rng(seed)
    odds, left = [], []
    for fold in range(folds):
        truth = random.normal(fold - 1.0, 1.5, 400)
        noise = random.normal(0, 2.0, (400, 2))
        odds.append(np.column_stack([truth, truth + noise[:, 0], -truth + noise[:, 1]]))
        left.append(random.random(400) < 1 / (1 + np.exp(-truth)))
    return odds, left


def test_weights_are_those_of_the_least_loss_by_another_method() -> None:
    odds, left = drawn(folds=2)

    def slow_loss(values: FloatArray) -> float:
        total = 0.0
        for fold, (each, happened) in enumerate(zip(odds, left, strict=True)):
            chance = 1 / (1 + np.exp(-(values[3 + fold] + each @ np.abs(values[:3]))))
            total += log_loss(happened, chance) / 2
        return total

    start = np.array([0.5, 0.3, 0.1, 0.0, 0.0])
    options = {"maxiter": 20_000, "maxfev": 20_000, "xatol": 1e-9, "fatol": 1e-13}
    best = minimize(slow_loss, start, method="Nelder-Mead", options=options)
    assert stacked(odds, left) == pytest.approx(np.abs(best.x[:3]), abs=2e-3)


def test_a_member_that_runs_against_the_outcome_gets_no_weight() -> None:
    odds, left = drawn(folds=3)
    weights = stacked(odds, left)
    assert weights[2] == 0
    assert weights[0] > 0.5


def test_members_that_say_nothing_give_finite_weights() -> None:
    left = [np.arange(20) % 2 == 0]
    assert np.isfinite(stacked([np.zeros((20, 2))], left)).all()


FOLDS = customer_folds([str(row) for row in range(600)], folds=2, seed=1)
SOME = PEOPLE.first(600)
TASK = Task(SOME.features, SOME.churned, FOLDS)
PLAN = Search(trials=2, seed=5)


def test_a_blends_search_takes_the_members_best_and_weighs_them_out_of_fold() -> None:
    spec = ChurnBlend(members=(LOGIT, ChurnTree()))
    storage = InMemoryStorage()
    found = find(spec, PLAN, TASK, storage, "s")
    members = [search(each, PLAN, TASK, InMemoryStorage(), "s") for each in spec.members]
    for member, expected in zip(spec.members, members, strict=True):
        assert member_params(found.params, member.kind) == expected.params
    odds, left = [], []
    for fold in FOLDS:
        rows, judged = SOME.features.iloc[fold.train], SOME.features.iloc[fold.valid]
        said = [
            CHURN_KINDS[member.kind]
            .fit(member, expected.params, rows, SOME.churned[fold.train], 5)
            .predict(judged)
            for member, expected in zip(spec.members, members, strict=True)
        ]
        odds.append(log_odds(np.column_stack(said)))
        left.append(SOME.churned[fold.valid])
    weights = [found.params[f"{member.kind}.weight"] for member in spec.members]
    assert weights == pytest.approx(stacked(odds, left), rel=1e-9)
    assert len(found.trials) == 4
    assert [trial.place for trial in found.trials] == [0, 1, 2, 3]
    again = find(spec, PLAN, TASK, storage, "s")
    assert (again.params, again.value, again.trials) == (found.params, found.value, found.trials)


def test_the_value_of_a_blend_is_its_own_mean_loss_over_the_folds() -> None:
    spec = ChurnBlend(members=(LOGIT, ChurnTree()))
    found = find(spec, PLAN, TASK, InMemoryStorage(), "s")
    losses = []
    for fold in FOLDS:
        rows, judged = SOME.features.iloc[fold.train], SOME.features.iloc[fold.valid]
        fitted = blend.fit(spec, found.params, rows, SOME.churned[fold.train], seed=5)
        losses.append(log_loss(SOME.churned[fold.valid], fitted.predict(judged)))
    assert found.value == pytest.approx(np.mean(losses), rel=1e-12)


def test_other_kinds_are_searched_as_ever() -> None:
    expected = search(LOGIT, PLAN, TASK, InMemoryStorage(), "s")
    found = find(LOGIT, PLAN, TASK, InMemoryStorage(), "s")
    assert (found.params, found.value) == (expected.params, expected.value)
