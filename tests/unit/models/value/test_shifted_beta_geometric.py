"""Contracts: the figures of the paper, and what renewals to come are worth."""

import re

import numpy as np
import pytest

from models.spec import FiguresUnfit
from models.value.shifted_beta_geometric import (
    Contracts,
    NobodyLeft,
    contracts,
    discounted_renewals,
    fit,
    retention,
    score,
    survival,
)
from tests.oracles import value as oracle

REGULAR = [1000, 631, 468, 382, 326, 289, 262, 241]
HIGH_END = [1000, 869, 743, 653, 593, 551, 517, 491]
"""Customers left after each year: Fader and Hardie 2007, table 1."""


def of_survivors(left: list[int]) -> Contracts:
    years = len(left) - 1
    lost = -np.diff(left)
    periods = np.r_[np.arange(1, years + 1), years]
    has_ended = np.r_[np.ones(years, dtype=bool), False]
    return contracts(periods, has_ended, np.r_[lost, left[-1]].astype(float))


@pytest.mark.parametrize(
    ("left", "alpha", "beta"), [(REGULAR, 0.704, 1.182), (HIGH_END, 0.668, 3.806)]
)
def test_parameters_are_those_of_the_paper(left: list[int], alpha: float, beta: float) -> None:
    fitted = fit(of_survivors(left))
    assert fitted.value("alpha") == pytest.approx(alpha, abs=6e-4)
    assert fitted.value("beta") == pytest.approx(beta, abs=6e-4)
    assert fitted.customers == 1000


def test_later_years_of_the_paper_are_told_from_the_first_seven() -> None:
    parameters = np.exp(fit(of_survivors(HIGH_END)).estimates)[:, None]
    later = survival(parameters, np.arange(8.0, 13.0))
    np.testing.assert_allclose(later, [0.468, 0.445, 0.427, 0.409, 0.394], atol=0.02)


def test_likelihood_is_the_mean_over_customers() -> None:
    values = [0.7, 1.2]
    found = contracts(np.array([1, 4, 4, 0]), np.array([True, True, False, False]))
    expected = [
        oracle.contract(values, int(periods), has_ended=bool(ended))
        for periods, ended in zip(found.periods, found.has_ended, strict=True)
    ]
    value, _ = score(found, np.array(values)[:, None])
    np.testing.assert_allclose(np.exp(value), expected, rtol=1e-9)


def test_retention_is_the_quotient_of_survivals_and_rises() -> None:
    parameters, years = np.array([[0.7], [1.2]]), np.arange(1.0, 9.0)
    found = retention(parameters, years)
    quotient = survival(parameters, years) / survival(parameters, years - 1)
    np.testing.assert_allclose(found, quotient)
    assert (np.diff(found) > 0).all()


def test_renewals_to_come_are_the_sum_of_chances_discounted() -> None:
    parameters, renewals = np.array([[0.7], [1.2]]), np.array([0.0, 5.0])
    there = survival(parameters, renewals)
    chances = [survival(parameters, renewals + year) / there for year in range(1, 5)]
    expected = sum(chance * 1.1**-year for year, chance in enumerate(chances, start=1))
    found = discounted_renewals(parameters, renewals, 4, np.log(1.1))
    np.testing.assert_allclose(found, expected, rtol=1e-8)
    long = discounted_renewals(parameters, renewals, 2000, np.log(1.1))
    whole = discounted_renewals(parameters, renewals, np.inf, np.log(1.1))
    np.testing.assert_allclose(whole, long, rtol=1e-9)
    assert whole[1] > whole[0]


def test_renewals_of_all_time_without_interest_are_refused() -> None:
    with pytest.raises(
        FiguresUnfit,
        match=re.escape(
            "periods of all time are worth something only with interest; give a force above 0, or "
            "a finite horizon"
        ),
    ):
        discounted_renewals(np.array([[2.7], [1.2]]), np.zeros(2), np.inf, 0.0)


def test_contracts_alike_are_counted_together_and_a_covariate_is_found() -> None:
    random = np.random.default_rng(4)
    is_monthly = np.arange(4000) % 2
    leaves = random.beta(0.8, np.where(is_monthly, 1.2, 3.6))
    lasted = random.geometric(np.maximum(leaves, 1e-9))
    periods, has_ended = np.minimum(lasted, 12), lasted <= 12
    found = contracts(periods, has_ended, None, is_monthly[:, None].astype(float), ("is_monthly",))
    assert len(found.periods) <= 26
    assert found.customers.sum() == 4000
    row = fit(found, {"beta": ["is_monthly"]}).table().iloc[-1]
    assert row["low"] < np.log(1 / 3) < row["high"]


def test_contracts_that_say_nothing_are_refused() -> None:
    for ended, told in ((False, "0 ended and 30 renewals"), (True, "10 ended and 0 renewals")):
        periods = np.full(10, 1 if ended else 3)
        with pytest.raises(
            NobodyLeft,
            match=re.escape(
                "renewals are learnt from contracts of which some ended and some were renewed, but "
                f"{told} were seen; use contracts of more periods"
            ),
        ):
            fit(contracts(periods, np.full(10, ended)))


def test_lengths_that_cannot_be_are_refused() -> None:
    with pytest.raises(
        FiguresUnfit,
        match=re.escape(
            "periods are whole numbers from 0 on, and from 1 on of contracts that ended, but 2 of "
            "3 are not; count the periods paid for"
        ),
    ):
        contracts(np.array([0, -1, 2]), np.array([True, False, True]))
    with pytest.raises(
        FiguresUnfit,
        match=re.escape(
            "periods, has_ended, customers and covariates need a row per contract each, but have "
            "2, 1, 2 and 2"
        ),
    ):
        contracts(np.array([1, 2]), np.array([True]))


@pytest.mark.parametrize("odd", [-1.0, np.nan, np.inf])
def test_numbers_of_customers_that_cannot_be_are_refused(odd: float) -> None:
    with pytest.raises(
        FiguresUnfit,
        match=re.escape(
            "contracts need a number of customers from 0 on in every row, but 1 of 2 are negative "
            "or not finite; count them"
        ),
    ):
        contracts(np.array([1, 2]), np.array([True, False]), np.array([odd, 3.0]))
