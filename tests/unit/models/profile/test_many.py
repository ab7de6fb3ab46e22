"""Multivariate analysis of variance: a textbook's figures, iris, permutations, and refusals."""

import numpy as np
import pytest
from sklearn.datasets import load_iris

from models.profile.groups import ColumnsUnfit, Groups
from models.profile.many import PILLAI, WILKS, many, pillai, whitened
from models.spec import FloatArray

ROWS = np.array([[9, 3], [6, 2], [9, 7], [0, 4], [2, 0], [3, 8], [1, 9], [2, 7]], dtype=np.float64)
"""Johnson and Wichern, "Applied multivariate statistical analysis", example 6.9."""
POPULATIONS = Groups("population", ("1", "2", "3"), np.array([0, 0, 0, 1, 1, 2, 2, 2]))


def iris() -> tuple[FloatArray, Groups]:
    found = load_iris()
    return found.data, Groups("species", ("setosa", "versicolor", "virginica"), found.target)


def test_a_textbook_example_gives_its_lambda_and_f() -> None:
    found = many("two columns", ROWS, POPULATIONS, 1)
    assert found.values[WILKS] == pytest.approx(239 / 6215)
    told = {test.name: test for test in found.finding.tests}[WILKS]
    assert told.statistic == pytest.approx(8.1989, abs=5e-4)
    assert told.freedom == (4.0, 8.0)
    assert told.p == pytest.approx(0.0062, abs=5e-5)


def test_iris_gives_the_four_statistics_that_every_package_prints() -> None:
    rows, groups = iris()
    found = many("iris", rows, groups, 1)
    expected = [0.02343863, 1.19189883, 32.47732024, 32.19192920]
    assert list(found.values.values()) == pytest.approx(expected, abs=1e-6)
    told = {test.name: test for test in found.finding.tests}
    assert told[WILKS].statistic == pytest.approx(199.145, abs=5e-4)
    assert told[PILLAI].statistic == pytest.approx(53.466, abs=5e-4)


def test_unequal_covariances_are_borne_by_pillais_trace() -> None:
    rows, groups = iris()
    found = many("iris", rows, groups, 1).finding
    assert not {check.assumption: check.is_met for check in found.checks}["equal covariances"]
    assert found.tests[0].name.startswith(PILLAI)
    assert found.effect.estimate.value == pytest.approx(1.19189883 / 2, abs=1e-6)


def test_normal_columns_of_equal_covariances_are_compared_by_wilks_lambda() -> None:
    random = np.random.default_rng(5)
    groups = Groups("g", ("a", "b", "c"), np.arange(150) % 3)
    told = many("x", random.normal(size=(150, 3)) + groups.code[:, None] * 0.3, groups, 1)
    assert told.finding.method == "multivariate analysis of variance, Wilks' lambda"
    eta = told.finding.effect.estimate
    assert eta.value == pytest.approx(1 - told.values[WILKS] ** (1 / 2))
    assert 0 <= eta.low <= eta.value <= eta.high


def test_the_trace_of_whitened_rows_is_pillais() -> None:
    rows, groups = iris()
    assert pillai(whitened(rows), groups) == pytest.approx(1.19189883, abs=1e-7)


def test_chances_of_columns_that_are_not_normal_are_counted() -> None:
    random = np.random.default_rng(2)
    groups = Groups("g", ("a", "b"), np.arange(200) % 2)
    rows = random.lognormal(size=(200, 3))
    found = many("x", rows, groups, 1).finding
    assert found.tests[0].name == "Pillai's trace by permutations"
    assert found.tests[0].freedom == ()
    other = {test.name: test for test in found.tests}[PILLAI]
    assert found.p == pytest.approx(other.p, abs=0.1)
    assert many("x", rows, groups, 1).finding.p == found.p


def test_columns_made_of_others_are_refused() -> None:
    rows, groups = iris()
    twice = np.column_stack([rows, rows[:, 0] + rows[:, 1]])
    with pytest.raises(ColumnsUnfit, match="columns of which none is made of the others"):
        many("iris", twice, groups, 1)


def test_a_column_that_says_the_group_is_refused() -> None:
    random = np.random.default_rng(0)
    groups = Groups("g", ("a", "b"), np.arange(200) % 2)
    rows = np.column_stack([random.normal(size=(200, 2)), groups.code * 2.0 - 1])
    with pytest.raises(ColumnsUnfit, match="made of the others, or of the groups alone, but found"):
        many("x", rows, groups, 1)
