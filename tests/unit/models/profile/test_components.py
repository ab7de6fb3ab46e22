"""Components and factors: known eigenvalues, the library's loadings, made-up factors, fit."""

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA, FactorAnalysis
from statsmodels.multivariate.factor import Factor

from models.profile.components import components, eigenvalues_by_chance
from models.profile.factors import factors, most_factors
from models.profile.groups import ColumnsUnfit
from models.profile.prepared import Prepared
from models.spec import FloatArray


def table(rows: FloatArray) -> Prepared:
    whole = (rows - rows.mean(axis=0)) / rows.std(axis=0)
    return Prepared(tuple(f"x{place}" for place in range(rows.shape[1])), whole, {}, {})


def two_factors(n: int = 800, seed: int = 1) -> FloatArray:
    """Six columns, of which the first three share a factor, and the last three another."""
    random = np.random.default_rng(seed)
    hidden = random.normal(size=(n, 2))
    loadings = np.array([[0.9, 0.8, 0.7, 0, 0, 0], [0, 0, 0, 0.85, 0.75, 0.65]])
    unique = np.sqrt(1 - (loadings**2).sum(axis=0))
    found: FloatArray = hidden @ loadings + random.normal(size=(n, 6)) * unique
    return found


def test_iris_gives_the_eigenvalues_that_every_package_prints() -> None:
    found = components(table(load_iris().data), 1)
    known = [2.91849782, 0.91403047, 0.14675688, 0.02071484]
    np.testing.assert_allclose(found.eigenvalues, known, atol=5e-8)
    np.testing.assert_allclose(found.shares, [0.72962, 0.22851, 0.03669, 0.00518], atol=5e-6)
    assert found.kept == 1
    bartlett = found.finding.tests[0]
    assert bartlett.statistic == pytest.approx(706.9592, abs=5e-5)
    assert bartlett.freedom == (6.0,)
    assert found.finding.checks[1].value == pytest.approx(0.5401, abs=5e-5)  # KMO
    share = found.finding.effect.estimate
    assert share.low < share.value < share.high


def test_loadings_are_the_correlations_with_the_librarys_scores() -> None:
    rows = table(two_factors())
    found = components(rows, 1)
    assert found.kept == 2
    scores = PCA(2).fit_transform(rows.rows)
    for place in range(2):
        told = [np.corrcoef(each, scores[:, place])[0, 1] for each in rows.rows.T]
        np.testing.assert_allclose(np.abs(found.loadings.iloc[:, place]), np.abs(told), atol=1e-10)
        assert np.corrcoef(found.scores[:, place], scores[:, place])[0, 1] ** 2 == pytest.approx(1)
    np.testing.assert_allclose(found.scores.std(axis=0), 1)


def test_unrelated_columns_have_no_component_above_chance() -> None:
    rows = table(np.random.default_rng(8).normal(size=(300, 6)))
    found = components(rows, 1)
    assert found.kept == 1
    assert found.eigenvalues[0] < 1.4
    assert not found.finding.checks[0].is_met
    chance = eigenvalues_by_chance(300, 6, 1)
    assert (np.diff(chance) < 0).all()
    assert chance[0] == pytest.approx(1.29, abs=0.05)


def test_made_up_factors_are_found_with_their_loadings() -> None:
    found = factors(table(two_factors(4000)), 1)
    first, second = (found.loadings[name].to_numpy() for name in ("factor 1", "factor 2"))
    np.testing.assert_allclose(first, [0.9, 0.8, 0.7, 0, 0, 0], atol=0.05)
    np.testing.assert_allclose(second, [0, 0, 0, 0.85, 0.75, 0.65], atol=0.05)
    assert found.finding.p > 0.01
    assert found.finding.effects[1].estimate.value < 0.03
    assert not found.finding.is_bent
    np.testing.assert_allclose(found.communalities, (found.loadings**2).sum(axis=1))
    np.testing.assert_allclose(found.shares.sum(), found.finding.effect.estimate.value)


def test_factors_are_those_of_both_libraries_but_for_their_rotation() -> None:
    rows = table(two_factors(500, seed=4))
    found = factors(rows, 1, count=2)
    ours = found.loadings.to_numpy()
    theirs = Factor(corr=rows.correlations, n_factor=2, method="ml", nobs=500).fit()
    np.testing.assert_allclose(ours @ ours.T, theirs.loadings @ theirs.loadings.T, atol=2e-4)
    other = FactorAnalysis(2, rotation="varimax", tol=1e-10, max_iter=5000).fit(rows.rows)
    np.testing.assert_allclose(
        np.sort(np.abs(ours), axis=1), np.sort(np.abs(other.components_.T), axis=1), atol=2e-3
    )


def test_a_factor_too_few_is_said_not_to_fit() -> None:
    found = factors(table(two_factors()), 1, count=1).finding
    assert found.p < 1e-6
    fit = {check.assumption: check for check in found.checks}["factors fit"]
    assert (fit.is_met, fit.instead) == (False, "factors leave some correlations unexplained")
    misfit = found.effects[1].estimate
    assert misfit.low < misfit.value < misfit.high


def test_scores_tell_the_hidden_factors() -> None:
    random = np.random.default_rng(1)
    hidden = random.normal(size=(800, 2))
    found = factors(table(two_factors()), 1)
    for place in range(2):
        assert np.corrcoef(found.scores[:, place], hidden[:, place])[0, 1] > 0.9


def test_columns_that_cannot_tell_factors_are_refused() -> None:
    assert [most_factors(k) for k in (2, 3, 4, 5, 6)] == [0, 0, 1, 2, 2]
    with pytest.raises(ColumnsUnfit, match="1 factors need more columns than 3, which can tell 0"):
        factors(table(np.random.default_rng(1).normal(size=(50, 3))), 1)
    twice = pd.DataFrame(two_factors(50))
    twice["again"] = twice[0] + twice[1]
    with pytest.raises(ColumnsUnfit, match="but found 50 customers and 6 independent columns"):
        components(table(twice.to_numpy()), 1)
