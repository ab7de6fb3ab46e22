"""A made-up grocer whose customers have favourites, cycles, and tastes that go together."""

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from rich.console import Console

from pipelines import build, offers_train
from pipelines.check import load_config
from pipelines.jobs import Home, Job
from pipelines.offers_train import OffersTrained
from pipelines.progress import Steps
from pipelines.registry import Registry
from tests.builders import Order, noon, write_orders

NOW = datetime(2024, 9, 1, tzinfo=UTC)
QUIET = Steps(Console(quiet=True))

FIRST = date(2024, 1, 1)
DAYS = 182
HORIZON = 14
END = FIRST + timedelta(days=DAYS)
TEST = END - timedelta(days=HORIZON)

CATEGORIES = {
    "bakery": ("toast", "rolls", "cake", "rye"),
    "dairy": ("milk", "butter", "cream", "curd"),
    "fish": ("cod", "eel", "perch", "trout"),
    "sweets": ("fudge", "toffee", "nougat", "mints"),
}
PRODUCTS = tuple(name for names in CATEGORIES.values() for name in names)
CHEAP = frozenset(name for names in CATEGORIES.values() for name in names[:2])
"""Half of each category; the others are dearer."""
NEWCOMERS = ("nora", "nils")
"""Customers of the customers table who never bought."""


SMALL: dict[str, object] = {
    "horizon_days": HORIZON,
    "train_cutoffs": 3,
    "step_days": 7,
    "learner": {"trees": 20, "leaves": 7, "rows_per_leaf": 5},
    "first_purchases": {"trees": 10, "rows_per_leaf": 5, "kept_share": 1.0},
    "up_sell": {
        "tiers": {"purchases_least": 20},
        "pairs": {"new_days": 42},
        "learner": {"trees": 10, "rows_per_leaf": 5},
    },
    "facts": ("prices", "rules"),
    "reasons": {"support": 0.01},
    "policies": {"most": 4, "cycle_share": 0.5, "least_per_kind": {"up": 1}},
}
"""Few days and trees, so that a training takes seconds."""


def price(product: str) -> int:
    """Of one, in cents."""
    return (100 if product in CHEAP else 180) + len(product)


def purchases(customers: int = 150, *, after: bool = True) -> tuple[Order, ...]:
    """Lines of half a year: everybody comes about weekly for two favourites and something else.

    A third never look at the fish before they are two months in. Without what comes ``after`` the
    test begins, nothing else changes.
    """
    lines = []
    for who in range(customers):
        draws = np.random.default_rng(who)
        favourites = draws.choice(8, 2, replace=False)
        day = int(draws.integers(7))
        number = 0
        while day < DAYS:
            items = {PRODUCTS[each] for each in favourites if draws.random() < 0.7}
            others = 16 if who % 3 or day > 60 + who % 100 else 8
            items |= {PRODUCTS[each] for each in draws.choice(others, 2) if draws.random() < 0.6}
            on = FIRST + timedelta(days=day)
            lines += [
                Order(f"c{who:03}", noon(on), f"o{who}-{number}", item, 1, price(item), 0)
                for item in sorted(items)
                if after or on < TEST
            ]
            day += int(draws.integers(4, 11))
            number += 1
    return tuple(lines)


def open_grocer(folder: Path, orders: tuple[Order, ...], **offers: object) -> Path:
    """A config in ``folder`` beside the files that it reads."""
    write_orders(folder / "orders.parquet", orders)
    rows = [
        {"product": name, "category": category, "unit_cost": 0.6}
        for category, names in CATEGORIES.items()
        for name in names
    ]
    pd.DataFrame(rows).to_parquet(folder / "products.parquet", index=False)
    who = [*sorted({str(line.customer) for line in orders}), *NEWCOMERS]
    pd.DataFrame({"customer": who, "town": "Ulm"}).to_parquet(folder / "people.parquet")
    columns = ("order", "ordered_at", "customer", "product", "quantity", "amount")
    products = {name: name for name in ("product", "unit_cost")}
    settings = {
        "name": "grocer",
        "currency": {"code": "EUR", "digits": 2},
        "sources": {
            "orders": {"path": "orders.parquet", "columns": {name: name for name in columns}},
            "products": {
                "path": "products.parquet",
                "columns": products,
                "hierarchy": {"category": "category"},
            },
            "customers": {
                "path": "people.parquet",
                "columns": {"customer": "customer"},
                "attributes": {"town": {"column": "town", "levels": ["Ulm"]}},
            },
        },
        "behaviour": {"windows_days": [14, 28]},
        "churn": {"horizon_days": 28, "test_as_of": TEST},
        "offers": SMALL | offers,
    }
    config = folder / "grocer.yaml"
    config.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    return config


@dataclass(frozen=True)
class Grocer:
    """A home with a warehouse, and the config that made it."""

    config: Path
    home: Path

    def job(self, *assignments: str) -> Job:
        config = load_config(str(self.config), assignments)
        return Job(config, Home(self.home), NOW, QUIET, "offers")

    def train(self, *assignments: str) -> OffersTrained:
        return offers_train.run(self.job(*assignments))

    @cached_property
    def registry(self) -> Registry:
        return Registry(None, self.home)


def opened(folder: Path, template: Path, orders: tuple[Order, ...], **offers: object) -> Grocer:
    """The grocer of these orders, with a warehouse and a registry copied from a template."""
    home = folder / "home"
    shutil.copytree(template, home)
    found = Grocer(open_grocer(folder, orders, **offers), home)
    build.run(found.job())
    return found
