"""What is used of the recommenders, and that nothing of it knows the future."""

import numpy as np
import pytest

from models.next_basket.chosen import Beside, Chosen, Days, Learnt, active, asked_on, learn
from models.next_basket.frequency import combined, decayed
from models.next_basket.histories import Histories
from models.next_basket.offers import offers
from models.next_basket.pairs import past
from models.next_basket.settings import NextBasketSpec
from tests.past_baskets import histories, named

SPEC = NextBasketSpec(trees=20, leaves=7, rows_per_leaf=5, kept_share=1.0)
DAYS = Days(learnt=(24, 20), calibrated=34, tested=44, horizon=10)


def shop(noise: int = 0) -> Histories:
    """A hundred customers who come every third day or so, mostly for two things of their own.

    What they buy on the last days, behind the test, depends on the noise.
    """
    draws = np.random.default_rng(3)
    late = np.random.default_rng(noise)
    past_of = {}
    for who in range(100):
        baskets = []
        for day in np.flatnonzero(draws.random(66) < 1 / 3).tolist():
            own = {who % 12, (who + 5) % 12} if draws.random() < 0.6 else set()
            some = {int(draws.integers(12))}
            if day >= 54 and noise:
                own = {int(late.integers(12))}
            baskets.append((day, frozenset(some | own)))
        past_of[who] = baskets
    return histories(past_of, 12)


@pytest.fixture(scope="module")
def tested() -> Learnt:
    return learn(shop(), DAYS, SPEC, 0, Beside())


def test_the_chances_of_the_test_come_true(tested: Learnt) -> None:
    assert tested.reliability.ratio.low < 1.1
    assert tested.reliability.ratio.high > 0.9
    assert tested.calibration_error < 0.1
    assert 90 <= tested.customers <= 100
    assert set(tested.measures) == {"popular", "combined", "decayed", "tifu_knn", "learner"}


def test_what_comes_after_the_test_changes_nothing(tested: Learnt) -> None:
    other = learn(shop(noise=9), DAYS, SPEC, 0, Beside())
    assert other.verdict == tested.verdict
    assert other.measures == tested.measures
    assert np.array_equal(other.chosen.chances.weights, tested.chosen.chances.weights)
    assert other.calibration_error == tested.calibration_error


def test_a_baseline_that_is_used_ranks_as_it_does_by_itself(tested: Learnt) -> None:
    known = shop().before(44)
    learnt = past(known)
    (asked,) = asked_on(known, learnt, 44, np.arange(100))
    for name, make in (("combined", combined), ("decayed", decayed)):
        used = Chosen(name, None, tested.chosen.chances, learnt.columns)
        scores = used.scores(asked.pairs.figures).reshape(100, 12)
        ours = np.sort(scores, axis=1)[:, ::-1][:, :5]
        theirs = np.take_along_axis(scores, offers(make(known), known, 5), axis=1)
        assert np.allclose(ours, theirs, rtol=1e-6, atol=0)  # figures have 24 bits


def test_chances_of_a_day_do_not_know_what_is_bought_on_it(tested: Learnt) -> None:
    known, whole = shop().before(44), shop()
    learnt = past(known)
    (cut,) = asked_on(known, learnt, 44, np.arange(100))
    (full,) = asked_on(whole, learnt, 44, np.arange(100))
    assert np.array_equal(
        tested.chosen.chance(cut.pairs.figures), tested.chosen.chance(full.pairs.figures)
    )


def test_active_are_those_who_bought_in_the_days_before() -> None:
    some = named({"a": [(1, {0})], "b": [(5, {0})], "c": [(9, {0})]}, 1)
    assert active(some, 9, 5).tolist() == [1]
    assert active(some, 9, None).tolist() == [0, 1]


def test_histories_between_days_hold_the_first_and_not_the_last() -> None:
    some = named({"a": [(1, {0}), (4, {1}), (6, {0, 1})], "b": [(5, {0})]}, 2)
    found = some.between(4, 6)
    assert found.days.tolist() == [4, 5]
    assert found.lengths.tolist() == [1, 1]
    assert found.codes.tolist() == [1, 0]
