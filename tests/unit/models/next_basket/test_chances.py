"""Chances of buying within a horizon: they come true, and keep the order of the ranker."""

import re

import numpy as np
import pytest

from models.calibration import Platt, log_odds
from models.next_basket.alike import alike
from models.next_basket.chances import OVERDUE, RHYTHM, OneOutcome, fit_chances, is_bought_in
from models.next_basket.neighbours import ALIKE
from tests.past_baskets import named

PAIRS = 20_000


def figures(draws: np.random.Generator, pairs: int = PAIRS) -> np.ndarray:
    """Rhythms of customers with ten pairs each."""
    customers = draws.uniform(1, 60, (pairs // 10, len(RHYTHM)))
    return np.repeat(customers, 10, axis=0).astype(np.float32)


def test_chances_come_true_where_they_are_a_line_of_score_and_rhythm() -> None:
    draws = np.random.default_rng(5)
    found, scores = figures(draws), draws.normal(size=PAIRS)
    since = np.log1p(found[:, RHYTHM.index("customer_days_since_last")])
    true = 1 / (1 + np.exp(-(1.5 * scores - since + 1)))
    fitted = fit_chances(scores, found, RHYTHM, draws.random(PAIRS) < true)
    assert np.abs(fitted.of(scores, found, RHYTHM) - true).mean() < 0.01
    assert fitted.names == ("score", *RHYTHM, OVERDUE)


def test_offers_of_a_customer_keep_the_order_of_their_scores() -> None:
    draws = np.random.default_rng(6)
    found, scores = figures(draws), draws.normal(size=PAIRS)
    fitted = fit_chances(scores, found, RHYTHM, draws.random(PAIRS) < 0.1 + 0.2 * (scores > 0))
    chance = fitted.of(scores, found, RHYTHM).reshape(-1, 10)
    order = np.argsort(scores.reshape(-1, 10), axis=1)
    assert (np.diff(np.take_along_axis(chance, order, axis=1), axis=1) >= 0).all()


def test_a_corrected_chance_lies_on_the_line_of_its_log_odds() -> None:
    draws = np.random.default_rng(4)
    found, scores = figures(draws, 200), draws.normal(size=200)
    fitted = fit_chances(scores, found, RHYTHM, scores + draws.normal(size=200) > 0)
    before = log_odds(fitted.of(scores, found, RHYTHM))
    after = log_odds(fitted.corrected(Platt(0.8, -0.3)).of(scores, found, RHYTHM))
    assert after == pytest.approx(0.8 * before - 0.3)


def test_who_came_once_has_a_chance_too() -> None:
    draws = np.random.default_rng(7)
    found, scores = figures(draws), draws.normal(size=PAIRS)
    found[:10, RHYTHM.index("customer_gap_days")] = np.nan
    fitted = fit_chances(scores, found, RHYTHM, scores + draws.normal(size=PAIRS) > 1)
    chance = fitted.of(scores, found, RHYTHM)
    assert ((chance > 0) & (chance < 1)).all()


@pytest.mark.parametrize(("bought", "told"), [(0, "0"), (40, "40")])
def test_chances_need_both_outcomes(bought: int, told: str) -> None:
    found, scores = figures(np.random.default_rng(8), 40), np.arange(40.0)
    message = (
        f"chances need candidates that were bought and others that were not, but {told} of 40 were "
        "bought; take a longer horizon, or more customers"
    )
    with pytest.raises(OneOutcome, match=f"^{re.escape(message)}$"):
        fit_chances(scores, found, RHYTHM, np.arange(40) < bought)


def test_scores_that_run_against_what_is_bought_are_refused() -> None:
    found, scores = figures(np.random.default_rng(9), 400), np.arange(400.0)
    message = "chances need candidates that are bought more often the higher their score"
    with pytest.raises(OneOutcome, match=f"^{message}"):
        fit_chances(scores, found, RHYTHM, scores < 200)


def test_what_is_bought_in_the_horizon_is_told_pair_by_pair() -> None:
    later = named({"a": [(3, {0, 2})], "b": [(4, {1})]}, 4)
    starts, items = np.array([0, 3, 5, 6]), np.array([0, 1, 2, 1, 2, 2], dtype=np.int32)
    found = is_bought_in(later, np.array([0, 1, -1]), starts, items)
    assert found.tolist() == [True, False, True, True, False, False]


def test_shares_count_the_customers_alike_who_bought_an_item() -> None:
    known = named(
        {"a": [(1, {0})], "b": [(1, {0, 1})], "c": [(2, {0}), (3, {1})], "d": [(1, {3})]}, 4
    )
    found = alike(known).shares(known.taken(np.array([0])))
    assert found[0] == pytest.approx([2 / ALIKE, 2 / ALIKE, 0, 0])
