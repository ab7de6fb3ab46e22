"""Lifetimes as rows of customers and weeks at risk."""

import re

import numpy as np
import pytest

from models.lifetimes import Lifetimes, PersonWeeks, person_weeks

THREE = Lifetimes(np.array([3, 0, 2]), np.array([True, False, False]))


def rows(found: PersonWeeks) -> list[tuple[int, int, bool]]:
    parts = zip(found.row.tolist(), found.week.tolist(), found.ended.tolist(), strict=True)
    return list(parts)


def test_a_row_for_every_week_at_risk() -> None:
    found = person_weeks(THREE, 100, 1)
    assert rows(found) == [(0, 1, False), (0, 2, False), (0, 3, True), (2, 1, False), (2, 2, False)]
    assert set(found.weight.tolist()) == {1.0}


def test_weeks_that_were_seen_before_are_not_at_risk() -> None:
    ended = np.array([True, True, False])
    found = person_weeks(Lifetimes(np.array([3, 2, 4]), ended, np.array([1, 2, 3])), 100, 1)
    assert rows(found) == [(0, 2, False), (0, 3, True), (2, 4, False)]


def test_a_sample_keeps_every_end_and_stands_for_all_weeks() -> None:
    random = np.random.default_rng(5)
    weeks = random.integers(1, 40, 3_000)
    lifetimes = Lifetimes(weeks, random.random(3_000) < 0.3)
    whole, part = person_weeks(lifetimes, 10**9, 1), person_weeks(lifetimes, 5_000, 1)
    assert len(whole.row) == weeks.sum()
    assert len(part.row) == 5_000
    assert part.ended.sum() == whole.ended.sum() == lifetimes.ended.sum()
    assert part.weight.sum() == pytest.approx(whole.weight.sum())
    assert np.all(np.diff(part.row) >= 0)
    by_week = [np.bincount(each.week, each.weight, 40) for each in (whole, part)]
    assert np.abs(by_week[0] - by_week[1]).max() < 0.15 * by_week[0].max()
    drawn = set(rows(part))
    assert drawn <= set(rows(whole))
    assert len(drawn) > 4_950
    assert rows(person_weeks(lifetimes, 5_000, 1)) == rows(part)
    assert rows(person_weeks(lifetimes, 5_000, 2)) != rows(part)


def test_nobody_at_risk_gives_no_row() -> None:
    assert rows(person_weeks(THREE.where(THREE.weeks == 0), 10, 1)) == []


def test_what_is_known_of_a_week() -> None:
    assert [THREE.outlasting(week).tolist() for week in (2, 3)] == [
        [True, False, True],
        [False, False, False],
    ]
    assert [THREE.ending_by(week).tolist() for week in (2, 3)] == [
        [False, False, False],
        [True, False, False],
    ]


@pytest.mark.parametrize(
    ("weeks", "ended", "since", "text"),
    [
        ([1, 2], [True], None, "one lifetime per customer, not (2,), (1,), (2,)"),
        ([1], [True], [2], "weeks run from 0 on, and nobody is watched for less than since"),
        ([-1], [False], None, "weeks run from 0 on, and nobody is watched for less than since"),
        ([0], [True], None, "who ended was watched for a week at the least"),
    ],
)
def test_what_is_no_lifetime_is_refused(
    weeks: list[int], ended: list[bool], since: list[int] | None, text: str
) -> None:
    entered = None if since is None else np.array(since)
    with pytest.raises(ValueError, match=f"^{re.escape(text)}$"):
        Lifetimes(np.array(weeks), np.array(ended), entered)
