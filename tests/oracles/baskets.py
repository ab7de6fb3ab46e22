"""Baskets line by line: which items, with which weights; slow, and obviously right."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from features.settings import BasketDefinition
from tests.builders import Shop
from tests.oracles.past import Line, attributes, lines_by_customer

Weights = dict[str, float]
Basket = dict[str, Weights]
"""Label of each item to its weights."""

Key = tuple[str | date | None, ...]
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def lines_of(shop: Shop, asked: BasketDefinition, start: date, end: date) -> list[Line]:
    """Lines that put something into a basket, in the window."""
    return [
        line
        for customer, lines in lines_by_customer(shop).items()
        for line in lines
        if start <= line.day < end
        and line.row.quantity > 0
        and (asked.basket == "order" or customer is not None)
    ]


def key_of(line: Line, basket: str) -> Key:
    """What the line's basket is known by."""
    row = line.row
    return {
        "order": (row.order,),
        "visit": (row.customer, line.day, row.store),
        "customer_day": (row.customer, line.day),
        "customer": (row.customer,),
    }[basket]


def baskets(shop: Shop, asked: BasketDefinition, start: date, end: date) -> dict[Key, Basket]:
    """Every basket of the window by its key; one without an item holds nothing."""
    found: dict[Key, Basket] = defaultdict(dict)
    for line in lines_of(shop, asked, start, end):
        basket = found[key_of(line, asked.basket)]
        for label, weights in _items(shop, asked, line):
            held = basket.setdefault(label, dict.fromkeys(asked.weights, 0))
            for name in asked.weights:
                held[name] += weights[name]
        for label in _context(shop, asked, line):
            basket.setdefault(label, dict.fromkeys(asked.weights, 0))
    return dict(found)


def group_names(
    shop: Shop, asked: BasketDefinition, start: date, end: date
) -> dict[Key, dict[str, str]]:
    """Segment and store of every basket: of most of its lines; of equals the first by name."""
    told: dict[Key, dict[str, list[str]]] = defaultdict(lambda: {"segment": [], "store": []})
    for line in lines_of(shop, asked, start, end):
        said = told[key_of(line, asked.basket)]
        said["segment"] += _tier(shop, line)
        said["store"] += [line.row.store] if line.row.store is not None else []
    return {
        key: {
            "segment": _listed(_mostly(said["segment"])),
            "store": _mostly(said["store"]) or "unknown",
        }
        for key, said in told.items()
    }


def _mostly(values: list[str]) -> str | None:
    counts = Counter(values)
    return min(counts, key=lambda value: (-counts[value], value)) if counts else None


def _listed(tier: str | None) -> str:
    if tier is None:
        return "unknown"
    return tier if tier in ("gold", "silver") else "unlisted"


def _items(shop: Shop, asked: BasketDefinition, line: Line) -> Iterator[tuple[str, Weights]]:
    product = line.row.product
    if product is None:
        return
    named = {"product": product, "category": dict(shop.categories).get(product)}
    for level in asked.items:
        if named[level] is None:
            continue
        yield f"{level}:{named[level]}", _weights(shop, line, product)
        if "promoted" in asked.context and line.row.discount > 0:
            yield f"promoted_{level}:{named[level]}", dict.fromkeys(asked.weights, 0)


def _weights(shop: Shop, line: Line, product: str) -> Weights:
    row, cost = line.row, dict(shop.unit_costs).get(product)
    spent = Decimal(row.quantity * (cost or 0)).quantize(Decimal(1), ROUND_HALF_UP)
    margin = 0 if cost is None else row.amount - int(spent)
    return {"quantity": row.quantity, "amount": row.amount, "margin": margin}


def _context(shop: Shop, asked: BasketDefinition, line: Line) -> Iterator[str]:
    told: dict[str, list[str]] = {
        "weekday": [f"weekday:{WEEKDAYS[line.day.weekday()]}"],
        "store": [f"store:{line.row.store}"] if line.row.store is not None else [],
        "channel": [f"channel:{line.row.channel}"] if line.row.channel is not None else [],
        "segment": [f"tier:{tier}" for tier in _tier(shop, line)],
        "promotion": ["promotion:discount"] if line.row.discount > 0 else [],
        "promoted": [],
    }
    for kind in asked.context:
        yield from told[kind]


def _tier(shop: Shop, line: Line) -> list[str]:
    """The customer's tier on the day of the line, as far as it was known then."""
    if line.row.customer is None:
        return []
    held = attributes(shop, line.row.customer, line.day + timedelta(days=1))
    return [] if held is None or held.tier is None else [held.tier]
