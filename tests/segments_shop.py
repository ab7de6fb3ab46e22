"""A made-up shop whose customers buy in three ways."""

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
import yaml
from rich.console import Console

from pipelines import build, segments_train
from pipelines.check import load_config
from pipelines.jobs import Home, Job
from pipelines.progress import Steps
from pipelines.registry import Registry
from pipelines.segments_train import SegmentsTrained
from tests.builders import Order, noon, write_orders

NOW = datetime(2024, 9, 1, tzinfo=UTC)
QUIET = Steps(Console(quiet=True))

FIRST = date(2024, 1, 1)
DAYS = 126
HORIZON = 14
END = FIRST + timedelta(days=DAYS)
AS_OF = END - timedelta(days=HORIZON)
EARLIER_DAYS = 28
EARLIER = AS_OF - timedelta(days=EARLIER_DAYS)

CUSTOMERS = 120
WAYS = ((2, 1, 300), (7, 6, 250), (14, 2, 2500))
"""Days between visits, different products of a visit, and cents of each: errands, weekly shops, and
rare large purchases."""

SMALL: dict[str, object] = {
    "columns": ["orders_count_28d", "spend_28d", "products_count_28d", "order_value_mean_28d"],
    "window_days": 28,
    "earlier_days": EARLIER_DAYS,
    "split": {"reduce": "pca", "fewest": 3, "most": 3, "resamples": 5, "references": 5},
    "rules": {"rows_least": 5},
}
"""Few columns and resamples, so that a search takes a second."""


def way(who: int) -> int:
    """In which of the ways a customer buys."""
    return who % len(WAYS)


def purchases(*, after: date | None = None) -> tuple[Order, ...]:
    """Lines of four months; from the day ``after`` on, if any, prices are ten times as high."""
    lines = []
    for who in range(CUSTOMERS):
        draws = np.random.default_rng(who)
        gap, products, price = WAYS[way(who)]
        day = int(draws.integers(gap))
        number = 0
        while day < DAYS:
            on = FIRST + timedelta(days=day)
            dear = 10 if after is not None and on >= after else 1
            for item in draws.choice(50, products + int(draws.integers(products)), replace=False):
                cents = int(price * dear * draws.uniform(0.8, 1.25))
                order = f"o{who}-{number}"
                lines.append(Order(name(who), noon(on), order, f"p{item}", 1, cents, 0))
            day += max(1, round(gap * draws.uniform(0.7, 1.3)))
            number += 1
    return tuple(lines)


def name(who: int) -> str:
    """What the shop calls a customer."""
    return f"c{who:03}"


def open_market(folder: Path, orders: tuple[Order, ...], **segments: object) -> Path:
    """A config in ``folder`` beside the file that it reads."""
    write_orders(folder / "orders.parquet", orders)
    columns = ("order", "ordered_at", "customer", "product", "quantity", "amount")
    settings = {
        "name": "market",
        "currency": {"code": "EUR", "digits": 2},
        "sources": {
            "orders": {"path": "orders.parquet", "columns": {name: name for name in columns}}
        },
        "behaviour": {"windows_days": [14, 28]},
        "churn": {"horizon_days": HORIZON, "test_as_of": AS_OF},
        "segments": SMALL | segments,
    }
    config = folder / "market.yaml"
    config.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    return config


@dataclass(frozen=True)
class Market:
    """A home with a warehouse, and the config that made it."""

    config: Path
    home: Path

    def job(self, *assignments: str) -> Job:
        """A call about segments."""
        config = load_config(str(self.config), assignments)
        return Job(config, Home(self.home), NOW, QUIET, "segments")

    def train(self, *assignments: str) -> SegmentsTrained:
        """A search and what came of it."""
        return segments_train.run(self.job(*assignments))

    @cached_property
    def registry(self) -> Registry:
        """Where its versions are."""
        return Registry(None, self.home)


def opened(folder: Path, template: Path, orders: tuple[Order, ...], **segments: object) -> Market:
    """The shop of these orders, with a warehouse and a registry copied from a template."""
    home = folder / "home"
    shutil.copytree(template, home)
    found = Market(open_market(folder, orders, **segments), home)
    build.run(found.job())
    return found
