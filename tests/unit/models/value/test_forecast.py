"""What is told of customers to come, and what is not told of who bought once."""

import re

import numpy as np
import pandas as pd
import pytest

from benchmarks.buyers import Buyers, made_up
from models.spec import FiguresUnfit
from models.value.catalogue import BG_NBD, MBG_NBD, PARETO_NBD, mbg_cnbd_k
from models.value.cells import Cells, counted
from models.value.fitted import Fitted, derived
from models.value.forecast import (
    ONE_PURCHASE,
    Ahead,
    bought_by,
    force_of_interest,
    purchases,
    still_there,
    total_purchases,
    valued,
)
from models.value.gamma_gamma import SpendUnknown
from models.value.process import Process

CUSTOMERS = counted(
    pd.DataFrame(
        {
            "repeats": [5.0, 0.0, 0.0, 1.0, 5.0],
            "last_at": [30.0, 0.0, 0.0, 2.0, 30.0],
            "age": [38.0, 38.0, 500.0, 38.0, 38.0],
        }
    )
)


def of(process: Process, *values: float) -> Fitted:
    """A model with these parameters, as if they were found in a thousand customers."""
    count = len(values)
    covariance = np.eye(count) * 0.01
    return Fitted(process.name, process.parameters, (), np.log(values), covariance, 0.0, 1000)


PAPER = of(BG_NBD, 0.243, 4.414, 0.793, 2.426)


def test_who_bought_once_is_never_called_alive_under_bg_nbd() -> None:
    found = still_there(BG_NBD, PAPER, CUSTOMERS)
    assert found["reason"].tolist() == [None, ONE_PURCHASE, ONE_PURCHASE, None, None]
    assert found["alive"].isna().tolist() == [False, True, True, False, False]
    inside = BG_NBD.alive(CUSTOMERS, PAPER.at(CUSTOMERS.covariates, ()))
    assert inside[CUSTOMERS.of[1]] == 1.0
    assert found["alive"][0] == found["alive"][4] > found["alive"][3]


@pytest.mark.parametrize("process", [MBG_NBD, PARETO_NBD, mbg_cnbd_k(2)])
def test_the_other_models_judge_who_bought_once(process: Process) -> None:
    found = still_there(process, of(process, 0.5, 6.0, 0.9, 2.0), CUSTOMERS)
    assert found["reason"].isna().all()
    assert found["alive"].between(0, 1).all()
    assert found["alive"][2] < found["alive"][1]


def test_purchases_of_who_bought_once_are_told_all_the_same() -> None:
    found = purchases(BG_NBD, PAPER, CUSTOMERS, Ahead(39.0))
    assert (found["purchases"] > 0).all()
    assert found["purchases"][2] < found["purchases"][1]
    assert found["purchases"].tolist() == found["discounted_purchases"].tolist()


def test_the_paper_has_one_customer_by_hand() -> None:
    """Fader, Hardie and Lee 2005: x = 2, t_x = 30.43, T = 38.86, and 39 weeks ahead: 1.226."""
    one = counted(pd.DataFrame({"repeats": [2.0], "last_at": [30.43], "age": [38.86]}))
    found = purchases(BG_NBD, PAPER, one, Ahead(39.0))
    assert found["purchases"][0] == pytest.approx(1.226, abs=5e-4)


def test_a_purchase_is_worth_less_the_later_it_comes() -> None:
    force = force_of_interest(0.15, "weeks")
    assert force == pytest.approx(np.log(1.15) * 7 / 365.25)
    found = purchases(BG_NBD, PAPER, CUSTOMERS, Ahead(39.0, force))
    assert (found["discounted_purchases"] < found["purchases"]).all()
    assert (found["discounted_purchases"] > found["purchases"] / 1.15).all()
    whole = purchases(BG_NBD, PAPER, CUSTOMERS, Ahead(np.inf, force))
    assert whole["purchases"].isna().all()
    assert (whole["discounted_purchases"] > found["discounted_purchases"]).all()


def test_parameters_by_customer_give_what_the_same_for_all_do() -> None:
    summary = made_up(Buyers(400, is_by_day=True)).summary.assign(none=0.0, some=1.0)
    plain = purchases(BG_NBD, PAPER, counted(summary), Ahead(39.0, 0.01))
    links = (("alpha", "none"), ("b", "some"))
    estimates, covariance = np.r_[PAPER.estimates, 0.7, 0.0], np.eye(6)
    linked = Fitted("bg_nbd", PAPER.parameters, links, estimates, covariance, 0.0, 400)
    again = purchases(BG_NBD, linked, counted(summary, ["some", "none"]), Ahead(39.0, 0.01))
    pd.testing.assert_frame_equal(plain, again, rtol=1e-9)


def test_a_total_has_an_interval() -> None:
    told = derived(PAPER, lambda at: total_purchases(BG_NBD, at, CUSTOMERS, Ahead(39.0)))
    found = purchases(BG_NBD, PAPER, CUSTOMERS, Ahead(39.0))["purchases"].sum()
    assert told.low < told.value < told.high
    assert told.value == pytest.approx(found)


def test_customers_buy_from_their_first_day_on() -> None:
    found = bought_by(BG_NBD, PAPER, np.array([0.0, 0.0, 10.0]), np.array([0.0, 10.0, 49.0]))
    one = BG_NBD.newcomer(np.exp(PAPER.estimates[:, None]), np.array([10.0, 49.0, 39.0]))
    assert found.tolist() == pytest.approx([0, 2 * one[0], 2 * one[1] + one[2]])


def test_worth_is_purchases_times_spend_times_margin() -> None:
    spending = Fitted(
        "gamma_gamma", ("p", "q", "gamma"), (), np.log([6.25, 3.74, 15.44]), np.eye(3), 0.0, 946
    )
    bought = pd.DataFrame({"purchases": [2.0, 1.0], "discounted_purchases": [1.8, 0.9]})
    summary = pd.DataFrame({"repeats": [2.0, 0.0], "repeat_spend_mean": [22.35, np.nan]})
    found = valued(bought, spending, summary, 0.3)
    own = 6.25 * (15.44 + 2 * 22.35) / (6.25 * 2 + 2.74)
    everyone = 6.25 * 15.44 / 2.74
    assert found["spend_per_purchase"].tolist() == pytest.approx([own, everyone])
    assert found["spend"].tolist() == pytest.approx([2 * own, everyone])
    assert found["value"].tolist() == pytest.approx([1.8 * own * 0.3, 0.9 * everyone * 0.3])


def test_amounts_without_a_mean_are_refused() -> None:
    spending = Fitted(
        "gamma_gamma", ("p", "q", "gamma"), (), np.log([2.0, 0.9, 15.0]), np.eye(3), 0.0, 946
    )
    bought = pd.DataFrame({"purchases": [2.0, 1.0], "discounted_purchases": [1.8, 0.9]})
    summary = pd.DataFrame({"repeats": [2.0, 0.0], "repeat_spend_mean": [22.35, np.nan]})
    with pytest.raises(
        SpendUnknown,
        match=re.escape(
            "the spend of 1 customers has no mean, because q is 0.90 and not above 1; learn from "
            "more customers, or from amounts without the few extreme ones"
        ),
    ):
        valued(bought, spending, summary, 1.0)


@pytest.mark.parametrize(
    ("horizon", "force", "text"),
    [
        (
            0.0,
            0.0,
            (
                "a forecast needs a horizon above 0 and a force of interest from 0 on, but got "
                "0 and 0"
            ),
        ),
        (
            np.inf,
            0.0,
            (
                "purchases of all time are worth something only with interest; give a force above "
                "0, or a finite horizon"
            ),
        ),
    ],
)
def test_horizons_that_make_no_sense_are_refused(horizon: float, force: float, text: str) -> None:
    with pytest.raises(FiguresUnfit, match=re.escape(text)):
        Ahead(horizon, force)


def test_what_came_afterwards_is_about_what_was_forecast() -> None:
    made = made_up(Buyers(8000, r=0.8, alpha=3.0), later=39.0)
    cells: Cells = counted(made.summary)
    found = purchases(BG_NBD, of(BG_NBD, 0.8, 3.0, 0.793, 2.426), cells, Ahead(39.0))["purchases"]
    error = np.std(made.later - found) / np.sqrt(len(found))
    assert abs(float(np.mean(made.later - found))) < 3 * error
