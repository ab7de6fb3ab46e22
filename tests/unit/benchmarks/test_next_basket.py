"""Made-up histories are histories, and gains are shares of the baseline."""

import numpy as np
import pytest

from benchmarks.next_basket import over
from benchmarks.next_basket_scale import made_up


def test_made_up_histories_hold_what_histories_promise() -> None:
    found = made_up(200, 500, seed=1)
    assert len(found.firsts) == 201
    assert (found.lengths >= 3).all()
    assert (found.sizes > 0).all()
    within = np.diff(found.customer_of_basket) == 0
    assert (np.diff(found.days)[within] > 0).all()
    inside = np.diff(found.basket_of_entry) == 0
    assert (np.diff(found.codes)[inside] > 0).all()
    assert found.lengths.mean() == pytest.approx(16, abs=3)
    popularity = np.sort(found.popularity)[::-1]
    assert popularity[:50].sum() > 0.4 * popularity.sum()


def test_equal_seeds_make_up_the_same() -> None:
    one, other = made_up(20, 50, seed=3), made_up(20, 50, seed=3)
    np.testing.assert_array_equal(one.codes, other.codes)


def test_a_gain_is_a_share_of_the_mean_of_the_baseline() -> None:
    baseline = np.array([0.1, 0.3])
    found = over(baseline + 0.02, baseline)
    assert (found.value, found.low, found.high) == pytest.approx((0.1, 0.1, 0.1))
