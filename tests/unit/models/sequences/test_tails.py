import numpy as np
import pytest
from scipy import stats

from models.sequences.tails import EXACT, at_least, in_groups, one_by_one


def test_tails_worked_out_by_hand() -> None:
    chances = np.array([0.5, 0.5, 0.25])
    expected = [1.0, 13 / 16, 6 / 16, 1 / 16, 0.0]
    for successes, share in enumerate(expected):
        assert at_least(chances, successes) == pytest.approx(share)
    assert at_least(np.array([1.0, 0.0, 0.5]), 2) == pytest.approx(0.5)
    assert in_groups(np.array([1.0, 0.0, 0.5]), 3) == 0.0
    assert in_groups(np.array([1.0, 0.0, 0.5]), 1) == 1.0


def test_one_chance_of_all_trials_is_a_binomial_number_down_to_where_chances_are_none() -> None:
    chances = np.full(300_000, 0.25)
    for successes in (74_000, 75_000, 75_002, 76_000, 78_000, 83_000):
        exact = stats.binom.sf(successes - 1, 300_000, 0.25)
        assert at_least(chances, successes) == pytest.approx(exact, rel=1e-8)
    assert at_least(chances, 100_000) == 0.0


@pytest.mark.parametrize("shape", [(0.3, 0.3), (2, 3), (1, 20)])
def test_groups_tell_a_little_more_than_the_chance_and_never_less(
    shape: tuple[float, float],
) -> None:
    chances = np.random.default_rng(7).beta(*shape, 3_000)
    mean, spread = chances.sum(), np.sqrt((chances * (1 - chances)).sum())
    for away, over in ((-3, 0.02), (0, 0.02), (1, 0.001), (3, 0.001), (6, 0.004), (20, 0.04)):
        successes = int(mean + away * spread)
        exact, told = one_by_one(chances, successes), in_groups(chances, successes)
        assert exact * (1 - 1e-9) <= told <= exact * (1 + over)


def test_many_trials_take_the_path_of_groups() -> None:
    chances = np.random.default_rng(8).beta(2, 3, 40_000)
    successes = int(chances.sum()) + 300
    assert len(chances) * successes > EXACT
    assert at_least(chances, successes) == in_groups(chances, successes)
