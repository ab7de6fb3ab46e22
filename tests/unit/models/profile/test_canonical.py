"""Canonical correlations: the fitness club as every package prints it, and honest ones."""

import numpy as np
import pytest
from sklearn.cross_decomposition import CCA
from sklearn.datasets import load_linnerud

from models.profile.canonical import canonical, wilks_of
from models.profile.groups import ColumnsUnfit
from models.profile.prepared import Prepared, standardised
from models.spec import FloatArray


def table(rows: FloatArray, name: str) -> Prepared:
    whole = np.column_stack([standardised(each) for each in rows.T])
    return Prepared(tuple(f"{name}{place}" for place in range(rows.shape[1])), whole, {}, {})


def fitness() -> tuple[Prepared, Prepared]:
    found = load_linnerud()
    return table(found.target, "body "), table(found.data, "exercise ")


def test_the_fitness_club_gives_the_figures_that_every_package_prints() -> None:
    body, exercise = fitness()
    with pytest.raises(ColumnsUnfit, match="needs at least 35 customers"):
        canonical("fitness", body, exercise, 1)
    twice = [table(np.tile(each.rows, (2, 1)), "x") for each in (body, exercise)]
    found = canonical("fitness", twice[0], twice[1], 1)
    told = found.pairs
    assert told["correlation"].tolist() == pytest.approx([0.795608, 0.200556, 0.072570], abs=1e-6)
    assert told["wilks"].tolist() == pytest.approx([0.35039053, 0.95472266, 0.99473355], abs=1e-7)
    first = np.abs(found.first["pair 1"].to_numpy())
    np.testing.assert_allclose(first, [0.6206, 0.9254, 0.3328], atol=5e-5)
    second = np.abs(found.second["pair 1"].to_numpy())
    np.testing.assert_allclose(second, [0.7276, 0.8177, 0.1622], atol=5e-5)
    assert found.redundancy[0] == pytest.approx(0.2854 + 0.0099 + 0.0010, abs=2e-3)


def made_up(n: int = 400, shared: float = 0.8, seed: int = 1) -> tuple[Prepared, Prepared]:
    random = np.random.default_rng(seed)
    hidden = random.normal(size=n)
    one, other = random.normal(size=(n, 3)), random.normal(size=(n, 4))
    own = np.sqrt(1 - shared)
    one[:, 0] = np.sqrt(shared) * hidden + own * one[:, 0]
    other[:, 0] = np.sqrt(shared) * hidden + own * other[:, 0]
    return table(one, "a"), table(other, "b")


def test_correlations_are_the_librarys() -> None:
    one, other = made_up()
    found = canonical("x", one, other, 1)
    library = CCA(2, scale=False, max_iter=5000, tol=1e-12).fit(one.rows, other.rows)
    left, right = library.transform(one.rows, other.rows)
    theirs = [np.corrcoef(left[:, place], right[:, place])[0, 1] for place in range(2)]
    assert found.pairs["correlation"].iloc[:2].tolist() == pytest.approx(theirs, abs=1e-4)


def test_the_known_correlation_lies_within_the_interval_held_out() -> None:
    held, fitted = canonical("x", *made_up(), 1).finding.effects
    assert held.estimate.low < 0.8 < held.estimate.high
    assert fitted.estimate.value >= held.estimate.value


def test_unrelated_sets_correlate_as_fitted_but_not_held_out() -> None:
    found = canonical("x", *made_up(120, 0.0), 1).finding
    held, fitted = found.effects
    assert fitted.estimate.value > 0.2
    assert held.estimate.low < 0 < held.estimate.high or abs(held.estimate.value) < 0.25
    assert found.p > 0.01


def test_chances_of_skewed_columns_are_counted() -> None:
    one, other = made_up()
    found = canonical("x", table(np.exp(one.rows), "a"), table(np.exp(other.rows), "b"), 1).finding
    assert found.tests[0].name == "Wilks' lambda by permutations"
    assert found.p == 0.001
    assert found.tests[1].name == "Wilks' lambda of pairs 1 and on"


def test_wilks_of_equal_sets_is_0() -> None:
    basis = np.linalg.qr(np.random.default_rng(1).normal(size=(20, 3)))[0]
    assert wilks_of(basis, basis) == pytest.approx(0)
