"""Chances of 2 × 2 tables: against SciPy, and down to the smallest numbers there are."""

import math

import numpy as np
import pytest
from scipy.stats import hypergeom

from features.compiled import interpreted
from models.rules.tails import chances, floors, log_chance


def chance(tables: list[tuple[int, int, int]], both: int) -> float:
    """Of one rule, whose baskets are given by stratum, without machine code."""
    counts = np.array(tables, dtype=np.int32).T
    tests = np.array([[0, 1, 2]], dtype=np.int32)
    return float(interpreted(chances)(counts, tests, np.array([both]))[0])


def test_the_lady_who_tastes_tea() -> None:
    """Fisher's own: 8 cups, 4 with milk first, all 4 told; 1 way of 70, or 16 more with 3."""
    assert chance([(8, 4, 4)], 4) == pytest.approx(1 / 70, rel=1e-14)
    assert chance([(8, 4, 4)], 3) == pytest.approx(17 / 70, rel=1e-14)


def test_what_has_to_be_is_certain_and_what_cannot_be_is_not() -> None:
    assert chance([(8, 4, 4)], 0) == 1
    assert chance([(8, 6, 5)], 3) == 1  # 3 at least have both
    assert chance([(8, 4, 4)], 5) == 0
    assert chance([(8, 8, 4)], 4) == 1


def test_strata_are_compared_within_themselves() -> None:
    """In one all hold both, in the other none does: together surprising, apart certain."""
    assert chance([(40, 20, 20)], 20) < 1e-10
    assert chance([(20, 20, 20), (20, 0, 0)], 20) == 1


def test_two_strata_by_hand() -> None:
    """Each of two baskets with one and one: both with chance 1/2; both in both 1/4."""
    assert chance([(2, 1, 1), (2, 1, 1)], 2) == pytest.approx(0.25, rel=1e-14)
    assert chance([(2, 1, 1), (2, 1, 1)], 1) == pytest.approx(0.75, rel=1e-14)


def drawn(number: int) -> tuple[list[list[int]], list[list[int]], list[int]]:
    random = np.random.default_rng(3)
    rows, tests, both = [[88_162]], [], []
    for _ in range(number):
        top = 5_000 if random.random() < 0.7 else 60_000
        lead, follow = (int(x) for x in random.integers(1, top, 2))
        mean = lead * follow / 88_162
        spread = random.normal() * 6 * math.sqrt(mean) + random.integers(0, int(mean / 2) + 3)
        rows += [[lead], [follow]]
        tests.append([0, len(rows) - 2, len(rows) - 1])
        both.append(int(min(lead, follow, max(0, mean + spread))))
    return rows, tests, both


@pytest.mark.parametrize("scale", [1, 7, 200, 5_000])
def test_no_chance_is_below_its_floor_and_floors_of_large_tables_are_near(scale: int) -> None:
    """Three strata, and every number with both from far below the mean to far above it."""
    counts = np.array([[4, 2, 2], [9, 3, 2], [30, 3, 7]], dtype=np.int32).T * scale
    mean = scale * (1 + 2 / 3 + 0.7)
    both = np.unique(np.linspace(0.7 * mean, 1.3 * mean + 2, 60).astype(np.int64))
    tests = np.full((len(both), 3), [0, 1, 2], dtype=np.int32)
    floor = floors(counts, tests, both)
    exact = chances(counts, tests, both)
    assert (floor <= exact * (1 + 1e-12)).all()
    assert (floor[both <= mean] == 0.5).all()
    if scale == 5_000:
        is_above = both > mean
        assert exact[is_above] - floor[is_above] == pytest.approx(0, abs=0.02)


def test_chances_are_scipys_down_to_the_smallest() -> None:
    rows, tests, both = drawn(2_000)
    counts = np.array(rows, dtype=np.int32)
    found = chances(counts, np.array(tests, dtype=np.int32), np.array(both))
    expected = np.array(
        [
            hypergeom.sf(k - 1, 88_162, rows[lead][0], rows[follow][0])
            for (_, lead, follow), k in zip(tests, both, strict=True)
        ]
    )
    is_there = expected > 1e-300
    assert np.abs(found[is_there] / expected[is_there] - 1).max() < 1e-9
    assert (found[~is_there] <= 1.1e-300).all()
    assert (expected[is_there] < 1e-250).sum() > 5
    some = np.arange(40)
    slow = interpreted(chances)(counts, np.array(tests, dtype=np.int32)[some], np.array(both)[some])
    assert slow == pytest.approx(found[some], rel=1e-12)


def test_large_tables_lose_nothing() -> None:
    """Of 2 billion baskets 4 hold each, and all of these both: 1 of so many ways, 3e-36."""
    every = 2_000_000_000
    assert chance([(every, 4, 4)], 4) == pytest.approx(1 / math.comb(every, 4), rel=1e-12)
    middle = interpreted(log_chance)((every, every // 2, 1_000_000), 500_000)
    exact = -0.5 * math.log(math.pi / 2 * 1_000_000 * (1 - 1_000_000 / every))
    assert middle == pytest.approx(exact, abs=1e-6)  # the limit is a normal density
