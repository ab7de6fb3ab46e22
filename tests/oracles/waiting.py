"""Gaps between days with a purchase, and who came back when, in plain Python."""

from collections import Counter
from datetime import date, timedelta

from tests.builders import Shop
from tests.oracles.behaviour import cohort
from tests.oracles.past import Past, attributes, days_of, everyone, orders_in

TIERS = ("gold", "silver")
"""Levels of the attribute that the config of a built shop lists."""

Gap = tuple[str, bool, int, bool]
"""Segment, whether it is the first, days, whether it is open."""


def by_orders(orders: int) -> str:
    """Segment by the number of orders so far."""
    if orders == 1:
        return "1 order"
    return "2 to 4 orders" if orders < 5 else "5 orders or more"


def by_tier(shop: Shop, customer: str, day: date) -> str:
    """Segment by the attribute, as it held on a day."""
    held = attributes(shop, customer, day + timedelta(days=1))
    tier = held.tier if held else None
    return tier if tier in TIERS else "unlisted" if tier else "unknown"


def gaps(shop: Shop, as_of: date, last_on: date, by: str) -> Counter[Gap]:
    """How often there is each."""
    end = min(last_on, as_of - timedelta(days=1))
    found: Counter[Gap] = Counter()
    for customer in everyone(shop):
        lines = Past(shop, customer, as_of).bought()
        days = days_of(lines)
        for place, day in enumerate(days):
            following = days[place + 1] if place + 1 < len(days) else None
            orders = len(orders_in([line for line in lines if line.day <= day]))
            segment = by_orders(orders) if by == "orders" else by_tier(shop, customer, day)
            waited = ((following or end) - day).days
            found[segment, orders == 1, waited, following is None] += 1
    return found


def returned(
    shop: Shop, as_of: date, gap_days: int, horizons: tuple[int, ...], windows: tuple[int, ...]
) -> Counter[tuple[int | None, int, int | None]]:
    """Customers by shortest window with a purchase, orders (2 at most), shortest horizon."""
    found: Counter[tuple[int | None, int, int | None]] = Counter()
    start = as_of + timedelta(days=gap_days)
    for customer in cohort(shop, as_of):
        past = Past(shop, customer, as_of)
        age = past.age(days_of(past.bought())[-1])
        later = Past(shop, customer, start + timedelta(days=horizons[-1])).bought()
        waits = [(day - start).days + 1 for day in days_of(later) if day >= start]
        active = min((days for days in windows if age <= days), default=None)
        back = min((days for days in horizons if waits and min(waits) <= days), default=None)
        found[active, min(len(orders_in(past.bought())), 2), back] += 1
    return found
