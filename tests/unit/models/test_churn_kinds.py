"""What every kind of churn model promises, one battery for all of them."""

import re

import numpy as np
import optuna
import pandas as pd
import pytest
from pydantic import TypeAdapter

from models.baselines import fit_baselines
from models.calibration import log_odds
from models.catalogue import CHURN_KINDS, ChurnSpec
from models.metrics import log_loss
from models.spec import (
    BoolArray,
    ColumnsMissing,
    ColumnsNotNumbers,
    Fitted,
    OneClassOnly,
)
from tests.churners import churners

KINDS = sorted(CHURN_KINDS)
PEOPLE = churners(1500)
TRAIN, TEST = PEOPLE.first(1000), PEOPLE.last(500)


def settings(kind: str) -> ChurnSpec:
    spec: ChurnSpec = TypeAdapter(ChurnSpec).validate_python({"kind": kind})
    return spec


def fit(kind: str, features: pd.DataFrame, churned: BoolArray, seed: int = 1) -> Fitted:
    spec = settings(kind)
    return CHURN_KINDS[kind].fit(
        spec, CHURN_KINDS[kind].first_params(spec), features, churned, seed
    )


@pytest.fixture(scope="module", params=KINDS)
def fitted(request: pytest.FixtureRequest) -> Fitted:
    return fit(request.param, TRAIN.features, TRAIN.churned)


def test_every_kind_of_the_catalogue_has_settings_of_its_name() -> None:
    assert [settings(kind).kind for kind in KINDS] == KINDS
    assert {"churn_gbm", "churn_logit", "churn_rules", "churn_tree"} <= set(KINDS)


def test_a_model_beats_recency_and_frequency(fitted: Fitted) -> None:
    loss = log_loss(TEST.churned, fitted.predict(TEST.features))
    for baseline in fit_baselines(TRAIN.features, TRAIN.churned):
        assert loss < log_loss(TEST.churned, baseline.predict(TEST.features)), baseline.name


@pytest.mark.parametrize("kind", KINDS)
def test_equal_seeds_give_equal_scores(kind: str) -> None:
    once, again = (fit(kind, TRAIN.features, TRAIN.churned, seed=4) for _ in range(2))
    assert np.array_equal(once.predict(TEST.features), again.predict(TEST.features))


@pytest.mark.parametrize("kind", KINDS)
def test_a_fitter_used_before_fits_like_a_fresh_one(kind: str) -> None:
    chosen, spec = CHURN_KINDS[kind], settings(kind)
    fitter = chosen.fitter(spec, TRAIN.features, TRAIN.churned, 1)
    fitter(chosen.search_space(spec, a_random_trial(9)))
    expected = fit(kind, TRAIN.features, TRAIN.churned).predict(TEST.features)
    assert np.array_equal(fitter(chosen.first_params(spec)).predict(TEST.features), expected)


@pytest.mark.parametrize("kind", KINDS)
def test_the_hand_set_values_are_a_point_of_the_search_space(kind: str) -> None:
    first = CHURN_KINDS[kind].first_params(settings(kind))
    trial = optuna.trial.FixedTrial(dict(first))
    assert CHURN_KINDS[kind].search_space(settings(kind), trial) == first


@pytest.mark.parametrize("kind", KINDS)
def test_the_bounds_of_the_settings_are_those_of_the_search(kind: str) -> None:
    trial = a_random_trial(1)
    CHURN_KINDS[kind].search_space(settings(kind), trial)
    asked = {
        name.rpartition("."): distribution
        for name, distribution in trial.distributions.items()
        if not name.endswith(".weight")  # of a member of a blend, which is found and not set
    }
    assert asked
    for (member, _, name), distribution in asked.items():
        fields = type(settings(member or kind)).model_json_schema()["properties"]
        assert isinstance(
            distribution,
            optuna.distributions.FloatDistribution | optuna.distributions.IntDistribution,
        )
        bounds = (fields[name]["minimum"], fields[name]["maximum"])
        assert (distribution.low, distribution.high) == bounds, name


def test_columns_are_taken_by_name(fitted: Fitted) -> None:
    shuffled = TEST.features[TEST.features.columns[::-1]].assign(another=1.0)
    assert np.array_equal(fitted.predict(shuffled), fitted.predict(TEST.features))
    assert np.array_equal(fitted.contributions(shuffled), fitted.contributions(TEST.features))


def test_whole_numbers_and_flags_score_like_floats(fitted: Fitted) -> None:
    whole = TEST.features.astype({"orders_count_28d": "int32", "orders_count_182d": "Int64"})
    assert np.array_equal(fitted.predict(whole), fitted.predict(TEST.features))


def test_a_missing_column_is_named(fitted: Fitted) -> None:
    text = (
        "the model needs 6 columns, but the table lacks ['spend_28d', 'color']; "
        "build the behaviour table with the config that the model was trained with"
    )
    with pytest.raises(ColumnsMissing, match=f"^{re.escape(text)}$"):
        fitted.predict(TEST.features.drop(columns=["spend_28d", "color"]))


def test_text_is_refused_without_telling_it(fitted: Fitted) -> None:
    text = (
        "the model needs numbers, but not numeric are ['color']; cast or mend them before this step"
    )
    with pytest.raises(ColumnsNotNumbers, match=f"^{re.escape(text)}$"):
        fitted.predict(TEST.features.assign(color="3.5"))


def test_infinite_values_are_refused(fitted: Fitted) -> None:
    text = "the model needs finite numbers or nulls, but infinite values are in ['color']"
    with pytest.raises(ColumnsNotNumbers, match=re.escape(text)):
        fitted.predict(TEST.features.assign(color=-np.inf))


def test_huge_and_missing_values_still_give_a_probability(fitted: Fitted) -> None:
    for value in (1e308, -1e308, -0.0, np.nan):
        odd = pd.DataFrame([dict.fromkeys(fitted.columns, value)])
        assert 0 <= fitted.predict(odd)[0] <= 1


def test_nobody_gets_no_score(fitted: Fitted) -> None:
    assert fitted.predict(TEST.features.iloc[:0]).shape == (0,)
    assert fitted.contributions(TEST.features.iloc[:0]).shape == (0, 6)


def test_contributions_and_the_base_sum_to_the_log_odds(fitted: Fitted) -> None:
    summed = fitted.contributions(TEST.features).sum(axis=1) + fitted.base
    assert summed == pytest.approx(log_odds(fitted.predict(TEST.features)), abs=1e-9)


def test_a_column_that_says_nothing_contributes_little(fitted: Fitted) -> None:
    weight = np.abs(fitted.contributions(TEST.features)).mean(axis=0)
    weight_of = dict(zip(fitted.columns, weight, strict=True))
    assert weight_of["color"] < weight_of["orders_count_182d"] / 3


def test_calibration_moves_log_odds_along_the_line(fitted: Fitted) -> None:
    before = log_odds(fitted.predict(TEST.features))
    moved = fitted.calibrated(0.7, -0.3)
    assert log_odds(moved.predict(TEST.features)) == pytest.approx(0.7 * before - 0.3, abs=1e-9)
    summed = moved.contributions(TEST.features).sum(axis=1) + moved.base
    assert summed == pytest.approx(0.7 * before - 0.3, abs=1e-9)


def test_calibration_leaves_the_model_it_starts_from_as_it_was(fitted: Fitted) -> None:
    before = fitted.predict(TEST.features)
    fitted.calibrated(0.7, -0.3)
    assert np.array_equal(fitted.predict(TEST.features), before)


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_leaving_is_refused_before_fitting(kind: str) -> None:
    text = "training needs customers who left and customers who stayed, but of 1000 rows 0 left"
    with pytest.raises(OneClassOnly, match=re.escape(text)):
        fit(kind, TRAIN.features, np.zeros(1000, dtype=np.bool_))


@pytest.mark.parametrize("kind", KINDS)
def test_a_dozen_customers_with_constant_and_empty_columns_can_be_fitted(kind: str) -> None:
    odd = pd.DataFrame({"constant": np.ones(12), "empty": np.full(12, np.nan)})
    churned = np.arange(12) < 3
    probability = fit(kind, odd, churned).predict(odd)
    assert probability == pytest.approx(np.full(12, 0.25), abs=1e-6)


@pytest.mark.parametrize("kind", KINDS)
def test_constant_and_empty_columns_beside_others_say_nothing(kind: str) -> None:
    odd = TRAIN.features.assign(constant=7.0, empty=np.nan)
    moved = fit(kind, odd, TRAIN.churned).contributions(odd)
    assert np.abs(moved[:, -2:]).max() < 1e-12
    assert np.abs(moved[:, :-2]).max() > 0


@pytest.mark.parametrize("kind", KINDS)
def test_names_of_any_script_and_with_any_sign_are_kept(kind: str) -> None:
    names = ['a"; drop table x; --', "b,c:[d]{e}", "最後訂單天數", "x y", "x_y", "😀" * 20]
    odd = TRAIN.features.set_axis(names, axis=1)
    fitted = fit(kind, odd, TRAIN.churned)
    assert fitted.columns == tuple(names)
    expected = fit(kind, TRAIN.features, TRAIN.churned).predict(TEST.features)
    assert np.array_equal(fitted.predict(TEST.features.set_axis(names, axis=1)), expected)
    assert CHURN_KINDS[kind].restore(fitted.library_object, names).columns == tuple(names)


@pytest.mark.parametrize("kind", KINDS)
def test_an_object_of_other_columns_is_not_restored(kind: str) -> None:
    fitted = fit(kind, TRAIN.features, TRAIN.churned)
    with pytest.raises(ColumnsMissing, match=r"register the model and its columns together$"):
        CHURN_KINDS[kind].restore(fitted.library_object, fitted.columns[::-1])
    with pytest.raises(ColumnsMissing, match=r"but found a (dict|dict over other columns)"):
        CHURN_KINDS[kind].restore({}, fitted.columns)


def a_random_trial(seed: int) -> optuna.Trial:
    return optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=seed)).ask()
