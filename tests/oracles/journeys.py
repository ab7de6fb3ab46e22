"""What each customer bought of each item on each day, line by line; slow, and obviously right."""

from collections import Counter, defaultdict
from datetime import date, timedelta

from tests.builders import Shop
from tests.oracles.past import Line, lines_by_customer

Row = dict[str, object]
Key = tuple[str, date, str]
"""Customer, day, and label of the item."""


def bought(shop: Shop, item: str, start: date, end: date) -> dict[Key, list[Line]]:
    """Lines of customers that are known, in the window."""
    found: dict[Key, list[Line]] = defaultdict(list)
    for customer, lines in lines_by_customer(shop).items():
        for line in lines:
            label = _label(shop, item, line.row.product)
            is_seen = start <= line.day < end and line.row.quantity > 0
            if customer is not None and label is not None and is_seen:
                found[customer, line.day, label].append(line)
    return dict(found)


def purchases(shop: Shop, item: str, start: date, end: date) -> list[Row]:
    """A row per customer, day and item, sorted by these."""
    rows = bought(shop, item, start, end)
    labels = sorted({label for _, _, label in rows})
    return [
        {
            "customer": customer,
            "day": day,
            "item": labels.index(label),
            "quantity": _units(lines),
            "amount": _paid(lines),
            "discount": sum(line.row.discount for line in lines),
            "margin": _margin(shop, lines),
        }
        for (customer, day, label), lines in sorted(rows.items(), key=lambda row: row[0])
    ]


def items(shop: Shop, item: str, start: date, end: date) -> list[Row]:
    """A row per item that anybody known bought, by label."""
    by_label: dict[str, list[Line]] = defaultdict(list)
    for (_, _, label), lines in bought(shop, item, start, end).items():
        by_label[label] += lines
    often = Counter(label.partition(":")[2] for label in by_label)
    return [
        _described(shop, item, label, _newest(lines, end), often[label.partition(":")[2]])
        for label, lines in sorted(by_label.items())
    ]


def _described(shop: Shop, item: str, label: str, lines: list[Line], often: int) -> Row:
    _, _, name = label.partition(":")
    margin = _margin(shop, lines)
    prices: Row = {
        "price": _paid(lines) / _units(lines),
        "list_price": (_paid(lines) + sum(line.row.discount for line in lines)) / _units(lines),
        "unit_margin": None if margin is None else margin / _units(lines),
    }
    title: Row = {"label": label, "name": name, "title": name if often == 1 else label}
    if item != "product":
        return title | prices
    return {
        **title,
        "in_category": f"category:{dict(shop.categories).get(name, '?')}",
        "is_private_label": dict(shop.private_labels).get(name),
        **prices,
    }


def _newest(lines: list[Line], end: date) -> list[Line]:
    """Those of the last 91 days, where there are any."""
    return [line for line in lines if line.day >= end - timedelta(days=91)] or lines


def _label(shop: Shop, item: str, product: str | None) -> str | None:
    if product is None or item == "product":
        return None if product is None else f"product:{product}"
    name = dict(shop.categories).get(product)
    return None if name is None else f"{item}:{name}"


def _units(lines: list[Line]) -> int:
    return sum(line.row.quantity for line in lines)


def _paid(lines: list[Line]) -> int:
    return sum(line.row.amount for line in lines)


def _margin(shop: Shop, lines: list[Line]) -> int | None:
    """What was paid less what the units cost; nothing where any cost is not known."""
    costs = [dict(shop.unit_costs).get(line.row.product or "") for line in lines]
    margins = [
        line.row.amount - line.row.quantity * cost
        for line, cost in zip(lines, costs, strict=True)
        if cost is not None
    ]
    return sum(margins) if len(margins) == len(lines) else None
