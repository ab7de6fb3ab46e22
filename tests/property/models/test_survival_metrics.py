"""Figures of survival curves against pairs and sums over customers, for any weights."""

import math

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from models.lifetimes import Lifetimes
from models.metrics import expected_calibration_error
from models.spec import FloatArray
from models.survival_metrics import (
    Figure,
    Judged,
    calibration_error,
    concordance,
    gone_ratio,
    integrated_brier,
    known_weight,
    timed_concordance,
    uno_concordance,
    watching,
)
from tests.oracles import lifetimes as oracle

WEEKS = 4
lives = st.tuples(st.integers(1, WEEKS + 2), st.booleans())
hazards = st.lists(st.sampled_from([0.0, 0.1, 0.3, 0.5, 1.0]), min_size=WEEKS, max_size=WEEKS)
rows = st.lists(st.tuples(lives, hazards, st.integers(0, 3)), min_size=2, max_size=14)

Row = tuple[oracle.Lifetime, list[float], int]
Parts = tuple[Judged, list[oracle.Lifetime], list[list[float]], list[float], FloatArray]


def parts(drawn: list[Row]) -> Parts:
    """The same customers for ours and for the oracle; the first is there in any resample."""
    found = [life for life, _, _ in drawn]
    curves = np.cumprod(1 - np.array([hazard for _, hazard, _ in drawn]), axis=1)
    weights = [1.0, *(float(weight) for _, _, weight in drawn[1:])]
    lifetimes = Lifetimes(
        np.array([weeks for weeks, _ in found]), np.array([ended for _, ended in found])
    )
    return Judged(lifetimes, curves), found, curves.tolist(), weights, np.array([weights])


def value(figure: Figure, weights: FloatArray) -> float:
    """Of one resample, though two are asked for at once."""
    twice = figure(np.vstack([np.ones_like(weights), weights]))
    return float(twice[1])


@given(drawn=rows)
def test_who_is_watched_is_counted_week_by_week(drawn: list[Row]) -> None:
    judged, found, _, weights, given_weights = parts(drawn)
    chances = watching(judged.lifetimes, WEEKS, given_weights)[0]
    for week in range(1, WEEKS + 1):
        assert chances[week - 1] == pytest.approx(oracle.watching(found, weights, week))


@given(drawn=rows)
def test_concordance_is_that_of_pairs(drawn: list[Row]) -> None:
    judged, found, curves, weights, given_weights = parts(drawn)
    for figure, power, is_timed in (
        (concordance(judged), 0, False),
        (uno_concordance(judged), 2, False),
        (timed_concordance(judged), 0, True),
    ):
        try:
            wanted = oracle.concordance(found, curves, weights, power=power, is_timed=is_timed)
        except ZeroDivisionError:
            wanted = math.nan
        assert value(figure, given_weights) == pytest.approx(wanted, nan_ok=True)


@given(drawn=rows)
def test_integrated_brier_is_the_mean_of_its_weeks(drawn: list[Row]) -> None:
    judged, found, curves, weights, given_weights = parts(drawn)
    wanted = oracle.integrated_brier(found, curves, weights)
    assert value(integrated_brier(judged), given_weights) == pytest.approx(wanted)


@given(drawn=rows, week=st.integers(1, WEEKS))
@example(drawn=[((1, False), [0.0] * WEEKS, 0)] * 2, week=2)
def test_calibration_counts_those_whose_fate_is_known(drawn: list[Row], week: int) -> None:
    judged, found, curves, weights, given_weights = parts(drawn)
    known = given_weights * known_weight(judged.lifetimes, week, given_weights)
    gone, said = judged.lifetimes.ending_by(week), 1 - judged.survival[:, week - 1]
    if known.sum() == 0:
        assert math.isnan(value(calibration_error(judged, week), given_weights))
        return
    if known[0] @ said > 0:
        ratio = oracle.gone_ratio(found, curves, weights, week)
        assert value(gone_ratio(judged, week), given_weights) == pytest.approx(ratio)
    wanted = expected_calibration_error(gone, said, known[0])
    assert value(calibration_error(judged, week), given_weights) == pytest.approx(wanted)
