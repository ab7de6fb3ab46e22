"""Categories that customers never bought: who takes one up first, learnt and tested out of time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.clock import days_after, days_between
from models.cross_sell.learner import CrossSell, NothingToLearn, fit
from models.cross_sell.pairs import Known, known
from models.cross_sell.popularity import popularity
from models.cross_sell.settings import CrossSellSpec
from models.cross_sell.snapshots import Snapshot, snapshot_of
from models.cross_sell.trial import NothingToTry, Trial, trial
from models.next_basket.histories import WholeArray
from pipelines.offer_days import OfferDays
from pipelines.offers_goods import IN, LATE_DAYS, Goods

SNAPSHOTS: Final = 4
"""Days that first purchases are learnt from, at most; the newest calibrates."""

LEARNER: Final = "learner"
POPULARITY: Final = "popularity"


@dataclass(frozen=True, eq=False)
class Cross:
    """What says how likely a first purchase of a category is.

    Attributes
    ----------
    model
        None where popularity is used instead.
    rates
        By category: chance of a first purchase within the horizon, whoever the customer.
    """

    model: CrossSell | None
    rates: pd.Series = field(default_factory=lambda: pd.Series(dtype="float64"))


@dataclass(frozen=True, eq=False)
class CrossLearnt:
    """What was learnt, its test, and why it is what it is.

    Attributes
    ----------
    cross
        What is used.
    trial
        Of the test day; None where there was nothing to learn or to try.
    note
        Why there is no trial; None where there is one.
    """

    cross: Cross
    trial: Trial | None = None
    note: str | None = None

    @property
    def chosen(self) -> str:
        """``learner`` or ``popularity``."""
        return POPULARITY if self.cross.model is None else LEARNER


@dataclass(frozen=True, eq=False)
class Categories:
    """What items belong to, where first purchases are looked at.

    Attributes
    ----------
    names
        Labels, ascending.
    of_item
        Shape (items,): position of the category of each item.
    """

    names: pd.Index
    of_item: npt.NDArray[np.int64]


def categories_of(goods: Goods, level: str | None, levels: tuple[str, ...]) -> Categories:
    """Categories at a level above the item; at the nearest one where none is named.

    Parameters
    ----------
    goods
        Items on offer.
    level
        Name of the level; None: the last of the levels, or the item itself where there is none.
    levels
        Of the hierarchy above the item, the widest first.
    """
    chosen = level or (levels[-1] if levels else None)
    column = "label" if chosen is None else f"{IN}{chosen}"
    codes, names = pd.factorize(goods.items[column], sort=True)
    return Categories(pd.Index(names), codes.astype(np.int64))


def snapshot_days(days: OfferDays) -> tuple[date, ...]:
    """Days to learn from, the oldest first: the calibration, and days a horizon apart before it.

    Each has two horizons of history before it: one to see what was new, one before that.
    """
    apart = days.horizon_days
    found = [days_after(days.calibrated, -apart * back) for back in range(SNAPSHOTS)]
    return tuple(
        day for day in reversed(found) if days_between(days.history.start, day) >= 2 * apart
    )


def snapshot_on(
    goods: Goods, categories: Categories, behaviour: pd.DataFrame, day: date, horizon: int
) -> Snapshot:
    """What is known of customers and categories on a day, and what came in the horizon.

    Parameters
    ----------
    goods
        Purchases; what came is told as far as they reach.
    categories
        Of the items.
    behaviour
        Row per customer of the cohort, by name, as known on the day.
    day, horizon
        The day, and days from it on.
    """
    bought = goods.purchases
    rows = pd.DataFrame(
        {
            "customer": goods.histories.customers.to_numpy()[bought["customer"]],
            "category": categories.names.to_numpy()[categories.of_item[bought["item"]]],
            "bought_on": bought["day"].to_numpy().astype("datetime64[D]"),
        }
    )
    return snapshot_of(rows, behaviour, categories.names, as_of=day, horizon_days=horizon)


def learn_cross(
    goods: Goods,
    categories: Categories,
    behaviours: Mapping[date, pd.DataFrame],
    days: OfferDays,
    spec: CrossSellSpec,
) -> CrossLearnt:
    """Learn, calibrate and test first purchases; popularity is used where it was not beaten.

    Parameters
    ----------
    goods
        Purchases up to the end of the test.
    categories
        Of the items.
    behaviours
        By day, those of `snapshot_days` and the test's.
    days, spec
        Days, and settings.
    """
    every = {
        day: snapshot_on(goods, categories, each, day, days.horizon_days)
        for day, each in behaviours.items()
    }
    held_out = every.pop(days.tested)
    earlier = [every[day] for day in sorted(every)]
    if not earlier:
        return CrossLearnt(Cross(None), note="the orders are too few days to learn first purchases")
    popular = popularity(earlier)
    rates = pd.Series(popular.rates, index=categories.names)
    try:
        model = fit(earlier, spec)
        found = trial(held_out, model, popular, seed=spec.seed, threads=spec.threads)
    except (NothingToLearn, NothingToTry) as error:
        return CrossLearnt(Cross(None, rates), note=str(error))
    return CrossLearnt(Cross(model if found.chosen == LEARNER else None, rates), found)


@dataclass(frozen=True, eq=False)
class CrossShelf:
    """First purchases that may be offered on a day.

    Attributes
    ----------
    known
        Of the snapshot of the day.
    cross
        What says how likely each is.
    categories
        Of the items.
    place
        Shape (customers of the goods,): position in the snapshot; -1 of one who is not in it.
    item, part
        Shape (categories,): the item of each that is bought most, and in what part of the baskets
        with the category; -1 and 0 where none was bought of late.
    """

    known: Known
    cross: Cross
    categories: Categories
    place: WholeArray
    item: WholeArray
    part: npt.NDArray[np.float64]

    def covers(self, owner: WholeArray, items: WholeArray) -> npt.NDArray[np.bool_]:
        """Pairs of a category that the customer never bought: those told by `offered` instead."""
        place = self.place[owner]
        has = self.known.snapshot.has[np.maximum(place, 0), self.categories.of_item[items]]
        return (place >= 0) & ~has

    def offered(self, rows: WholeArray) -> pd.DataFrame:
        """customer, item and probability of categories never bought, one item of each.

        Parameters
        ----------
        rows
            Positions of customers, ascending.
        """
        place = self.place[rows]
        back = np.full(len(self.known.snapshot.customers), -1)
        back[place[place >= 0]] = rows[place >= 0]
        pairs = self.known.pairs(np.sort(place[place >= 0]))
        model = self.cross.model
        chance = (
            self.cross.rates.reindex(self.categories.names).fillna(0.0).to_numpy()[pairs.category]
            if model is None
            else model.propensity(pairs)
        )
        found = pd.DataFrame(
            {
                "customer": back[pairs.customer],
                "item": self.item[pairs.category],
                "probability": chance * self.part[pairs.category],
            }
        )
        return found[found["item"] >= 0].reset_index(drop=True)


def cross_shelf(
    goods: Goods, categories: Categories, snapshot: Snapshot, cross: Cross, day: int
) -> CrossShelf:
    """First purchases that may be offered on a day; see `CrossShelf`.

    Parameters
    ----------
    goods
        Purchases before the day.
    categories
        Of the items.
    snapshot
        Of the day.
    cross
        How likely a first purchase is.
    day
        Days since 1970-01-01; the newest `LATE_DAYS` before it tell which item of a category is
        bought.
    """
    columns = () if cross.model is None else cross.model.behaviour
    learnt = known(snapshot, columns, 0 if cross.model is None else cross.model.seed)
    recent = goods.histories.between(day - LATE_DAYS, day)
    often = recent.popularity
    baskets = np.unique(
        np.column_stack([recent.basket_of_entry, categories.of_item[recent.codes]]), axis=0
    )
    with_category = np.bincount(baskets[:, 1], minlength=len(categories.names))
    order = np.lexsort((np.arange(len(often)), -often, categories.of_item))
    first = np.unique(categories.of_item[order], return_index=True)[1]
    best = order[first]
    item = np.where(often[best] > 0, best, -1)
    part = often[best] / np.maximum(with_category, 1)
    place = snapshot.customers.get_indexer(goods.histories.customers)
    return CrossShelf(learnt, cross, categories, place.astype(np.int64), item, part)
