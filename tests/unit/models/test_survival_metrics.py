"""Figures of survival curves: values worked out by hand, bounds, and what censoring may not do."""

import re

import numpy as np
import pytest

from models.lifetimes import Lifetimes
from models.metrics import brier, roc_auc
from models.spec import FiguresUnfit, FloatArray
from models.survival_metrics import (
    Figure,
    Judged,
    calibration_error,
    concordance,
    every,
    gone_ratio,
    integrated_brier,
    known_weight,
    less,
    measured,
    timed_concordance,
    uno_concordance,
    watching,
)


def judged(rows: list[tuple[int, bool]], survival: list[list[float]]) -> Judged:
    weeks, ended = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    return Judged(Lifetimes(weeks, ended), np.array(survival))


def once(figure: Figure, customers: int) -> float:
    return float(figure(np.ones((1, customers)))[0])


FOUR = judged(
    [(1, True), (1, False), (2, True), (2, False)],
    [[0.5, 0.2], [0.9, 0.9], [0.8, 0.4], [0.6, 0.5]],
)
"""One leaves in week 1, one is lost from sight after it, one leaves in week 2, one outlasts it."""


def test_of_three_who_outlast_a_week_one_is_watched_no_longer() -> None:
    found = watching(FOUR.lifetimes, 2, np.ones((1, 4)))
    assert found.tolist() == [[1, pytest.approx(2 / 3)]]


def test_concordance_by_hand() -> None:
    """Week 1: the first against three, all of less risk. Week 2: .8 and .4 against .6 and .5.

    Sums of survival are .7, 1.8, 1.2 and 1.1, so that the pair of week 2 is lost; at the end of
    week 2 itself, .4 is below .5 and it is won.
    """
    assert once(concordance(FOUR), 4) == pytest.approx(3 / 4)
    assert once(uno_concordance(FOUR), 4) == pytest.approx(3 / (3 + (3 / 2) ** 2))
    assert once(timed_concordance(FOUR), 4) == 1


def test_integrated_brier_by_hand() -> None:
    """Week 1: .5², .1², .2², .4². Week 2: .2², and with 3/2 for the lost one .4² and .5²."""
    first = (0.25 + 0.01 + 0.04 + 0.16) / 4
    second = (0.04 + 1.5 * (0.16 + 0.25)) / 4
    assert once(integrated_brier(FOUR), 4) == pytest.approx((first + second) / 2)


def test_who_is_gone_beside_who_was_said_to_be_by_hand() -> None:
    """By week 2 the first counts once, the last two 3/2 each, and the lost one not at all."""
    assert known_weight(FOUR.lifetimes, 2, np.ones((1, 4)))[0] == pytest.approx([1, 0, 1.5, 1.5])
    said = 0.8 + 1.5 * 0.6 + 1.5 * 0.5
    assert once(gone_ratio(FOUR, 2), 4) == pytest.approx(2.5 / said)
    assert once(gone_ratio(FOUR, 1), 4) == pytest.approx(1 / (0.5 + 0.1 + 0.2 + 0.4))


def population(customers: int, seed: int) -> tuple[Lifetimes, FloatArray]:
    """Lifetimes drawn from the very curves that are then judged, over eight weeks."""
    random = np.random.default_rng(seed)
    hazard = random.uniform(0.02, 0.3, (customers, 1)) * np.linspace(1.4, 0.6, 8)
    ends = random.random((customers, 8)) < hazard
    ended = np.asarray(ends.any(axis=1), dtype=np.bool_)
    weeks = np.where(ended, ends.argmax(axis=1) + 1, 8)
    return Lifetimes(weeks, ended), np.cumprod(1 - hazard, axis=1, dtype=np.float64)


def censored(lifetimes: Lifetimes, seed: int) -> Lifetimes:
    """The same customers, of whom most are lost from sight at a time of their own."""
    watched = np.random.default_rng(seed).integers(1, 9, len(lifetimes.weeks))
    seen = lifetimes.ended & (lifetimes.weeks <= watched)
    return Lifetimes(np.minimum(lifetimes.weeks, watched), seen)


def test_without_censoring_the_figures_are_those_of_single_weeks() -> None:
    lifetimes, survival = population(400, 1)
    whole, gone = Judged(lifetimes, survival), lifetimes.ending_by
    weeks = range(1, 9)
    squares = [brier(gone(week), 1 - survival[:, week - 1]) for week in weeks]
    assert once(integrated_brier(whole), 400) == pytest.approx(np.mean(squares))
    first = Judged(
        Lifetimes(np.ones(400, dtype=np.int64), gone(1)), np.ascontiguousarray(survival[:, :1])
    )
    auc = roc_auc(gone(1), 1 - survival[:, 0])
    for figure in (concordance, uno_concordance, timed_concordance):
        assert once(figure(first), 400) == pytest.approx(auc)


def test_censoring_moves_no_figure_beyond_chance() -> None:
    """And leaving out those whose fate is unknown, as if it were no matter, would."""
    lifetimes, survival = population(20_000, 2)
    whole, part = Judged(lifetimes, survival), Judged(censored(lifetimes, 3), survival)
    for figure in (uno_concordance, integrated_brier):
        assert once(figure(part), 20_000) == pytest.approx(once(figure(whole), 20_000), abs=0.006)
    assert once(gone_ratio(part, 8), 20_000) == pytest.approx(1, abs=0.02)
    assert once(calibration_error(part, 8), 20_000) < 0.025
    known = part.lifetimes.ending_by(8) | part.lifetimes.outlasting(8)
    naive = part.lifetimes.ending_by(8)[known].sum() / (1 - survival[known, 7]).sum()
    assert naive > 1.2


def test_curves_that_are_off_are_seen_to_be_at_their_horizon() -> None:
    lifetimes, survival = population(5_000, 4)
    off = Judged(lifetimes, survival**1.5)
    right = Judged(lifetimes, survival)
    assert once(calibration_error(off, 8), 5_000) > once(calibration_error(right, 8), 5_000) + 0.05
    assert once(gone_ratio(off, 8), 5_000) < 0.9
    assert once(integrated_brier(off), 5_000) > once(integrated_brier(right), 5_000)


def test_a_difference_is_measured_on_the_same_resamples() -> None:
    lifetimes, survival = population(600, 5)
    ours, flat = Judged(lifetimes, survival), Judged(lifetimes, np.tile(survival.mean(0), (600, 1)))
    figures = {
        "ours": integrated_brier(ours),
        "flat": integrated_brier(flat),
        "behind": less(integrated_brier(flat), integrated_brier(ours)),
        "itself": less(integrated_brier(ours), integrated_brier(ours)),
    }
    found = measured(figures, 600, seed=1)
    assert found["behind"].value == pytest.approx(found["flat"].value - found["ours"].value)
    width = {name: estimate.high - estimate.low for name, estimate in found.items()}
    assert 0 < width["behind"] < width["ours"]
    assert width["itself"] == found["itself"].value == 0


def test_one_curve_for_all_ranks_nobody() -> None:
    lifetimes, survival = population(50, 6)
    flat = Judged(lifetimes, np.tile(survival.mean(0), (50, 1)))
    assert once(concordance(flat), 50) == once(uno_concordance(flat), 50) == 0.5


def test_every_figure_is_there_at_each_horizon() -> None:
    assert list(every(FOUR, [1, 2])) == [
        *("concordance", "uno_concordance", "timed_concordance", "integrated_brier"),
        *("calibration_error_1w", "gone_ratio_1w", "calibration_error_2w", "gone_ratio_2w"),
    ]


def test_without_a_pair_there_is_no_concordance() -> None:
    assert once(concordance(judged([(1, False), (1, True)], [[0.5]] * 2)), 2) == 0.5
    assert np.isnan(once(concordance(judged([(1, False), (1, False)], [[0.5]] * 2)), 2))


def test_curves_that_are_none_are_refused() -> None:
    text = (
        "survival curves need survival within 0..1, but it runs from -0.1 to 0.5; "
        "pass probabilities, not log-odds or percentages"
    )
    with pytest.raises(FiguresUnfit, match=f"^{re.escape(text)}$"):
        judged([(1, True), (1, False)], [[-0.1], [0.5]])
    with pytest.raises(FiguresUnfit, match="one figure per customer"):
        judged([(1, True)], [[0.1], [0.5]])


def test_who_is_watched_from_later_on_cannot_be_judged() -> None:
    lifetimes = Lifetimes(np.array([2]), np.array([True]), np.array([1]))
    text = "survival curves are judged from the first week on, not from a later one"
    with pytest.raises(ValueError, match=f"^{text}$"):
        Judged(lifetimes, np.array([[0.5, 0.4]]))
