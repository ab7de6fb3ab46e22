"""What a model of lifetimes reached beside one curve for everybody, and whether it may go live."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from models.leaks import Leak
from models.lifetimes import Lifetimes
from models.metrics import Estimate
from models.spec import FloatArray
from models.survival import kaplan_meier
from models.survival_metrics import Judged, every, integrated_brier, less, measured
from pipelines.config import Gates
from pipelines.contest import MODEL
from pipelines.findings import Gate
from pipelines.gates import calibrated, no_leak, unseen_days
from pipelines.rounding import signed, with_interval

EVERYBODY: Final = "kaplan_meier"
BEHIND: Final = "integrated_brier_behind"
"""Integrated Brier score less that of the model, on the same customers."""

RESAMPLES, SEED = 500, 11


@dataclass(frozen=True, eq=False)
class LifetimeContest:
    """Curves of the test customers by contestant, and what became of them.

    Attributes
    ----------
    lifetimes
        Of the test customers.
    curves
        Survival curves by contestant, `MODEL` and `EVERYBODY` among them.
    horizons
        Weeks at which chances must come true.
    """

    lifetimes: Lifetimes
    curves: Mapping[str, FloatArray]
    horizons: tuple[int, ...]

    def estimates(self) -> dict[str, dict[str, Estimate]]:
        """Contestant to figure to value with its 95 % interval, all on the same resamples."""
        own = Judged(self.lifetimes, self.curves[MODEL])
        found = {}
        for name, curves in self.curves.items():
            judged = Judged(self.lifetimes, curves)
            figures = every(judged, self.horizons)
            figures[BEHIND] = less(integrated_brier(judged), integrated_brier(own))
            customers = len(self.lifetimes.weeks)
            found[name] = measured(figures, customers, SEED, resamples=RESAMPLES)
        return found


@dataclass(frozen=True)
class LifetimeFindings:
    """What the gates look at.

    Attributes
    ----------
    estimates
        Of the contestants.
    horizons
        Weeks at which chances must come true.
    incumbent
        Contestant that must be beaten.
    as_of
        Day of the comparison.
    unseen_since
        First day on which nothing that the model has seen can lie.
    leaks
        Columns that tell the outcome by themselves.
    """

    estimates: Mapping[str, Mapping[str, Estimate]]
    horizons: tuple[int, ...]
    incumbent: str
    as_of: date
    unseen_since: date
    leaks: Sequence[Leak]


def curve_of_everybody(lifetimes: Lifetimes, weeks: int) -> pd.DataFrame:
    """Kaplan and Meier's curve: week (1..weeks) and the share that outlasts it."""
    found = kaplan_meier(lifetimes.weeks, ~lifetimes.ended)
    week = np.arange(1, weeks + 1)
    outlasting = [found.outlasting(int(each)).value for each in week]
    return pd.DataFrame({"week": week, "outlasting": outlasting})


def for_all(curve: pd.DataFrame, customers: int) -> FloatArray:
    """The one curve for each of the customers, shape (customers, weeks)."""
    return np.tile(curve["outlasting"].to_numpy(dtype=np.float64), (customers, 1))


def check_lifetime_gates(bounds: Gates, found: LifetimeFindings) -> tuple[Gate, ...]:
    """Every gate with what it required and what was found."""
    return (
        _beats(found),
        *(_calibrated(bounds.calibration_error_most, found, week) for week in found.horizons),
        unseen_days(found.as_of, found.unseen_since),
        no_leak(found.leaks),
    )


def _beats(found: LifetimeFindings) -> Gate:
    behind = found.estimates[found.incumbent][BEHIND]
    return Gate(
        f"beats {found.incumbent}",
        "integrated Brier score, less that of the model: its whole interval above 0",
        with_interval(behind, signed),
        behind.low > 0,
        "A better figure by luck is no reason to change what is live.",
    )


def _calibrated(bound: float, found: LifetimeFindings, week: int) -> Gate:
    return calibrated(
        bound,
        found.estimates[MODEL][f"calibration_error_{week}w"],
        f"calibrated at {week} weeks",
        "Of those who are said to be gone by then with 20 %, one in five must be.",
    )
