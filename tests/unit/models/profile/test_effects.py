"""Effect sizes: their slow forms, known intervals, how often intervals hold the truth."""

import math

import numpy as np
import pytest
from scipy.stats import f_oneway, ncf, ncx2

from models.profile.effects import (
    OF_ETA,
    cramers_v,
    mean_difference,
    noncentrality_of_chi_squared,
    noncentrality_of_f,
    omega_squared,
    partial_eta_squared,
    rank_epsilon_squared,
    size_of,
)
from tests.oracles import profile as slow


def test_the_noncentrality_is_where_the_chance_falls_to_its_ends() -> None:
    low, high = noncentrality_of_f(5.0, 3, 80)
    assert low == pytest.approx(slow.bisected(lambda far: ncf.cdf(5, 3, 80, far + 1e-12), 0.975))
    assert high == pytest.approx(slow.bisected(lambda far: ncf.cdf(5, 3, 80, far + 1e-12), 0.025))
    low, high = noncentrality_of_chi_squared(20.0, 4)
    assert low == pytest.approx(slow.bisected(lambda far: ncx2.cdf(20, 4, far + 1e-12), 0.975))
    assert high == pytest.approx(slow.bisected(lambda far: ncx2.cdf(20, 4, far + 1e-12), 0.025))


def test_a_statistic_below_what_chance_brings_has_no_noncentrality() -> None:
    assert noncentrality_of_f(0.01, 3, 80) == (0.0, 0.0)
    assert noncentrality_of_f(1.0, 3, 80)[0] == 0.0
    assert all(map(np.isnan, noncentrality_of_f(np.inf, 3, 80)))
    assert all(map(np.isnan, noncentrality_of_chi_squared(np.nan, 3)))


def test_eta_and_omega_squared_are_shares_of_the_variance() -> None:
    parts = [np.array([1.0, 2, 3]), np.array([2.0, 3, 4]), np.array([5.0, 6, 7])]
    f = float(f_oneway(*parts).statistic)  # 26 between with 2, 6 within with 6 degrees of freedom
    assert f == pytest.approx(13)
    assert partial_eta_squared(f, 2, 6).value == pytest.approx(26 / 32)
    assert omega_squared(f, 2, 6).value == pytest.approx((26 - 2 * 1) / (32 + 1))


def test_omega_squared_has_the_interval_of_eta_squared_since_both_estimate_one_share() -> None:
    eta, omega = partial_eta_squared(5.0, 3, 80), omega_squared(5.0, 3, 80)
    assert (omega.low, omega.high) == (eta.low, eta.high)
    assert omega.low < omega.value < eta.value < omega.high
    below = omega_squared(0.5, 3, 80)
    assert below.value < 0
    assert below.low == 0.0


def test_the_interval_of_eta_squared_holds_the_true_one_about_as_often_as_it_says() -> None:
    random, held = np.random.default_rng(1), 0
    means = np.array([0.0, 0.2, 0.6])
    true = means.var() / (1 + means.var())
    for _ in range(300):
        rows = random.normal(size=(40, 3)) + means
        f = float(f_oneway(*rows.T).statistic)
        found = partial_eta_squared(f, 2, 117)
        held += found.low <= true <= found.high
    assert 0.92 <= held / 300 <= 0.98


def test_v_of_a_perfect_association_is_1() -> None:
    corrected, plain = cramers_v(100.0, (2, 2), 100)
    assert plain.estimate.value == 1.0
    assert corrected.estimate.value == pytest.approx(1.0)
    assert corrected.estimate.high == 1.0
    nothing, plainly = cramers_v(0.5, (3, 4), 100)
    assert plainly.estimate.low == 0.0
    assert plainly.estimate.value == pytest.approx(0.05)
    assert (nothing.estimate.value, nothing.estimate.low) == (0.0, 0.0)
    assert nothing.size == "negligible"


def test_plain_v_has_the_interval_of_its_statistic_over_its_own_denominator() -> None:
    corrected, plain = cramers_v(30.0, (3, 4), 100)
    low, high = (each / 100 / 2 for each in noncentrality_of_chi_squared(30.0, 6))
    assert plain.estimate.low == pytest.approx(low**0.5)
    assert plain.estimate.high == pytest.approx(high**0.5)
    assert corrected.estimate.high > plain.estimate.high


def test_epsilon_squared_is_the_statistic_over_the_customers_less_one() -> None:
    found = rank_epsilon_squared(12.0, 3, 61)
    assert found.value == 0.2
    assert 0 < found.low < 0.2 < found.high < 1


def test_a_difference_of_means_has_welchs_interval() -> None:
    found = mean_difference(np.array([1.0, 2, 3, 6]), np.array([0.0, 1, 1, 0, 2]))
    assert found.value == pytest.approx(2.2)
    assert found.low < 0 < found.high


def test_sizes_begin_at_their_bounds() -> None:
    sizes = [size_of(value, OF_ETA) for value in (0.009, 0.01, -0.06, 0.14, np.nan)]
    assert sizes == ["negligible", "small", "medium", "large", "negligible"]


def test_intervals_of_a_million_customers_hold_their_value() -> None:
    for f, between, within in ((2e6, 3, 1e6), (1e8, 1, 1e5), (5, 2, 1e6)):
        told = partial_eta_squared(f, between, within)
        assert told.low < told.value < told.high < 1


def test_an_f_without_end_has_no_interval() -> None:
    told = partial_eta_squared(4e17, 3, 596)
    assert told.value == pytest.approx(1)
    assert math.isnan(told.low)
    assert math.isnan(told.high)
