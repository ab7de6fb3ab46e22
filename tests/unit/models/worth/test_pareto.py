"""The curve of profit, the share that makes 80 % of it, and what others lose."""

import re

import numpy as np
import pytest

from models.worth.pareto import NoProfitToShare, pareto


def test_two_of_ten_make_eighty_percent() -> None:
    found = pareto(np.array([40.0, 40.0, *[2.5] * 8]))
    assert found.needed.value == pytest.approx(0.2)
    assert found.profit == 100.0
    assert found.profit_share[[0, 10, 20, 100]].tolist() == pytest.approx([0.0, 0.4, 0.8, 1.0])
    assert found.loss_makers.value == 0.0
    assert found.peak.value == pytest.approx(1.0)


def test_who_loses_lifts_the_curve_above_all_profit() -> None:
    found = pareto(np.array([60.0, 60.0, -20.0, 0.0]))
    assert found.peak.value == pytest.approx(1.2)
    assert found.lost.value == pytest.approx(0.2)
    assert found.loss_makers.value == 0.25
    assert found.needed.value == pytest.approx(0.25 * (0.8 / 0.6))


def test_equal_customers_make_equal_shares() -> None:
    found = pareto(np.full(50, 3.0), asked=0.5)
    assert found.needed.value == pytest.approx(0.5)
    assert found.low == pytest.approx(found.share)


def test_the_interval_holds_the_value_and_the_seed_repeats_it() -> None:
    profit = np.random.default_rng(1).lognormal(0, 1.5, 400)
    one, other = (pareto(profit, seed=3, resamples=50) for _ in range(2))
    assert one.needed == other.needed
    assert one.needed.low < one.needed.value < one.needed.high


def test_no_profit_has_no_shares() -> None:
    text = (
        "shares of profit need a profit in all, but these 2 customers make -1.00; look at a longer "
        "period, or at revenue"
    )
    with pytest.raises(NoProfitToShare, match=f"^{re.escape(text)}$"):
        pareto(np.array([1.0, -2.0]))
