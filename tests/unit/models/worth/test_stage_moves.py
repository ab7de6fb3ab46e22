"""Chances to move between stages, time in them, and time until the end."""

import re

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2, chi2_contingency

from models.worth.stage_moves import HistoryUnclear, periods_until, stage_moves
from tests.till_rolls import cell, row


def history(*paths: str, period: int = 7) -> pd.DataFrame:
    """One letter per period; a dot is a period in which the customer is not there."""
    rows = [
        (name, place * period, letter)
        for name, path in enumerate(paths)
        for place, letter in enumerate(path)
        if letter != "."
    ]
    return pd.DataFrame(rows, columns=["customer", "as_of", "stage"])


def test_shares_and_times_by_hand() -> None:
    found = stage_moves(history("aabx", "abbx", "aaax"), ["a", "b", "x"], absorbing="x")
    wide = found.matrix()
    assert row(wide, "a") == [3 / 6, 2 / 6, 1 / 6]
    assert row(wide, "b") == [0.0, 1 / 3, 2 / 3]
    assert np.isnan(row(wide, "x")).all()
    times = found.times.set_index("stage")
    assert cell(times, "a", "expected_periods") == 2.0
    assert cell(times, "b", "expected_periods") == pytest.approx(1.5)
    # t_b = 1 / (1 - 1/3), t_a = (1 + t_b / 3) / (1 - 1/2)
    assert cell(times, "b", "until") == pytest.approx(1.5)
    assert cell(times, "a", "until") == pytest.approx(3.0)
    assert cell(times, "x", "until") == 0.0
    assert row(found.visits, "a") == pytest.approx([2.0, 1.0])
    assert row(found.visits, "b") == pytest.approx([0.0, 1.5])
    assert found.period_days == 7


def test_kemeny_and_snells_drunkard_walks_home() -> None:
    """The random walk with five corners, Kemeny and Snell 1960, chapter 3: t = 3, 4, 3."""
    share = np.zeros((4, 4))
    share[1, [0, 2]] = share[2, [1, 3]] = share[3, [2, 0]] = 0.5
    share[0, 0] = 1.0
    assert periods_until(share, 0).tolist() == pytest.approx([0.0, 3.0, 4.0, 3.0])


def test_where_the_end_may_never_come_the_time_is_infinite() -> None:
    share = np.array([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    assert periods_until(share, 2).tolist() == [np.inf, np.inf, 0.0]


def test_where_a_stage_on_the_way_was_never_left_or_kept_the_time_is_not_known() -> None:
    share = np.array([[0.5, 0.5, 0.0], [np.nan, np.nan, np.nan], [0.0, 0.0, 1.0]])
    assert np.isnan(periods_until(share, 2)[:2]).all()


def test_a_customer_who_was_away_made_no_move() -> None:
    found = stage_moves(history("a.a", "aax"), ["a", "x"], absorbing="x")
    assert found.moves["count"].tolist() == [1, 1, 0, 0]


def test_intervals_are_of_customers_drawn_whole() -> None:
    paths = ["aaaaaaaa"] * 10 + ["abababab"] * 10
    found = stage_moves(history(*paths), ["a", "b"], absorbing="b", resamples=300)
    stay = found.moves.set_index(["source", "target"])
    low, high = cell(stay, ("a", "a"), "low"), cell(stay, ("a", "a"), "high")
    assert low < cell(stay, ("a", "a"), "probability") < high
    assert high - low > 0.2  # of 110 moves alone it would be narrower


def test_who_always_stays_has_no_expected_end() -> None:
    found = stage_moves(history("aaaa", "aaaa"), ["a", "x"], absorbing="x", resamples=20)
    assert found.times["expected_periods"].iloc[0] == np.inf
    assert found.times["high"].iloc[0] == np.inf


def test_the_test_of_equal_chances_is_that_of_a_contingency_table() -> None:
    draws = np.random.default_rng(0)
    paths = ["".join("ab"[each] for each in row_) for row_ in draws.integers(0, 2, (60, 3))]
    found = stage_moves(history(*paths), ["a", "b"], absorbing="b", resamples=2)
    statistic, freedom = 0.0, 0
    for source in "ab":
        table = np.array(
            [
                [sum(p[t : t + 2] == source + target for p in paths) for target in "ab"]
                for t in (0, 1)
            ]
        )
        tested = chi2_contingency(table, correction=False)
        statistic, freedom = statistic + tested.statistic, freedom + tested.dof
    assert found.p_homogeneous == pytest.approx(float(chi2.sf(statistic, freedom)))


def test_days_that_are_not_equally_far_apart_are_refused() -> None:
    rows = history("ab").replace({"as_of": {7: 8}})
    odd = pd.concat([rows, rows.assign(as_of=20).iloc[:1], rows.iloc[:1]])
    text = (
        "moves between stages need two days or more, equally far apart, and one stage of each "
        "customer on each, but the 3 days lie [8, 12] days apart and 1 rows name a customer and "
        "day again; use equally spaced as_ofs"
    )
    with pytest.raises(HistoryUnclear, match=f"^{re.escape(text)}$"):
        stage_moves(odd)


def test_many_stages_that_all_lead_to_each_other_lead_to_the_end() -> None:
    share = np.full((20, 20), 1 / 20)
    assert periods_until(share, 19)[:19].tolist() == pytest.approx([20.0] * 19)


def test_a_row_without_a_stage_is_refused() -> None:
    text = (
        "moves between stages need the stage in every row, but 1 of 2 have none; leave these rows "
        "out"
    )
    with pytest.raises(HistoryUnclear, match=f"^{re.escape(text)}$"):
        stage_moves(history("ab").assign(stage=pd.Series(["a", None])))
