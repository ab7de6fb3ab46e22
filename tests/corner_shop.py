"""A small made-up shop whose customers leave in a way that a model can learn."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import yaml

OPENED = datetime(2023, 1, 2, tzinfo=UTC)
DAYS = 330
SCORED_ON = OPENED + timedelta(days=DAYS)
HEADER = ["order", "ordered_at", "customer", "product", "quantity", "amount", "discount"]


@dataclass(frozen=True)
class CornerShop:
    """A folder with the orders of a shop and a config for them."""

    config: Path
    orders: Path


def order_rows(customers: int, seed: int = 5) -> list[list[str]]:
    """Lines of customers who buy every few days until most of them, slowing down, leave."""
    random = Random(seed)
    rows = []
    for number in range(customers):
        gap = random.uniform(3, 20)
        leaves = random.uniform(40, DAYS * 2.5)
        day = random.uniform(0, 60)
        while day < min(DAYS, leaves + 40):
            at = OPENED + timedelta(days=day)
            rows += [_line(random, number, at) for _ in range(random.randint(1, 3))]
            slowdown = 1 + max(0, day - leaves + 30) / 12
            day += random.uniform(0.5, 1.5) * gap * slowdown
    return sorted(rows, key=lambda row: row[1])


def _line(random: Random, customer: int, at: datetime) -> list[str]:
    amount = f"{random.uniform(2, 60):.2f}"
    discount = f"{random.choice([0, 0, 1.5]):.2f}"
    product = f"品{random.randint(1, 40):03}"
    order = f"o{customer:04}-{at:%Y%m%d%H%M}"
    return [order, f"{at:%Y-%m-%d %H:%M:%S}", f"{customer:05}", product, "1", amount, discount]


def write_lines(path: Path, rows: list[list[str]]) -> Path:
    """A CSV file of order lines."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(rows)
    return path


def open_shop(folder: Path, customers: int = 260) -> CornerShop:
    """Orders and a config in ``folder``, small enough to train on in seconds."""
    incoming = folder / "incoming"
    incoming.mkdir(parents=True)
    orders = write_lines(incoming / "orders-1.csv", order_rows(customers))
    config = folder / "corner_shop.yaml"
    config.write_text(yaml.safe_dump(settings(), sort_keys=False), encoding="utf-8")
    return CornerShop(config, orders)


def settings() -> dict[str, object]:
    """Settings of the shop; every day lies a label window after the one before."""
    columns = {name: name for name in HEADER}
    return {
        "name": "corner_shop",
        "currency": {"code": "EUR", "digits": 2},
        "time_zone": "Europe/Berlin",
        "sources": {"orders": {"path": "incoming/*.csv", "columns": columns}},
        "behaviour": {"windows_days": [14, 28, 56], "cohort": {"active_within_days": 56}},
        "churn": {
            "horizon_days": 28,
            "test_as_of": (SCORED_ON - timedelta(days=56)).date(),
            "test_cutoffs": 1,
            "stability_refits": 2,
            "train_cutoffs": 5,
            "search": {"trials": 2, "folds": 1},
            "economics": {
                "clv": 60,
                "clv_column": "spend_28d",
                "clv_multiple": 0.5,
                "incentive": 4,
            },
        },
        "review": {"drift_most": 5.0},  # 260 customers: a season of chance
        "score": {"as_of": SCORED_ON.date()},
    }
