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

CATEGORIES_MOST: Final = 1_000
"""Categories beyond which first purchases are not looked at: pairs of all customers with all of
them are too many, and most of them too rare to learn from."""

_LEARNT_MOST: Final = 10_000
_TRIED_CELLS: Final = 2_000_000
"""Customers of a snapshot that is learnt from, at most; customers times categories of a trial."""

_PAIRS_AT_ONCE: Final = 100_000

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

    @property
    def is_there(self) -> bool:
        """Whether anything is known of first purchases."""
        return self.model is not None or len(self.rates) > 0


@dataclass(frozen=True, eq=False)
class CrossLearnt:
    """What was learnt, its test, and why it is what it is.

    Attributes
    ----------
    cross
        What is used.
    trial, chosen_on
        Of the test, and of the day of calibration, which chose what is used; None where there was
        nothing to learn or to try.
    note
        Why there is no trial; None where there is one.
    """

    cross: Cross
    trial: Trial | None = None
    chosen_on: Trial | None = None
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
            "customer": pd.Categorical.from_codes(
                bought["customer"], categories=goods.histories.customers
            ),
            "category": pd.Categorical.from_codes(
                categories.of_item[bought["item"]], categories=categories.names
            ),
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

    Which of them is used is chosen on the day of calibration, so that the test chooses nothing.

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
    count = len(categories.names)
    if count > CATEGORIES_MOST:
        note = (
            f"not looked at, for there are {count:,} categories and {CATEGORIES_MOST:,} are the "
            "most; name a wider level (offers.cross)"
        )
        return CrossLearnt(Cross(None), note=note)

    def on(day: date, most: int) -> Snapshot:
        some = _sampled(behaviours[day], most, spec.seed)
        return snapshot_on(goods, categories, some, day, days.horizon_days)

    *_, calibrated, tested = sorted(behaviours)
    earlier = [on(day, _LEARNT_MOST) for day in sorted(behaviours) if day != tested]
    most = max(1, _TRIED_CELLS // count)
    popular, before = popularity(earlier), popularity(earlier[:-1] or earlier)
    rates = pd.Series(popular.rates, index=categories.names)
    settings = {"seed": spec.seed, "threads": spec.threads}
    try:
        model = fit(earlier, spec)
        chosen = trial(on(calibrated, most), model, before, **settings)
        found = trial(on(tested, most), model, popular, **settings)
    except (NothingToLearn, NothingToTry) as error:
        return CrossLearnt(Cross(None, rates), note=str(error))
    return CrossLearnt(Cross(model if chosen.chosen == LEARNER else None, rates), found, chosen)


def _sampled(behaviour: pd.DataFrame, most: int, seed: int) -> pd.DataFrame:
    """At most so many customers, drawn by seed and in their order."""
    if len(behaviour) <= most:
        return behaviour
    drawn = np.random.default_rng(seed).choice(len(behaviour), most, replace=False)
    return behaviour.iloc[np.sort(drawn)]


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
        asked = np.sort(place[place >= 0])
        step = max(1, _PAIRS_AT_ONCE // max(1, len(self.categories.names)))
        nobody = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
        parts = [self._chances(asked[at : at + step]) for at in range(0, len(asked), step)]
        customer, category, chance = map(np.concatenate, zip(nobody, *parts, strict=True))
        found = pd.DataFrame(
            {
                "customer": back[customer],
                "item": self.item[category],
                "probability": chance * self.part[category],
            }
        )
        return found[found["item"] >= 0].reset_index(drop=True)

    def _chances(self, asked: WholeArray) -> tuple[WholeArray, WholeArray, npt.NDArray[np.float64]]:
        """Customer and category (positions in the snapshot) never bought, and the chance."""
        if self.cross.model is not None:
            pairs = self.known.pairs(asked)
            return pairs.customer, pairs.category, self.cross.model.propensity(pairs)
        row, category = np.nonzero(~self.known.snapshot.has[asked])
        rates = self.cross.rates.reindex(self.categories.names).fillna(0.0).to_numpy()
        return asked[row], category, rates[category]


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
