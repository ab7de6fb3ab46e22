"""Figures that papers print are found again: CDNOW, and donors to a radio station."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.cdnow import CALIBRATED, HELD_OUT, purchases
from models.value.catalogue import BG_BB, BG_NBD, PARETO_NBD
from models.value.cells import counted
from models.value.fitted import Fitted
from models.value.forecast import Ahead
from models.value.forecast import purchases as forecast
from models.value.gamma_gamma import fit as fit_spending
from models.value.gamma_gamma import spending
from models.value.process import fit
from models.value.summary import bought_within, summarised

DONORS = [
    *((0, 0, 3464), (1, 1, 1091), (1, 2, 277), (2, 2, 613), (1, 3, 129), (2, 3, 255), (3, 3, 322)),
    *((1, 4, 78), (2, 4, 155), (3, 4, 181), (4, 4, 240), (1, 5, 119), (2, 5, 173), (3, 5, 225)),
    *((4, 5, 284), (5, 5, 335), (1, 6, 129), (2, 6, 234), (3, 6, 357), (4, 6, 512), (5, 6, 728)),
    (6, 6, 1203),
]
"""Years with a gift after the first, the last such year, and donors: Fader, Hardie and Shang 2010,
table 1."""


@pytest.fixture(scope="module")
def sample(shared_data: Path) -> pd.DataFrame:
    return purchases(only_sample=True, shared=shared_data)


@pytest.fixture(scope="module")
def summary(sample: pd.DataFrame) -> pd.DataFrame:
    return summarised(sample, CALIBRATED)


def values(fitted: Fitted) -> list[float]:
    return [fitted.value(name) for name in fitted.parameters]


def test_the_sample_is_that_of_the_papers(summary: pd.DataFrame) -> None:
    assert len(summary) == 2357
    assert int((summary["repeats"] > 0).sum()) == 946
    assert int(summary["repeats"].sum()) == 2457
    first = summary.iloc[0]
    told = [float(first[name]) for name in ("repeats", "last_at", "age", "repeat_spend_mean")]
    assert told == pytest.approx([2, 30.43, 38.86, 22.35], abs=0.006)


def test_bg_nbd_is_that_of_the_paper_and_so_is_its_forecast(
    sample: pd.DataFrame, summary: pd.DataFrame
) -> None:
    cells = counted(summary)
    fitted = fit(BG_NBD, cells)
    assert values(fitted) == pytest.approx([0.243, 4.414, 0.793, 2.426], abs=1e-3)
    assert fitted.log_likelihood == pytest.approx(-9582.4, abs=0.1)
    came = bought_within(sample, summary["customer"], CALIBRATED, HELD_OUT)["purchases"]
    told = forecast(BG_NBD, fitted, cells, Ahead(39.0))["purchases"]
    assert float(np.abs(told - came).mean()) <= 0.79
    assert told.sum() / came.sum() - 1 == pytest.approx(-0.122, abs=0.005)


def test_pareto_nbd_is_that_of_the_papers(sample: pd.DataFrame, summary: pd.DataFrame) -> None:
    fitted = fit(PARETO_NBD, counted(summary))
    assert values(fitted) == pytest.approx([0.553, 10.577, 0.606, 11.669], abs=1e-3)
    assert fitted.log_likelihood == pytest.approx(-9595.0, abs=0.1)
    longer = fit(PARETO_NBD, counted(summarised(sample, date(1998, 7, 1))))
    assert values(longer) == pytest.approx([0.563, 12.559, 0.408, 10.515], abs=5e-3)


def test_gamma_gamma_is_that_of_the_note(summary: pd.DataFrame) -> None:
    found = spending(summary["repeats"].to_numpy(), summary["repeat_spend_mean"].to_numpy())
    assert (len(found.mean), found.left_out) == (946, 1411)
    assert values(fit_spending(found)) == pytest.approx([6.25, 3.74, 15.44], abs=1e-2)


def test_bg_bb_is_that_of_the_paper() -> None:
    rows = np.array(DONORS, dtype=float)
    table = pd.DataFrame({"repeats": rows[:, 0], "last_at": rows[:, 1], "age": 6.0})
    cells = counted(table.loc[table.index.repeat(rows[:, 2].astype(int))])
    fitted = fit(BG_BB, cells)
    assert len(cells) == 22
    assert values(fitted) == pytest.approx([1.204, 0.750, 0.657, 2.783], abs=1e-3)
    assert fitted.log_likelihood == pytest.approx(-33225.6, abs=0.1)
    told = forecast(BG_BB, fitted, cells, Ahead(5.0))["purchases"]
    often = (cells.repeats == 6)[cells.of]
    assert told[often].mean() == pytest.approx(3.75, abs=5e-3)
    assert told[(cells.repeats == 0)[cells.of]].mean() == pytest.approx(0.07, abs=5e-3)
