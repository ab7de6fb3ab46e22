"""Intervals hold what is true as often as they say; docs/value.md has the shares."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest

from benchmarks.buyers import Buyers, made_up
from models.value import gamma_gamma
from models.value.catalogue import BG_NBD, MBG_NBD, PARETO_NBD
from models.value.cells import Cells, counted
from models.value.fitted import Fitted, derived
from models.value.fitting import NotConverged
from models.value.forecast import Ahead, purchases, total_purchases
from models.value.process import Process, fit
from models.value.regularity import fit_regular

BUYERS = Buyers(2000, r=0.8, alpha=3.0, a=0.8, b=2.4, weeks=52)
TIMES = 200


def shares(
    process: Process, buyers: Buyers, truth: dict[str, float]
) -> tuple[dict[str, float], int]:
    """Share of the intervals of each parameter that hold it, and how many fits were refused."""
    held = dict.fromkeys(truth, 0)
    refused = 0
    for seed in range(TIMES):
        try:
            table = fit(process, counted(made_up(buyers, seed).summary)).table()
        except NotConverged:
            refused += 1
            continue
        for name, low, high in zip(table["name"], table["low"], table["high"], strict=True):
            held[name] += bool(low < truth[name] < high)
    return {name: count / (TIMES - refused) for name, count in held.items()}, refused


@pytest.mark.slow
@pytest.mark.parametrize("process", [BG_NBD, MBG_NBD])
def test_intervals_of_parameters_hold_the_true_ones(process: Process) -> None:
    buyers = replace(BUYERS, leave_at_once=process is MBG_NBD)
    found, refused = shares(process, buyers, {"r": 0.8, "alpha": 3.0, "a": 0.8, "b": 2.4})
    assert refused == 0
    assert all(0.91 <= share <= 0.985 for share in found.values()), found


@pytest.mark.slow
def test_intervals_of_spend_hold_the_true_ones() -> None:
    truth, held = np.array([6.25, 3.74, 15.44]), np.zeros(3)
    for seed in range(TIMES):
        random = np.random.default_rng(seed)
        repeats = random.geometric(0.3, 1000).astype(float)
        rate = random.gamma(truth[1], 1 / truth[2], 1000)
        mean = random.gamma(truth[0] * repeats, 1 / (rate * repeats))
        table = gamma_gamma.fit(gamma_gamma.spending(repeats, mean)).table()
        held += (table["low"] < truth) & (truth < table["high"])
    assert ((held / TIMES >= 0.91) & (held / TIMES <= 0.985)).all(), held / TIMES


def total(cells: Cells, fitted: Fitted) -> float:
    return total_purchases(BG_NBD, fitted, cells, Ahead(26.0))


@pytest.mark.slow
def test_intervals_of_totals_hold_the_expectation() -> None:
    """Of purchases in the next half year, given the same customers and the true parameters."""
    held = 0
    true = np.log([0.8, 3.0, 0.8, 2.4])
    for seed in range(TIMES):
        cells: Cells = counted(made_up(BUYERS, seed).summary)
        fitted = fit(BG_NBD, cells)
        told = derived(fitted, partial(total, cells))
        known = Fitted("bg_nbd", BG_NBD.parameters, (), true, np.eye(4), 0.0, 2000)
        expected = total(cells, known)
        held += told.low < expected < told.high
    assert 0.91 <= held / TIMES <= 0.985, held / TIMES


@pytest.mark.slow
@pytest.mark.parametrize("regularity", [1, 2, 3])
def test_regular_customers_are_forecast_without_bias(regularity: int) -> None:
    buyers = replace(BUYERS, customers=40_000, regularity=regularity, leave_at_once=True)
    made = made_up(buyers, later=39.0)
    cells = counted(made.summary)
    found = fit_regular(cells, float(made.summary["log_intervals"].sum()))
    assert found.process.title.endswith(f"-{regularity}") or regularity == 1
    told = purchases(found.process, found.fitted, cells, Ahead(39.0))["purchases"].to_numpy()
    for repeats in range(4):
        alike = (cells.repeats == repeats)[cells.of]
        error = made.later[alike] - told[alike]
        assert abs(error.mean()) < 4 * error.std() / np.sqrt(alike.sum())


@pytest.mark.slow
def test_pareto_nbd_finds_what_leaves_at_any_moment() -> None:
    random = np.random.default_rng(5)
    count = 20_000
    rate, leaving = random.gamma(0.6, 1 / 10, count), random.gamma(0.6, 1 / 12, count)
    age = 78 - 12 * random.random(count)
    there = np.minimum(age, random.exponential(1, count) / leaving)
    repeats = random.poisson(rate * there).astype(float)
    last_at = np.where(repeats > 0, there * random.random(count) ** (1 / np.maximum(repeats, 1)), 0)
    summary = {"repeats": repeats, "last_at": last_at, "age": age}
    table = fit(PARETO_NBD, counted(pd.DataFrame(summary))).table()
    truth = np.array([0.6, 10.0, 0.6, 12.0])
    assert ((table["low"] < truth) & (truth < table["high"])).all()
