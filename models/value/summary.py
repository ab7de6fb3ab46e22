"""What repeat buying is learnt from: one row per customer, of the purchases before a day."""

from datetime import date
from typing import Final, Literal, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from pandas.api.types import infer_dtype

from features.errors import RegularsError
from models.spec import FloatArray, IntArray

Unit = Literal["days", "weeks"]

DAYS: Final[dict[Unit, float]] = {"days": 1.0, "weeks": 7.0}
"""Days of a unit of time."""

NEEDED: Final = ("customer", "bought_on", "spend")


class PurchasesUnfit(RegularsError):
    """A table of purchases lacks a column, a customer, a day or an amount."""


class _Bought(NamedTuple):
    """One row per customer and day with a purchase, by customer and day."""

    customers: pd.Index
    customer: IntArray
    day: IntArray
    spend: FloatArray


def summarised(purchases: pd.DataFrame, as_of: date, unit: Unit = "weeks") -> pd.DataFrame:
    r"""Repeat buying of each customer as of a day, one row per customer, by customer.

    Several purchases of a customer on one day count as one, with their spend together. Time runs
    from the day of the first purchase to the last day seen, which is the one before as_of: someone
    who bought first on that day has an ``age`` of 0. Fader and Hardie count days in this way too;
    their "calibration until 30 September" is ``as_of`` 1 October here.

    Parameters
    ----------
    purchases
        A row per purchase: customer, bought_on (date, or instant of which the day counts, in its
        own time zone), spend.
        Returns are no purchases; leave them out, or take them off the spend of a day.
    as_of
        Purchases on this day and later are not seen.
    unit
        Of ``last_at`` and ``age``.

    Returns
    -------
    DataFrame
        customer; first_on; repeats (days with a purchase after the first day: *x*); last_at (units
        from the first day to the last day with a purchase, 0 without a repeat: *t_x*); age (units
        from the first day to the last day seen: *T*); spend (of all days); repeat_spend_mean (mean
        of the days after the first, NaN without one); log_intervals (sum of the natural logarithms
        of the units between purchases).

    Raises
    ------
    PurchasesUnfit
        When columns are missing, or cells are empty, or bought_on holds no dates, or spend no
        finite numbers.
    """
    bought = _before(purchases, as_of)
    begins = np.flatnonzero(np.diff(bought.customer, prepend=-1))
    ends = np.append(begins[1:], len(bought.customer))[: len(begins)]
    first, last = bought.day[begins], bought.day[ends - 1]
    repeats = (ends - begins - 1).astype(np.float64)
    gaps = np.diff(bought.day, prepend=0) / DAYS[unit]
    gaps[begins] = 1.0
    spend = np.add.reduceat(bought.spend, begins) if len(begins) else np.empty(0)
    repeated = spend - bought.spend[begins]
    seen = np.datetime64(as_of, "D").astype(np.int64) - 1
    none = np.full(len(begins), np.nan)
    return pd.DataFrame(
        {
            "customer": bought.customers,
            "first_on": first.astype("datetime64[D]").astype("datetime64[s]"),
            "repeats": repeats,
            "last_at": (last - first) / DAYS[unit],
            "age": (seen - first) / DAYS[unit],
            "spend": spend,
            "repeat_spend_mean": np.divide(repeated, repeats, out=none, where=repeats > 0),
            "log_intervals": np.add.reduceat(np.log(gaps), begins) if len(begins) else none,
        }
    )


def bought_within(
    purchases: pd.DataFrame, customers: pd.Series, start: date, end: date
) -> pd.DataFrame:
    """Days with a purchase and spend of customers in ``[start, end)``, one row each, as given.

    What a forecast as of ``start`` is held against.

    Parameters
    ----------
    purchases
        As of `summarised`.
    customers
        Who is asked for; others are left out, and who bought nothing has zeros.

    Raises
    ------
    PurchasesUnfit
        As of `summarised`; or when purchases name customers by text and these by numbers, or the
        other way about, so that none would be found.
    """
    _require_one_kind(purchases, customers)
    days = _days(purchases)
    is_later = days >= np.datetime64(start, "D").astype(np.int64)
    later = _before(purchases[is_later], end)
    count = len(later.customers)
    place = later.customers.get_indexer(pd.Index(customers))
    found = place >= 0
    held = np.bincount(later.customer, minlength=count + 1)
    spent = np.bincount(later.customer, later.spend, minlength=count + 1)
    return pd.DataFrame(
        {
            "customer": customers.to_numpy(),
            "purchases": np.where(found, held[place], 0).astype(np.float64),
            "spend": np.where(found, spent[place], 0.0),
        }
    )


def _require_one_kind(purchases: pd.DataFrame, customers: pd.Series) -> None:
    """Refuse names of which none can be equal: everybody would seem to have bought nothing."""
    if "customer" not in purchases:  # told with all that is missing
        return
    sides = {"purchases": purchases["customer"], "the customers asked for": customers}
    kinds = {where: _KINDS.get(infer_dtype(names), "") for where, names in sides.items()}
    is_told = all(kinds.values()) and all(names.notna().any() for names in sides.values())
    if is_told and len(set(kinds.values())) > 1:
        told = " and ".join(
            f"{where} by {kinds[where]} (such as {names.dropna().iloc[:1].tolist()[0]!r})"
            for where, names in sides.items()
        )
        message = (
            f"what came of customers needs their names in one type, but {told} are named; convert "
            f"one of both, such as by astype(str)"
        )
        raise PurchasesUnfit(message)


_NUMBERS: Final = ("integer", "floating", "mixed-integer-float", "decimal")
_KINDS: Final = {"string": "text", **dict.fromkeys(_NUMBERS, "numbers")}


def opportunities(purchases: pd.DataFrame, as_of: date, days: int) -> pd.DataFrame:
    """Periods with a purchase of each customer as of a day, one row per customer, by customer.

    For buying that has its occasions (a season, an event, a yearly gift): whole periods are counted
    back from as_of, and a period counts once however often it was bought in.

    Parameters
    ----------
    purchases, as_of
        As of `summarised`.
    days
        Length of a period, from 1 on.

    Returns
    -------
    DataFrame
        customer; repeats (periods with a purchase after the first such period: *x*); last_at
        (periods from the first to the last with a purchase: *t_x*); age (periods after the first:
        *n*).

    Raises
    ------
    PurchasesUnfit
        As of `summarised`, and when a period has no day.
    """
    if days < 1:
        raise PurchasesUnfit(f"a period of purchases needs one day or more, but has {days}")
    bought = _before(purchases, as_of)
    end = np.datetime64(as_of, "D").astype(np.int64)
    period = (end - 1 - bought.day) // days
    is_new = np.diff(period, prepend=-1) != 0
    begins = np.flatnonzero(np.diff(bought.customer, prepend=-1))
    is_new[begins] = True
    ends = np.append(begins[1:], len(period))[: len(begins)]
    first, last = period[begins], period[ends - 1]
    held = np.add.reduceat(is_new.astype(np.int64), begins) if len(begins) else begins
    return pd.DataFrame(
        {
            "customer": bought.customers,
            "repeats": (held - 1).astype(np.float64),
            "last_at": (first - last).astype(np.float64),
            "age": first.astype(np.float64),
        }
    )


def _days(purchases: pd.DataFrame) -> IntArray:
    """Day of each purchase, counted from 1970 on."""
    missing = [name for name in NEEDED if name not in purchases]
    if missing:
        raise PurchasesUnfit(
            f"purchases need the columns {', '.join(NEEDED)}, but lack {', '.join(missing)}; "
            "rename the columns of the table"
        )
    when, spend = _own_days(purchases["bought_on"]), _amounts(purchases["spend"])
    empty = {
        "customer": int(purchases["customer"].isna().sum()),
        "bought_on": int(np.isnat(when).sum()),
        "spend": int((~np.isfinite(spend)).sum()),
    }
    told = [f"{count:,} of {name}" for name, count in empty.items() if count]
    if told:
        raise PurchasesUnfit(
            f"purchases need a customer, a day and a finite amount in each of {len(purchases):,} "
            f"rows, but these are missing: {', '.join(told)}; mend or leave out these rows"
        )
    return when.astype(np.int64)


def _own_days(instants: pd.Series) -> npt.NDArray[np.datetime64]:
    """Day of each instant in its own time zone, NaT without one."""
    if pd.api.types.is_datetime64_any_dtype(instants.dtype):
        instants = instants.dt.tz_localize(None)
        return np.asarray(instants.to_numpy(), dtype="datetime64[D]")
    # Whole numbers would be read as days since 1970, and texts in one order of day and month.
    if pd.api.types.infer_dtype(instants) in ("date", "empty"):
        return instants.to_numpy(dtype="datetime64[D]", na_value=np.datetime64("NaT"))
    raise PurchasesUnfit(
        f"purchases need dates or datetimes as bought_on, but it holds {instants.dtype}; convert "
        "it, such as by pandas.to_datetime"
    )


def _amounts(amounts: pd.Series) -> FloatArray:
    """Amounts, NaN without one."""
    try:
        return amounts.to_numpy(dtype=np.float64, na_value=np.nan)
    except (TypeError, ValueError):
        raise PurchasesUnfit(
            f"purchases need numbers as spend, but it holds {amounts.dtype}; convert it, such as "
            "by pandas.to_numeric"
        ) from None


def _before(purchases: pd.DataFrame, as_of: date) -> _Bought:
    """Purchases before a day, those of a customer and day together."""
    day = _days(purchases)
    is_seen = day < np.datetime64(as_of, "D").astype(np.int64)
    day = day[is_seen]
    codes, customers = pd.factorize(purchases["customer"][is_seen], sort=True)
    spend = _amounts(purchases["spend"])[is_seen]
    oldest, span = (int(day.min()), int(np.ptp(day)) + 1) if len(day) else (0, 1)
    key = codes.astype(np.int64) * span + (day - oldest)
    order = np.lexsort((spend, key))
    key, spend = key[order], spend[order]
    begins = np.flatnonzero(np.diff(key, prepend=-1))
    together = np.add.reduceat(spend, begins) if len(begins) else spend
    return _Bought(pd.Index(customers), key[begins] // span, key[begins] % span + oldest, together)
