"""Cliff's delta: its slow form, and how often its interval holds the truth."""

import numpy as np
import pytest

from models.dominance import cliffs_delta
from tests.oracles import profile as slow


def test_cliffs_delta_is_that_of_all_pairs() -> None:
    one, other = np.array([1.0, 3, 3, 9, 12]), np.array([0.0, 3, 4, 5])
    found = cliffs_delta(one, other)
    delta, variance = slow.cliffs_delta(one, other)
    assert found.value == delta == pytest.approx(0.2)
    half = 1.959964 * np.sqrt(variance) * np.sqrt((1 - delta**2) ** 2 + 1.959964**2 * variance)
    scale = 1 - delta**2 + 1.959964**2 * variance
    assert found.low == pytest.approx((delta - delta**3 - half) / scale, abs=1e-6)
    assert found.high == pytest.approx((delta - delta**3 + half) / scale, abs=1e-6)


def test_cliffs_delta_of_pairs_that_all_point_one_way_has_an_interval() -> None:
    found = cliffs_delta(np.arange(10.0, 20), np.arange(8.0))
    assert (found.value, found.high) == (1.0, 1.0)
    assert found.low == pytest.approx((8 - 3.841459) / (8 + 3.841459), abs=1e-6)
    turned = cliffs_delta(np.arange(8.0), np.arange(10.0, 20))
    assert (turned.value, turned.low, turned.high) == (-1.0, -1.0, -found.low)


def test_the_interval_of_cliffs_delta_holds_the_true_one_about_as_often_as_it_says() -> None:
    random, held = np.random.default_rng(1), 0
    for _ in range(400):
        found = cliffs_delta(random.normal(0.5, 1, 40), random.normal(0, 1, 30))
        held += found.low <= 0.2763 <= found.high  # 2 Phi(.5 / sqrt 2) - 1
    assert 0.92 <= held / 400 <= 0.98
