"""What all customers together are worth, and what came of it within a period."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.metrics import Estimate, estimate, resampled_weights
from models.spec import FloatArray, require_figures


class CustomersTwice(RegularsError):
    """Customers are named twice, so that their money would count twice."""


class NoEquityToStart(RegularsError):
    """Customers were worth nothing at the start, so that there is no return on it."""


def customer_equity(value: FloatArray, *, seed: int = 0, resamples: int = 500) -> Estimate:
    """Sum of the lifetime values of all customers, money, with its 95 % interval.

    The interval is that of as many customers drawn anew: it says how much hangs on a few, and
    nothing of how far the values themselves are off. Source: Blattberg and Deighton 1996, "Manage
    marketing by the customer equity test"; Rust, Lemon and Zeithaml 2004, "Return on marketing".

    Raises
    ------
    FiguresUnfit
        When nobody is there or a value is not finite.
    """
    require_figures("customer equity", {"value": value})
    found = _sampled({"value": value}, lambda sums: sums["value"], seed, resamples)
    return estimate(float(value.sum()), found)


@dataclass(frozen=True, eq=False)
class ReturnOnCustomer:
    """What customers brought within a period, against what they were worth at its start.

    Attributes
    ----------
    total
        (cash flow + change of equity) / equity at the start, with its 95 % interval.
    cash_flow, equity_start, equity_end
        Money of all customers.
    change_kept, change_new, change_lost
        Money: the change of equity of who was there at both ends, of who was not at the start, and
        of who is not any more at the end.
    customers
        By customer: cash_flow, equity_start, equity_end, and return_on_customer (NaN of who was
        worth nothing at the start).
    """

    total: Estimate
    cash_flow: float
    equity_start: float
    equity_end: float
    change_kept: float
    change_new: float
    change_lost: float
    customers: pd.DataFrame


def return_on_customer(
    cash_flow: pd.Series,
    equity_start: pd.Series,
    equity_end: pd.Series,
    *,
    seed: int = 0,
    resamples: int = 500,
) -> ReturnOnCustomer:
    r"""Return on customer of a period, of all and of each.

    .. math:: ROC = \frac{\pi + \Delta CE}{CE_{start}}

    Source: Peppers and Rogers 2005, "Return on customer: creating maximum value from your scarcest
    resource". Both equities must be worked out alike, or the change is one of method.

    Parameters
    ----------
    cash_flow
        Money of each customer within the period, by customer; who is not there brought 0.
    equity_start, equity_end
        Lifetime value of each customer at the start and at the end; who is not there is worth 0.
    seed
        Of the bootstrap over customers.
    resamples
        How many.

    Raises
    ------
    CustomersTwice
        When a table names a customer twice.
    NoEquityToStart
        When the equity at the start is not above 0.
    FiguresUnfit
        When a figure is not finite.
    """
    given = {"cash_flow": cash_flow, "equity_start": equity_start, "equity_end": equity_end}
    _require_once(given)
    known = equity_start.index.union(equity_end.index).union(cash_flow.index)
    rows = pd.DataFrame({name: each.reindex(known, fill_value=0.0) for name, each in given.items()})
    money = {name: rows[name].to_numpy(dtype=np.float64) for name in given}
    require_figures("a return on customers", money)
    start = float(money["equity_start"].sum())
    if start <= 0:
        message = (
            f"a return on customers needs equity above 0 at the start, but it is {start:,.2f}; "
            "begin with a day when there were customers"
        )
        raise NoEquityToStart(message)

    def ratio(sums: dict[str, FloatArray]) -> FloatArray:
        gained = sums["cash_flow"] + sums["equity_end"] - sums["equity_start"]
        base = sums["equity_start"]
        found: FloatArray = np.divide(gained, base, out=np.full(len(base), np.nan), where=base > 0)
        return found

    value = float(ratio({name: np.array([each.sum()]) for name, each in money.items()})[0])
    change = rows["equity_end"] - rows["equity_start"]
    before, after = rows.index.isin(equity_start.index), rows.index.isin(equity_end.index)
    base = rows["equity_start"].where(rows["equity_start"] > 0)
    rows["return_on_customer"] = (rows["cash_flow"] + change) / base
    return ReturnOnCustomer(
        total=estimate(value, _sampled(money, ratio, seed, resamples)),
        cash_flow=float(rows["cash_flow"].sum()),
        equity_start=start,
        equity_end=float(rows["equity_end"].sum()),
        change_kept=float(change[before & after].sum()),
        change_new=float(change[~before & after].sum()),
        change_lost=float(change[before & ~after].sum()),
        customers=rows,
    )


def _require_once(given: Mapping[str, pd.Series]) -> None:
    for name, each in given.items():
        twice = int(each.index.duplicated().sum())
        if twice:
            message = (
                f"a return on customers needs each customer once, but {twice:,} of {len(each):,} "
                f"rows of {name} name one again; sum them"
            )
            raise CustomersTwice(message)


def _sampled(
    money: dict[str, FloatArray],
    figure: Callable[[dict[str, FloatArray]], FloatArray],
    seed: int,
    resamples: int,
) -> FloatArray:
    """A figure of the sums of money on each resample of customers, shape (resamples,)."""
    rows = len(next(iter(money.values())))
    parts = []
    for weights in resampled_weights(rows, seed, resamples, None):
        sums = {name: np.einsum("bn,n->b", weights, each) for name, each in money.items()}
        parts.append(figure(sums))
    return np.concatenate(parts)
