"""Units and prices of each item and week, line by line; slow, and obviously right."""

from collections import defaultdict
from datetime import date

from tests.builders import Shop
from tests.oracles.past import Line, lines_by_customer

Key = tuple[str | int | None, ...]
"""Item, store where asked for, and week."""


def price_weeks(
    shop: Shop, item: str, start: date, end: date, *, by_store: bool
) -> dict[Key, dict[str, float]]:
    """What was sold in each whole week, counted back from the end."""
    weeks = (end - start).days // 7
    sold: dict[Key, list[Line]] = defaultdict(list)
    for lines in lines_by_customer(shop).values():
        for line in lines:
            week = weeks - 1 - ((end - line.day).days - 1) // 7
            label = _label(shop, item, line)
            if line.row.quantity > 0 and label is not None and line.day < end and week >= 0:
                sold[(label, *([line.row.store] if by_store else []), week)].append(line)
    return {key: _sums(lines) for key, lines in sold.items()}


def _label(shop: Shop, item: str, line: Line) -> str | None:
    product = line.row.product
    if product is None or item == "product":
        return None if product is None else f"product:{product}"
    name = dict(shop.categories).get(product)
    return None if name is None else f"{item}:{name}"


def _sums(lines: list[Line]) -> dict[str, float]:
    units = sum(line.row.quantity for line in lines)
    revenue = sum(line.row.amount for line in lines)
    listed = sum(line.row.amount + line.row.discount for line in lines)
    promoted = sum(line.row.quantity for line in lines if line.row.discount > 0)
    return {
        "units": units,
        "lines": len(lines),
        "revenue": revenue,
        "list_revenue": listed,
        "price_paid": revenue / units,
        "list_price": listed / units,
        "promoted_share": promoted / units,
    }
