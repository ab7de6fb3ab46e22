"""What was bought: products, categories, basket and price."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from itertools import groupby
from math import log

from tests.builders import Shop
from tests.oracles.past import (
    Features,
    Line,
    Past,
    lines_by_customer,
    orders_in,
    ratio,
    slug,
    spend,
)


def category(shop: Shop, line: Line) -> str | None:
    """Category of the line's product, as far as the products table knows it."""
    return _categories(shop).get(str(line.row.product))


@lru_cache(maxsize=2)
def _categories(shop: Shop) -> dict[str, str]:
    return dict(shop.categories)


def breadth(past: Past) -> Features:
    found: Features = {}
    named = [line for line in past.bought() if line.row.product is not None]
    known = [line for line in past.bought() if category(past.shop, line) is not None]
    for days in past.asked.windows:
        recent = {line.row.product for line in named if past.age(line.day) <= days}
        earlier = {line.row.product for line in named if past.age(line.day) > days}
        kinds = {category(past.shop, line) for line in known if past.age(line.day) <= days}
        found[f"products_count_{days}d"] = len(recent) if named else None
        found[f"new_products_share_{days}d"] = ratio(len(recent - earlier), len(recent))
        found[f"categories_count_{days}d"] = len(kinds) if known else None
    for days in past.asked.nearest_of(91, 364):
        recent_kinds = [category(past.shop, line) for line in known if past.age(line.day) <= days]
        shares = [count / len(recent_kinds) for count in Counter(recent_kinds).values()]
        found |= {
            f"category_concentration_{days}d": sum(p * p for p in shares) if shares else None,
            f"category_entropy_{days}d": -sum(p * log(p) for p in shares) if shares else None,
            f"top_category_share_{days}d": max(shares, default=None),
        }
    return found


def basket(past: Past) -> Features:
    found: Features = {}
    for days in past.asked.windows:
        orders = list(orders_in(past.bought(days)).values())
        singles = sum(len(lines) == 1 for lines in orders)
        found[f"lines_per_order_{days}d"] = ratio(len(past.bought(days)), len(orders))
        found[f"single_item_orders_share_{days}d"] = ratio(singles, len(orders))
    days = past.asked.nearest(91)
    known = [line for line in past.bought(days) if category(past.shop, line) is not None]
    for name in past.asked.categories:
        of_it = [line for line in known if category(past.shop, line) == name]
        found[f"{slug(name)}_spend_share_{days}d"] = ratio(spend(of_it), spend(known))
    return found


def price(past: Past) -> Features:
    found: Features = {}
    own = dict(past.shop.private_labels)
    for days in past.asked.windows:
        lines = past.bought(days)
        rows = [line.row for line in lines]
        branded = [row for row in rows if row.product in own]
        full_price = sum(row.amount + row.discount for row in rows)
        found |= {
            f"discount_share_{days}d": ratio(sum(row.discount for row in rows), full_price),
            f"discounted_lines_share_{days}d": ratio(sum(r.discount > 0 for r in rows), len(rows)),
            f"coupon_lines_share_{days}d": ratio(sum(r.coupon > 0 for r in rows), len(rows)),
            f"private_label_lines_share_{days}d": ratio(
                sum(own[str(row.product)] for row in branded), len(branded)
            ),
            f"price_tier_{days}d": price_tier(past.shop, lines),
        }
    return found


def price_tier(shop: Shop, lines: Sequence[Line]) -> float | None:
    """Price before discount over what as many units of the categories had cost by then."""
    asked, due = 0, 0
    for line in lines:
        usual = usual_prices(shop).get((category(shop, line), line.day))
        if usual is not None and line.row.quantity > 0:
            asked += line.row.amount + line.row.discount
            due += half_up(line.row.quantity * usual)
    return ratio(asked, due)


@lru_cache(maxsize=2)
def usual_prices(shop: Shop) -> dict[tuple[str | None, date], float]:
    """Minor units before discount of a unit of a category, over all that anybody bought by then.

    By category and each day on which it was bought but the first: what earlier days say.
    """
    every = [line for lines in lines_by_customer(shop).values() for line in lines]
    bought = [line for line in every if line.row.quantity > 0 and category(shop, line)]
    cost: dict[str | None, int] = defaultdict(int)
    units: dict[str | None, int] = defaultdict(int)
    usual: dict[tuple[str | None, date], float] = {}
    for day, lines in groupby(sorted(bought, key=lambda x: x.day), key=lambda x: x.day):
        of_day = list(lines)
        for name in {category(shop, line) for line in of_day} & units.keys():
            usual[name, day] = cost[name] / units[name]
        for line in of_day:
            cost[category(shop, line)] += line.row.amount + line.row.discount
            units[category(shop, line)] += line.row.quantity
    return usual


def half_up(value: float) -> int:
    """Rounded to a whole number, halves away from zero."""
    return int(Decimal(value).quantize(Decimal(1), ROUND_HALF_UP))
