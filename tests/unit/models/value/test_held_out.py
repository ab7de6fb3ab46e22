"""Predictors beside what came: measures, tenths, cohorts, paired gains."""

import re

import numpy as np
import pytest
from scipy.stats import spearmanr

from models.spec import FiguresUnfit
from models.value.held_out import MEASURES, held_out
from tests.till_rolls import cell, row

CAME = np.array([0.0, 0.0, 10.0, 30.0])
GOOD = np.array([1.0, 0.0, 8.0, 25.0])
FLAT = np.full(4, 10.0)


def test_measures_by_hand() -> None:
    found = held_out(CAME, {"good": GOOD, "flat": FLAT}, resamples=20)
    assert found.value("good", "mae").value == 2.0
    assert found.value("good", "rmse").value == pytest.approx(np.sqrt(30 / 4))
    assert found.value("good", "total_bias").value == pytest.approx(34 / 40 - 1)
    assert found.value("flat", "mae").value == 10.0
    assert found.value("flat", "total_bias").value == 0.0
    assert np.isnan(found.value("flat", "spearman").value)
    assert found.value("flat", "top_tenth_share").value == pytest.approx(0.1)
    assert found.value("good", "top_tenth_share").value == pytest.approx(0.4 * 30 / 40)
    assert found.customers == 4
    assert found.came == 40.0


def test_rank_correlation_is_that_of_scipy_with_ties() -> None:
    draws = np.random.default_rng(2)
    came, said = draws.poisson(2, 200).astype(float), draws.poisson(2, 200).astype(float)
    found = held_out(came, {"x": said}, resamples=5).value("x", "spearman").value
    assert found == pytest.approx(spearmanr(came, said).statistic)


def test_gains_are_above_0_where_better_whatever_the_measure() -> None:
    found = held_out(CAME, {"good": GOOD, "flat": FLAT}, resamples=50)
    assert found.gain("mae", "good", "flat").value == 8.0
    assert found.gain("rmse", "good", "flat").value > 0
    assert found.gain("total_bias", "good", "flat").value == pytest.approx(-6 / 40)
    rows = found.gains(["flat"])
    assert rows["predictor"].unique().tolist() == ["good"]
    assert rows["measure"].tolist() == list(MEASURES)


def test_paired_gains_are_surer_than_their_parts() -> None:
    draws = np.random.default_rng(1)
    came = draws.lognormal(3, 1.5, 500)
    near, off = came * 0.9, came * 0.85
    found = held_out(came, {"near": near, "off": off}, resamples=200)
    assert found.value("near", "mae").high > found.value("off", "mae").low
    assert found.gain("mae", "near", "off").low > 0


def test_tenths_go_by_the_promise_and_equal_promises_stay_together() -> None:
    said = np.arange(20.0)
    found = held_out(said * 2, {"x": said, "flat": np.ones(20)}, resamples=10)
    mine = found.deciles[found.deciles["predictor"] == "x"]
    assert mine["customers"].tolist() == [2] * 10
    assert mine["promised"].iloc[0] == 37.0
    assert mine["came"].iloc[0] == 74.0
    assert mine["ratio"].iloc[0] == 2.0
    flat = found.deciles[found.deciles["predictor"] == "flat"]
    assert flat["customers"].tolist() == [0, 0, 0, 0, 0, 20, 0, 0, 0, 0]
    assert found.value("x", "top_tenth_share").value == 74 / 380


def test_cohorts_are_told_apart() -> None:
    labels = np.array(["old", "new", "old", "new"])
    found = held_out(CAME, {"good": GOOD}, cohorts=labels, resamples=10)
    rows = found.cohorts.set_index("cohort")
    assert row(rows, "new", ["customers", "promised", "came"]) == [2, 25.0, 30.0]
    assert cell(rows, "old", "bias") == pytest.approx(9 / 10 - 1)
    assert held_out(CAME, {"good": GOOD}, resamples=10).cohorts.empty


def test_rows_of_one_customer_are_drawn_together() -> None:
    draws = np.random.default_rng(3)
    came = np.repeat(draws.lognormal(1, 1, 50), 8)
    said, groups = np.full(400, 3.0), np.repeat(np.arange(50), 8)
    together = held_out(came, {"x": said}, groups=groups, resamples=300).value("x", "mae")
    apart = held_out(came, {"x": said}, resamples=300).value("x", "mae")
    assert together.high - together.low > 2 * (apart.high - apart.low)


def test_a_promise_that_is_missing_is_refused() -> None:
    text = (
        "a comparison of predictors need finite numbers, but 1 of 4 in x are not; mend them or "
        "leave these customers out"
    )
    with pytest.raises(FiguresUnfit, match=f"^{re.escape(text)}$"):
        held_out(CAME, {"x": np.array([1.0, 2.0, np.nan, 3.0])})


def test_labels_of_other_customers_and_no_predictor_are_refused() -> None:
    text = (
        "a comparison needs predictors and labels of the same customers, but was given 1 "
        "predictors of 4 customers, 2 cohorts; pass them in one order"
    )
    with pytest.raises(FiguresUnfit, match=f"^{re.escape(text)}$"):
        held_out(CAME, {"x": GOOD}, cohorts=np.array(["old", "new"]))
    with pytest.raises(FiguresUnfit, match="was given 0 predictors of 4 customers; pass them"):
        held_out(CAME, {})
