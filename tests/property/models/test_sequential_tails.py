"""Chances of so many successes by groups against those added up trial by trial."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from models.sequences.tails import in_groups, one_by_one

chances = st.lists(st.floats(0, 1) | st.sampled_from([0.0, 1.0, 0.5]), max_size=40)


@given(chances, st.integers(0, 42))
@example([1.0] * 6 + [5.6e-212], 7)
def test_groups_never_tell_less_than_the_chance(each: list[float], successes: int) -> None:
    trials = np.array(each, dtype=np.float64)
    assert in_groups(trials, successes) >= one_by_one(trials, successes) * (1 - 1e-9)


@given(st.floats(0.001, 0.999), st.integers(1, 40), st.integers(0, 42))
def test_trials_of_one_chance_lose_nothing(chance: float, count: int, successes: int) -> None:
    trials = np.full(count, chance)
    exact = one_by_one(trials, successes)
    np.testing.assert_allclose(in_groups(trials, successes), exact, rtol=1e-9, atol=1e-299)
