"""What a training or a night's offers look at, read from the warehouse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd

from features.behaviour import build
from features.clock import Window, days_after
from features.cohort import CohortEmpty
from features.errors import RegularsError
from features.journeys import build_items, build_journeys, require_journeys
from features.levels import PRODUCT
from features.loads import data_fingerprint
from features.settings import Cohort, JourneyDefinition
from features.star import history
from features.stock import stock_list
from features.warehouse import Connection
from models.offers.policies import Policies
from models.offers.shelf import shelf_of, unmatched
from pipelines.config import Business
from pipelines.frames import IDENTITY
from pipelines.jobs import Job
from pipelines.offer_days import OfferDays, offer_days
from pipelines.offers_cross import Categories, categories_of, snapshot_days
from pipelines.offers_goods import Goods, goods_of, number_of
from pipelines.offers_made import Allowed
from pipelines.offers_up_goods import UpGoods, up_goods_of, up_sell_of

SHOWN: Final = 3
"""Names of a list that a sentence repeats, at most."""


class NobodyActive(RegularsError):
    """No customer bought of late, on a day that offers are made or learnt."""


@dataclass(frozen=True, eq=False)
class Seen:
    """A day whose horizon is over: what was known of it, and what came.

    Attributes
    ----------
    as_of, horizon_days
        The day, and the days from it on.
    goods
        Items known before the day, and purchases up to the end of the horizon.
    categories
        What the items belong to.
    behaviour
        Row per customer, by name: columns of the behaviour table of the day.
    allowed
        What may be offered.
    up
        Products of tiers, and purchases of them up to the end of the horizon; None: no steps up
        are looked for.
    """

    as_of: date
    horizon_days: int
    goods: Goods
    categories: Categories
    behaviour: pd.DataFrame
    allowed: Allowed
    up: UpGoods | None = None


@dataclass(frozen=True, eq=False)
class Earlier:
    """What was known of items on the day of the calibration, which is the test's horizon before.

    Attributes
    ----------
    day
        The day.
    items, products
        See `features.journeys.build_items`; None: no steps up are looked for.
    """

    day: date
    items: pd.DataFrame
    products: pd.DataFrame | None


@dataclass(frozen=True, eq=False)
class Material:
    """All that one training looks at.

    Attributes
    ----------
    days
        Of training, calibration and test.
    test
        The day of the test.
    earlier
        What differed on the day of the calibration.
    behaviours
        Of it and of earlier days: row per customer, by name.
    remarks
        Sentences on what policies and stock name in vain.
    data_fingerprint
        Of the warehouse.
    """

    days: OfferDays
    test: Seen
    earlier: Earlier
    behaviours: Mapping[date, pd.DataFrame]
    remarks: tuple[str, ...]
    data_fingerprint: str

    def calibration(self, business: Business) -> Seen:
        """The day of the calibration: made anew each time, so that nobody has to keep it.

        Parameters
        ----------
        business
            The config.
        """
        known, test, horizon = self.earlier, self.test, self.days.horizon_days
        day, until = number_of(known.day), number_of(known.day) + horizon
        goods = test.goods.earlier(known.items, day, until, business.offers.seen_least)
        up = None
        if test.up is not None and known.products is not None:
            up = test.up.earlier(known.products, goods, until)
        return _seen(business, known.day, (goods, up), self.behaviours[known.day])


def gathered(job: Job) -> Material:
    """What a training looks at; the purchases of all its days are read once.

    Raises
    ------
    JourneysUnclear
        When the sources do not tell who bought what.
    OutsideHistory, HorizonNotObserved
        When the orders do not cover the days.
    NothingOnOffer
        When no item was bought often enough.
    StockUnclear
        When the stock list says nothing.
    """
    business, asked = job.business, job.business.offers
    require_journeys(asked, business.sources, "offers")
    with job.opened() as con, job.steps.step("journeys, behaviour table"):
        days = offer_days(asked, history(con, business.sources))
        sold = sold_before(con, business, days.history, days.judged.end)
        _, remarks = allowed_of(job, sold[0])  # refuses before anything is learnt
        looked_at = sorted({*snapshot_days(days), days.calibrated, days.tested})
        tables = behaviours(con, business, looked_at)
        test = _seen(business, days.tested, sold, tables[days.tested])
        earlier = _earlier(con, business, Window(days.history.start, days.calibrated))
        return Material(days, test, earlier, tables, remarks, data_fingerprint(con))


def _earlier(con: Connection, business: Business, before: Window) -> Earlier:
    offers, sources = business.offers, business.sources
    items = build_items(con, offers, before, sources).to_pandas()
    if up_sell_of(offers, sources) is None:
        return Earlier(before.end, items, None)
    asked = JourneyDefinition(item=PRODUCT)
    products = build_items(con, asked, before, sources).to_pandas()
    return Earlier(before.end, items, products)


def seen_on(con: Connection, business: Business, before: Window, behaviour: pd.DataFrame) -> Seen:
    """A day whose horizon is over: items as known before it, and purchases up to its end.

    What is in stock is known of today alone, so that policies of such a day are without it.

    Parameters
    ----------
    con, business
        The warehouse and the config.
    before
        Days before the day.
    behaviour
        Row per customer, by name, on the day.
    """
    until = days_after(before.end, business.offers.horizon_days)
    return _seen(business, before.end, sold_before(con, business, before, until), behaviour)


def _seen(
    business: Business, day: date, sold: tuple[Goods, UpGoods | None], behaviour: pd.DataFrame
) -> Seen:
    """A day without a stock list."""
    asked, (goods, up) = business.offers, sold
    categories = categories_of(goods, asked.cross, levels_of(business))
    allowed = Allowed(policies_of(business))
    return Seen(day, asked.horizon_days, goods, categories, behaviour, allowed, up)


def sold_before(
    con: Connection,
    business: Business,
    before: Window,
    until: date | None = None,
    *,
    has_steps: bool = True,
) -> tuple[Goods, UpGoods | None]:
    """Items on offer, and products of tiers; None where no steps up are looked for.

    Parameters
    ----------
    con, business
        The warehouse and the config.
    before
        Days before the day.
    until
        The day up to which purchases are told; None: the end of those days.
    has_steps
        Whether steps up are looked for, where the config asks for them.

    Raises
    ------
    JourneysUnclear, NoJourneys
        When the sources do not tell who bought what, or nobody did.
    NothingOnOffer
        When no item was bought often enough.
    """
    offers, sources = business.offers, business.sources
    found = build_journeys(con, offers, before, sources, until=until)
    goods = goods_of(found, offers.seen_least)
    asked = up_sell_of(offers, sources) if has_steps else None
    if asked is None:
        return goods, None
    if offers.item != PRODUCT:
        products = JourneyDefinition(item=PRODUCT)
        found = build_journeys(con, products, before, sources, until=until)
    return goods, up_goods_of(found, goods, offers, asked, until)


def levels_of(business: Business) -> tuple[str, ...]:
    """Levels of the hierarchy above the item, the widest first."""
    products = business.sources.products
    levels = tuple(products.hierarchy) if products else ()
    item = business.offers.item
    return levels[: levels.index(item)] if item in levels else levels * (item == "product")


def behaviours(
    con: Connection, business: Business, days: Sequence[date]
) -> dict[date, pd.DataFrame]:
    """By day, the behaviour table of those who bought of late, by the customer's name.

    Raises
    ------
    NobodyActive
        When nobody bought of late on one of the days.
    """
    cohort = Cohort(active_within_days=business.offers.active_within_days)
    asked = business.behaviour.model_copy(update={"cohort": cohort})
    try:
        table = build(con, days, business.sources, asked, engine=business.engine).to_pandas()
    except CohortEmpty as error:
        message = (
            f"offers need customers who bought within offers.active_within_days="
            f"{cohort.active_within_days} days before each of {', '.join(map(str, days))}, but "
            "there are days without one; look further back, or at other days"
        )
        raise NobodyActive(message) from error
    return {
        day: rows.drop(columns=IDENTITY).set_index(pd.Index(rows["customer"], dtype=object))
        for day, rows in ((day, table[table["as_of"] == day]) for day in days)
    }


def policies_of(business: Business) -> Policies:
    """Policies with money in minor units."""
    asked, minor = business.offers.policies, 10**business.currency.digits
    money = {
        name: None if value is None else value * minor
        for name in ("unit_margin_least", "expected_margin_least")
        for value in (getattr(asked, name),)
    }
    return asked.model_copy(update=money)


def allowed_of(job: Job, goods: Goods) -> tuple[Allowed, tuple[str, ...]]:
    """What may be offered today, and sentences on what policies and stock name in vain.

    Raises
    ------
    PolicyUnfit, StockUnclear
        When a policy or the stock list names what there is not.
    """
    asked, policies = job.business.offers, policies_of(job.business)
    shelf_of(goods.items, policies, None)
    remarks = [
        f"offers.policies.exclude.{name}: no item on offer has {', '.join(values)}"
        for name, values in unmatched(goods.items, policies).items()
    ]
    if asked.stock is None:
        return Allowed(policies), tuple(remarks)
    found = stock_list(job.config.folder / Path(asked.stock), goods.named(), "offers.stock")
    if found.unknown:
        some = ", ".join(found.unknown[:SHOWN])
        remarks.append(
            f"{len(found.unknown):,} names of the stock list are no item's on offer, such as "
            f"{some}: never bought often enough, or spelt otherwise"
        )
    return Allowed(policies, found.labels), tuple(remarks)


def newcomers(con: Connection, business: Business, as_of: date) -> list[str]:
    """Customers whom the customers table holds on the day, and who have bought nothing yet."""
    if business.sources.customers is None:
        return []
    cohort = business.behaviour.cohort.model_copy(update={"contract": "prospect"})
    asked = business.behaviour.model_copy(update={"cohort": cohort})
    try:
        found = build(con, [as_of], business.sources, asked, engine=business.engine)
    except CohortEmpty:
        return []
    names: list[str] = found["customer"].to_pylist()
    return names
