"""What customers spend per purchase, between what each did and what all do."""

import re

import numpy as np
import pytest

from models.spec import FiguresUnfit
from models.value.gamma_gamma import (
    SpendUnknown,
    expected_spend,
    fit,
    mean_spend,
    score,
    spending,
)
from tests.oracles import value as oracle

VALUES = [6.25, 3.74, 15.44]


def drawn(customers: int, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Repeat purchases, and their mean spend, of customers of the model."""
    random = np.random.default_rng(seed)
    repeats = random.geometric(0.3, customers).astype(float)
    rate = random.gamma(VALUES[1], 1 / VALUES[2], customers)
    return repeats, random.gamma(VALUES[0] * repeats, 1 / (rate * repeats))


def test_the_density_is_the_mean_over_customers() -> None:
    told = [(1.0, 11.77), (3.0, 40.0), (12.0, 25.5)]
    repeats, mean = np.array(told).T
    found, _ = score(spending(repeats, mean), np.array(VALUES)[:, None])
    expected = [oracle.gamma_gamma(VALUES, *each) for each in told]
    np.testing.assert_allclose(np.exp(found), expected, rtol=1e-6)


def test_parameters_are_found_again() -> None:
    fitted = fit(spending(*drawn(5000)))
    table = fitted.table()
    assert ((table["low"] < VALUES) & (table["high"] > VALUES)).all()
    assert mean_spend(fitted) == pytest.approx(6.25 * 15.44 / 2.74, rel=0.03)


def test_a_covariate_multiplies_the_mean_spend() -> None:
    repeats, mean = drawn(4000, seed=2)
    is_rich = (np.arange(4000) % 2).astype(np.float64)
    found = spending(repeats, np.where(is_rich, 2 * mean, mean), is_rich[:, None], ("is_rich",))
    row = fit(found, {"gamma": ["is_rich"]}).table().iloc[-1]
    assert row["name"] == "gamma × is_rich"
    assert row["low"] < np.log(2) < row["high"]


def test_a_covariate_that_is_missing_is_told() -> None:
    repeats, mean = drawn(50)
    is_rich = np.r_[np.nan, np.inf, np.ones(48)]
    with pytest.raises(
        FiguresUnfit,
        match=re.escape(
            "gamma_gamma was to depend on is_rich, which is missing or infinite in 2 of 50 rows; "
            "fill it, or leave these rows out"
        ),
    ):
        fit(spending(repeats, mean, is_rich[:, None], ("is_rich",)), {"gamma": ["is_rich"]})


def test_a_customer_with_many_purchases_is_taken_at_their_word() -> None:
    parameters = np.array(VALUES)[:, None]
    repeats, mean = np.array([0.0, 1.0, 10.0, 1e6]), np.array([np.nan, 100.0, 100.0, 100.0])
    found = expected_spend(parameters, repeats, mean)
    assert found[0] == pytest.approx(35.22, abs=0.01)
    assert found[0] < found[1] < found[2] < found[3]
    assert found[3] == pytest.approx(100, abs=1e-3)


def test_who_paid_nothing_is_left_out_and_told() -> None:
    repeats, mean = drawn(50)
    found = spending(np.r_[repeats, 0, 2, 1], np.r_[mean, np.nan, 0.0, -3.0])
    assert (len(found.mean), found.left_out) == (50, 3)
    parameters = np.array(VALUES)[:, None]
    none = expected_spend(parameters, np.array([0.0, 2.0]), np.array([np.nan, 0.0]))
    assert none[0] == none[1]


def test_the_correlation_is_told_with_its_interval() -> None:
    repeats, mean = drawn(3000, seed=2)
    found = spending(repeats, mean).correlation
    assert found.low < 0 < found.high
    assert found.value == pytest.approx(np.corrcoef(repeats, mean)[0, 1])
    with_more = spending(repeats, mean * repeats).correlation
    assert with_more.low > 0.3
    assert np.isnan(spending(np.ones(9), np.arange(1.0, 10.0)).correlation.value)


def test_the_interval_of_the_correlation_is_that_of_leaving_each_customer_out() -> None:
    random = np.random.default_rng(6)
    repeats = random.geometric(0.3, 900).astype(float)
    mean = np.exp(random.normal(size=900) * (0.2 + 0.1 * repeats)) + 0.3 * repeats
    found = spending(repeats, mean).correlation
    left = [np.delete(np.arange(900), each) for each in range(900)]
    without = np.arctanh([np.corrcoef(repeats[rows], mean[rows])[0, 1] for rows in left])
    error = np.sqrt(899 * np.var(without))
    assert error > 1.5 / np.sqrt(897)
    width = np.arctanh(found.high) - np.arctanh(found.low)
    assert width == pytest.approx(2 * 1.959964 * error, rel=1e-5)
    exact = spending(np.arange(1.0, 6.0), np.arange(1.0, 6.0)).correlation
    assert (exact.low, exact.high) == pytest.approx((1, 1))


def test_too_few_customers_and_equal_amounts_are_refused() -> None:
    for repeats, mean, text in (
        (np.r_[np.ones(9), 0], np.r_[np.arange(1.0, 10.0), np.nan], "9 with 9 amounts (1 never"),
        (np.ones(20), np.full(20, 5.0), "20 with 1 amounts (0 never"),
    ):
        with pytest.raises(
            SpendUnknown,
            match=re.escape(
                "the spend of a purchase is learnt from 10 customers or more who bought again and "
                f"spent different amounts, but there are {text} bought again, or for nothing); use "
                "purchases of a longer time"
            ),
        ):
            fit(spending(repeats, mean))


def test_columns_of_different_tables_are_refused() -> None:
    with pytest.raises(
        FiguresUnfit,
        match=re.escape(
            "repeats, mean spend and covariates need a row per customer each, but have 3, 2 and 2; "
            "give the columns of one table"
        ),
    ):
        spending(np.ones(3), np.ones(2))
