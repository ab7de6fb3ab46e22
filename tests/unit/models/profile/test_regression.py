"""Regressions: certified and textbook figures, and what failed checks change."""

import numpy as np
import pytest
import statsmodels.api as sm
from statsmodels.datasets import longley, spector
from statsmodels.regression.linear_model import OLS

from models.profile.groups import ColumnsUnfit
from models.profile.logistic import firth, logistic
from models.profile.prepared import standardised
from models.profile.regression import linear
from models.spec import FloatArray


def test_longley_gives_the_certified_figures() -> None:
    data = longley.load_pandas()
    names = tuple(map(str, data.exog.columns))
    values, rows = data.endog.to_numpy(dtype=float), data.exog.to_numpy(dtype=float)
    found = linear("employed", values, names, rows)
    r_squared, adjusted = found.finding.effects
    assert r_squared.estimate.value == pytest.approx(0.995479004577296)
    assert adjusted.estimate.value == pytest.approx(0.99247, abs=5e-6)
    assert found.finding.tests[0].freedom == (6.0, 9.0)
    assert found.finding.tests[0].statistic == pytest.approx(330.285339234588)
    certified = [15.0618722713733, -0.358191792925910e-01, -2.02022980381683, -1.03322686717359]
    scaled = found.slopes["value"].to_numpy() * values.std() / rows.std(axis=0)
    np.testing.assert_allclose(scaled[:4], certified, rtol=1e-6)
    inflated = {check.assumption: check for check in found.finding.checks}["columns told apart"]
    assert not inflated.is_met
    assert inflated.value == pytest.approx(1788.51, abs=0.01)


def rows_of(n: int = 500, seed: int = 1) -> FloatArray:
    return np.random.default_rng(seed).normal(size=(n, 2))


def test_unequal_spread_has_robust_errors() -> None:
    rows = rows_of()
    noise = np.random.default_rng(2).normal(size=500) * np.exp(rows[:, 0])
    found = linear("x", rows @ [1.0, 0.0] + np.clip(noise, -4, 4), ("a", "b"), rows)
    assert found.finding.method == "linear regression with HC3 errors"
    values = standardised(rows @ [1.0, 0.0] + np.clip(noise, -4, 4))
    design = sm.add_constant(np.column_stack([standardised(each) for each in rows.T]))
    theirs = OLS(values, design).fit(cov_type="HC3", use_t=True)
    np.testing.assert_allclose(found.slopes["p"], theirs.pvalues[1:])
    np.testing.assert_allclose(found.slopes["low"], theirs.conf_int()[1:, 0])


def test_a_curve_is_said_to_be_one() -> None:
    rows = rows_of()
    values = rows[:, 0] ** 2 + rows[:, 0] + np.random.default_rng(2).normal(size=500) * 0.2
    found = linear("x", values, ("a", "b"), rows).finding
    straight = found.checks[0]
    assert (straight.assumption, straight.is_met) == ("straight lines", False)


def test_skewed_values_become_normal_scores() -> None:
    rows = rows_of()
    found = linear("x", np.exp(3 * rows[:, 0] + rows[:, 1]), ("a", "b"), rows)
    assert found.finding.method.startswith("linear regression of normal scores")
    assert found.finding.effect.estimate.value > 0.95
    assert found.slopes["value"].iloc[0] > found.slopes["value"].iloc[1] > 0


def test_the_spector_study_gives_the_textbooks_coefficients() -> None:
    data = spector.load_pandas()
    rows = data.exog.to_numpy(dtype=float)
    passed = data.endog.to_numpy() == 1
    found = logistic("grade", np.tile(passed, 3), ("gpa", "tuce", "psi"), np.tile(rows, (3, 1)), 1)
    assert found.finding.method == "logistic regression"
    plain = found.slopes["value"].to_numpy() / rows.std(axis=0)
    np.testing.assert_allclose(plain, [2.826, 0.0952, 2.379], atol=5e-4)  # Greene, table 21.1
    assert found.finding.tests[0].statistic == pytest.approx(3 * 15.404, abs=0.002)
    assert found.finding.effects[1].estimate.value == pytest.approx(0.3740, abs=5e-5)


def test_few_customers_per_column_are_fitted_by_firths_likelihood() -> None:
    data = spector.load_pandas()
    rows = data.exog.to_numpy(dtype=float)
    found = logistic("grade", data.endog.to_numpy() == 1, ("gpa", "tuce", "psi"), rows, 1)
    assert found.finding.method == "logistic regression by Firth's likelihood"
    assert 0 < found.finding.tests[0].statistic < 15.404
    assert found.finding.p < 0.02


def test_firths_odds_of_a_fourfold_table_are_those_with_half_a_customer_added() -> None:
    y = np.repeat([1.0, 0, 1, 0], [6, 4, 0, 9])
    x = np.repeat([1.0, 1, 0, 0], [6, 4, 0, 9])
    fit = firth(np.column_stack([np.ones(19), x]), y)
    assert fit.params[1] == pytest.approx(np.log(6.5 / 4.5) - np.log(0.5 / 9.5), abs=1e-6)


def test_groups_that_a_column_separates_are_no_trouble() -> None:
    rows = rows_of(200)
    found = logistic("left", rows[:, 0] > 0, ("a", "b"), rows, 1)
    assert found.finding.method == "logistic regression by Firth's likelihood"
    assert np.isfinite(found.slopes[["value", "low", "high"]].to_numpy()).all()
    assert found.finding.effect.estimate.value > 0.99
    assert found.finding.p < 1e-6


def test_columns_that_say_nothing_order_no_pairs() -> None:
    rows = rows_of(400)
    is_in = np.random.default_rng(9).random(400) < 0.4
    found = logistic("left", is_in, ("a", "b"), rows, 1)
    auc = found.finding.effect.estimate
    assert auc.low < 0.5 < auc.high
    assert (found.slopes["adjusted"] >= found.slopes["p"]).all()


def test_what_cannot_be_fitted_is_refused() -> None:
    rows = rows_of(30)
    with pytest.raises(ColumnsUnfit, match="found 30 customers and 2 of 3 independent columns"):
        linear("x", rows[:, 0], ("a", "b", "c"), np.column_stack([rows, rows.sum(axis=1)]))
    with pytest.raises(ColumnsUnfit, match="but the smaller group has 3; choose other groups"):
        logistic("left", np.arange(30) < 3, ("a", "b"), rows, 1)


def test_a_number_that_never_differs_is_refused() -> None:
    rows = np.random.default_rng(0).normal(size=(50, 2))
    message = "a regression of x needs values that differ, but those of 50 customers are alike"
    with pytest.raises(ColumnsUnfit, match=message):
        linear("x", np.full(50, 3.3), ("a", "b"), rows)
    with pytest.raises(ColumnsUnfit, match="but those of 0 customers are alike"):
        linear("x", np.empty(0), ("a", "b"), rows[:0])
