"""Measures of offers, worked out by hand."""

import re
from math import isnan, log2

import numpy as np
import pytest

from models.next_basket.measures import OffersTooFew, coverage, gain, mean, novelty, per_customer
from models.next_basket.targets import Targets
from tests.past_baskets import histories

PAST = {0: [(1, frozenset({0, 1}))], 1: [(1, frozenset({0})), (2, frozenset({0, 5}))]}
TARGETS = Targets(
    histories(PAST, 30),
    np.array([3, 3]),
    np.array([0, 3, 4]),
    np.array([0, 2, 3, 0], dtype=np.int32),
    np.array([3, 4]),
    histories(PAST, 30),
)
"""The first customer buys 0, 2 and 3, of which 0 again; the second buys 0 again."""

OFFERS = np.full((2, 20), -1, dtype=np.int32)
OFFERS[0, :5] = [2, 9, 0, 8, 7]
OFFERS[1, :6] = [9, 8, 7, 6, 4, 0]


def test_measures_are_those_worked_out_by_hand() -> None:
    found = per_customer(TARGETS, OFFERS)
    ideal = 1 + 1 / log2(3) + 1 / 2
    assert found["recall@5"] == pytest.approx([2 / 3, 0])
    assert found["recall@10"] == pytest.approx([2 / 3, 1])
    assert found["precision@5"] == pytest.approx([0.4, 0])
    assert found["precision@10"] == pytest.approx([0.2, 0.1])
    assert found["hit_ratio@5"] == pytest.approx([1, 0])
    assert found["ndcg@10"] == pytest.approx([(1 + 1 / 2) / ideal, 1 / log2(7)])
    assert found["map@10"] == pytest.approx([(1 + 2 / 3) / 3, 1 / 6])
    assert found["repeat_recall@10"] == pytest.approx([1, 1])
    assert found["explore_recall@10"][0] == pytest.approx(1 / 2)
    assert isnan(found["explore_recall@10"][1])


def test_the_ideal_of_a_large_basket_is_truncated() -> None:
    codes = np.arange(12, dtype=np.int32)
    large = Targets(
        histories({0: [(1, frozenset({0}))]}, 30),
        np.array([2]),
        np.array([0, 12]),
        codes,
        np.array([2]),
        histories({0: [(1, frozenset({0}))]}, 30),
    )
    offers = np.array([[*range(5), *range(12, 27)]], dtype=np.int32)
    assert per_customer(large, offers)["ndcg@5"] == pytest.approx([1.0])


def test_fewer_offers_than_measures_look_at_are_refused() -> None:
    text = (
        "measures look at the first 20 offers of each customer, but there is room for 10; make "
        "offers with most=20"
    )
    with pytest.raises(OffersTooFew, match=f"^{re.escape(text)}$"):
        per_customer(TARGETS, OFFERS[:, :10])


def test_coverage_counts_items_that_anybody_is_offered() -> None:
    assert coverage(OFFERS, 30) == pytest.approx(7 / 30)  # 0, 2, 4, 6, 7, 8 and 9


def test_novelty_is_the_surprise_of_an_offer() -> None:
    only = np.full((2, 20), -1, dtype=np.int32)
    only[:, 0] = [1, 9]  # in one of three baskets; in none, which counts as half a basket
    assert novelty(TARGETS, only) == pytest.approx((log2(3) + log2(6)) / 2)


def test_a_paired_gain_has_the_interval_of_the_differences() -> None:
    draws = np.random.default_rng(0)
    baseline = draws.random(500)
    found = gain(baseline + 0.01, baseline)
    assert (found.low, found.value, found.high) == pytest.approx((0.01, 0.01, 0.01))
    alone = mean(baseline)
    assert alone.low == pytest.approx(alone.value - 1.96 * baseline.std() / 500**0.5, abs=0.003)


def test_customers_without_a_figure_are_left_out() -> None:
    assert mean(np.array([np.nan, 1.0, 1.0])).value == 1.0
    assert isnan(mean(np.array([np.nan])).value)
