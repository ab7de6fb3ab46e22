"""A made-up grocer in whose baskets jam comes with toast, and nothing else with anything."""

from datetime import date, timedelta
from pathlib import Path
from random import Random

import yaml

from tests.builders import Order, noon, write_orders

FIRST = date(2024, 1, 1)
DAYS = 100
CONFIRM_DAYS = 30
TEST = FIRST + timedelta(days=DAYS - CONFIRM_DAYS)
OTHERS = ("milk", "eggs", "salt", "rice", "soap")


def baskets(baskets_a_day: int = 20, *, turns: bool = False) -> tuple[Order, ...]:
    """Lines of a hundred days; jam follows toast in three of four baskets.

    Where it ``turns``, jam stays out of the baskets with toast from `TEST` on.
    """
    random, lines = Random(3), []
    for number in range(DAYS * baskets_a_day):
        day = FIRST + timedelta(days=number % DAYS)
        items = [each for each in OTHERS if random.random() < 0.3]
        has_toast = random.random() < 0.3
        chance = 0.75 if has_toast else 0.05
        if turns and day >= TEST:
            chance = 0.0 if has_toast else 0.3
        items += ["toast"] * has_toast + ["jam"] * (random.random() < chance)
        store = "north" if number % 3 else "south"
        lines += [
            Order(f"c{number % 50}", noon(day), f"o{number}", item, 1, 300, 0, store)
            for item in items or ["salt"]
        ]
    return tuple(lines)


def open_grocer(folder: Path, orders: tuple[Order, ...], **rules: object) -> Path:
    """A config in ``folder`` beside the files that it reads."""
    write_orders(folder / "orders.parquet", orders)
    columns = ("order", "ordered_at", "customer", "product", "quantity", "amount", "store")
    asked: dict[str, object] = {"support": 0.02, "confirm_days": CONFIRM_DAYS, **rules}
    settings = {
        "name": "grocer",
        "currency": {"code": "EUR", "digits": 2},
        "sources": {
            "orders": {"path": "orders.parquet", "columns": {name: name for name in columns}}
        },
        "churn": {"horizon_days": 28, "test_as_of": TEST},
        "rules": asked,
    }
    config = folder / "grocer.yaml"
    config.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    return config
