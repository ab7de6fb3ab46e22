"""The baseline of first purchases."""

import re

import pytest

from models.cross_sell.pairs import pairs
from models.cross_sell.popularity import popularity
from models.cross_sell.snapshots import SnapshotUnclear
from tests.first_purchases import by_hand

SNAPSHOT = by_hand([[1, 0], [0, 0], [0, 3]], bought=[[1, 1], [1, 0], [0, 1]])
"""Of two without a, one took it up; of two without b, one."""


def test_popularity_is_the_smoothed_share_of_those_without_the_category() -> None:
    found = popularity([SNAPSHOT])
    assert found.rates == pytest.approx([(1 + 50 * 0.5) / 52] * 2)


def test_only_the_newest_snapshots_count() -> None:
    old = by_hand([[0, 0]] * 3, bought=[[0, 0]] * 3)
    assert popularity([old, SNAPSHOT], newest=1).rates == pytest.approx([0.5, 0.5])
    assert popularity([old, SNAPSHOT]).rates == pytest.approx([(1 + 50 * 0.2) / 55] * 2)


def test_every_customer_gets_the_rate_of_the_category() -> None:
    found = popularity([SNAPSHOT])
    assert found.propensity(pairs(SNAPSHOT)).tolist() == [
        found.rates[1],
        *found.rates,
        found.rates[0],
    ]


def test_popularity_of_nothing_is_refused() -> None:
    message = (
        "popularity needs 1 snapshot or more whose horizon is over, but 0 are given and the newest "
        "3 of them are to count; give it earlier ones"
    )
    with pytest.raises(SnapshotUnclear, match=f"^{re.escape(message)}$"):
        popularity([])


def test_snapshots_of_other_categories_are_refused() -> None:
    message = (
        "snapshots need the same categories in the same order, but number 1 of 2 has 3 that differ "
        "from the newest one's 2; make all snapshots with one list of categories"
    )
    with pytest.raises(SnapshotUnclear, match=f"^{re.escape(message)}$"):
        popularity([by_hand([[0, 1, 0]], bought=[[1, 0, 0]]), SNAPSHOT])
