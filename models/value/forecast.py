"""What customers will buy and are worth, one row per customer."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from models.spec import FiguresUnfit, FloatArray, IntArray
from models.value.cells import Cells, together
from models.value.fitted import Fitted
from models.value.gamma_gamma import SpendUnknown, expected_spend
from models.value.process import Process
from models.value.summary import DAYS, Unit

ONE_PURCHASE: Final = "one_purchase"
"""Why no chance is told: BG/NBD holds everybody who bought once for alive, for ever."""

_DAYS_OF_A_YEAR: Final = 365.25


@dataclass(frozen=True)
class Ahead:
    """How far to look, and what the future is worth today.

    Attributes
    ----------
    horizon
        Units of time of the model from as_of on, above 0; infinite where there is a force.
    force
        Of interest for a unit of time, from 0 on: see `force_of_interest`.
    """

    horizon: float
    force: float = 0.0

    def __post_init__(self) -> None:
        if not self.horizon > 0 or not 0 <= self.force < np.inf:
            raise FiguresUnfit(
                "a forecast needs a horizon above 0 and a force of interest from 0 on, but got "
                f"{self.horizon:g} and {self.force:g}"
            )
        if not np.isfinite(self.horizon) and not self.force:
            raise FiguresUnfit(
                "purchases of all time are worth something only with interest; give a force above "
                "0, or a finite horizon"
            )


def force_of_interest(yearly_rate: float, unit: Unit) -> float:
    """Continuous interest for a unit of time that comes to a rate a year: 0.15 is 15 %."""
    return float(np.log1p(yearly_rate) * DAYS[unit] / _DAYS_OF_A_YEAR)


def still_there(process: Process, fitted: Fitted, cells: Cells) -> pd.DataFrame:
    """Chance of each customer to be there still, where the model can tell.

    Returns
    -------
    DataFrame
        One row per customer of the cells, in their order: alive (0..1), NaN where there is a
        reason; reason (`ONE_PURCHASE`, else null). Under BG/NBD nobody leaves before a second
        purchase, so that who bought once years ago has the chance 1; that is no judgement, and it
        is not given out as one.
    """
    alive = process.alive(cells, fitted.at(cells.covariates, cells.names))
    is_untold = cells.is_one_time & (not process.judges_one_time)
    told = np.where(is_untold, np.nan, alive)
    reason = np.full(len(cells), None, dtype=object)
    reason[is_untold] = ONE_PURCHASE
    return pd.DataFrame(
        {"alive": told[cells.of], "reason": pd.Series(reason[cells.of], dtype=object)}
    )


def purchases(process: Process, fitted: Fitted, cells: Cells, ahead: Ahead) -> pd.DataFrame:
    """Purchases of each customer to come.

    Those of who bought once are those of the model, whatever it can tell of who is there.

    Parameters
    ----------
    process, fitted
        The model.
    cells
        Customers, as of the day that the horizon begins on, with the covariates of the model.
    ahead
        How far; with an infinite horizon undiscounted purchases are NaN.

    Returns
    -------
    DataFrame
        One row per customer of the cells, in their order: purchases (expected days with one),
        discounted_purchases.
    """
    parameters = fitted.at(cells.covariates, cells.names)
    alive = process.alive(cells, parameters)
    alike, of = _alike(process, fitted, cells)
    held = fitted.at(alike.covariates, alike.names)
    plain = np.full(len(alike), np.nan)
    if np.isfinite(ahead.horizon):
        plain = process.ahead(alike, held, ahead.horizon)
    worth = plain
    if ahead.force:
        worth = process.discounted(alike, held, ahead.horizon, ahead.force)
    return pd.DataFrame(
        {
            "purchases": (alive * plain[of])[cells.of],
            "discounted_purchases": (alive * worth[of])[cells.of],
        }
    )


def _alike(process: Process, fitted: Fitted, cells: Cells) -> tuple[Cells, IntArray]:
    """Cells that differ in what the purchases ahead depend on, and which of them each cell is."""
    if process.minds_last:
        return cells, np.arange(len(cells), dtype=np.int64)
    linked = {covariate for _, covariate in fitted.links}
    columns = [cells.repeats, cells.age]
    columns += [cells.covariates[:, cells.names.index(name)] for name in sorted(linked)]
    key = together(columns)
    first = np.empty(int(key.max(initial=-1)) + 1, dtype=np.int64)
    first[key] = np.arange(len(key))
    alike = replace(
        cells,
        repeats=cells.repeats[first],
        last_at=cells.last_at[first],
        age=cells.age[first],
        customers=np.bincount(key, cells.customers).astype(np.float64),
        of=key[cells.of],
        covariates=cells.covariates[first],
    )
    return alike, key


def total_purchases(process: Process, fitted: Fitted, cells: Cells, ahead: Ahead) -> float:
    """Purchases of all customers to come, discounted: for `models.value.fitted.derived`."""
    return float(purchases(process, fitted, cells, ahead)["discounted_purchases"].sum())


def bought_by(process: Process, fitted: Fitted, begun: FloatArray, times: FloatArray) -> FloatArray:
    """Expected repeat purchases of all customers until each time, shape of the times.

    What is drawn beside the purchases that came, to see where a model goes wrong. Covariates count
    as 0.

    Parameters
    ----------
    begun
        Shape (n,): when each customer bought first, in units of time from any day on.
    times
        Shape (t,): ends, from the same day on.
    """
    days, count = np.unique(begun, return_counts=True)
    since = np.maximum(times[:, None] - days, 0.0)
    parameters = np.exp(fitted.estimates[: len(fitted.parameters), None])
    found = process.newcomer(parameters, since.ravel()).reshape(since.shape)
    return np.asarray((found * count).sum(axis=1), dtype=np.float64)


def valued(
    bought: pd.DataFrame, spending: Fitted, summary: pd.DataFrame, margin_share: float | FloatArray
) -> pd.DataFrame:
    """Worth of each customer within the horizon: purchases times spend times margin.

    Parameters
    ----------
    bought
        What `purchases` gave.
    spending
        The Gamma-Gamma model.
    summary
        The customers in the same order: repeats and repeat_spend_mean, and covariates of the
        spending where it has any.
    margin_share
        What is left of a unit of spend, 0..1, of all or of each.

    Returns
    -------
    DataFrame
        One row per customer: spend_per_purchase, spend (expected), value (margin, discounted), all
        in the unit of the spend.

    Raises
    ------
    SpendUnknown
        When the spend of customers has no mean.
    """
    linked = tuple(dict.fromkeys(covariate for _, covariate in spending.links))
    covariates = summary[list(linked)].to_numpy(dtype=np.float64)
    repeats, mean = (
        summary[name].to_numpy(dtype=np.float64) for name in ("repeats", "repeat_spend_mean")
    )
    each = expected_spend(spending.at(covariates, linked), repeats, mean)
    if not np.all(np.isfinite(each)):
        raise SpendUnknown(
            f"the spend of {int((~np.isfinite(each)).sum()):,} customers has no mean, because q is "
            f"{spending.value('q'):.2f} and not above 1; learn from more customers, or from "
            "amounts without the few extreme ones"
        )
    return pd.DataFrame(
        {
            "spend_per_purchase": each,
            "spend": bought["purchases"].to_numpy() * each,
            "value": bought["discounted_purchases"].to_numpy() * each * margin_share,
        }
    )
