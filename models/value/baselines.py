"""Naive predictors of what customers will spend: what every model of value is held against.

They need purchases alone, and take minutes to explain to nobody. Each takes what was known before
``as_of`` only.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.spec import FloatArray
from models.spending import orders_of, seen, spend_of

YEAR: Final = 364
"""Days of a season: whole weeks, so that weekdays meet their like."""


class SeasonNotObserved(RegularsError):
    """The purchases do not reach back far enough for a season, or nothing was spent then."""


class NobodyBefore(RegularsError):
    """No customer of an earlier day can stand for those of the day asked."""


@dataclass(frozen=True)
class Asked:
    """The period that is to be told, and who counts as a customer.

    Attributes
    ----------
    as_of
        First day of the period; nothing from it on is seen.
    horizon_days
        Its length.
    active_within_days
        Customers of an earlier day are those who ordered within so many days before it; None: who
        ever ordered. It is to be the rule by which the customers of ``as_of`` were taken.
    min_orders
        Orders that they had before it, at the least; of the same rule.
    """

    as_of: int
    horizon_days: int
    active_within_days: int | None = None
    min_orders: int = 1

    def before(self, days: int) -> "Asked":
        """The same so many days earlier."""
        return replace(self, as_of=self.as_of - days)


def same_again(customers: pd.Index, purchases: pd.DataFrame, asked: Asked) -> FloatArray:
    """What each spent in the last equal period, ``[as_of - horizon, as_of)``, shape (n,).

    Raises
    ------
    PurchasesUnclear
        See `models.spending.seen`.
    """
    spend = spend_of(customers, purchases, asked.as_of - asked.horizon_days, asked.as_of)
    return spend.to_numpy(dtype=np.float64)


def year_ago(
    customers: pd.Index, purchases: pd.DataFrame, asked: Asked, season_days: int = YEAR
) -> FloatArray:
    """What each spent in the same period a season before, shape (n,); 0 of who was not there yet.

    Raises
    ------
    SeasonNotObserved
        When the purchases begin later than that period, or it is longer than a season: it is not
        over then.
    PurchasesUnclear
        See `models.spending.seen`.
    """
    _require_within(season_days, asked)
    start = asked.as_of - season_days
    _require_known_from(purchases, start, asked)
    spend = spend_of(customers, purchases, start, start + asked.horizon_days)
    return spend.to_numpy(dtype=np.float64)


def seasonal_total(
    customers: pd.Index, purchases: pd.DataFrame, asked: Asked, season_days: int = YEAR
) -> FloatArray:
    r"""What each spent in the last equal period, times what that became a season before; (n,).

    .. math:: \hat y_i = s_i(t - h, t) \cdot
              \frac{\sum_{j \in C(t - S)} s_j(t - S, t - S + h)}
                   {\sum_{j \in C(t - S)} s_j(t - S - h, t - S)}

    with s the spend within days, h the horizon, S the season and C the customers of a day. The
    total is that of the seasonal naive method for a ratio (Hyndman and Athanasopoulos 2021,
    "Forecasting: principles and practice", section 5.2, applied to the change from one period to
    the next, so that growth and who drops out are in it). ``season_days`` of one horizon: what the
    last period became, without any season.

    Raises
    ------
    SeasonNotObserved
        When the purchases begin later than the periods a season before, nothing was spent there, or
        a period is longer than a season.
    PurchasesUnclear
        See `models.spending.seen`.
    """
    _require_within(season_days, asked)
    earlier = asked.before(season_days)
    _require_known_from(purchases, earlier.as_of - earlier.horizon_days, asked)
    known = customers_of(purchases, earlier)
    start, middle = earlier.as_of - earlier.horizon_days, earlier.as_of
    end = middle + earlier.horizon_days
    was = float(spend_of(known, purchases, start, middle).sum())
    became = float(spend_of(known, purchases, middle, end).sum())
    if was <= 0 or became < 0:
        message = (
            f"a seasonal total needs money that was spent around {_day(middle)}, but the "
            f"{len(known):,} customers of that day spent {was:,.2f} before and {became:,.2f} after "
            "it; use another season_days"
        )
        raise SeasonNotObserved(message)
    return same_again(customers, purchases, asked) * (became / was)


def at_total(said: FloatArray, total: float) -> FloatArray:
    """Promises multiplied so that they sum to a total, shape (n,); as they are, if they sum to 0.

    A model says who; the seasonal naive total says how much in all, which a model calibrated in
    another season cannot: forecasts from the top down (Gross and Sohl 1990, "Disaggregation methods
    to expedite product line forecasting").
    """
    whole = float(said.sum())
    return said * (total / whole) if whole > 0 else said


def overall_mean(customers: pd.Index, purchases: pd.DataFrame, asked: Asked) -> FloatArray:
    """The mean that customers of one horizon before spent since, for everybody, shape (n,).

    Raises
    ------
    NobodyBefore
        When there was no customer then.
    PurchasesUnclear
        See `models.spending.seen`.
    """
    earlier = asked.before(asked.horizon_days)
    known = customers_of(purchases, earlier)
    if not len(known):
        message = (
            f"a mean needs customers who ordered before {_day(earlier.as_of)}, but there are none; "
            "use a later as_of or a shorter horizon_days"
        )
        raise NobodyBefore(message)
    spend = spend_of(known, purchases, earlier.as_of, asked.as_of)
    return np.full(len(customers), float(spend.mean()))


def customers_of(purchases: pd.DataFrame, asked: Asked) -> pd.Index:
    """Who ordered before a day, within the days that count as active, and often enough; ascending.

    Purchases with a column ``orders`` tell how many each line holds; others hold one a day.

    Raises
    ------
    PurchasesUnclear
        See `models.spending.seen`.
    """
    orders = orders_of(purchases, asked.as_of)
    if asked.min_orders > 1:
        counted = orders.groupby("customer").size()
        if "orders" in purchases:
            counted = seen(purchases, asked.as_of).groupby("customer")["orders"].sum()
        often = counted.index[counted >= asked.min_orders]
        orders = orders[orders["customer"].isin(often)]
    if asked.active_within_days is not None:
        orders = orders[orders["day"] >= asked.as_of - asked.active_within_days]
    found: pd.Index = pd.Index(orders["customer"].unique(), name="customer")
    return found


Baseline = Callable[[pd.Index, pd.DataFrame, Asked], FloatArray]

BASELINES: Final[dict[str, Baseline]] = {
    "same_again": same_again,
    "year_ago": year_ago,
    "seasonal_total": seasonal_total,
    "overall_mean": overall_mean,
}
"""Every naive predictor by name."""


@dataclass(frozen=True, eq=False)
class Naive:
    """What the naive predictors say, and why one says nothing.

    Attributes
    ----------
    said
        By name: money of each customer, shape (n,).
    untold
        By name: why there is none.
    """

    said: dict[str, FloatArray]
    untold: dict[str, str]


def naive(customers: pd.Index, purchases: pd.DataFrame, asked: Asked) -> Naive:
    """All naive predictors that the purchases allow.

    Where no season was observed, the change of a horizon before stands for it, as
    ``latest_total``.

    Raises
    ------
    PurchasesUnclear
        See `models.spending.seen`.
    """
    said, untold = {}, {}
    for name, predict in BASELINES.items():
        try:
            said[name] = predict(customers, purchases, asked)
        except (SeasonNotObserved, NobodyBefore) as error:
            untold[name] = str(error)
    if "seasonal_total" in untold:
        try:
            said["latest_total"] = seasonal_total(customers, purchases, asked, asked.horizon_days)
        except SeasonNotObserved as error:
            untold["latest_total"] = str(error)
    return Naive(said, untold)


def _require_within(season_days: int, asked: Asked) -> None:
    if asked.horizon_days > season_days:
        message = (
            f"a season of {season_days} days tells periods of as many days or fewer, but "
            f"horizon_days is {asked.horizon_days}; use a shorter one, or same_again"
        )
        raise SeasonNotObserved(message)


def _require_known_from(purchases: pd.DataFrame, start: int, asked: Asked) -> None:
    lines = seen(purchases, asked.as_of)
    first = int(lines["day"].min()) if len(lines) else asked.as_of
    if first > start:
        message = (
            f"a season needs purchases from {_day(start)} on, but they begin on {_day(first)}; use "
            f"a later as_of than {_day(asked.as_of)}, or a shorter horizon_days or season_days"
        )
        raise SeasonNotObserved(message)


def _day(number: int) -> str:
    return str(np.datetime64(int(number), "D"))
