"""A made-up shop's purchases, written to files the way tills and shops export them."""

import csv
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import duckdb

OPENED = datetime(2023, 1, 2, 9)  # noqa: DTZ001  # local time of the till
DAYS = 400


@dataclass(frozen=True)
class Sold:
    """One line of a receipt."""

    order: int
    at: datetime
    customer: int
    product: int
    quantity: int
    price: float

    @property
    def amount(self) -> float:
        """What was paid."""
        return round(self.quantity * self.price, 2)

    @property
    def store(self) -> str:
        """Where it was bought."""
        return "North" if self.order % 3 else "South"


Columns = Mapping[str, Callable[[Sold], object]]
"""Header of each column, and what stands in it."""


@cache
def sold(customers: int = 60, seed: int = 1) -> tuple[Sold, ...]:
    """Lines in order of time: each customer comes about every three weeks, for 400 days."""
    random_ = random.Random(seed)
    visits = sorted(
        (OPENED + timedelta(days=day, minutes=random_.randrange(600)), 4000 + customer)
        for customer in range(customers)
        for day in range(random_.randrange(30), DAYS, random_.randrange(14, 28))
    )
    lines = []
    for number, (at, customer) in enumerate(visits):
        for product in random_.sample(range(200), random_.randrange(1, 5)):
            quantity, price = random_.choice([1, 1, 1, 2, 3]), 1 + product * 0.37
            lines.append(Sold(70_000 + number, at, customer, 10_000 + product, quantity, price))
    return tuple(lines)


def write_csv(
    path: Path,
    columns: Columns,
    lines: Sequence[Sold] | None = None,
    *,
    delimiter: str = ",",
    encoding: str = "utf-8",
) -> Path:
    """The file with one row for each line sold."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(columns)
        rows = sold() if lines is None else lines
        writer.writerows([write(line) for write in columns.values()] for line in rows)
    return path


PLAIN: Columns = {
    "order_id": lambda line: line.order,
    "order_date": lambda line: line.at.isoformat(sep=" "),
    "customer_id": lambda line: line.customer,
    "sku": lambda line: line.product,
    "quantity": lambda line: line.quantity,
    "amount": lambda line: line.amount,
}
"""What a shop in English exports."""


def some_of_online_retail(shared_data: Path, path: Path) -> Path:
    """Every 25th invoice of Online Retail II, all its lines, as Parquet."""
    whole = shared_data / "retail" / "online_retail_II.parquet"
    number = "CAST(regexp_extract(Invoice, '[0-9]+') AS INTEGER)"
    with duckdb.connect() as con:
        con.execute(f"COPY (SELECT * FROM '{whole}' WHERE {number} % 25 = 3) TO '{path}'")
    return path
