"""Chi-squared: a textbook table, the exact test, permutations, residuals, and what is refused."""

import re

import numpy as np
import pytest
from scipy.stats import chi2_contingency
from scipy.stats.contingency import association

from models.profile.categories import categories, of_counts
from models.profile.groups import ColumnsUnfit, Groups, groups_of

PARTY = np.array([[762, 327, 468], [484, 239, 477]])
"""Agresti 2007, "An introduction to categorical data analysis", table 2.5."""
NAMES = (("women", "men"), ("democrat", "independent", "republican"))
TEA = np.array([[3, 1], [1, 3]])
"""Fisher 1935, "The design of experiments": milk or tea poured first, and what she said."""


def test_a_textbook_table_gives_its_statistic_and_residuals() -> None:
    found = of_counts("party", PARTY, NAMES, 1)
    test = found.finding.tests[0]
    assert test.name == "Pearson's chi-squared"
    assert test.statistic == pytest.approx(30.07, abs=0.005)
    assert test.freedom == (2.0,)
    assert found.expected[0, 0] == pytest.approx(703.7, abs=0.05)
    np.testing.assert_allclose(found.residuals[0], [4.50, 0.70, -5.32], atol=0.005)
    assert found.strongest == (1, 2)
    assert not found.finding.is_bent


def test_v_is_that_of_the_library_and_its_corrected_form_lies_within_its_interval() -> None:
    corrected, plain = of_counts("party", PARTY, NAMES, 1).finding.effects
    assert plain.estimate.value == pytest.approx(association(PARTY, method="cramer"))
    told = corrected.estimate
    assert told.value == pytest.approx(0.1009, abs=5e-5)
    assert 0 < told.low < told.value < told.high < 1
    assert (corrected.size, plain.size) == ("small", "small")


def test_few_in_a_fourfold_table_are_tested_exactly() -> None:
    found = of_counts("tea", TEA, (("milk", "tea"), ("milk", "tea")), 1)
    exact, asked = found.finding.tests
    assert exact.name == found.finding.method == "Fisher's exact test"
    assert exact.p == pytest.approx(34 / 70)
    assert asked.p == pytest.approx(chi2_contingency(TEA, correction=False).pvalue)
    assert found.finding.checks[0].instead == "Fisher's exact test"
    assert found.finding.checks[0].value == 2.0


def test_few_in_a_larger_table_are_tested_in_permutations_of_equal_margins() -> None:
    counts = np.array([[5, 0, 0], [0, 4, 1], [1, 1, 3]])
    names = (("a", "b", "c"), ("x", "y", "z"))
    found = of_counts("small", counts, names, 7).finding
    assert found.tests[0].name == "chi-squared by permutations"
    rows, columns = np.repeat([0, 1, 2], 5), np.repeat([0, 1, 2], [6, 5, 4])
    random, reached = np.random.default_rng(0), 0
    for _ in range(2000):
        table = np.zeros((3, 3))
        np.add.at(table, (rows, random.permutation(columns)), 1)
        statistic = chi2_contingency(table, correction=False).statistic
        reached += statistic >= found.tests[0].statistic - 1e-9
    assert found.p == pytest.approx(reached / 2000, abs=0.01)
    assert of_counts("small", counts, names, 7).finding.p == found.p


def test_levels_come_in_their_order_and_unknown_ones_are_not_looked_at() -> None:
    groups = Groups("churn", ("left", "stayed"), np.array([0, 0, 0, 1, 1, 1, 1]))
    values = np.array(["b", "b", None, "a", "a", "b", None], dtype=object)
    found = categories("home", values, groups, 1, order=("b", "c"))
    assert found.levels == ("b", "a")
    assert found.counts.tolist() == [[2, 0], [1, 2]]
    assert found.finding.customers == 5
    own, rest, gap = found.compared((0, 0))
    assert (own.value, rest.value) == (1.0, 1 / 3)
    assert gap.low < gap.value == pytest.approx(2 / 3)


def test_the_share_of_a_group_is_that_of_its_row() -> None:
    shares = of_counts("party", PARTY, NAMES, 1).shares
    np.testing.assert_allclose(shares[0], PARTY[0] / 1557)


def test_a_column_of_one_value_is_refused() -> None:
    groups, _ = groups_of("churn", ["left", "stayed"] * 3)
    message = (
        "home needs two groups and two different values, but of 6 known values found 2 and 1; "
        "leave the column out"
    )
    with pytest.raises(ColumnsUnfit, match=re.escape(message)):
        categories("home", np.array(["x"] * 6, dtype=object), groups, 1)
