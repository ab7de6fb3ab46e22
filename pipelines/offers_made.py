"""Offers to customers on a day: candidates with chances, evidence and policies, block by block."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import sparse

from models.next_basket.alike import Alike, alike
from models.next_basket.chosen import Asked, Chosen, asked_on
from models.next_basket.histories import WholeArray
from models.next_basket.learner import require_figures
from models.next_basket.neighbours import ALIKE
from models.next_basket.offers import blocks
from models.next_basket.pairs import Past
from models.offers.cycles import Cycles, cycles_of
from models.offers.evidence import Evidence
from models.offers.offered import Offered, offers_of, popular_offers, together
from models.offers.policies import Policies
from pipelines.offer_settings import Offers
from pipelines.offers_cross import CrossShelf
from pipelines.offers_evidence import Known
from pipelines.offers_facts import beside_of
from pipelines.offers_goods import LATE_DAYS, Goods
from pipelines.offers_up_shelf import UpShelf
from pipelines.progress import Advance, silent

Shares = npt.NDArray[np.float64]

MOST_POPULAR: Final = 300
"""Items that the baseline puts forward."""

LATELY: Final = 3
"""Newest days of shopping of a customer that rules and sequences start from."""


@dataclass(frozen=True, eq=False)
class Allowed:
    """What may be offered.

    Attributes
    ----------
    policies
        Of the config; money in minor units.
    stock
        Labels of the items that can be sold; None: all can.
    """

    policies: Policies
    stock: Collection[str] | None = None


@dataclass(frozen=True, eq=False)
class Shop:
    """All that is known of everybody on a day, to make offers of.

    Attributes
    ----------
    goods
        Items, and what was bought of them before the day.
    day
        Days since 1970-01-01.
    learnt
        What the histories say.
    alike
        Who is alike.
    cycles
        Of customers and items.
    """

    goods: Goods
    day: int
    learnt: Past
    alike: Alike
    cycles: Cycles

    def popularity(self) -> Shares:
        """Share of the baskets of the newest `LATE_DAYS` that hold each item, shape (items,)."""
        late = self.goods.histories.between(self.day - LATE_DAYS, self.day)
        found: Shares = late.popularity / max(1, len(late.days))
        return found

    def evidence(self, known: Known, items: int) -> Evidence:
        """What may be a reason, whoever the customer, where so many items may be offered."""
        shares = self.popularity()
        behind = np.full(items - len(shares), np.nan)
        return Evidence(
            rules=known.rules,
            sequences=known.sequences,
            popularity=np.concatenate([shares, behind]),
            popularity_days=LATE_DAYS,
            alike=ALIKE,
        )

    def lately(self, rows: WholeArray) -> pd.DataFrame:
        """What customers bought in their `LATELY` newest baskets: customer, item, days_since."""
        some = self.goods.histories.taken(rows)
        is_late = some.ago[some.basket_of_entry] < LATELY
        baskets = some.basket_of_entry[is_late]
        return pd.DataFrame(
            {
                "customer": rows[some.customer_of_basket[baskets]],
                "item": some.codes[is_late].astype(np.int64),
                "days_since": self.day - some.days[baskets],
            }
        )


@dataclass(frozen=True, eq=False)
class Sellers:
    """What makes offers of what is known: chances, first purchases, reasons and policies.

    Attributes
    ----------
    chosen
        What ranks items, and says how likely each is.
    cross
        First purchases of categories; None where there are none.
    known
        Rules and sequences that may be reasons.
    allowed
        What may be offered.
    up
        Steps up to the next tier; None where there are none.
    threads
        Of the trees; change no result.
    """

    chosen: Chosen
    cross: CrossShelf | None
    known: Known
    allowed: Allowed
    up: UpShelf | None = None
    threads: int = 1

    def items(self, shop: "Shop") -> pd.DataFrame:
        """All that may be offered, by position: items, and behind them products of steps up."""
        return shop.goods.items if self.up is None else self.up.items

    def stock(self) -> Collection[str] | None:
        """Labels of all that can be sold; None: all can."""
        if self.up is None or self.allowed.stock is None:
            return self.allowed.stock
        return {*self.allowed.stock, *self.up.labels()}


def shop_on(goods: Goods, day: int, asked: Offers) -> Shop:
    """What everybody's purchases before a day say; those of the day or later are not looked at.

    Parameters
    ----------
    goods
        Items, and purchases.
    day
        Days since 1970-01-01.
    asked
        What the learner is told beside the baskets.
    """
    before = goods.before(day)
    bought = before.purchases
    columns = (bought["customer"].to_numpy(), bought["day"].to_numpy(), bought["item"].to_numpy())
    cycles = cycles_of(columns, day, len(before.histories.customers), len(before.items))
    learnt = beside_of(before, asked).past(before.histories)
    return Shop(before, day, learnt, alike(before.histories), cycles)


def offers_on(shop: Shop, sellers: Sellers, rows: WholeArray, advance: Advance = silent) -> Offered:
    """Offers to customers with a history.

    Parameters
    ----------
    shop
        What is known on the day.
    sellers
        What makes offers of it.
    rows
        Positions of the customers, ascending; at least one.
    advance
        Is told how many customers have theirs.

    Raises
    ------
    PolicyUnfit
        When a policy names what the items do not have.
    FiguresUnlike
        When the model was trained on other figures.
    """
    require_figures(sellers.chosen.columns, shop.learnt.columns)
    items, stock, policies = sellers.items(shop), sellers.stock(), sellers.allowed.policies
    units, evidence = shop.goods.units(), shop.evidence(sellers.known, len(items))
    parts, done = [], 0
    for asked in asked_on(shop.goods.histories, shop.learnt, shop.day, rows):
        given = _candidates(shop, sellers, asked, units)
        known = replace(evidence, lately=shop.lately(asked.rows))
        if sellers.up is not None:
            up, moves = sellers.up.of(asked.rows)
            given, known = _with_steps(given, up), replace(known, moves=moves)
        parts.append(offers_of(given, items, policies, stock, known))
        done += len(asked.rows)
        advance(done)
    return together(parts)


def popular_on(shop: Shop, allowed: Allowed, rows: WholeArray) -> Offered:
    """What is popular, offered to the same customers under the same policies: the baseline.

    Floors of probability and expected margin are left out, for a share of baskets is less than the
    chance of a horizon: the baseline would be made of fewer items by them. Nor are places kept for
    a kind, so that the baseline is as good as it can be.

    Parameters
    ----------
    shop
        What is known on the day.
    allowed
        What may be offered.
    rows
        Positions of the customers, ascending; at least one.
    """
    shares, units = shop.popularity(), shop.goods.units()
    best = np.argsort(-shares, kind="stable")[:MOST_POPULAR].astype(np.int64)
    best = best[shares[best] > 0]
    floors: dict[str, object] = {
        "probability_least": 0.0,
        "expected_margin_least": None,
        "least_per_kind": {},
    }
    policies = allowed.policies.model_copy(update=floors)
    parts = []
    for block in blocks(shop.goods.histories.taken(rows)):
        owner = np.repeat(rows[block], len(best))
        items = np.tile(best, len(block))
        given = _described(shop, owner, items, units).assign(probability=shares[items])
        parts.append(offers_of(given, shop.goods.items, policies, allowed.stock))
    return together(parts)


def newcomers_offers(shop: Shop, allowed: Allowed, rows: WholeArray) -> Offered:
    """Offers to customers without a history: what everybody buys; the reason says so.

    The probability is that of the next basket, given that there is one.

    Parameters
    ----------
    shop
        What is known on the day.
    allowed
        What may be offered.
    rows
        Positions of the customers, behind those with a history.
    """
    shares, (_, usual) = shop.popularity(), shop.goods.units()
    items = np.flatnonzero(shares > 0)
    popular = pd.DataFrame({"item": items, "probability": shares[items], "units": usual[items]})
    said = Evidence(popularity=shares, popularity_days=LATE_DAYS)
    policies, stock = allowed.policies, allowed.stock
    return popular_offers(rows, popular, shop.goods.items, policies, stock, evidence=said)


def _candidates(
    shop: Shop, sellers: Sellers, asked: Asked, units: tuple[sparse.csr_array, Shares]
) -> pd.DataFrame:
    """One row per customer and item, as `models.offers.candidates` takes them."""
    found = pd.DataFrame(
        {
            "customer": asked.owner,
            "item": asked.pairs.items.astype(np.int64),
            "probability": sellers.chosen.chance(asked.pairs.figures, sellers.threads),
        }
    )
    cross = sellers.cross
    if cross is not None:
        is_told = cross.covers(found["customer"].to_numpy(), found["item"].to_numpy())
        found = pd.concat([found[~is_told], cross.offered(asked.rows)], ignore_index=True)
    owner, items = found["customer"].to_numpy(), found["item"].to_numpy()
    shares = shop.alike.shares(shop.goods.histories.taken(asked.rows))
    local = np.searchsorted(asked.rows, owner)
    described = _described(shop, owner, items, units)
    return described.assign(probability=found["probability"], alike_share=shares[local, items])


def _with_steps(found: pd.DataFrame, up: pd.DataFrame) -> pd.DataFrame:
    """Candidates and steps up; of an item that is both, the step up with its own chance."""
    pairs = ["customer", "item"]
    is_step = pd.MultiIndex.from_frame(found[pairs]).isin(pd.MultiIndex.from_frame(up[pairs]))
    return pd.concat([found[~is_step], up], ignore_index=True)


def _described(
    shop: Shop, owner: WholeArray, items: WholeArray, units: tuple[sparse.csr_array, Shares]
) -> pd.DataFrame:
    """What is known of customers and items: kind, cycles, and units of a purchase."""
    found = shop.cycles.of(owner, items)
    own, usual = units
    bought = own[owner, items]
    is_new = (found["bought_days"] == 0).to_numpy()
    return found.assign(
        customer=owner,
        item=items,
        kind=np.where(is_new, "cross", "repeat"),
        units=np.where(bought > 0, bought, usual[items]),
    )
