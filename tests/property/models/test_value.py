"""Likelihoods of repeat buying, spend and contracts, for any parameters and customers."""

import random
from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from models.spec import FloatArray
from models.value import bg_nbd, gamma_gamma, shifted_beta_geometric
from models.value.catalogue import BG_BB, BG_NBD, MBG_NBD, PARETO_NBD, mbg_cnbd_k
from models.value.cells import Cells, counted
from models.value.fitted import Fitted
from models.value.forecast import Ahead, purchases, still_there
from models.value.grid import gridded
from models.value.process import Process
from models.value.summary import opportunities, summarised
from tests.oracles import value as oracle

PROCESSES = [BG_NBD, MBG_NBD, mbg_cnbd_k(3), PARETO_NBD, BG_BB]
TITLES = [each.title for each in PROCESSES]
FEW = settings(max_examples=max(settings().max_examples // 2, 1))

Bought = tuple[str, date, float]
AS_OF = date(2024, 3, 1)
purchase_rows = st.lists(
    st.tuples(
        st.sampled_from("abc"),
        st.integers(1, 90).map(lambda days: AS_OF - timedelta(days=days)),
        st.floats(0.01, 1000),
    ),
    max_size=12,
)


def table(rows: list[Bought]) -> pd.DataFrame:
    found = pd.DataFrame(rows, columns=["customer", "bought_on", "spend"])
    return found.astype({"customer": str, "bought_on": "datetime64[s]", "spend": float})


logs = st.lists(st.floats(-2.5, 3.5), min_size=4, max_size=4)
Score = Callable[[FloatArray], tuple[FloatArray, FloatArray]]


@st.composite
def customers(draw: st.DrawFn) -> pd.DataFrame:
    """Summaries in whole periods, as every model takes them."""
    rows = []
    for _ in range(draw(st.integers(1, 6))):
        age = draw(st.integers(0, 60))
        last_at = draw(st.integers(0, age))
        repeats = draw(st.integers(1, last_at)) if last_at else 0
        rows.append((float(repeats), float(last_at), float(age)))
    return pd.DataFrame(rows, columns=["repeats", "last_at", "age"])


def check_slopes(score: Score, estimates: FloatArray) -> None:
    """Derivatives are what differences of the likelihood say."""
    _, slopes = score(np.exp(estimates)[:, None])
    step = 1e-4
    for place in range(len(estimates)):
        moved = step * (np.arange(len(estimates)) == place)
        ends = [score(np.exp(estimates + side * moved)[:, None])[0] for side in (1, -1)]
        rise = (ends[0] - ends[1]) / (2 * step)
        size = 1e-6 * np.maximum(1, np.abs(ends[0]))
        np.testing.assert_array_less(np.abs(slopes[place] - rise), size + 1e-6 * np.abs(rise))


@pytest.mark.parametrize("process", PROCESSES, ids=TITLES)
@FEW
@given(summary=customers(), estimates=logs)
def test_derivatives_are_those_of_the_likelihood(
    process: Process, summary: pd.DataFrame, estimates: list[float]
) -> None:
    cells = counted(summary)
    check_slopes(lambda parameters: process.score(cells, parameters), np.array(estimates))


@FEW
@given(
    st.lists(st.tuples(st.integers(1, 40), st.floats(0.01, 1e4)), min_size=1, max_size=6),
    logs,
)
def test_derivatives_of_spend_are_those_of_its_likelihood(
    rows: list[tuple[int, float]], estimates: list[float]
) -> None:
    repeats, mean = (np.array(each, dtype=float) for each in zip(*rows, strict=True))
    found = gamma_gamma.spending(repeats, mean)
    check_slopes(lambda parameters: gamma_gamma.score(found, parameters), np.array(estimates[:3]))


@FEW
@given(
    st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=6),
    logs,
)
def test_derivatives_of_renewals_are_those_of_their_likelihood(
    rows: list[tuple[int, bool]], estimates: list[float]
) -> None:
    periods, has_ended = (np.array(each) for each in zip(*rows, strict=True))
    found = shifted_beta_geometric.contracts(periods, has_ended)
    check_slopes(
        lambda parameters: shifted_beta_geometric.score(found, parameters),
        np.array(estimates[:2]),
    )


@FEW
@given(summary=customers(), estimates=logs)
def test_sums_over_the_grid_are_those_over_cells(
    summary: pd.DataFrame, estimates: list[float]
) -> None:
    cells: Cells = counted(summary)
    parameters = np.exp(estimates)[:, None]
    value, slopes = bg_nbd.score(cells, parameters)
    whole, slope = bg_nbd.summed(gridded(cells), parameters)
    assert whole == pytest.approx(float(value @ cells.customers), rel=1e-9, abs=1e-8)
    np.testing.assert_allclose(slope, slopes @ cells.customers, rtol=1e-8, atol=1e-7)


@pytest.mark.parametrize("process", PROCESSES, ids=TITLES)
@FEW
@given(
    summary=customers(),
    estimates=logs,
    horizon=st.integers(1, 80),
    force=st.floats(1e-4, 0.5),
)
def test_forecasts_are_in_their_bounds(
    process: Process, summary: pd.DataFrame, estimates: list[float], horizon: int, force: float
) -> None:
    assume(np.exp(estimates[0]) / np.exp(estimates[1]) < 50)
    cells, count = counted(summary), len(process.parameters)
    fitted = Fitted(
        process.name, process.parameters, (), np.array(estimates), np.eye(count), 0.0, 10
    )
    plain = purchases(process, fitted, cells, Ahead(float(horizon)))["purchases"]
    longer = purchases(process, fitted, cells, Ahead(float(horizon + 1)))["purchases"]
    found = purchases(process, fitted, cells, Ahead(float(horizon), force))
    worth = found["discounted_purchases"]
    assert (plain >= 0).all()
    assert (longer >= plain * (1 - 1e-9)).all()
    assert (worth <= plain * (1 + 1e-6)).all()
    assert (worth >= plain * np.exp(-force * horizon) * (1 - 1e-6)).all()
    alive = still_there(process, fitted, cells)
    is_once = summary["repeats"] == 0
    assert alive["alive"].isna().tolist() == (is_once & (process is BG_NBD)).tolist()
    assert alive["alive"].dropna().between(0, 1).all()


@given(rows=purchase_rows, days=st.integers(1, 30))
def test_summaries_are_those_of_purchases_one_by_one(rows: list[Bought], days: int) -> None:
    found = summarised(table(rows), AS_OF, "days").set_index("customer")
    expected = oracle.summary(rows, AS_OF)
    assert list(found.index) == list(expected)
    for name in ("repeats", "last_at", "age", "spend", "repeat_spend_mean", "log_intervals"):
        told = [expected[customer][name] for customer in found.index]
        assert found[name].tolist() == pytest.approx(told, nan_ok=True)
    periods = opportunities(table(rows), AS_OF, days)
    told_periods = oracle.occasions(rows, AS_OF, days)
    columns = [periods[name] for name in ("customer", "repeats", "last_at", "age")]
    assert {who: tuple(more) for who, *more in zip(*columns, strict=True)} == told_periods


@given(rows=purchase_rows, later=purchase_rows, chance=st.randoms(use_true_random=False))
def test_neither_later_purchases_nor_the_order_change_a_summary(
    rows: list[Bought], later: list[Bought], chance: random.Random
) -> None:
    ahead = [(who, day + timedelta(days=100), spend) for who, day, spend in later]
    mixed = chance.sample(rows + ahead, len(rows) + len(ahead))
    pd.testing.assert_frame_equal(
        summarised(table(mixed), AS_OF), summarised(table(rows), AS_OF), check_exact=True
    )
    pd.testing.assert_frame_equal(
        opportunities(table(mixed), AS_OF, 7), opportunities(table(rows), AS_OF, 7)
    )
