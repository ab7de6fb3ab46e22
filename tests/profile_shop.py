"""The corner shop with what is known of its customers, what it sent them, and who answered."""

import csv
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import yaml

from tests.corner_shop import OPENED, open_shop, settings

CUSTOMERS = 160
AS_OF = (OPENED + timedelta(days=274)).date()
SENT_ON = AS_OF + timedelta(days=2)
REGIONS = ("north", "south", "east")


def open_known_shop(folder: Path, *, later: bool = True) -> Path:
    """The config, beside the files that it reads.

    Parameters
    ----------
    folder
        Of all files.
    later
        Whether the orders of the days after the horizon are there.
    """
    shop = open_shop(folder, CUSTOMERS)
    if not later:
        _without_later(shop.orders)
    random = Random(3)
    names = [f"{number:05}" for number in range(CUSTOMERS)]
    people = [(name, REGIONS[random.randrange(3)], random.randint(18, 80)) for name in names]
    _write(folder / "customers.csv", ("customer", "region", "age"), people)
    sent = [(name, f"{SENT_ON} 09:00:00", "summer") for name in names]
    _write(folder / "campaigns.csv", ("customer", "sent_at", "campaign"), sent)
    answers = [
        (name, f"{SENT_ON + timedelta(days=3)} 10:00:00", "summer")
        for name, _, age in people
        if random.random() < (0.7 if age < 45 else 0.2)
    ]
    _write(folder / "responses.csv", ("customer", "responded_at", "campaign"), answers)
    config: dict[str, Any] = settings()
    config["sources"] |= {
        "customers": {
            "path": "customers.csv",
            "columns": {"customer": "customer"},
            "attributes": {
                "region": {"column": "region", "levels": ["south", "north"]},
                "age": {"column": "age", "type": "number"},
            },
        },
        "campaigns": _source("campaigns.csv", ("customer", "sent_at", "campaign")),
        "responses": _source("responses.csv", ("customer", "responded_at", "campaign")),
    }
    shop.config.write_text(yaml.safe_dump(config, sort_keys=False), encoding="utf-8")
    return shop.config


def _source(path: str, columns: tuple[str, ...]) -> dict[str, object]:
    return {"path": path, "columns": {name: name for name in columns}}


def _write(path: Path, columns: tuple[str, ...], rows: list[Any]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([columns, *rows])


def _without_later(orders: Path) -> None:
    """Only the lines up to the end of the horizon of `AS_OF`."""
    with orders.open(encoding="utf-8") as file:
        heading, *rows = list(csv.reader(file))
    end = str(AS_OF + timedelta(days=28))
    kept = [row for row in rows if row[1] < end]
    with orders.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([heading, *kept])
