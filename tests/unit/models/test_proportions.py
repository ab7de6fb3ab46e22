"""Against the examples that the sources print."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.metrics import Estimate
from models.proportions import difference, wilson


def ends(found: Estimate) -> tuple[float, float]:
    return (found.low, found.high)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_share_has_the_interval_of_newcombes_table(
    part: int, whole: int, low: float, high: float
) -> None:
    assert ends(wilson(part, whole)) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
    ],
)
def test_a_difference_has_the_interval_of_newcombes_table(
    one: tuple[int, int], other: tuple[int, int], low: float, high: float
) -> None:
    found = difference(wilson(*one), wilson(*other))
    assert ends(found) == pytest.approx((low, high), abs=5e-5)
    assert found.value == pytest.approx(one[0] / one[1] - other[0] / other[1])


@given(whole=st.integers(1, 1000), data=st.data())
def test_a_share_lies_in_its_interval_and_both_in_the_unit(whole: int, data: st.DataObject) -> None:
    part = data.draw(st.integers(0, whole))
    found = wilson(part, whole)
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1
    assert found.low < found.high
    assert (found.low == 0) == (part == 0)
    assert (found.high == 1) == (part == whole)


def test_of_nobody_there_is_no_share() -> None:
    assert math.isnan(wilson(0, 0).value)
