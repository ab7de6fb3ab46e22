"""Scores by recency, frequency and monetary value, and the cells that they name."""

import re

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from models.worth.rfm import (
    CELLS,
    UNNAMED,
    CellsUnclear,
    NobodyToScore,
    RfmSpec,
    cells_of,
    quantile_cuts,
    rfm_cuts,
    rfm_figures,
    rfm_scores,
)
from tests.till_rolls import bought, row

AS_OF = 100


def figures(days: list[int], orders: list[int], spend: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"days_since_order": days, "orders_count": orders, "spend": spend})


def test_figures_are_of_orders_before_as_of_and_returns_lower_the_spend() -> None:
    lines = bought(("a", 90, 5.0), ("a", 95, 4.0), ("a", 97, -1.0), ("b", 10, 3.0), ("b", 100, 9.0))
    found = rfm_figures(lines, AS_OF)
    assert row(found, "a") == [5, 2, 8.0]
    assert row(found, "b") == [90, 1, 3.0]
    assert rfm_figures(lines, AS_OF, RfmSpec(spend="mean")).loc["a", "spend"] == 4.0
    assert rfm_figures(lines, AS_OF, RfmSpec(window_days=50)).index.tolist() == ["a"]


def test_who_only_returned_something_is_not_there() -> None:
    assert rfm_figures(bought(("a", 1, -5.0), ("b", 1, 5.0)), AS_OF).index.tolist() == ["b"]


def test_ten_different_values_fill_five_bins_evenly() -> None:
    cuts = quantile_cuts(np.arange(10.0), 5)
    assert cuts.tolist() == [2.0, 4.0, 6.0, 8.0]


def test_equal_values_stay_in_the_bin_of_the_middle_of_their_ranks() -> None:
    values = np.array([1.0] * 6 + [2.0, 3.0, 4.0, 5.0])
    cuts = quantile_cuts(values, 5)
    assert cuts.tolist() == [1.0, 2.0, 2.0, 4.0]  # 1: ranks 1 to 6, middle 3 of 10: second bin
    assert (1 + np.searchsorted(cuts, [1, 2, 3, 4, 5], side="right")).tolist() == [2, 4, 4, 5, 5]


def test_a_bin_that_nothing_reaches_begins_at_infinity() -> None:
    assert quantile_cuts(np.ones(4), 3).tolist() == [1.0, np.inf]


def test_custom_cut_points_count_on_the_better_side() -> None:
    spec = RfmSpec(recency=(30, 90), frequency=(2, 5), monetary=(100.0,))
    rows = figures([30, 31, 90, 91], [1, 2, 5, 6], [99.0, 100.0, 101.0, 0.0])
    found = rfm_scores(rows, rfm_cuts(rows, spec))
    assert found["recency_score"].tolist() == [3, 2, 2, 1]
    assert found["frequency_score"].tolist() == [1, 2, 3, 3]
    assert found["monetary_score"].tolist() == [1, 2, 2, 1]


def test_who_never_ordered_in_a_behaviour_table_has_the_worst_scores_and_moves_no_cut() -> None:
    rows = pd.DataFrame(
        {"days_since_order": [5, 9, np.nan], "orders_count": [2, 1, 0], "spend": [9, 1, np.nan]}
    )
    cuts = rfm_cuts(rows, RfmSpec(recency=2, frequency=(1,), monetary=2))
    assert cuts.recency.tolist() == [5.0]
    found = rfm_scores(rows, cuts)
    assert found["recency_score"].tolist() == [2, 1, 1]
    assert found["frequency_score"].tolist() == [2, 2, 1]
    assert found["monetary_score"].tolist() == [2, 1, 1]


def test_cut_points_of_an_earlier_day_serve_a_later_one() -> None:
    earlier = figures([1, 10, 20, 30], [4, 3, 2, 1], [4.0, 3.0, 2.0, 1.0])
    cuts = rfm_cuts(earlier, RfmSpec(recency=2, frequency=2, monetary=2))
    assert cuts.recency.tolist() == [10.0]
    later = figures([11, 9], [1, 9], [3.0, 2.9])
    found = rfm_scores(later, cuts)
    assert found["recency_score"].tolist() == [1, 2]
    assert found["frequency_score"].tolist() == [1, 2]
    assert found["monetary_score"].tolist() == [2, 1]


@pytest.mark.parametrize("bins", [2, 3, 4, 5, 7, 10])
def test_the_best_are_champions_and_the_worst_are_lost_at_any_number_of_bins(bins: int) -> None:
    ranks = list(range(1, 101))
    rows = figures(ranks, ranks[::-1], [float(each) for each in ranks[::-1]])
    cuts = rfm_cuts(rows, RfmSpec(recency=bins, frequency=bins, monetary=bins))
    found = rfm_scores(rows, cuts)
    assert found["cell"].iloc[0] == "champions"
    if bins >= 3:
        assert found["cell"].iloc[-1] == "lost"
    assert UNNAMED not in set(found["cell"])


def test_every_position_has_a_cell() -> None:
    at = (np.arange(10) + 0.5) / 10
    grid = np.array(np.meshgrid(at, at, at)).reshape(3, -1).T
    held = np.zeros(len(grid), dtype=bool)
    for named in CELLS.to_dict("records"):
        inside = np.ones(len(grid), dtype=bool)
        for name, values in zip(("recency", "frequency", "monetary"), grid.T, strict=True):
            inside &= (values >= named[f"{name}_from"]) & (values < named[f"{name}_to"])
        held |= inside
    assert held.all()


def test_a_user_names_cells_and_the_first_row_that_holds_wins() -> None:
    bounds = {
        f"{name}_{end}": value
        for name in ("recency", "frequency", "monetary")
        for end, value in (("from", 0.0), ("to", 1.0))
    }
    cells = pd.DataFrame(
        [
            {"cell": "here", **bounds, "recency_from": 0.5},
            {"cell": "everybody recent", **bounds, "recency_from": 0.5},
        ]
    )
    rows = figures([1, 99], [1, 1], [1.0, 1.0])
    found = rfm_scores(rows, rfm_cuts(rows, RfmSpec(recency=(50,))), cells)
    assert found["cell"].tolist() == ["here", UNNAMED]


def test_cells_are_told_by_falling_money() -> None:
    scores = figures([1, 3, 9], [4, 2, 1], [30.0, 10.0, 60.0]).assign(cell=["a", "a", "b"])
    found = cells_of(scores)
    assert found["cell"].tolist() == ["b", "a"]
    assert found["customers_share"].tolist() == [1 / 3, 2 / 3]
    assert found["spend_share"].tolist() == [0.6, 0.4]
    assert row(found, 1, ["days_since_order", "orders_count", "spend_median"]) == [2, 3, 20]


def test_nobody_cannot_be_scored() -> None:
    text = (
        "scores need customers who ordered before as_of, but there are none; use a later as_of or "
        "a longer window_days"
    )
    with pytest.raises(NobodyToScore, match=f"^{re.escape(text)}$"):
        rfm_cuts(figures([], [], []))


def test_cells_without_a_column_or_out_of_bounds_are_refused() -> None:
    rows = figures([1], [1], [1.0])
    cuts = rfm_cuts(rows)
    with pytest.raises(CellsUnclear, match=re.escape("but lacks monetary_to; see models.worth")):
        rfm_scores(rows, cuts, CELLS.drop(columns="monetary_to"))
    text = (
        "cells need bounds from < to within 0..1, but not so are those of champions; a bound is a "
        "position (score - 0.5) / bins"
    )
    with pytest.raises(CellsUnclear, match=f"^{re.escape(text)}$"):
        rfm_scores(rows, cuts, CELLS.replace({"recency_from": {0.6: 5.0}}))
    with pytest.raises(CellsUnclear, match="not so are those of at risk, big spenders, champions"):
        rfm_scores(rows, cuts, CELLS.assign(recency_from="high"))


@pytest.mark.parametrize("asked", [1, (), (3.0, 2.0), (1.0, float("inf"))])
def test_bins_that_cut_nothing_are_refused(asked: object) -> None:
    with pytest.raises(ValidationError, match="needs 2 bins or more, or rising cut points"):
        RfmSpec.model_validate({"recency": asked})
