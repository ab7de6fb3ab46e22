"""What others did: everybody's gaps, and a customer's spend against that of customers alike."""

from datetime import date
from functools import lru_cache

from tests.builders import Shop
from tests.oracles.past import (
    Features,
    Past,
    attributes,
    days_of,
    everyone,
    gaps_of,
    lines_by_customer,
    ratio,
    spend,
)


@lru_cache(maxsize=8)
def everybody(shop: Shop, as_of: date) -> dict[str, Past]:
    """All customers on the eve of a day, by name."""
    return {who: Past(shop, who, as_of) for who in everyone(shop)}


@lru_cache(maxsize=8)
def gaps_of_everybody(shop: Shop, as_of: date) -> list[int]:
    """Gaps between days with an order before as_of, of all customers."""
    return [gap for past in everybody(shop, as_of).values() for gap in gaps_of(past.bought())]


@lru_cache(maxsize=2)
def first_day_of_anybody(shop: Shop) -> date:
    """Day of the first line of a known customer."""
    known = [line for who, lines in lines_by_customer(shop).items() if who for line in lines]
    return min(days_of(known))


def peers(past: Past) -> Features:
    days = past.asked.nearest(91)
    found: Features = {}
    for by in past.asked.peers_by:
        spent = spend_by_store(past, days) if by == "store" else spend_by_tier(past, days)
        mean = ratio(sum(spent), len(spent))
        own = spend(past.bought(days)) if past.lines else None
        found[f"spend_to_{by}_peers_{days}d"] = ratio(own, mean)
    return found


def spend_by_store(past: Past, days: int) -> list[int]:
    """What each customer spent at the customer's main store; of equal ones the first by name."""
    stores = [line.row.store for line in past.bought(days) if line.row.store is not None]
    if not stores:
        return []
    most = max(stores.count(store) for store in stores)
    main = min(store for store in stores if stores.count(store) == most)
    there = [
        [line for line in other.bought(days) if line.row.store == main]
        for other in everybody(past.shop, past.as_of).values()
    ]
    return [spend(lines) for lines in there if lines]


def spend_by_tier(past: Past, days: int) -> list[int]:
    """What each customer of the same tier spent, of those who bought."""
    own = attributes(past.shop, past.customer, past.as_of)
    if own is None or own.tier is None:
        return []
    spent = []
    for who, other in everybody(past.shop, past.as_of).items():
        row = attributes(past.shop, who, past.as_of)
        if row is not None and row.tier == own.tier and other.bought(days):
            spent.append(spend(other.bought(days)))
    return spent
