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
from features.journeys import build_journeys, require_journeys
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
from pipelines.offers_goods import Goods, goods_of
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
class Material:
    """All that one training looks at.

    Attributes
    ----------
    days
        Of training, calibration and test.
    calibration, test
        The days of both.
    behaviours
        Of it and of earlier days: row per customer, by name.
    remarks
        Sentences on what policies and stock name in vain.
    data_fingerprint
        Of the warehouse.
    """

    days: OfferDays
    calibration: Seen
    test: Seen
    behaviours: Mapping[date, pd.DataFrame]
    remarks: tuple[str, ...]
    data_fingerprint: str


def gathered(job: Job) -> Material:
    """What a training looks at.

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
        known = goods_of(
            build_journeys(con, asked, days.history, business.sources), asked.seen_least
        )
        _, remarks = allowed_of(job, known)  # refuses before anything is learnt
        looked_at = sorted({*snapshot_days(days), days.calibrated, days.tested})
        tables = behaviours(con, business, looked_at)
        first = days.history.start
        calibration, test = (
            seen_on(con, business, Window(first, day), tables[day])
            for day in (days.calibrated, days.tested)
        )
        return Material(days, calibration, test, tables, remarks, data_fingerprint(con))


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
    asked = business.offers
    judged = Window(before.end, days_after(before.end, asked.horizon_days))
    found = build_journeys(con, asked, before, business.sources)
    later = build_journeys(con, asked, judged, business.sources)
    goods = goods_of(found, asked.seen_least, later.named())
    categories = categories_of(goods, asked.cross, levels_of(business))
    allowed = Allowed(policies_of(business))
    up = up_goods_on(con, business, goods, before, judged)
    return Seen(before.end, asked.horizon_days, goods, categories, behaviour, allowed, up)


def up_goods_on(
    con: Connection, business: Business, goods: Goods, before: Window, judged: Window | None = None
) -> UpGoods | None:
    """Products of tiers with their purchases; None where no steps up are looked for.

    Parameters
    ----------
    con, business
        The warehouse and the config.
    goods
        Items on offer.
    before, judged
        Days before the day, and those behind that are told; None: none.
    """
    offers, sources = business.offers, business.sources
    asked = up_sell_of(offers, sources)
    if asked is None:
        return None
    products = JourneyDefinition(item=PRODUCT)
    found = build_journeys(con, products, before, sources)
    later = None if judged is None else build_journeys(con, products, judged, sources)
    return up_goods_of(found, later, goods, offers, asked)


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


def known_before(con: Connection, business: Business, as_of: date) -> Goods:
    """Items and purchases of all days before one.

    Raises
    ------
    JourneysUnclear, NoJourneys
        When the sources do not tell who bought what, or nobody did.
    NothingOnOffer
        When no item was bought often enough.
    """
    asked = business.offers
    require_journeys(asked, business.sources, "offers")
    known = history(con, business.sources)
    window = Window(known.first_on or days_after(as_of, -1), as_of)
    return goods_of(build_journeys(con, asked, window, business.sources), asked.seen_least)


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
