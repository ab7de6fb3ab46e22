import re
from math import inf

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from models.calibration import log_odds
from models.churn import rules, tree
from models.churn.rulebook import Condition, Rule, Rulebook, rulebook
from models.spec import BoolArray, ChurnRules, ChurnTree, Fitted, FloatArray
from tests.churners import churners

PEOPLE = churners(1500)


def fitted_tree(leaves: int = 8) -> Fitted:
    spec = ChurnTree(leaves=leaves, rows_per_leaf=40)
    return tree.fit(spec, tree.first_params(spec), PEOPLE.features, PEOPLE.churned, seed=1)


def fitted_rules(**settings: float) -> Fitted:
    spec = ChurnRules.model_validate(settings)
    return rules.fit(spec, rules.first_params(spec), PEOPLE.features, PEOPLE.churned, seed=1)


def met(condition: Condition, values: pd.Series) -> BoolArray:
    """Whether each value meets the condition, one after the other."""
    return np.array(
        [
            condition.or_missing if np.isnan(x) else condition.above < x <= condition.at_most
            for x in values
        ]
    )


def added_up(book: Rulebook, features: pd.DataFrame) -> FloatArray:
    odds = np.full(len(features), book.intercept)
    for rule in book.rules:
        holds = [met(condition, features[condition.column]) for condition in rule.conditions]
        odds += rule.weight * np.all(holds, axis=0)
    return odds


@pytest.mark.parametrize("fitted", [fitted_tree(), fitted_rules(), fitted_rules(leaves=2)])
def test_the_rules_that_are_met_add_up_to_the_log_odds(fitted: Fitted) -> None:
    for each in (fitted, fitted.calibrated(0.8, -0.4)):
        book = rulebook(each.library_object, each.columns)
        people = churners(400, seed=9).features
        expected = log_odds(each.predict(people))
        assert added_up(book, people) == pytest.approx(expected, abs=1e-9)


def test_boosted_trees_of_any_settings_add_up_too() -> None:
    holes = PEOPLE.features.mask(np.random.default_rng(2).random(PEOPLE.features.shape) < 0.1)
    for use_missing in (True, False):
        settings = {"objective": "binary", "num_leaves": 6, "verbosity": -1, "num_threads": 1}
        grown = lgb.train(
            {**settings, "use_missing": use_missing}, lgb.Dataset(holes, PEOPLE.churned), 20
        )
        book = rulebook(grown, list(holes.columns))
        expected = grown.predict(holes, raw_score=True)
        assert added_up(book, holes) == pytest.approx(expected, abs=1e-9)


def test_coverage_is_the_share_of_the_training_rows_that_meet_a_rule() -> None:
    fitted = fitted_rules()
    book = rulebook(fitted.library_object, fitted.columns)
    assert len(book.rules) > 5
    for rule in book.rules:
        holds = [met(each, PEOPLE.features[each.column]) for each in rule.conditions]
        everywhere = np.all(holds, axis=0)
        assert rule.coverage == pytest.approx(everywhere.mean(), abs=1e-12)
        assert rule.importance == pytest.approx(np.std(rule.weight * everywhere), abs=1e-12)


def test_the_most_important_rule_comes_first() -> None:
    fitted = fitted_rules()
    importances = [r.importance for r in rulebook(fitted.library_object, fitted.columns).rules]
    assert importances == sorted(importances, reverse=True)


def test_no_two_rules_ask_the_same() -> None:
    fitted = fitted_rules(trees=100, inverse_penalty=0.3)
    book = rulebook(fitted.library_object, fitted.columns)
    assert len({rule.conditions for rule in book.rules}) == len(book.rules)


def test_a_stronger_penalty_keeps_fewer_rules() -> None:
    kept = [
        len(rulebook(fitted.library_object, fitted.columns).rules)
        for fitted in (fitted_rules(inverse_penalty=c) for c in (0.01, 0.05, 0.3))
    ]
    assert kept == sorted(kept)
    assert 0 < kept[0] < kept[2]


def test_a_tree_has_a_rule_for_every_group_held_against_the_mean() -> None:
    fitted = fitted_tree(leaves=5)
    book = rulebook(fitted.library_object, fitted.columns)
    assert len(book.rules) == 5
    assert sum(rule.coverage for rule in book.rules) == pytest.approx(1)
    assert book.intercept == pytest.approx(fitted.base)


def test_conditions_with_an_or_are_in_brackets_among_others() -> None:
    either, plain = (
        Condition("x", -inf, 2.0, or_missing=True),
        Condition("y", 1.0, inf, or_missing=False),
    )
    assert Rule((either, plain), 1.0, 0.5).words == "(x <= 2 or missing) and y > 1"
    assert Rule((either,), 1.0, 0.5).words == "x <= 2 or missing"


def test_a_model_without_a_split_is_its_intercept() -> None:
    nothing = PEOPLE.features * 0
    spec = ChurnRules()
    flat = rules.fit(spec, rules.first_params(spec), nothing, PEOPLE.churned, seed=1)
    rate = float(PEOPLE.churned.mean())
    book = rulebook(flat.library_object, flat.columns)
    assert book.rules == ()
    assert book.intercept == pytest.approx(np.log(rate / (1 - rate)), abs=1e-9)


@pytest.mark.parametrize(
    ("bounds", "words"),
    [
        ((-inf, 12.5, False), "x <= 12.5"),
        ((12.5, inf, True), "x > 12.5 or missing"),
        ((-3.0, 1234567.0, False), "-3 < x <= 1.23457e+06"),
        ((0.1, 0.2, True), "0.1 < x <= 0.2 or missing"),
        ((1e-35, inf, False), "x > 0"),
        ((inf, inf, True), "x is missing"),
        ((-inf, inf, False), "x is known"),
    ],
)
def test_conditions_in_words(bounds: tuple[float, float, bool], words: str) -> None:
    assert Condition("x", *bounds).words == words


def test_missing_alone_is_a_rule_in_words() -> None:
    noise = np.random.default_rng(5).normal(size=400)
    features = pd.DataFrame({"gap": np.where(np.arange(400) < 100, np.nan, noise)})
    left = np.arange(400) < 90
    spec = ChurnTree(leaves=2, rows_per_leaf=20)
    fitted = tree.fit(spec, tree.first_params(spec), features, left, seed=1)
    rules_by_words = {r.words: r.coverage for r in rulebook(fitted.library_object, ["gap"]).rules}
    assert rules_by_words == {"gap is missing": 0.25, "gap is known": 0.75}


def test_categories_are_refused() -> None:
    codes = np.random.default_rng(1).integers(0, 4, (300, 1)).astype(float)
    data = lgb.Dataset(codes, codes[:, 0] == 2, categorical_feature=[0])
    settings = {"objective": "binary", "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 5}
    grown = lgb.train(settings, data, 2)
    text = "rules are about numbers, but a decision is about categories of column 0"
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        rulebook(grown, ["code"])
