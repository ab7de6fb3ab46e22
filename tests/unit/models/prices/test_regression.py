"""Regressions are ordinary least squares with a dummy for every item, store and week."""

import re
from dataclasses import replace

import numpy as np
import pytest

from models.prices.panel import Panel, panel_of
from models.prices.regression import TooFewItems, fit
from models.spec import FloatArray
from tests.price_panels import Market, made_up

FEW = Market(items=6, categories=2, weeks=30)


def all_of(panel: Panel) -> dict[str, np.ndarray]:
    everyone = np.ones(len(panel.items), dtype=np.bool_)
    return {"price": everyone, "promotion": everyone}


def dummies(codes: np.ndarray) -> FloatArray:
    found: FloatArray = (codes[:, None] == np.unique(codes)).astype(np.float64)
    return found


def by_hand(panel: Panel, *, week_effects: bool) -> FloatArray:
    """Price and promotion of each item, shape (2, i), of one regression with all dummies."""
    series = dummies(panel.item * 100 + panel.store)
    own = dummies(panel.item)
    slopes = np.hstack([own * panel.log_price[:, None], own * panel.promoted[:, None]])
    blocks = [slopes, series, *([dummies(panel.week)[:, 1:]] if week_effects else [])]
    found = np.linalg.lstsq(np.hstack(blocks), panel.log_units, rcond=None)[0]
    return np.asarray(found[: 2 * len(panel.items)].reshape(2, -1), dtype=np.float64)


@pytest.mark.parametrize("week_effects", [True, False])
@pytest.mark.parametrize("stores", [1, 3])
def test_coefficients_are_those_of_least_squares_with_all_dummies(
    stores: int, *, week_effects: bool
) -> None:
    market = Market(items=6, categories=2, weeks=30, stores=stores)
    rows = made_up(market).rows
    chance = np.random.default_rng(1)
    panel = panel_of(rows[chance.random(len(rows)) < 0.9])
    found = fit(panel, all_of(panel), week_effects=week_effects)
    expected = by_hand(panel, week_effects=week_effects)
    np.testing.assert_allclose(found.slopes["price"].value, expected[0], atol=1e-8)
    np.testing.assert_allclose(found.slopes["promotion"].value, expected[1], atol=1e-8)


def design(panel: Panel, item: int) -> tuple[FloatArray, FloatArray, np.ndarray]:
    rows = panel.rows_of(item)
    store = dummies(panel.store[rows])
    matrix = np.column_stack([store, panel.log_price[rows], panel.promoted[rows]])
    return matrix, panel.log_units[rows], panel.week[rows]


def test_errors_of_one_row_a_week_are_hc3() -> None:
    panel = panel_of(made_up(FEW).rows)
    found = fit(panel, all_of(panel), week_effects=False)
    for item in range(len(panel.items)):
        x, y, _ = design(panel, item)
        inverse = np.linalg.inv(x.T @ x)
        left = y - x @ inverse @ x.T @ y
        leverage = np.diag(x @ inverse @ x.T)
        middle = x.T @ np.diag((left / (1 - leverage)) ** 2) @ x
        errors = np.sqrt(np.diag(inverse @ middle @ inverse))
        told = [found.slopes[name].error[item] for name in ("price", "promotion")]
        np.testing.assert_allclose(told, errors[1:])
        assert found.slopes["price"].freedom[item] == len(y) - 3


def test_errors_with_several_stores_are_clustered_by_week() -> None:
    panel = panel_of(made_up(Market(items=2, categories=1, weeks=30, stores=4)).rows)
    found = fit(panel, all_of(panel), week_effects=False)
    x, y, week = design(panel, 0)
    inverse = np.linalg.inv(x.T @ x)
    left = y - x @ inverse @ x.T @ y
    sums = dummies(week).T @ (x * left[:, None])
    weeks, (rows, columns) = len(sums), x.shape
    correction = weeks / (weeks - 1) * (rows - 1) / (rows - columns)
    errors = np.sqrt(correction * np.diag(inverse @ sums.T @ sums @ inverse))
    told = [found.slopes[name].error[0] for name in ("price", "promotion")]
    np.testing.assert_allclose(told, errors[-2:])
    assert found.slopes["price"].freedom[0] == weeks - 1


def test_an_item_without_a_regressor_has_no_coefficient_of_it_and_one_with_none_is_not_seen() -> (
    None
):
    panel = panel_of(made_up(FEW).rows)
    uses = {name: each.copy() for name, each in all_of(panel).items()}
    uses["promotion"][:2] = False
    uses["price"][1] = False
    found = fit(panel, uses, week_effects=True)
    assert np.isnan(found.slopes["promotion"].value[:2]).tolist() == [True, True]
    assert np.isfinite(found.slopes["price"].value).tolist() == [
        True,
        False,
        True,
        True,
        True,
        True,
    ]
    others = panel.where(panel.item != 1)
    again = fit(others, uses, week_effects=True)
    np.testing.assert_allclose(found.week_effects, again.week_effects, atol=1e-12)


def test_week_effects_are_the_season_that_all_items_share() -> None:
    whole = made_up(Market(items=200, noise=0.1))
    panel = panel_of(whole.rows)
    found = fit(panel, all_of(panel), week_effects=True).week_effects
    later = whole.rows.assign(units=whole.rows["units"] * np.exp(0.1 * whole.rows["week"]))
    moved = fit(panel_of(later), all_of(panel), week_effects=True).week_effects
    expected = 0.1 * (np.arange(52) - 25.5)
    np.testing.assert_allclose(moved - found, expected, atol=1e-8)


def test_errors_pay_for_the_week_effects_that_were_estimated() -> None:
    panel = panel_of(made_up(FEW).rows)
    found = fit(panel, all_of(panel), week_effects=True)
    left = replace(panel, log_units=panel.log_units - found.week_effects[panel.week])
    known = fit(left, all_of(panel), week_effects=False)
    rows, weeks = 6 * 30, 30
    expected = known.slopes["price"].error * np.sqrt(rows / (rows - weeks + 1))
    np.testing.assert_allclose(found.slopes["price"].error, expected)


def test_week_effects_of_too_few_items_are_refused() -> None:
    panel = panel_of(made_up(Market(items=4, categories=1, weeks=30)).rows)
    text = (
        "effects of weeks that all items share need 5 items a week or more, but the price or "
        "promotion of 4 varied, in 4.0 rows a week; do without them (week_effects: "
        "false)"
    )
    with pytest.raises(TooFewItems, match=re.escape(text)):
        fit(panel, all_of(panel), week_effects=True)
    assert fit(panel, all_of(panel), week_effects=False).week_effects.tolist() == [0.0] * 30
