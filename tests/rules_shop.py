"""A made-up grocer in whose baskets jam comes with toast, and nothing else with anything."""

import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random

import yaml
from rich.console import Console

from pipelines import build, rules_train
from pipelines.check import load_config
from pipelines.jobs import Home, Job
from pipelines.progress import Steps
from pipelines.registry import Registry
from pipelines.rules_train import RulesTrained
from tests.builders import Order, noon, write_orders

NOW = datetime(2024, 6, 1, tzinfo=UTC)
QUIET = Steps(Console(quiet=True))

FIRST = date(2024, 1, 1)
DAYS = 100
CONFIRM_DAYS = 30
TEST = FIRST + timedelta(days=DAYS - CONFIRM_DAYS)
CHANGE = FIRST + timedelta(days=(DAYS - CONFIRM_DAYS) // 2)
"""Day in the middle of those that rules are mined from."""

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


def changing_baskets(baskets_a_day: int = 20) -> tuple[Order, ...]:
    """Lines of a hundred days with rules that change on the day `CHANGE`, and under a promotion.

    Jam begins to follow toast, lemon no longer follows tea, cheese comes with wine before and with
    all but wine afterwards. A dip follows crisps that are discounted, as half of them are, and not
    those at full price; so it does on all days.
    """
    random, lines = Random(5), []
    for number in range(DAYS * baskets_a_day):
        day = FIRST + timedelta(days=number % DAYS)
        is_late = day >= CHANGE
        items = [each for each in OTHERS if random.random() < 0.3]
        for lead, follow, chances in (
            ("toast", "jam", ((0.05, 0.05), (0.05, 0.6))),
            ("tea", "lemon", ((0.05, 0.6), (0.05, 0.05))),
            ("wine", "cheese", ((0.1, 0.7), (0.35, 0.02))),
        ):
            has_lead = random.random() < 0.3
            items += [lead] * has_lead
            items += [follow] * (random.random() < chances[is_late][has_lead])
        discounted = random.random() < 0.5
        has_crisps = random.random() < 0.4
        items += ["crisps"] * has_crisps
        items += ["dip"] * (random.random() < (0.6 if has_crisps and discounted else 0.05))
        store = "north" if number % 3 else "south"
        off = {"crisps": 100 * discounted, "dip": 100 * (random.random() < 0.3)}
        lines += [
            Order(f"c{number % 50}", noon(day), f"o{number}", item, 1, 300, off.get(item, 0), store)
            for item in items or ["salt"]
        ]
    return tuple(lines)


def open_grocer(folder: Path, orders: tuple[Order, ...], **rules: object) -> Path:
    """A config in ``folder`` beside the files that it reads."""
    write_orders(folder / "orders.parquet", orders)
    columns = ["order", "ordered_at", "customer", "product", "quantity", "amount", "store"]
    columns += ["discount"] * any(each.discount for each in orders)
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


@dataclass(frozen=True)
class Grocer:
    """A home with a warehouse, and the config that made it."""

    config: Path
    home: Path

    def job(self, *assignments: str) -> Job:
        return Job(load_config(str(self.config), assignments), Home(self.home), NOW, QUIET, "rules")

    def train(self, *assignments: str) -> RulesTrained:
        return rules_train.run(self.job(*assignments))

    @cached_property
    def registry(self) -> Registry:
        return Registry(None, self.home)


def opened(folder: Path, template: Path, orders: tuple[Order, ...]) -> Grocer:
    """The grocer of these orders, with a warehouse and a registry copied from a template."""
    home = folder / "home"
    shutil.copytree(template, home)
    found = Grocer(open_grocer(folder, orders), home)
    build.run(found.job())
    return found
