"""Loyalty in deed and in word: repurchase, referrals and satisfaction, and their matrix."""

from typing import Final, Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from features.errors import RegularsError
from models.metrics import Estimate
from models.proportions import wilson
from models.spec import FloatArray, IntArray
from models.spending import dated, numbers_or_nulls, orders_of

UNKNOWN: Final = "unknown"
"""Attitude and kind of who never told a satisfaction."""

LEVELS: Final = ("low", "middle", "high")
ATTITUDES: Final = ("negative", "indifferent", "positive")

_KINDS: Final = (
    ("high", "positive", "loyal"),
    ("high", "indifferent", "habitual"),
    ("high", "negative", "captive"),
    ("middle", "positive", "growing"),
    ("middle", "indifferent", "undecided"),
    ("middle", "negative", "shaky"),
    ("low", "positive", "latent"),
    ("low", "indifferent", "indifferent"),
    ("low", "negative", "not loyal"),
)
KINDS: Final = pd.DataFrame(_KINDS, columns=["frequency", "attitude", "kind"])
"""Name of each cell of the matrix of frequency and attitude; a user may give another table.

The corners are those of Dick and Basu 1994, "Customer loyalty: toward an integrated conceptual
framework": loyalty, spurious loyalty (high, negative: captive here), latent loyalty and none.
"""

_CONTACTS: Final = ("customer", "day")


class LoyaltyUnclear(RegularsError):
    """Referrals, contacts or names of cells lack a column or hold what cannot be read."""


class LoyaltySpec(BaseModel):
    """Where frequency is middle or high, and satisfaction indifferent or positive."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    window_days: int = Field(default=365, ge=1, description="Days before as_of that count.")
    middle_from: int = Field(default=2, ge=1, description="Orders within them: middle frequency.")
    high_from: int = Field(default=5, ge=2, description="Orders within them: high frequency.")
    score_least: float = Field(default=0.0, description="Lowest satisfaction that can be given.")
    score_most: float = Field(default=10.0, description="Highest satisfaction that can be given.")
    indifferent_from: float = Field(
        default=7.0, description="Mean satisfaction from which on an attitude is indifferent."
    )
    positive_from: float = Field(
        default=9.0,
        description="Mean satisfaction from which on it is positive; the defaults are those of the "
        "net promoter score (Reichheld 2003).",
    )

    @model_validator(mode="after")
    def _levels_rise(self) -> Self:
        rising = (
            ("middle_from", "high_from"),
            ("indifferent_from", "positive_from"),
            ("score_least", "score_most"),
        )
        for one, other in rising:
            if getattr(self, one) >= getattr(self, other):
                message = (
                    f"levels of loyalty need {one} below {other}, but they are {getattr(self, one)}"
                    f" and {getattr(self, other)}; raise the second"
                )
                raise ValueError(message)
        return self


def repurchase_rate(
    purchases: pd.DataFrame, as_of: int, within_days: int, active_days: int | None = None
) -> Estimate:
    """Share of customers who ordered again within so many days, 0..1, with its 95 % interval.

    Of those who ordered within ``[as_of - within - active, as_of - within)``, the ones who ordered
    within ``[as_of - within, as_of)`` (Wilson's interval).

    Parameters
    ----------
    purchases
        See `models.spending.seen`.
    as_of
        Nothing from this day on is seen.
    within_days
        Days in which they could order again.
    active_days
        Days before those in which they must have ordered; None: any number.

    Raises
    ------
    PurchasesUnclear
        See `models.spending.seen`.
    """
    orders = orders_of(purchases, as_of)
    middle = as_of - within_days
    before = orders[orders["day"] < middle]
    if active_days is not None:
        before = before[before["day"] >= middle - active_days]
    known = pd.Index(before["customer"].unique())
    again = orders.loc[orders["day"] >= middle, "customer"].unique()
    return wilson(int(known.isin(again).sum()), len(known))  # NumPy's takes minutes of texts


def loyalty_figures(
    purchases: pd.DataFrame,
    as_of: int,
    spec: LoyaltySpec | None = None,
    *,
    referrals: pd.DataFrame | None = None,
    contacts: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What each customer did, recommended and said; of all who ever ordered, by customer.

    Parameters
    ----------
    purchases
        See `models.spending.seen`.
    as_of
        Nothing from this day on is seen.
    spec
        Window, and the scale of satisfaction.
    referrals
        A row per recommendation that brought somebody: customer (who recommended), day. None: not
        known.
    contacts
        A row per contact: customer, day, satisfaction (on the scale, null where not asked). None:
        not known.

    Returns
    -------
    pandas.DataFrame
        orders_count (within the window) and has_repurchased (two or more ever); referrals_count
        (within the window; NaN: not known); satisfaction (mean of the window; NaN: never told),
        satisfaction_answers.

    Raises
    ------
    LoyaltyUnclear
        When referrals or contacts lack a column, a customer or a day, or a satisfaction is off the
        scale.
    PurchasesUnclear
        See `models.spending.seen`.
    """
    asked = spec or LoyaltySpec()
    start = as_of - asked.window_days
    orders = orders_of(purchases, as_of)
    ever = orders.groupby("customer", sort=True, observed=True).size()
    lately = orders[orders["day"] >= start].groupby("customer", observed=True).size()
    found = pd.DataFrame(
        {
            "orders_count": lately.reindex(ever.index, fill_value=0).astype(np.int64),
            "has_repurchased": ever >= 2,  # noqa: PLR2004 - again is the second time
        }
    )
    found["referrals_count"] = np.nan
    if referrals is not None:
        rows = _within("referrals", referrals, _CONTACTS, (start, as_of))
        counts = rows.groupby("customer").size()
        found["referrals_count"] = counts.reindex(found.index, fill_value=0).astype(np.float64)
    found["satisfaction"], found["satisfaction_answers"] = np.nan, 0
    if contacts is not None:
        rows = _within("contacts", contacts, (*_CONTACTS, "satisfaction"), (start, as_of))
        told = numbers_or_nulls("contacts", rows["satisfaction"], LoyaltyUnclear)
        rows = rows.assign(satisfaction=told)[told.notna()]
        _require_scale(rows["satisfaction"].to_numpy(dtype=np.float64), asked)
        parts = rows.groupby("customer")["satisfaction"]
        found["satisfaction"] = parts.mean().reindex(found.index)
        counts = parts.size().reindex(found.index, fill_value=0)
        found["satisfaction_answers"] = counts.astype(np.int64)
    return found


def _within(
    name: str, rows: pd.DataFrame, needed: tuple[str, ...], days: tuple[int, int]
) -> pd.DataFrame:
    missing = [column for column in needed if column not in rows.columns]
    if missing:
        message = (
            f"{name} need the columns {', '.join(needed)}, but lack {', '.join(missing)}; name "
            "them so"
        )
        raise LoyaltyUnclear(message)
    told = dated(name, rows, _CONTACTS, LoyaltyUnclear)
    return told[(told["day"] >= days[0]) & (told["day"] < days[1])]


def _require_scale(scores: FloatArray, spec: LoyaltySpec) -> None:
    outside = int(np.count_nonzero((scores < spec.score_least) | (scores > spec.score_most)))
    if outside:
        message = (
            f"satisfaction needs scores within {spec.score_least:g}..{spec.score_most:g}, but "
            f"{outside:,} of {len(scores):,} are not; mend them, or set score_least and score_most"
        )
        raise LoyaltyUnclear(message)


def loyalty_kinds(
    figures: pd.DataFrame, spec: LoyaltySpec | None = None, kinds: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Frequency, attitude and kind of loyalty of each customer; by customer.

    Attitude and kind are `UNKNOWN` of who never told a satisfaction: silence is no indifference.

    Parameters
    ----------
    figures
        See `loyalty_figures`.
    spec
        Where levels begin.
    kinds
        See `KINDS`; None: those.

    Raises
    ------
    LoyaltyUnclear
        When the table of kinds lacks a column or one of the nine cells.
    """
    asked = spec or LoyaltySpec()
    table = KINDS if kinds is None else kinds
    lacks = [name for name in KINDS.columns if name not in table.columns]
    if lacks:
        message = (
            f"kinds of loyalty need the columns frequency, attitude and kind, but lack "
            f"{', '.join(lacks)}; see models.worth.loyalty.KINDS"
        )
        raise LoyaltyUnclear(message)
    names = table.set_index(["frequency", "attitude"])["kind"].to_dict()
    missing = [(one, two) for one in LEVELS for two in ATTITUDES if (one, two) not in names]
    if missing:
        message = (
            f"kinds of loyalty need a row for each of the nine cells, but lack "
            f"{', '.join(' and '.join(each) for each in missing)}; see models.worth.loyalty.KINDS"
        )
        raise LoyaltyUnclear(message)
    orders = figures["orders_count"].to_numpy(dtype=np.float64)
    score = figures["satisfaction"].to_numpy(dtype=np.float64)
    frequency = np.array(LEVELS, dtype=object)[_level(orders, asked.middle_from, asked.high_from)]
    told = np.array(ATTITUDES, dtype=object)[
        _level(score, asked.indifferent_from, asked.positive_from)
    ]
    attitude = np.where(np.isnan(score), UNKNOWN, told)
    kind = [names.get(cell, UNKNOWN) for cell in zip(frequency, attitude, strict=True)]
    return pd.DataFrame(
        {"frequency": frequency, "attitude": attitude, "kind": pd.Series(kind, dtype=object).array},
        index=figures.index,
    )


def _level(values: FloatArray, middle: float, high: float) -> IntArray:
    return (values >= middle).astype(np.int64) + (values >= high)


def loyalty_matrix(kinds: pd.DataFrame, worth: pd.Series | None = None) -> pd.DataFrame:
    """Customers of each cell of frequency and attitude, and what they are worth.

    Returns
    -------
    pandas.DataFrame
        A row per cell, all nine and those of unknown attitude: frequency, attitude, kind,
        customers, customers_share; worth (money, NaN unless given).
    """
    cells = pd.MultiIndex.from_product(
        [LEVELS, (*ATTITUDES, UNKNOWN)], names=["frequency", "attitude"]
    )
    parts = kinds.assign(worth=np.nan if worth is None else worth.reindex(kinds.index)).groupby(
        ["frequency", "attitude"]
    )
    found = pd.DataFrame({"kind": parts["kind"].first(), "customers": parts.size()}).reindex(cells)
    found["customers"] = found["customers"].fillna(0).astype(np.int64)
    found["customers_share"] = found["customers"] / max(len(kinds), 1)
    found["worth"] = np.nan if worth is None else parts["worth"].sum().reindex(cells, fill_value=0)
    return found.reset_index()
