"""Figures of items by week that a learner may be told: prices, discounts, the season."""

from typing import Final

import numpy as np
import pandas as pd

from models.next_basket.histories import Doubles

WEEK: Final = 7
MONTH: Final = 28
"""Days."""

_MONTH_WEEKS: Final = MONTH // WEEK
_YEAR_WEEKS: Final = 52


def price_facts(sold: pd.DataFrame) -> pd.DataFrame:
    """One row per item and week in which it or one of the four weeks before was sold.

    Parameters
    ----------
    sold
        One row per line: item, day (since 1970-01-01), price (in any unit, such as the logarithm of
        what one piece cost; means are taken of it) and is_discounted.

    Returns
    -------
    pandas.DataFrame
        item; discount_share_7d and discount_share_28d (0..1 of the lines of the week, and of it and
        the three before); price_over_usual (mean price of the four weeks less that of all before);
        day (the last of the week: what a row says is known from the next day on). NaN: unknown.
    """
    week = sold["day"] // WEEK
    sums = (
        sold.assign(week=week, lines=1.0)
        .groupby(["item", "week"])[["lines", "is_discounted", "price"]]
        .sum()
    )
    flat = sums.reset_index()
    every = [
        flat.assign(week=flat["week"] + later).set_index(["item", "week"])
        for later in range(_MONTH_WEEKS + 1)
    ]
    month = pd.concat(every[:-1]).groupby(["item", "week"]).sum()
    month = month.reindex(pd.concat(every).groupby(["item", "week"]).sum().index)
    newest = sums.reindex(month.index)
    so_far = newest.fillna(0.0).groupby("item").cumsum()
    before = so_far - month.fillna(0.0)
    price = month["price"] / month["lines"]
    usual = before["price"] / before["lines"].where(before["lines"] > 0)
    return pd.DataFrame(
        {
            "discount_share_7d": newest["is_discounted"] / newest["lines"],
            "discount_share_28d": month["is_discounted"] / month["lines"],
            "price_over_usual": price - usual,
            "day": _last_day(month.index.get_level_values("week").to_numpy()),
        }
    ).reset_index("item")


def season_facts(bought: pd.DataFrame) -> pd.DataFrame:
    """How much more than usual each item was bought in the coming four weeks a year ago.

    One row per item and week from the first one on that has a year behind it, from the item's first
    purchase on: purchases of the four weeks that began 51 weeks ago, over a thirteenth of those of
    the 52 weeks since, each with one purchase more, so that rare items say little.

    Parameters
    ----------
    bought
        One row per purchase: item and day (since 1970-01-01).

    Returns
    -------
    pandas.DataFrame
        item; season (1: as usual); day (the last of the week: known from the next day on).
    """
    codes, items = pd.factorize(bought["item"], sort=True)
    week = bought["day"].to_numpy(dtype=np.int64) // WEEK
    first = int(week.min()) if len(week) else 0
    weeks = int(week.max(initial=first)) - first + 1
    cells = np.bincount(codes * weeks + week - first, minlength=len(items) * weeks)
    so_far = np.zeros((len(items), weeks + 1))
    np.cumsum(cells.reshape(len(items), weeks), axis=1, out=so_far[:, 1:])
    ends = np.arange(_YEAR_WEEKS, weeks + 1)  # weeks that are over
    a_year_ago = ends - _YEAR_WEEKS
    month = so_far[:, a_year_ago + _MONTH_WEEKS] - so_far[:, a_year_ago]
    year = so_far[:, ends] - so_far[:, a_year_ago]
    season: Doubles = (month + 1) / (year * _MONTH_WEEKS / _YEAR_WEEKS + 1)
    item, place = np.nonzero(so_far[:, ends] > 0)
    return pd.DataFrame(
        {
            "item": items.to_numpy()[item],
            "season": season[item, place],
            "day": _last_day(first + ends[place] - 1),
        }
    )


def _last_day(week: np.ndarray) -> np.ndarray:
    return week * WEEK + WEEK - 1
