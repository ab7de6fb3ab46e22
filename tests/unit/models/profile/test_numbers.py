"""One-way comparisons: textbook figures, which test decides and why, effects, pairs."""

import re

import numpy as np
import pytest
from scipy.stats import f_oneway, kruskal, mannwhitneyu, permutation_test, rankdata, tukey_hsd
from statsmodels.stats.oneway import anova_oneway

from models.profile.groups import ColumnsUnfit, Groups
from models.profile.numbers import ANOVA, KRUSKAL, PERMUTED, WELCH, WELCH_OF_RANKS, numbers, pairs
from models.spec import FloatArray

MUSSELS = (
    [0.0571, 0.0813, 0.0831, 0.0976, 0.0817, 0.0859, 0.0735, 0.0659, 0.0923, 0.0836],
    [0.0873, 0.0662, 0.0672, 0.0819, 0.0749, 0.0649, 0.0835, 0.0725],
    [0.0974, 0.1352, 0.0817, 0.1016, 0.0968, 0.1064, 0.105],
    [0.1033, 0.0915, 0.0781, 0.0685, 0.0677, 0.0697, 0.0764, 0.0689],
    [0.0703, 0.1026, 0.0956, 0.0973, 0.1039, 0.1045],
)
"""Shells of mussels at five places (McDonald 2014, "Handbook of biological statistics")."""


def side_by_side(*parts: list[float] | FloatArray) -> tuple[FloatArray, Groups]:
    values = np.concatenate([np.asarray(part, dtype=np.float64) for part in parts])
    code = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    names = tuple(f"group {place}" for place in range(len(parts)))
    return values, Groups("groups", names, code.astype(np.int64))


def test_bell_shapes_of_equal_spread_are_compared_by_analysis_of_variance() -> None:
    found = numbers("shell", *side_by_side(*MUSSELS), seed=1).finding
    assert found.method == ANOVA
    assert found.tests[0].statistic == pytest.approx(7.1210, abs=5e-5)
    assert found.tests[0].freedom == (4.0, 34.0)
    assert found.p == pytest.approx(2.812e-4, abs=1e-7)
    assert {test.name for test in found.tests} == {ANOVA, WELCH, KRUSKAL, WELCH_OF_RANKS}
    eta, omega, _ = found.effects
    between, within = 0.00451967, 0.00539491  # sums of squares by hand
    assert eta.estimate.value == pytest.approx(between / (between + within), abs=1e-4)
    mean = within / 34
    expected = (between - 4 * mean) / (between + within + mean)
    assert omega.estimate.value == pytest.approx(expected, abs=1e-4)
    assert eta.size == "large"


def test_unequal_spreads_are_compared_by_welch() -> None:
    random = np.random.default_rng(3)
    parts = [random.normal(0, 1, 60), random.normal(0.8, 5, 80), random.normal(0, 2, 70)]
    found = numbers("x", *side_by_side(*parts), seed=1).finding
    assert found.method == WELCH
    asked = anova_oneway(parts, use_var="unequal")
    assert found.tests[0].statistic == pytest.approx(asked.statistic)
    assert found.p == pytest.approx(asked.pvalue)
    assert [check.is_met for check in found.checks] == [True, False]
    assert found.checks[1].instead == "Welch's test, which allows for unequal spread"


def test_skewed_values_are_compared_by_rank() -> None:
    random = np.random.default_rng(3)
    parts = [random.lognormal(0, 2, 60), random.lognormal(0.5, 2, 80), random.lognormal(0, 2, 70)]
    told = numbers("x", *side_by_side(*parts), seed=1)
    found = told.finding
    assert found.method == KRUSKAL
    assert found.p == pytest.approx(kruskal(*parts).pvalue)
    ranks = np.argsort(np.argsort(np.concatenate(parts))).astype(float)
    split = np.split(ranks, [60, 140])
    plain = f_oneway(*split).statistic
    (epsilon,) = found.effects
    assert epsilon.estimate.value == pytest.approx(plain * 2 / (plain * 2 + 207))
    assert epsilon.estimate.low <= epsilon.estimate.value <= epsilon.estimate.high
    assert told.is_by_rank


def test_skewed_values_of_unequal_spread_are_compared_by_welch_of_their_ranks() -> None:
    random = np.random.default_rng(3)
    parts = [random.standard_t(2, 300), 6 * random.standard_t(2, 60), random.standard_t(2, 80)]
    told = numbers("x", *side_by_side(*parts), seed=1)
    assert told.finding.method == WELCH_OF_RANKS
    ranks = np.split(rankdata(np.concatenate(parts)), [300, 360])
    assert told.finding.p == pytest.approx(anova_oneway(ranks, use_var="unequal").pvalue)
    assert told.is_by_rank


def test_a_textbook_example_of_ranks() -> None:
    found = numbers("x", *side_by_side([1, 3, 5, 7, 9], [2, 4, 6, 8, 10]), seed=1)
    told = {test.name: test for test in found.finding.tests}[KRUSKAL]
    assert told.statistic == pytest.approx(0.2727, abs=5e-5)
    assert told.p == pytest.approx(0.6015, abs=5e-5)


def test_ranks_of_very_few_are_permuted() -> None:
    parts = [[1.0, 2.0, 2.0, 300.0], [40.0, 50.0, 7000.0]]
    found = numbers("x", *side_by_side(*parts), seed=1).finding
    assert found.method == PERMUTED
    exact = permutation_test(
        parts, lambda a, b: kruskal(a, b).statistic, alternative="greater", n_resamples=9999
    )
    assert found.p == pytest.approx(exact.pvalue, abs=0.02)


def test_two_groups_are_told_by_cliffs_delta_of_the_second_against_the_first() -> None:
    one, other = [1.0, 2, 3, 4, 5, 6, 7, 8], [3.0, 5, 6, 7, 8, 9, 10, 12]
    found = numbers("x", *side_by_side(one, other), seed=1).finding
    delta = found.effects[0]
    assert delta.name == "Cliff's delta"
    u = mannwhitneyu(other, one).statistic
    assert delta.estimate.value == pytest.approx(2 * u / 64 - 1)


def test_groups_are_told_with_means_and_quartiles_and_missing_values_are_left_out() -> None:
    values, groups = side_by_side([1.0, 2.0, 3.0, np.nan], [10.0, 20.0, 60.0, 80.0])
    table = numbers("x", values, groups, seed=1).groups
    assert table["customers"].tolist() == [3, 4]
    assert table["mean"].tolist() == [2.0, 42.5]
    assert table["median"].tolist() == [2.0, 40.0]
    assert table.loc[0, "high"] == pytest.approx(2 + 4.302653 / 3**0.5)


def test_pairs_after_an_analysis_of_variance_are_tukeys() -> None:
    told = pairs(numbers("shell", *side_by_side(*MUSSELS), seed=1))
    asked = tukey_hsd(*MUSSELS)
    assert len(told) == 10
    assert told["p"].iloc[1] == pytest.approx(asked.pvalue[0, 2])
    assert told["low"].iloc[1] == pytest.approx(asked.confidence_interval().low[0, 2])
    assert told["p"].min() == pytest.approx(0.000, abs=0.01)


def test_pairs_by_rank_are_corrected_by_holm() -> None:
    random = np.random.default_rng(3)
    parts = [random.lognormal(mean, 2, 60) for mean in (0.0, 0.8, 1.6)]
    told = pairs(numbers("x", *side_by_side(*parts), seed=1))
    raw = np.array([mannwhitneyu(parts[a], parts[b]).pvalue for a, b in ((0, 1), (0, 2), (1, 2))])
    order = np.argsort(raw)
    holm = np.maximum.accumulate(raw[order] * [3, 2, 1]).clip(max=1)
    assert told["p"].to_numpy()[order] == pytest.approx(holm)
    assert (told["difference"] < 0).all()


def test_values_that_are_all_alike_are_refused() -> None:
    message = (
        "x needs two groups of 2 known values or more, and values that differ, but found 2 such "
        "groups; leave the column out"
    )
    with pytest.raises(ColumnsUnfit, match=re.escape(message)):
        numbers("x", *side_by_side([1.0, 1.0], [1.0, 1.0]), seed=1)
    with pytest.raises(ColumnsUnfit, match="but found 1 such groups"):
        numbers("x", *side_by_side([1.0, 2.0], [1.0, np.nan]), seed=1)


def test_a_group_whose_values_are_all_alike_is_compared_by_rank() -> None:
    found = numbers("x", *side_by_side([0.0] * 60, np.arange(60.0)), seed=1).finding
    assert found.method == KRUSKAL
    assert not {WELCH, WELCH_OF_RANKS} & {test.name for test in found.tests}


def test_unequal_spread_that_no_test_allows_for_is_said_as_such() -> None:
    spreading = [0.0] * 60, np.r_[np.arange(60.0), 1e6]
    few = [1.0, 2.0, 2.0, 3.0], np.r_[-1e5, np.arange(40.0), 1e5]
    for parts, method in ((spreading, KRUSKAL), (few, PERMUTED)):
        found = numbers("x", *side_by_side(*parts), seed=1).finding
        assert found.method == method
        (spread,) = (each for each in found.checks if each.assumption == "equal spread")
        assert not spread.is_met
        assert spread.instead == "said only: unequal spread, too, counts as a difference of ranks"


def test_a_share_of_variance_is_one_whatever_the_test() -> None:
    random = np.random.default_rng(3)
    parts = [random.normal(1, 1, 60), random.normal(0, 1, 200), random.normal(0.3, 3, 900)]
    found = numbers("x", *side_by_side(*parts), seed=1).finding
    assert found.method == WELCH
    whole = np.concatenate(parts)
    between = sum(len(part) * (part.mean() - whole.mean()) ** 2 for part in parts)
    eta = found.effect
    assert eta.name == "eta squared"
    assert eta.estimate.value == pytest.approx(between / ((whole - whole.mean()) ** 2).sum())
    assert eta.estimate.value < 0.03  # the F of Welch's test would say a fifth
    assert np.isnan(eta.estimate.low)
