"""A made-up shop whose customers buy at rates of their own, spend unlike each other, and leave."""

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
import yaml
from rich.console import Console

from pipelines import build, value_train
from pipelines.check import load_config
from pipelines.jobs import Home, Job
from pipelines.progress import Steps
from pipelines.registry import Registry
from pipelines.value_train import ValueTrained
from tests.builders import Order, noon, write_orders

NOW = datetime(2024, 12, 1, tzinfo=UTC)
QUIET = Steps(Console(quiet=True))

FIRST = date(2024, 1, 1)
DAYS = 196
HORIZON = 28
END = FIRST + timedelta(days=DAYS)
TEST = END - timedelta(days=HORIZON)
UNIT_COST = 0.6

SMALL: dict[str, object] = {
    "horizon_days": HORIZON,
    "clv_days": 182,
    "models": ["learner", "bg_nbd", "mbg_nbd"],
    "learner": {"trees": 10, "rows_per_leaf": 10},
    "resamples": 60,
    "calibration_error_most": 0.3,
    "drift_most": 9.0,
}
"""Few trees and resamples, so that a training takes seconds."""


def purchases(customers: int = 220, *, after: bool = True) -> tuple[Order, ...]:
    """Orders of a year's part: gamma rates, a chance to leave after each order, amounts by taste.

    Without what comes ``after`` the test begins, nothing else changes.
    """
    lines = []
    for who in range(customers):
        draws = np.random.default_rng(who)
        rate, leaves = draws.gamma(1.2, 1 / 12), draws.beta(0.9, 6.0)
        usual = draws.gamma(4.0, 900.0)
        day, number = float(draws.uniform(0, DAYS * 0.7)), 0
        while day < DAYS:
            on = FIRST + timedelta(days=int(day))
            paid = max(int(draws.gamma(6.0, usual / 6.0)), 50)
            if after or on < TEST:
                lines.append(Order(f"c{who:03}", noon(on), f"o{who}-{number}", "tea", 1, paid, 0))
            if draws.random() < leaves:
                break
            day += 1 + draws.exponential(1 / rate)
            number += 1
    return tuple(lines)


def open_shop(folder: Path, orders: tuple[Order, ...], **value: object) -> Path:
    """A config in ``folder`` beside the files that it reads."""
    write_orders(folder / "orders.parquet", orders)
    columns = ("order", "ordered_at", "customer", "product", "quantity", "amount")
    products = pd.DataFrame({"product": ["tea"], "unit_cost": [UNIT_COST]})
    products.to_parquet(folder / "products.parquet", index=False)
    settings = {
        "name": "teashop",
        "currency": {"code": "EUR", "digits": 2},
        "sources": {
            "orders": {"path": "orders.parquet", "columns": {name: name for name in columns}},
            "products": {
                "path": "products.parquet",
                "columns": {"product": "product", "unit_cost": "unit_cost"},
            },
        },
        "behaviour": {"windows_days": [28, 56], "cohort": {"active_within_days": 112}},
        "churn": {"horizon_days": 28, "test_as_of": TEST},
        "value": SMALL | value,
    }
    config = folder / "teashop.yaml"
    config.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    return config


@dataclass(frozen=True)
class TeaShop:
    """A home with a warehouse, and the config that made it."""

    config: Path
    home: Path

    def job(self, *assignments: str) -> Job:
        config = load_config(str(self.config), assignments)
        return Job(config, Home(self.home), NOW, QUIET, "value")

    def train(self, *assignments: str) -> ValueTrained:
        return value_train.run(self.job(*assignments))

    @cached_property
    def registry(self) -> Registry:
        return Registry(None, self.home)


def opened(folder: Path, template: Path, orders: tuple[Order, ...], **value: object) -> TeaShop:
    """The shop of these orders, with a warehouse and a registry copied from a template."""
    home = folder / "home"
    shutil.copytree(template, home)
    found = TeaShop(open_shop(folder, orders, **value), home)
    build.run(found.job())
    return found
