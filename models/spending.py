"""Purchases of customers by day: what the tables of this folder begin with, and sums of them."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.spec import IntArray

NEEDED: Final = ("customer", "day", "amount")

_ROUNDING: Final = 1e-6
"""Money below which a sum is what floats leave of 0, such as of .1 + .2 - .3."""


class PurchasesUnclear(RegularsError):
    """Purchases lack a column, or a customer, a day or an amount that can be read."""


class PeriodsUnclear(RegularsError):
    """Days between periods do not rise, or there is no period."""


def seen(purchases: pd.DataFrame, as_of: int | None = None) -> pd.DataFrame:
    """Lines of purchases before a day, days as whole numbers and amounts as float64.

    Parameters
    ----------
    purchases
        A row per line, basket or day: ``customer`` (of any type, never null), ``day`` (days since
        1970-01-01) and ``amount`` (money; returns are negative). Amounts in whole minor units are
        summed exactly. Further columns stay: ``order`` (never null) says which lines are one
        order; without it, those of a customer and day are.
    as_of
        Nothing from this day on is seen; None: all is.

    Raises
    ------
    PurchasesUnclear
        When a column is missing, a customer, day or order is null, a day no whole number, or an
        amount no finite one.
    """
    missing = [name for name in NEEDED if name not in purchases.columns]
    if missing:
        message = (
            f"purchases need the columns customer, day and amount, but lack {', '.join(missing)}; "
            "name them so"
        )
        raise PurchasesUnclear(message)
    named = [*NEEDED, "order"] if "order" in purchases.columns else NEEDED
    lines = dated("purchases", purchases, named, PurchasesUnclear)
    kept = lines if as_of is None else lines[lines["day"] < as_of]
    return kept.assign(amount=kept["amount"].astype(np.float64))


def dated(
    what: str, rows: pd.DataFrame, known: Sequence[str], unclear: type[RegularsError]
) -> pd.DataFrame:
    """Rows with days as whole numbers, once every row tells what must be known.

    Parameters
    ----------
    what
        The rows in words, such as ``contacts``.
    rows
        Those columns are there, ``day`` among them; a day and an amount are to be finite numbers.
    known
        Columns without nulls.
    unclear
        The error.
    """
    for name in known:
        is_unknown = rows[name].isna().to_numpy()
        if name in {"day", "amount"}:
            if len(rows) and not pd.api.types.is_numeric_dtype(rows[name]):
                message = (
                    f"{what} need numbers as {name}, but it holds {rows[name].dtype}; give days "
                    "since 1970-01-01, and money as numbers"
                )
                raise unclear(message)
            is_unknown = ~np.isfinite(rows[name].to_numpy(dtype=np.float64, na_value=np.nan))
        count = int(np.count_nonzero(is_unknown))
        if count:
            message = (
                f"{what} need {name} in every row, but {count:,} of {len(rows):,} have none; leave "
                "these rows out, or mend them"
            )
            raise unclear(message)
    parts = int(np.count_nonzero(rows["day"] % 1))
    if parts:
        message = (
            f"{what} need whole numbers as day, but {parts:,} of {len(rows):,} have a part of a "
            "day; round them down"
        )
        raise unclear(message)
    return rows.assign(day=rows["day"].astype(np.int64))


def numbers_or_nulls(what: str, column: pd.Series, unclear: type[RegularsError]) -> pd.Series:
    """A column as float64, null as NaN; refused where it holds text or infinity."""
    try:
        found = column.astype(np.float64)
    except (TypeError, ValueError):
        found = pd.Series(np.inf, index=column.index)
    wrong = int(np.count_nonzero(np.isinf(found)))
    if wrong:
        message = (
            f"{what} need finite numbers or nulls as {column.name}, but {wrong:,} of "
            f"{len(column):,} rows of {column.dtype} are not; mend them"
        )
        raise unclear(message)
    return found


def orders_of(purchases: pd.DataFrame, as_of: int | None = None) -> pd.DataFrame:
    """A row per order that brought money before a day: customer, day, amount; by customer and day.

    The day is the first of the order's: a return under its number does not make it younger. What
    was returned on its own is no order; its amount counts in `spend_between`.

    Raises
    ------
    PurchasesUnclear
        See `seen`.
    """
    lines = seen(purchases, as_of)
    keys = ["customer", "order"] if "order" in lines.columns else ["customer", "day"]
    parts = lines.groupby(keys, sort=True, observed=True)
    orders = parts.agg(first=("day", "min"), amount=("amount", "sum"))
    orders = orders.reset_index(level="customer").rename(columns={"first": "day"})
    brought = is_above_0(orders["amount"])
    paid = orders.loc[brought, ["customer", "day", "amount"]].reset_index(drop=True)
    return paid.sort_values(["customer", "day"], kind="stable", ignore_index=True)


def is_above_0(sums: pd.Series) -> pd.Series:
    """Whether each sum of money is more than what floats leave of 0."""
    return sums > _ROUNDING


def spend_between(purchases: pd.DataFrame, start: int, end: int) -> pd.Series:
    """Money of each customer within ``[start, end)``, returns taken off; by customer.

    Who bought nothing then is not there.

    Raises
    ------
    PurchasesUnclear
        See `seen`.
    """
    lines = seen(purchases, end)
    kept = lines[lines["day"] >= start]
    spend = kept.groupby("customer", sort=True, observed=True)["amount"].sum()
    return spend.where(spend.abs() > _ROUNDING, 0.0).rename("spend")


def spend_of(customers: pd.Index, purchases: pd.DataFrame, start: int, end: int) -> pd.Series:
    """`spend_between` of these customers, in their order; 0 of who bought nothing then."""
    return spend_between(purchases, start, end).reindex(customers, fill_value=0.0)


def equal_periods(first: int, as_of: int, days: int) -> IntArray:
    """Days at which periods of so many days begin, and the end: counted back from ``as_of``.

    A rest at the beginning that fills no period is left out.

    Raises
    ------
    PeriodsUnclear
        When there is no whole period.
    """
    count = (as_of - first) // days if days > 0 else 0
    if count < 1:
        message = (
            f"periods of {days} days need at least one between the first day {first} and as_of "
            f"{as_of}; shorten them, or use a later as_of"
        )
        raise PeriodsUnclear(message)
    return (as_of - days * np.arange(count, -1, -1)).astype(np.int64)


def calendar_months(first: int, as_of: int) -> IntArray:
    """Days at which whole calendar months within ``[first, as_of)`` begin, and the end of the last.

    Raises
    ------
    PeriodsUnclear
        When there is no whole month.
    """
    started = np.datetime64(int(first), "D").astype("datetime64[M]")
    begins = started if started.astype("datetime64[D]").astype(np.int64) == first else started + 1
    ended = np.datetime64(int(as_of), "D").astype("datetime64[M]")
    if ended <= begins:
        message = (
            f"calendar months need a whole one within {np.datetime64(first, 'D')} and "
            f"{np.datetime64(as_of, 'D')}, but there is none; use equal_periods"
        )
        raise PeriodsUnclear(message)
    months = np.arange(begins, ended + 1)
    return months.astype("datetime64[D]").astype(np.int64)


def period_of(days: IntArray, edges: Sequence[int] | IntArray) -> IntArray:
    """Position of each day's period ``[edges[k], edges[k + 1])``; -1 before and after all.

    Raises
    ------
    PeriodsUnclear
        When there are fewer than two edges, or they do not rise.
    """
    bounds = np.asarray(edges, dtype=np.int64)
    require_edges(bounds)
    place = np.searchsorted(bounds, days, side="right").astype(np.int64) - 1
    return np.where(place >= len(bounds) - 1, -1, place)


def require_edges(bounds: IntArray) -> None:
    """Nothing, when there are two edges or more, and they rise.

    Raises
    ------
    PeriodsUnclear
        See `period_of`.
    """
    if len(bounds) < 2 or np.any(np.diff(bounds) <= 0):  # noqa: PLR2004 - a begin and an end
        message = (
            f"periods need two or more rising days, each the end of the one before, but are "
            f"{list(map(int, bounds))}; sort them, each once"
        )
        raise PeriodsUnclear(message)
