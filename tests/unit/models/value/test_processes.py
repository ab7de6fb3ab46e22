"""Each model of repeat buying is the mean over the customers that it tells of."""

import re
from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
import pandas as pd
import pytest

from models.spec import FiguresUnfit
from models.value import bg_bb, bg_nbd, mbg_cnbd
from models.value.catalogue import (
    BG_BB,
    BG_NBD,
    MBG_NBD,
    PARETO_NBD,
    NoSuchModel,
    mbg_cnbd_k,
    process_of,
)
from models.value.cells import Cells, counted
from models.value.grid import gridded
from models.value.process import Process
from tests.oracles import value as oracle

Told = Callable[[list[float], oracle.Behaviour], tuple[float, float]]

COINS: Final = [0.6, 8.0, 0.8, 2.4]
ORACLES: Final[list[tuple[Process, list[float], Told]]] = [
    (BG_NBD, COINS, oracle.bg_nbd),
    (MBG_NBD, COINS, partial(oracle.mbg_cnbd, 1)),
    (mbg_cnbd_k(2), COINS, partial(oracle.mbg_cnbd, 2)),
    (mbg_cnbd_k(3), COINS, partial(oracle.mbg_cnbd, 3)),
    (PARETO_NBD, [0.6, 8.0, 0.7, 12.0], oracle.pareto_nbd),
    (BG_BB, [1.2, 0.75, 0.66, 2.8], oracle.bg_bb),
]
TOLD: Final = [(0.0, 0.0, 7.0), (1.0, 3.0, 30.0), (4.0, 12.0, 12.0), (6.0, 9.0, 39.0)]
TITLES: Final = [process.title for process, _, _ in ORACLES]


def cells_of(*told: oracle.Behaviour) -> Cells:
    """Cells in the order given: the figures ascend by repeats."""
    return counted(pd.DataFrame(told, columns=["repeats", "last_at", "age"]))


@pytest.mark.parametrize(("process", "values", "plain"), ORACLES, ids=TITLES)
def test_likelihood_and_chance_to_be_there_are_means_over_customers(
    process: Process, values: list[float], plain: Told
) -> None:
    cells, parameters = cells_of(*TOLD), np.array(values)[:, None]
    expected = np.array([plain(values, told) for told in TOLD])
    found, _ = process.score(cells, parameters)
    np.testing.assert_allclose(np.exp(found), expected[:, 0], rtol=1e-6)
    there = process.alive(cells, parameters)
    np.testing.assert_allclose(there, expected[:, 1] / expected[:, 0], rtol=1e-6)


def test_purchases_ahead_are_those_of_each_customer_one_after_the_other() -> None:
    r, alpha, a, b = COINS
    cells, parameters = cells_of(*TOLD), np.array(COINS)[:, None]
    for process, more in ((BG_NBD, 0), (MBG_NBD, 1)):
        expected = [
            oracle.ahead_of_coins((r + x, alpha + age), (a, b + x + more), 26.0)
            for x, _, age in TOLD
        ]
        np.testing.assert_allclose(process.ahead(cells, parameters, 26.0), expected, rtol=1e-6)


@pytest.mark.parametrize("k", [2, 3])
def test_regular_customers_are_asked_how_much_of_the_wait_is_over(k: int) -> None:
    r, alpha, a, b = COINS
    process, parameters = mbg_cnbd_k(k), np.array(COINS)[:, None]
    for x, last_at, age in ((4.0, 12.0, 12.0), (2.0, 9.0, 30.0)):
        weights = oracle.parts_over(k, (r, alpha), (x, last_at, age))
        expected = sum(
            weight
            * oracle.ahead_of_coins((r + k * x + over, alpha + age), (a, b + x + 1), 26.0, k, over)
            for over, weight in enumerate(weights)
        )
        found = process.ahead(cells_of((x, last_at, age)), parameters, 26.0)
        assert found[0] == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("a", [0.01, 0.8])
@pytest.mark.parametrize("k", [2, 5])
def test_many_purchases_are_integrated_to_what_they_add_up_to(
    monkeypatch: pytest.MonkeyPatch, k: int, a: float
) -> None:
    process, parameters = mbg_cnbd_k(k), np.array([0.6, 8.0, a, 2.4])[:, None]
    cells = cells_of((0.0, 0.0, 7.0), (4.0, 12.0, 12.0), (6.0, 9.0, 39.0), (40.0, 38.0, 39.0))
    found = []
    for steps in (2, 100_000):
        monkeypatch.setattr(mbg_cnbd, "_STEPS", steps)
        within = [process.ahead(cells, parameters, horizon) for horizon in (8.0, 900.0)]
        found.append([*within, process.discounted(cells, parameters, np.inf, 0.01)])
    np.testing.assert_allclose(found[0], found[1], rtol=1e-7)


def test_purchases_ahead_of_the_other_models_are_rates_times_time() -> None:
    r, alpha, s, beta = 0.6, 8.0, 0.7, 12.0
    cells = cells_of(*TOLD)
    expected = [
        oracle.ahead_of_pareto((r + x, alpha + age), (s, beta + age), 26.0) for x, _, age in TOLD
    ]
    found = PARETO_NBD.ahead(cells, np.array([[r], [alpha], [s], [beta]]), 26.0)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    alpha, beta, gamma, delta = 1.2, 0.75, 0.66, 2.8
    expected = [
        oracle.ahead_of_occasions((alpha + x, beta + age - x), (gamma, delta + age), 5)
        for x, _, age in TOLD
    ]
    found = BG_BB.ahead(cells, np.array([[alpha], [beta], [gamma], [delta]]), 5.0)
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(("process", "values", "_plain"), ORACLES[:5], ids=TITLES[:5])
def test_discounting_weighs_each_purchase_by_when_it_comes(
    process: Process, values: list[float], _plain: Told
) -> None:
    cells, parameters, force = cells_of(*TOLD), np.array(values)[:, None], 0.02
    ends = np.linspace(0, 60, 101)
    until = np.array([process.ahead(cells, parameters, end) for end in ends[1:]])
    bought = np.diff(until, axis=0, prepend=np.zeros((1, len(cells))))
    expected = np.exp(-force * (ends[1:] + ends[:-1]) / 2) @ bought
    found = process.discounted(cells, parameters, 60.0, force)
    np.testing.assert_allclose(found, expected, rtol=1e-4)
    np.testing.assert_allclose(
        process.discounted(cells, parameters, 60.0, 1e-9),
        process.ahead(cells, parameters, 60.0),
        rtol=1e-5,
    )
    whole = process.discounted(cells, parameters, np.inf, force)
    long = process.discounted(cells, parameters, 600.0, force)
    np.testing.assert_allclose(whole, long, rtol=1e-4)


def test_occasions_are_discounted_by_whole_periods() -> None:
    cells, parameters = cells_of((1.0, 1.0, 4.0)), np.array([1.2, 0.75, 0.66, 2.8])[:, None]
    until = [0.0, *(float(BG_BB.ahead(cells, parameters, end)[0]) for end in (1.0, 2.0, 3.0))]
    expected = sum(
        np.exp(-0.1 * number) * more for number, more in enumerate(np.diff(until), start=1)
    )
    assert BG_BB.discounted(cells, parameters, 3.0, 0.1)[0] == pytest.approx(expected)
    long = BG_BB.discounted(cells, parameters, 300.0, 0.1)
    assert BG_BB.discounted(cells, parameters, np.inf, 0.1)[0] == pytest.approx(long[0], rel=1e-9)


@pytest.mark.parametrize(("process", "values", "_plain"), ORACLES, ids=TITLES)
def test_newcomers_are_customers_of_whom_nothing_is_known(
    process: Process, values: list[float], _plain: Told
) -> None:
    parameters, times = np.array(values)[:, None], np.array([0.0, 1.0, 26.0])
    found = process.newcomer(parameters, times)
    cells = cells_of((0.0, 0.0, 0.0))
    alive = process.alive(cells, parameters)[0]
    expected = [0.0, *(alive * process.ahead(cells, parameters, end)[0] for end in times[1:])]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_the_grid_adds_up_to_the_sums_over_cells() -> None:
    random = np.random.default_rng(1)
    repeats = random.integers(0, 5, 300).astype(float)
    age = random.integers(1, 9, 300).astype(float)
    last_at = np.where(repeats > 0, np.ceil(age * random.random(300)), 0.0)
    told = pd.DataFrame({"repeats": repeats, "last_at": last_at, "age": age})
    cells, parameters = counted(told), np.array(COINS)[:, None]
    value, slopes = BG_NBD.score(cells, parameters)
    whole, slope = bg_nbd.summed(gridded(cells), parameters)
    assert whole == pytest.approx(float(value @ cells.customers))
    np.testing.assert_allclose(slope, slopes @ cells.customers)


@pytest.mark.parametrize("process", [BG_NBD, MBG_NBD, mbg_cnbd_k(2), PARETO_NBD])
def test_frequent_buyers_and_long_times_stay_finite(process: Process) -> None:
    cells = cells_of((0.0, 0.0, 5000.0), (3.0, 1.0, 5000.0), (2000.0, 4999.0, 5000.0))
    for values in ([0.01, 0.01, 0.01, 0.01], [50.0, 1e4, 50.0, 1e4], [1.0, 1.0, 1.0, 1.0]):
        parameters = np.array(values)[:, None]
        value, slopes = process.score(cells, parameters)
        assert np.isfinite(value).all()
        assert np.isfinite(slopes).all()
        alive = process.alive(cells, parameters)
        assert ((alive >= 0) & (alive <= 1)).all()
        for found in (
            process.ahead(cells, parameters, 52.0),
            process.discounted(cells, parameters, 52.0, 0.01),
        ):
            assert (np.isfinite(found) & (found >= 0)).all()


@pytest.mark.parametrize("process", [BG_NBD, MBG_NBD, PARETO_NBD])
def test_whole_parameters_are_no_gap(process: Process) -> None:
    cells = cells_of((2.0, 12.0, 39.0))
    at = [
        process.ahead(cells, np.array([[1.0], [6.0], [each], [2.0]]), 39.0)[0]
        for each in (1 - 1e-9, 1.0, 1 + 1e-9)
    ]
    np.testing.assert_allclose(at, at[1], rtol=1e-8)


def test_a_name_leads_to_its_model() -> None:
    assert process_of("pareto_nbd") is PARETO_NBD
    assert process_of("mbg_cnbd_4").title == "MBG/CNBD-4"


@pytest.mark.parametrize("name", ["nbd", "3", "mbg_cnbd_1", "mbg_cnbd_²"])
def test_other_names_lead_to_none(name: str) -> None:
    with pytest.raises(
        NoSuchModel,
        match=re.escape(
            "a model of repeat buying is one of bg_nbd, mbg_nbd, pareto_nbd, bg_bb or mbg_cnbd_K, "
            f"not {name!r}"
        ),
    ):
        process_of(name)


@pytest.mark.parametrize(
    "told", [(1.0, 3.0, 8.5), (1.0, 2.5, 8.0), (4.0, 3.0, 8.0)], ids=["age", "last_at", "repeats"]
)
def test_occasions_that_are_no_whole_periods_are_refused(told: oracle.Behaviour) -> None:
    cells, parameters = cells_of((0.0, 0.0, 7.0), told), np.array(COINS)[:, None]
    for asked in (BG_BB.score, BG_BB.alive):
        with pytest.raises(
            FiguresUnfit,
            match=re.escape(
                "BG/BB needs whole periods, bought in once at most, but those of 1 of 2 customers "
                f"are not so, the first with repeats={told[0]:g}, last_at={told[1]:g}, "
                f"age={told[2]:g}; count periods with models.value.summary.opportunities"
            ),
        ):
            asked(cells, parameters)


def test_periods_are_worked_out_in_parts_that_change_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draws = np.random.default_rng(1)
    age = draws.integers(0, 60, 300)
    last_at = np.floor(draws.random(300) * (age + 1))
    repeats = np.where(last_at > 0, np.minimum(draws.poisson(2, 300) + 1, last_at), 0)
    told = {"repeats": repeats, "last_at": last_at, "age": age}
    cells = counted(pd.DataFrame({name: each.astype(float) for name, each in told.items()}))
    of_all = np.array([[1.2], [0.75], [0.66], [2.8]])
    for parameters in (of_all, np.repeat(of_all, len(cells), axis=1)):
        once = bg_bb.score(cells, parameters), bg_bb.alive(cells, parameters)
        with monkeypatch.context() as small:
            small.setattr(bg_bb, "_ROOM", 100)
            parts = [rows for rows, _, _ in bg_bb._parts(cells, parameters)]  # noqa: SLF001
            again = bg_bb.score(cells, parameters), bg_bb.alive(cells, parameters)
        assert len(parts) > 20
        assert sorted(np.concatenate(parts).tolist()) == list(range(len(cells)))
        np.testing.assert_allclose(again[0][0], once[0][0], rtol=1e-14)
        np.testing.assert_allclose(again[0][1], once[0][1], rtol=1e-12)
        np.testing.assert_allclose(again[1], once[1], rtol=1e-14)
