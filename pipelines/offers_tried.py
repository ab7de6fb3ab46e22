"""What became of offers of a day whose horizon is over, beside popular items."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.metrics import Estimate, expected_calibration_error
from models.next_basket.chosen import Chosen, active
from models.next_basket.histories import Doubles, WholeArray
from models.next_basket.measures import gain, mean
from models.offers.offered import Offered
from pipelines.offer_settings import Offers
from pipelines.offers_cross import Cross, CrossShelf, cross_shelf, snapshot_on
from pipelines.offers_evidence import Known
from pipelines.offers_gathered import Seen
from pipelines.offers_goods import NothingOnOffer, number_of
from pipelines.offers_made import Sellers, Shop, offers_on, popular_on, shop_on
from pipelines.offers_up import Up
from pipelines.offers_up_shelf import UpAsked, UpShelf, up_shelf

Flags = npt.NDArray[np.bool_]

JUDGED_MOST: Final = 4_000
"""Customers whom the test makes offers to, at most: a sample of more."""

EXAMPLES: Final = 3
"""Customers whose offers are shown."""

OURS: Final = "offers"
POPULAR: Final = "popular"


@dataclass(frozen=True, eq=False)
class KindTested:
    """Offers of one kind of the test, and how many of them were bought within the horizon.

    Attributes
    ----------
    offers
        How many were made.
    said
        Mean probability of them, 0..1.
    came
        Share of them that was bought, with 95 % interval over customers.
    """

    offers: int
    said: float
    came: Estimate


@dataclass(frozen=True, eq=False)
class OffersTested:
    """What would have become of the offers, had they been made on the day of the test.

    Attributes
    ----------
    customers
        Who would have got them.
    kinds
        By kind of offer.
    came
        Share of the offers that was bought: mean over customers, ours and the popular items under
        the same policies.
    gain
        Of ours over the popular ones, paired.
    shares
        The same of each customer, in the order of the positions; NaN without an offer.
    calibration_error
        Expected calibration error of our offers, 0..1.
    offers
        kind, probability and is_bought of each of ours.
    example
        Offers of the first customers, as they would have been told.
    left_out
        Candidates by the policy that left them out.
    """

    customers: int
    kinds: Mapping[str, KindTested]
    came: Mapping[str, Estimate]
    gain: Estimate
    shares: Mapping[str, Doubles]
    calibration_error: float
    offers: pd.DataFrame
    example: pd.DataFrame
    left_out: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Used:
    """What offers are made with, however it came about."""

    chosen: Chosen
    cross: Cross
    known: Known
    up: Up | None = None


def trial_of(seen: Seen, model: Used, asked: Offers) -> OffersTested:
    """Offers of a day whose horizon is over, and what became of them.

    Parameters
    ----------
    seen
        The day, what was known of it, and what came.
    model
        What makes the offers.
    asked
        Who gets some, and what the learner is told beside the baskets.
    """
    day, within = number_of(seen.as_of), asked.active_within_days
    rows = active(seen.goods.histories, day, within)
    if len(rows) > JUDGED_MOST:
        rows = np.sort(np.random.default_rng(0).choice(rows, JUDGED_MOST, replace=False))
    if not len(rows):
        raise NothingOnOffer(nobody_asked(seen.as_of, within))
    up = steps_of(seen, model.up, rows)
    shop = shop_on(seen.goods, day, asked)
    return judged(shop, seen, sellers_of(shop, seen, model, up), rows)


def steps_of(seen: Seen, up: Up | None, rows: WholeArray) -> UpShelf | None:
    """Steps up of a day for customers (positions, ascending); None where none are offered.

    They need what everybody bought, for a while: best made before anything else of the day is.
    """
    if seen.up is None or up is None:
        return None
    policies, stock = seen.allowed.policies, seen.allowed.stock
    asked = UpAsked(number_of(seen.as_of), rows, seen.horizon_days, policies, stock)
    return up_shelf(seen.goods.items, seen.up, up, asked)


def sellers_of(
    shop: Shop, seen: Seen, model: Used, up: UpShelf | None, threads: int = 1
) -> Sellers:
    """What makes offers of a day, steps up among them."""
    cross = shelf_on(shop, seen, model.cross)
    return Sellers(model.chosen, cross, model.known, seen.allowed, up, threads)


def shelf_on(shop: Shop, seen: Seen, cross: Cross) -> CrossShelf | None:
    """First purchases of the day; None where nothing is known of them."""
    if not cross.is_there:
        return None
    horizon = seen.horizon_days
    snapshot = snapshot_on(shop.goods, seen.categories, seen.behaviour, seen.as_of, horizon)
    return cross_shelf(shop.goods, seen.categories, snapshot, cross, shop.day)


def nobody_asked(as_of: date, within: int | None) -> str:
    """Message that no customer gets offers."""
    return (
        f"offers of {as_of} need a customer who bought an item on offer within "
        f"offers.active_within_days={within} days before, but nobody did; look further back, or "
        "lower offers.seen_least"
    )


def judged(shop: Shop, seen: Seen, sellers: Sellers, rows: WholeArray) -> OffersTested:
    """What became of the offers of a day whose horizon is over.

    Parameters
    ----------
    shop
        What was known on the day.
    seen
        The same items, and purchases up to the end of the horizon.
    sellers
        What makes the offers.
    rows
        Positions of the customers, ascending.
    """
    items = sellers.items(shop)
    ours = offers_on(shop, sellers, rows)
    if not len(ours.table):
        raise NothingOnOffer(_none_left(ours, len(rows)))
    popular = popular_on(shop, sellers.allowed, rows)
    bought = bought_in(seen, sellers.up, len(items))
    hits = {
        OURS: _hits(ours, len(items), bought),
        POPULAR: _hits(popular, len(items), bought),
    }
    shares = {
        OURS: _shares(ours, hits[OURS], rows),
        POPULAR: _shares(popular, hits[POPULAR], rows),
    }
    some = ours.table[ours.table["customer"].isin(rows[:EXAMPLES])]
    return OffersTested(
        len(rows),
        dict(_kinds(ours, hits[OURS], rows)),
        {name: mean(each) for name, each in shares.items()},
        gain(shares[OURS], shares[POPULAR]),
        shares,
        expected_calibration_error(hits[OURS], ours.table["probability"].to_numpy()),
        ours.table[["kind", "probability"]].assign(is_bought=hits[OURS]),
        some.assign(
            customer=seen.goods.histories.customers.to_numpy()[some["customer"]],
            item=items["title"].to_numpy()[some["item"]],
            is_bought=hits[OURS][some.index],
        ),
        ours.left_out,
    )


def _none_left(offered: Offered, customers: int) -> str:
    stood = ", ".join(f"{name}: {each:,}" for name, each in offered.left_out.items() if each)
    return (
        f"offers need a candidate that policies allow, but they leave none to any of "
        f"{customers:,} customers ({stood or 'no candidates'}); loosen offers.policies"
    )


def _kinds(offered: Offered, hits: Flags, rows: WholeArray) -> Iterator[tuple[str, KindTested]]:
    """Figures of each kind of offer."""
    for kind in offered.table["kind"].unique().tolist():
        is_kind = (offered.table["kind"] == kind).to_numpy()
        yield (
            str(kind),
            KindTested(
                int(is_kind.sum()),
                float(offered.table.loc[is_kind, "probability"].mean()),
                mean(_shares(offered, hits, rows, is_kind)),
            ),
        )


def _hits(offered: Offered, items: int, bought: WholeArray) -> Flags:
    """Whether each offer was bought, shape (offers,)."""
    owner, item = (offered.table[name].to_numpy() for name in ("customer", "item"))
    found: Flags = np.isin(owner * items + item, bought)
    return found


def bought_in(seen: Seen, up: UpShelf | None, items: int) -> WholeArray:
    """Customers and items bought in the horizon, as cells of one row after another.

    Parameters
    ----------
    seen
        The day and what came.
    up
        Products behind the items, if there are any.
    items
        Number of both.
    """
    day, horizon = number_of(seen.as_of), seen.horizon_days
    later = seen.goods.histories.between(day, day + horizon)
    owner = later.customer_of_basket[later.basket_of_entry]
    cells = [owner * items + later.codes]
    if up is not None and seen.up is not None and len(up.products):
        customer, product = seen.up.bought_in(day, horizon)
        place = pd.Index(up.products).get_indexer(pd.Index(product))
        behind = items - len(up.products) + place
        cells.append((customer * items + behind)[place >= 0])
    return np.unique(np.concatenate(cells))


def _shares(
    offered: Offered, hits: Flags, rows: WholeArray, is_kind: Flags | None = None
) -> Doubles:
    """Share of the offers of each customer that was bought; NaN without an offer."""
    kept = np.ones(len(hits), dtype=bool) if is_kind is None else is_kind
    place = np.searchsorted(rows, offered.table["customer"].to_numpy()[kept])
    made = np.bincount(place, minlength=len(rows)).astype(np.float64)
    came = np.bincount(place, hits[kept].astype(np.float64), minlength=len(rows))
    found: Doubles = np.divide(came, made, out=np.full(len(rows), np.nan), where=made > 0)
    return found
