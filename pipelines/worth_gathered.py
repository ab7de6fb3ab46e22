"""What a description of customers' worth looks at, read from the warehouse."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa

from features.clock import Window, days_after, days_between
from features.outreach import build_satisfaction, build_sendings
from features.settings import Currency
from features.warehouse import Connection
from pipelines.config import Business
from pipelines.worth_settings import WorthSettings

EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class Lifetime:
    """Lifetime values by customer, minor units, worked out alike on two days.

    Attributes
    ----------
    now
        On as_of.
    before
        As many days earlier as settings compare (`WorthSettings.moved_days`); None: not known.
    told
        What they are, in words: such as ``margin of the next 364 days``.
    share
        What of the money customers pay counts in them, 0..1: the margin; 1 for revenue.
    """

    now: pd.Series
    before: pd.Series | None
    told: str
    share: float = 1.0


@dataclass(frozen=True, eq=False)
class WorthSeen:
    """All that the description looks at; money in minor units.

    Attributes
    ----------
    business, currency
        Whose customers, and in what they pay.
    as_of, first
        Nothing from as_of on is seen; the first day that is known.
    horizon_days
        What settings without a length of their own follow.
    asked
        Settings, their money in minor units too.
    purchases
        customer, day (since 1970-01-01), amount (returns taken off); product_cost where one knows
        it, null in other rows.
    sendings
        customer, day, cost (null: not known); None: nobody knows who was sent what.
    satisfaction
        customer, day, satisfaction; None: nobody was asked.
    lifetime
        What customers will be worth; None: not known.
    seed, resamples
        Of intervals.
    """

    business: str
    currency: Currency
    as_of: date
    first: date
    horizon_days: int
    asked: WorthSettings
    purchases: pd.DataFrame
    sendings: pd.DataFrame | None = None
    satisfaction: pd.DataFrame | None = None
    lifetime: Lifetime | None = None
    seed: int = 7
    resamples: int = 500

    @property
    def end(self) -> int:
        """as_of in days since 1970-01-01."""
        return days_between(EPOCH, self.as_of)

    @property
    def begin(self) -> int:
        """The first day in days since 1970-01-01."""
        return days_between(EPOCH, self.first)


def worth_seen(
    con: Connection,
    business: Business,
    purchases: pd.DataFrame,
    as_of: date,
    lifetime: Lifetime | None = None,
) -> WorthSeen:
    """What is known of customers before a day.

    Parameters
    ----------
    con, business
        The warehouse and the config.
    purchases
        customer, day (since 1970-01-01), amount (minor units, returns taken off), gross (before
        returns) and margin (of gross, null where costs are not known). Later days are left out.
    as_of
        Nothing from this day on is seen.
    lifetime
        What customers will be worth; None: not known.
    """
    seen = purchases[purchases["day"] < days_between(EPOCH, as_of)]
    known = seen.assign(product_cost=seen["gross"] - seen["margin"])
    first = days_after(EPOCH, int(seen["day"].min())) if len(seen) else as_of
    window, value = Window(first, as_of), business.value
    return WorthSeen(
        business.name,
        business.currency,
        as_of,
        first,
        value.horizon_days,
        value.worth.in_minor_units(business.currency.digits),
        known[["customer", "day", "amount", "product_cost"]],
        _frame(build_sendings(con, window, business.sources), "cost"),
        _frame(build_satisfaction(con, window, business.sources), "satisfaction"),
        lifetime,
        value.seed,
        value.resamples,
    )


def _frame(table: pa.Table | None, figure: str) -> pd.DataFrame | None:
    """Rows of customer, day (since 1970-01-01) and a figure, null as NaN."""
    if table is None:
        return None
    return pd.DataFrame(
        {
            "customer": np.array(table["customer"].to_pylist(), dtype=object),
            "day": table["day"].to_numpy().astype("datetime64[D]").astype(np.int64),
            figure: table[figure].to_numpy(zero_copy_only=False).astype(np.float64),
        }
    )
