"""The behaviour table, cohort and labels of a shop in plain Python: slow, and obviously right."""

from datetime import date, timedelta

from tests.builders import Shop
from tests.oracles.buying import (
    frequency,
    monetary,
    place,
    recency,
    returns,
    season,
    tenure,
    trend,
)
from tests.oracles.events import campaigns, contacts, profile, web
from tests.oracles.goods import basket, breadth, price
from tests.oracles.others import peers
from tests.oracles.past import Features, Past, attributes, days_of, everyone, orders_in
from tests.oracles.rhythm import rhythm

__all__ = ["churned", "cohort", "contract_cohort", "everyone", "features_of", "prospects"]

OF_ORDERS = (
    *(recency, frequency, monetary, tenure, rhythm, trend),
    *(breadth, basket, price, place, returns, season),
)


def features_of(past: Past) -> Features:
    """Every feature of a customer; of one of the prospects, the profile."""
    shop = past.shop
    if past.asked.are_prospects:
        return profile(past)
    looked_at = [*OF_ORDERS] if shop.orders else []
    looked_at += [contacts] if shop.all_contacts else []
    looked_at += [web] if shop.visits else []
    looked_at += [campaigns] if shop.campaigns else []
    looked_at += [peers] if shop.orders else []
    looked_at += [profile] if shop.customers else []
    return {name: value for family in looked_at for name, value in family(past).items()}


def cohort(
    shop: Shop, as_of: date, active_within_days: int | None = None, min_orders: int = 1
) -> list[str]:
    """Customers with enough orders, the last of them recent enough, in order of their names."""
    chosen = []
    for customer in everyone(shop):
        past = Past(shop, customer, as_of)
        is_recent = bool(past.bought(active_within_days))
        if len(orders_in(past.bought())) >= min_orders and is_recent:
            chosen.append(customer)
    return chosen


def contract_cohort(shop: Shop, as_of: date) -> list[str]:
    """Customers whom the customers table holds at as_of, in order of their names."""
    return sorted({c.customer for c in shop.customers if attributes(shop, c.customer, as_of)})


def prospects(shop: Shop, as_of: date) -> list[str]:
    """Those of them who had not bought anything yet."""
    return [who for who in contract_cohort(shop, as_of) if not Past(shop, who, as_of).bought()]


def churned(shop: Shop, customer: str, as_of: date, gap_days: int, horizon_days: int) -> bool:
    """Whether no product was bought in ``[as_of + gap, as_of + gap + horizon)``."""
    start = as_of + timedelta(days=gap_days)
    end = start + timedelta(days=horizon_days)
    return not any(day >= start for day in days_of(Past(shop, customer, end).bought()))
