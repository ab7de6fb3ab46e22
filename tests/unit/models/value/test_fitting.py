"""What made customers is found again, with intervals; what cannot be told is refused."""

import json
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from benchmarks.buyers import Buyers, made_up
from models.spec import ColumnsMissing
from models.value import process
from models.value.catalogue import BG_NBD, PARETO_NBD, mbg_cnbd_k
from models.value.cells import Cells, counted, roughly
from models.value.fitted import Fitted, derived, restored
from models.value.fitting import NotConverged
from models.value.process import NobodyBoughtAgain, fit
from models.value.regularity import fit_regular

STEADY = Buyers(6000, r=0.8, alpha=3.0, a=0.8, b=2.4, weeks=52, is_by_day=True)


@pytest.fixture(scope="module")
def cells() -> Cells:
    return counted(made_up(STEADY).summary)


@pytest.fixture(scope="module")
def fitted(cells: Cells) -> Fitted:
    return fit(BG_NBD, cells)


def test_parameters_are_found_again_within_their_intervals(fitted: Fitted) -> None:
    table = fitted.table()
    assert table["name"].tolist() == ["r", "alpha", "a", "b"]
    truth = np.array([0.8, 3.0, 0.8, 2.4])
    assert ((table["low"] < truth) & (truth < table["high"])).all()
    assert (table["high"] / table["low"] < 1.6).all()
    assert fitted.customers == 6000
    criterion = 4 * np.log(6000) - 2 * fitted.log_likelihood
    assert fitted.bayesian_information == pytest.approx(criterion)


def test_the_information_is_that_of_second_differences_of_the_likelihood(
    cells: Cells, fitted: Fitted
) -> None:
    step = 1e-3

    def at(moved: np.ndarray) -> float:
        value, _ = BG_NBD.score(cells, np.exp(fitted.estimates + moved)[:, None])
        return float(value @ cells.customers)

    units = np.eye(4) * step
    information = np.array(
        [
            [-(at(x + y) - at(x - y) - at(y - x) + at(-x - y)) / (4 * step**2) for y in units]
            for x in units
        ]
    )
    covariance = np.linalg.inv(information)
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), fitted.table()["error"], rtol=1e-3)


def test_a_customer_counted_twice_counts_twice(cells: Cells, fitted: Fitted) -> None:
    twice = fit(BG_NBD, replace(cells, customers=2 * cells.customers))
    np.testing.assert_allclose(twice.estimates, fitted.estimates, atol=1e-4)
    np.testing.assert_allclose(twice.covariance * 2, fitted.covariance, rtol=1e-2)


def test_the_unit_of_time_changes_nothing_but_alpha(cells: Cells, fitted: Fitted) -> None:
    days = fit(BG_NBD, replace(cells, last_at=7 * cells.last_at, age=7 * cells.age))
    assert days.value("alpha") == pytest.approx(7 * fitted.value("alpha"), rel=1e-3)
    for name in ("r", "a", "b"):
        assert days.value(name) == pytest.approx(fitted.value(name), rel=1e-3)
    np.testing.assert_allclose(days.covariance, fitted.covariance, rtol=1e-2)


def test_a_stored_model_is_the_same_model(fitted: Fitted) -> None:
    again = restored(json.loads(json.dumps(fitted.record())))
    pd.testing.assert_frame_equal(again.table(), fitted.table())
    assert (again.model, again.log_likelihood) == ("bg_nbd", fitted.log_likelihood)


def test_derived_figures_have_the_interval_of_the_delta_method(fitted: Fitted) -> None:
    rate = derived(fitted, lambda at: at.value("r") / at.value("alpha"))
    assert rate.value == pytest.approx(fitted.value("r") / fitted.value("alpha"))
    covariance = fitted.covariance[:2, :2]
    error = rate.value * np.sqrt(np.array([1, -1]) @ covariance @ np.array([1, -1]))
    assert rate.high - rate.value == pytest.approx(1.959964 * error, rel=1e-5)
    assert rate.value - rate.low == pytest.approx(1.959964 * error, rel=1e-5)


@pytest.mark.parametrize("process", [BG_NBD, PARETO_NBD])
def test_covariates_are_found_again(process: object) -> None:
    slow, quick = (
        made_up(replace(STEADY, customers=3000, alpha=alpha), seed).summary.assign(is_quick=flag)
        for seed, alpha, flag in ((1, 6.0, 0), (2, 2.0, 1))
    )
    model = BG_NBD if process is BG_NBD else PARETO_NBD
    found = counted(pd.concat([slow, quick]), ["is_quick"])
    fitted = fit(model, found, {"alpha": ["is_quick"]})
    row = fitted.table().iloc[-1]
    assert row["name"] == "alpha × is_quick"
    if model is BG_NBD:
        assert row["low"] < np.log(2 / 6) < row["high"]
    assert row["high"] < -0.8
    parameters = fitted.at(np.array([[0.0], [1.0]]), ("is_quick",))
    assert parameters[1, 1] / parameters[1, 0] == pytest.approx(np.exp(row["value"]))
    with pytest.raises(
        ColumnsMissing,
        match=re.escape(
            f"{model.name} was fitted with the covariate is_quick, but the cells have none; count "
            "the cells by it too"
        ),
    ):
        fitted.at(np.empty((2, 0)), ())


def test_a_covariate_without_a_say_is_about_0() -> None:
    summary = made_up(STEADY).summary
    is_even = (summary["customer"] % 2).astype(float)
    fitted = fit(BG_NBD, counted(summary.assign(is_even=is_even), ["is_even"]), {"a": ["is_even"]})
    row = fitted.table().iloc[-1]
    assert row["low"] < 0 < row["high"]


def test_customers_who_never_came_back_are_refused() -> None:
    never = pd.DataFrame({"repeats": [0, 0], "last_at": [0.0, 0.0], "age": [3.0, 9.0]})
    with pytest.raises(
        NobodyBoughtAgain,
        match=re.escape(
            "Pareto/NBD learns from repeat purchases, but none of 2 customers has one; use "
            "purchases of a longer time"
        ),
    ):
        fit(PARETO_NBD, counted(never))


def test_customers_who_never_leave_are_refused() -> None:
    loyal = made_up(replace(STEADY, customers=500, a=1e-6, b=1.0)).summary
    with pytest.raises(NotConverged, match="bg_nbd did not converge on 500 customers: the "):
        fit(BG_NBD, counted(loyal))


def test_customers_who_all_leave_alike_are_refused_by_pareto_nbd() -> None:
    alike = made_up(replace(STEADY, customers=500, a=8000.0, b=24000.0)).summary
    with pytest.raises(
        NotConverged,
        match=re.escape(
            "pareto_nbd did not converge on 500 customers: the purchases tell next to nothing of "
            "beta; use more customers, a longer time of purchases, fewer covariates, or a simpler "
            "model"
        ),
    ):
        fit(PARETO_NBD, counted(alike))


def test_the_unit_of_a_covariate_changes_its_coefficient_alone() -> None:
    summary = made_up(STEADY).summary
    years = 1980 + np.random.default_rng(3).integers(0, 5, len(summary))
    fitted = [
        fit(BG_NBD, counted(summary.assign(since=since), ["since"]), {"alpha": ["since"]})
        for since in (years, (years - 1980) / 100)
    ]
    slopes, errors, others = (
        np.array([each.table()[name].to_numpy() for each in fitted])
        for name in ("value", "error", "low")
    )
    assert slopes[1, 4] == pytest.approx(100 * slopes[0, 4], rel=1e-3)
    assert errors[1, 4] == pytest.approx(100 * errors[0, 4], rel=1e-3)
    np.testing.assert_allclose(others[1, [0, 2, 3]], others[0, [0, 2, 3]], rtol=1e-3)
    rows = [
        each.at(np.array([[at]]), ("since",)) for each, at in zip(fitted, (1982, 0.02), strict=True)
    ]
    np.testing.assert_allclose(rows[0], rows[1], rtol=1e-5)


def test_covariates_and_parameters_that_there_are_not_are_told(cells: Cells) -> None:
    with pytest.raises(
        ColumnsMissing,
        match=re.escape(
            "bg_nbd has the parameters r, alpha, a, b, and none named lambda that could depend on "
            "covariates"
        ),
    ):
        fit(BG_NBD, cells, {"lambda": []})
    with pytest.raises(
        ColumnsMissing,
        match=re.escape(
            "bg_nbd was to depend on is_store, but customers have no covariates; count them by "
            "these covariates too"
        ),
    ):
        fit(BG_NBD, cells, {"a": ["is_store"]})


def test_a_search_among_rough_cells_ends_at_the_same_parameters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cells = counted(made_up(replace(STEADY, customers=12_000)).summary)
    assert len(cells) > process._MANY  # noqa: SLF001
    assert len(roughly(cells, 16)) < len(cells) / 4
    assert roughly(cells, 16).total == cells.total
    found = fit(BG_NBD, cells)
    monkeypatch.setattr(process, "_MANY", 10**9)
    again = fit(BG_NBD, cells)
    np.testing.assert_allclose(found.estimates, again.estimates, atol=1e-4)
    np.testing.assert_allclose(found.covariance, again.covariance, rtol=1e-2)
    assert found.log_likelihood == pytest.approx(again.log_likelihood, abs=1e-4)


def test_a_covariate_that_is_the_same_for_all_is_refused() -> None:
    summary = made_up(replace(STEADY, customers=500)).summary.assign(always=1.0)
    with pytest.raises(
        NotConverged,
        match=re.escape(
            "use more customers, a longer time of purchases, fewer covariates, or a simpler model"
        ),
    ):
        fit(BG_NBD, counted(summary, ["always"]), {"alpha": ["always"]})


@pytest.mark.parametrize("regularity", [1, 3])
def test_regularity_is_found_again(regularity: int) -> None:
    steady = replace(STEADY, regularity=regularity, leave_at_once=True, customers=3000)
    summary = made_up(steady).summary
    found = fit_regular(counted(summary), float(summary["log_intervals"].sum()), most=4)
    assert found.process.name == mbg_cnbd_k(regularity).name
    best = found.tried.set_index("k")["log_likelihood"].idxmax()
    assert best == regularity
    assert found.fitted.log_likelihood == found.tried["log_likelihood"].max()
