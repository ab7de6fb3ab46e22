"""The behaviour table, cohort and labels of a shop in plain Python: slow, and obviously right.

Nothing of `features` is used: only days, lists, and the definitions in words.
"""

import re
import statistics
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo

from tests.builders import NON_PRODUCTS, Customer, Order, Shop

Features = dict[str, float | None]
Line = tuple[date, Order]


def lines_before(shop: Shop, customer: str, as_of: date) -> list[Line]:
    """A customer's lines on days before as_of, equal lines once, fees left out."""
    return [(day, row) for day, row in lines_by_customer(shop)[customer] if day < as_of]


@lru_cache(maxsize=2)
def lines_by_customer(shop: Shop) -> dict[str | None, list[Line]]:
    """Each customer's lines of products with the local day of each."""
    zone = ZoneInfo(shop.time_zone)
    lines: dict[str | None, list[Line]] = defaultdict(list)
    for row in set(shop.orders):
        if is_product(row):
            lines[row.customer].append((row.ordered_at.astimezone(zone).date(), row))
    return lines


def is_product(row: Order) -> bool:
    """Whether a line is of a product rather than a fee."""
    return row.product is None or re.fullmatch(NON_PRODUCTS, row.product) is None


def purchases(lines: Sequence[Line]) -> list[Line]:
    """Lines that were bought, not given back."""
    return [(day, row) for day, row in lines if row.quantity >= 0]


def returns(lines: Sequence[Line]) -> list[Line]:
    """Lines that were given back."""
    return [(day, row) for day, row in lines if row.quantity < 0]


def within(lines: Sequence[Line], as_of: date, days: int) -> list[Line]:
    """Lines of ``[as_of - days, as_of)``."""
    return [(day, row) for day, row in lines if day >= as_of - timedelta(days=days)]


def order_count(lines: Sequence[Line]) -> int:
    """Different orders; one that goes over midnight counts on both days."""
    return len({(day, row.order) for day, row in lines})


def days_of(lines: Sequence[Line]) -> list[date]:
    """Different days, ascending."""
    return sorted({day for day, _ in lines})


def ratio(part: float | None, whole: float | None) -> float | None:
    """Quotient; nothing where there is nothing to divide or to divide by."""
    return None if part is None or not whole else part / whole


def recency(lines: Sequence[Line], as_of: date) -> Features:
    bought, given_back = days_of(purchases(lines)), days_of(returns(lines))
    return {
        "days_since_order": (as_of - bought[-1]).days if bought else None,
        "days_since_return": (as_of - given_back[-1]).days if given_back else None,
    }


def frequency(lines: Sequence[Line], as_of: date, days: int) -> Features:
    bought = within(purchases(lines), as_of, days)
    known = bool(lines)
    return {
        f"orders_count_{days}d": order_count(bought) if known else None,
        f"active_days_count_{days}d": len(days_of(bought)) if known else None,
    }


def monetary(lines: Sequence[Line], as_of: date, days: int) -> Features:
    bought = within(purchases(lines), as_of, days)
    spend = sum(row.amount for _, row in bought) if lines else None
    return {
        f"spend_{days}d": spend,
        f"order_value_mean_{days}d": ratio(spend, order_count(bought)),
    }


def tenure(lines: Sequence[Line], as_of: date) -> Features:
    bought = purchases(lines)
    age = (as_of - days_of(bought)[0]).days if bought else None
    orders = order_count(bought)
    return {
        "tenure_days": age,
        "orders_count": orders if lines else None,
        "orders_per_week": None if age is None else 7 * orders / age,
    }


def rhythm(lines: Sequence[Line], as_of: date) -> Features:
    days = days_of(purchases(lines))
    gaps = [(later - earlier).days for earlier, later in pairwise(days)]
    mean = statistics.fmean(gaps) if gaps else None
    spread = statistics.stdev(gaps) if len(gaps) > 1 else None
    return {
        "gap_mean_days": mean,
        "gap_spread_days": spread,
        "gap_longest_days": max(gaps) if gaps else None,
        "gap_variation": ratio(spread, mean),
        "overdue_ratio": ratio((as_of - days[-1]).days, mean) if gaps else None,
    }


def price(lines: Sequence[Line], as_of: date, days: int) -> Features:
    bought = within(purchases(lines), as_of, days)
    discount = sum(row.discount for _, row in bought)
    paid = sum(row.amount for _, row in bought)
    reduced = sum(row.discount > 0 for _, row in bought)
    return {
        f"discount_share_{days}d": ratio(discount, paid + discount),
        f"discounted_lines_share_{days}d": ratio(reduced, len(bought)),
        f"lines_per_order_{days}d": ratio(len(bought), order_count(bought)),
    }


def breadth(lines: Sequence[Line], as_of: date, days: int) -> Features:
    bought = [(day, row) for day, row in purchases(lines) if row.product is not None]
    days_by_product = {
        product: days_of([line for line in bought if line[1].product == product])
        for product in {row.product for _, row in bought}
    }
    start = as_of - timedelta(days=days)
    recent = [seen for seen in days_by_product.values() if seen[-1] >= start]
    again = [seen for seen in recent if len(seen) > 1 and seen[-2] >= start]
    return {
        f"products_count_{days}d": len(recent) if bought else None,
        f"repeated_products_share_{days}d": ratio(len(again), len(recent)),
    }


def variety(shop: Shop, lines: Sequence[Line], as_of: date, windows: Sequence[int]) -> Features:
    category_of = dict(shop.categories)
    longest = max(windows)

    def categories(days: int) -> list[str]:
        recent = within(purchases(lines), as_of, days)
        return [category_of[row.product] for _, row in recent if row.product in category_of]

    counts = Counter(categories(longest))
    total = sum(counts.values())
    features: Features = {
        f"categories_count_{days}d": len(set(categories(days))) if total else None
        for days in windows
    }
    squares = sum(count * count for count in counts.values())
    features[f"category_concentration_{longest}d"] = ratio(squares, total * total)
    features[f"top_category_share_{longest}d"] = ratio(max(counts.values(), default=0), total)
    return features


def profile(shop: Shop, customer: str, as_of: date) -> Features:
    row = attributes(shop, customer, as_of)
    tier = None if row is None else row.tier
    flags: Features = {
        f"is_tier_{level}": None if tier is None else float(tier == level)
        for level in ("gold", "silver")
    }
    unlisted = None if tier is None else float(tier not in {"gold", "silver"})
    return {**flags, "is_tier_unlisted": unlisted, "age": None if row is None else row.age}


def attributes(shop: Shop, customer: str, as_of: date) -> Customer | None:
    """The newest row that held on the day before as_of; undated rows hold since ever."""
    held = [
        (row.valid_from_on or date.min, row)
        for row in shop.customers
        if row.customer == customer and (row.valid_from_on or date.min) < as_of
    ]
    return max(held, key=lambda dated: dated[0])[1] if held else None


def features_of(shop: Shop, customer: str, as_of: date, windows: Sequence[int]) -> Features:
    """Every feature of a customer, in the order of the catalogue."""
    lines = lines_before(shop, customer, as_of)
    values: Features = {}
    if shop.orders:
        values |= recency(lines, as_of)
        for family in (frequency, monetary):
            for days in windows:
                values |= family(lines, as_of, days)
        values |= tenure(lines, as_of) | rhythm(lines, as_of)
        for family in (price, breadth):
            for days in windows:
                values |= family(lines, as_of, days)
        values |= variety(shop, lines, as_of, windows)
    if shop.customers:
        values |= profile(shop, customer, as_of)
    return values


def cohort(
    shop: Shop, as_of: date, active_within_days: int | None = None, min_orders: int = 1
) -> list[str]:
    """Customers with enough orders, the last of them recent enough, in order of their names."""
    chosen = []
    for customer in everyone(shop):
        bought = purchases(lines_before(shop, customer, as_of))
        recent = within(bought, as_of, active_within_days or 10**5)
        if order_count(bought) >= min_orders and recent:
            chosen.append(customer)
    return chosen


def contract_cohort(shop: Shop, as_of: date) -> list[str]:
    """Customers whom the customers table holds at as_of, in order of their names."""
    return sorted({c.customer for c in shop.customers if attributes(shop, c.customer, as_of)})


def churned(shop: Shop, customer: str, as_of: date, gap_days: int, horizon_days: int) -> bool:
    """Whether no product was bought in ``[as_of + gap, as_of + gap + horizon)``."""
    start = as_of + timedelta(days=gap_days)
    end = start + timedelta(days=horizon_days)
    bought = purchases(lines_before(shop, customer, end))
    return not any(day >= start for day, _ in bought)


def everyone(shop: Shop) -> list[str]:
    """Customers that any source names, in order of their names (by code point)."""
    named = [row.customer for row in shop.orders]
    named += [row.customer for row in shop.customers]
    named += [customer for customer, _ in shop.contacts]
    named += [customer for customer, _, _ in shop.labels]
    return sorted({customer for customer in named if customer is not None})
