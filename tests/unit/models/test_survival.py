"""Kaplan and Meier's estimate, held against what textbooks print."""

import math
import re

import numpy as np
import pytest

from models.metrics import Estimate
from models.survival import Survival, kaplan_meier

ENDED = (6, 6, 6, 7, 10, 13, 16, 22, 23)
OPEN = (6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35)
"""Weeks of remission under 6-mercaptopurine (Freireich et al. 1963, "The effect of
6-mercaptopurine on the duration of steroid-induced remissions in acute leukemia", Blood 21)."""


def remissions() -> Survival:
    return kaplan_meier(ENDED + OPEN, [False] * len(ENDED) + [True] * len(OPEN))


def standard_error(found: Estimate) -> float:
    """Of the chance, from the upper end of its interval on the scale of ln(-ln S)."""
    half = math.log(math.log(found.value) / math.log(found.high))
    return found.value * half / 1.959963984540054 * -math.log(found.value)


@pytest.mark.parametrize(
    ("week", "chance", "error", "low", "high"),
    [
        (6, 0.8571, 0.0764, 0.6197, 0.9516),
        (7, 0.8067, 0.0869, 0.5631, 0.9228),
        (10, 0.7529, 0.0963, 0.5032, 0.8894),
        (13, 0.6902, 0.1068, 0.4316, 0.8491),
        (16, 0.6275, 0.1141, 0.3675, 0.8049),
        (22, 0.5378, 0.1282, 0.2678, 0.7468),
        (23, 0.4482, 0.1346, 0.1881, 0.6801),
    ],
)
def test_the_remissions_of_freireich_are_as_textbooks_print_them(
    week: int, chance: float, error: float, low: float, high: float
) -> None:
    """Chance and Greenwood's error as in Collett 2015 and others; the interval is Stata's."""
    found = remissions().outlasting(week)
    assert (found.value, found.low, found.high) == pytest.approx((chance, low, high), abs=5e-5)
    assert standard_error(found) == pytest.approx(error, abs=5e-5)


def test_between_two_ends_nothing_changes_and_beyond_the_last_nothing_is_known() -> None:
    found = remissions()
    assert found.outlasting(9) == found.outlasting(7)
    assert found.outlasting(35) == found.outlasting(23)
    assert math.isnan(found.outlasting(36).value)


def test_the_chance_to_end_soon_by_those_who_are_still_waiting() -> None:
    """Of 4 who outlast a week one ends on day 9; of the 2 watched until day 12, one does."""
    found = kaplan_meier([3, 9, 10, 12, 20], [False, False, True, False, True])
    assert found.ending(within=7, given=7).value == pytest.approx(1 - 3 / 4 * 1 / 2)
    assert math.isnan(found.ending(within=14, given=7).value)


def test_open_durations_count_neither_as_ended_nor_as_endless() -> None:
    """Half end on day 10; of the rest, half were watched for 5 days only."""
    lengths, opened = [10, 10, 5, 5, 20, 20], [False, False, True, True, True, True]
    found = kaplan_meier(lengths, opened).ending(within=10).value
    naive = sum(not still for still in opened) / len(opened)
    assert [found, naive] == pytest.approx([1 / 2, 1 / 3])


def test_the_naive_share_is_far_off_where_customers_are_new() -> None:
    """Everybody returns by a half-life of 30 days; they came over the last 120 days."""
    random = np.random.default_rng(3)
    gaps = np.ceil(random.exponential(30 / math.log(2), 20_000))
    seen = random.integers(1, 120, len(gaps))
    durations, is_open = np.minimum(gaps, seen), gaps > seen
    truth = 1 - 2 ** (-60 / 30)
    naive = np.mean(~is_open & (durations <= 60))
    without_open = np.mean(durations[~is_open] <= 60)
    found = kaplan_meier(durations, is_open).ending(within=60)
    assert found.low < truth < found.high
    assert found.high - found.low < 0.03
    assert naive < truth - 0.1
    assert without_open > truth + 0.1


def test_quantiles_are_reached_or_not() -> None:
    found = kaplan_meier([1, 2, 3, 9], [False, False, False, True])
    shares = (0.1, 0.25, 0.5, 0.75, 0.9)
    assert [found.quantile(share) for share in shares] == [1, 1, 2, 3, None]


def test_a_duration_of_no_length_says_nothing() -> None:
    assert kaplan_meier([0, 4], [True, False]).durations == 1


def test_who_was_watched_for_longer() -> None:
    found = kaplan_meier([3, 9, 9], [False, True, False], [1, 2, 1])
    assert [found.watched(time) for time in (0, 3, 8, 9)] == [4, 3, 3, 0]
    assert (found.durations, found.longest) == (4, 9)


def test_when_all_have_ended_nothing_outlasts_the_longest() -> None:
    found = kaplan_meier([2, 5], [False, False])
    assert found.outlasting(400) == Estimate(0, 0, 0)
    assert math.isnan(found.outlasting(6, given=5).value)
    assert found.ending(within=5, given=2) == Estimate(1, 1, 1)


def test_without_durations_nothing_is_known() -> None:
    found = kaplan_meier([], [])
    assert (found.durations, found.longest, found.quantile(0.5)) == (0, 0, None)
    assert found.outlasting(0).value == 1
    assert math.isnan(found.outlasting(1).value)


@pytest.mark.parametrize(
    ("durations", "opened", "counts", "text"),
    [
        ([1, 2], [True], None, "one row per duration, not (2,), (1,), (2,)"),
        ([-1], [True], None, "durations and their counts cannot be negative"),
        ([1], [True], [-1], "durations and their counts cannot be negative"),
    ],
)
def test_what_is_no_duration_is_refused(
    durations: list[int], opened: list[bool], counts: list[int] | None, text: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        kaplan_meier(durations, opened, counts)
