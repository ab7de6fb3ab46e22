"""A made-up training of value, as a page shows it."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from features.settings import Currency
from models.metrics import Estimate
from models.value.choice import verdict
from models.value.held_out import held_out
from pipelines.value_found import RepeatBuying, ValueFound

TESTED = date(2024, 6, 3)
NAIVE = ("same_again", "latest_total")


def value_found(*, is_good: bool = True) -> ValueFound:
    """Two hundred customers, a model that is near to what came, or far from it."""
    random = np.random.default_rng(5)
    usual = random.gamma(1.0, 5_000, 200)
    came = usual * random.gamma(4.0, 0.25, 200)
    near, far = usual, random.permutation(usual)
    said = {"learner": near if is_good else far, "same_again": far if is_good else near}
    said["latest_total"] = said["same_again"] * 1.1
    said["bg_nbd"] = np.full(200, 0.9 * came.mean())
    names = pd.Index([f"c{place:03}" for place in range(200)], name="customer")
    quarters = np.array(["2023Q4", "2024Q1"], dtype=object)[np.arange(200) % 2]
    held = held_out(came, said, cohorts=quarters, resamples=50)
    told = verdict(held, ["learner"], NAIVE)
    customers = pd.DataFrame({"came": came, **said}, index=names)
    customers["probability"] = 0.5
    customers["purchases"] = 1.0
    customers["alive"] = np.where(np.arange(200) < 20, np.nan, 0.9)
    customers["alive_reason"] = ["one_purchase"] * 20 + [None] * 180
    customers["value"] = usual * 10
    customers["tier"] = np.where(usual > np.quantile(usual, 0.8), "large", "small")
    return ValueFound(
        "shop",
        Currency(),
        TESTED,
        TESTED - timedelta(days=28),
        28,
        364,
        0.1,
        1.0,
        "unknown",
        held,
        None,
        told,
        told.chosen,
        NAIVE,
        {"year_ago": "a season needs a year of purchases"},
        customers,
        pd.Series(quarters, index=names),
        {"learner": Estimate(0.02, 0.01, 0.03)},
        _repeat_buying(),
        (TESTED - timedelta(days=56), TESTED - timedelta(days=28)),
    )


def without_models(found: ValueFound) -> ValueFound:
    """The same where no model could be fitted."""
    customers = found.customers.assign(value=np.nan, alive=np.nan, tier=None)
    return replace(
        found,
        verdict=None,
        shipped="same_again",
        repeat_buying=None,
        customers=customers,
        calibration={},
        chosen_on=None,
        learnt_from=(),
    )


def _repeat_buying() -> RepeatBuying:
    rows = [("r", 0.25, 0.2, 0.3, 0.02), ("b", 2.4, 2.0, np.nan, np.nan)]
    parameters = pd.DataFrame(rows, columns=["name", "value", "low", "high", "error"])
    ends = [TESTED + timedelta(days=7 * step) for step in range(-10, 5)]
    over_time = pd.DataFrame(
        {
            "ends_on": ends,
            "came": np.cumsum(np.arange(15.0)),
            "expected": np.cumsum(np.full(15, 7.0)),
            "is_known": [each <= TESTED for each in ends],
        }
    )
    correlation = Estimate(0.1, 0.05, 0.15)
    return RepeatBuying("bg_nbd", "BG/NBD", parameters, parameters, 200, correlation, over_time)
