"""Small builders: the raw rows of a shop, the warehouse made of them, and its behaviour table."""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.parquet as pq

from features.behaviour import build
from features.loads import load_sources
from features.rules import Plausible
from features.schemas import Sources
from features.settings import Behaviour, Cohort, Engine
from features.staging import Stage
from features.star import build_star
from features.warehouse import Connection, warehouse

AS_OF = date(2024, 3, 1)
DAY = timedelta(days=1)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
NON_PRODUCTS = "POSTAGE|FEE.*"
SETTINGS = Behaviour(windows_days=(7, 28), category_level="category", cohort=Cohort())
"""Small windows, everyone who ever ordered."""


@dataclass(frozen=True)
class Order:
    """One line of an order; amount and discount are minor units."""

    customer: str | None
    ordered_at: datetime
    order: str
    product: str | None
    quantity: int
    amount: int
    discount: int


@dataclass(frozen=True)
class Customer:
    """Attributes of a customer; without a day they hold since ever."""

    customer: str
    tier: str | None = None
    age: float | None = None
    valid_from_on: date | None = None


@dataclass(frozen=True, eq=False)
class Shop:
    """Raw rows of a business and the zone in which its days begin; equal to itself only."""

    orders: tuple[Order, ...] = ()
    customers: tuple[Customer, ...] = ()
    categories: tuple[tuple[str, str], ...] = ()
    contacts: tuple[tuple[str, datetime], ...] = ()
    labels: tuple[tuple[str, date, bool], ...] = ()
    time_zone: str = "UTC"

    def with_orders(self, *more: Order) -> "Shop":
        """The same shop with further lines."""
        return replace(self, orders=(*self.orders, *more))


def order(
    ordered_on: date | datetime = AS_OF - DAY,
    customer: str | None = "ann",
    product: str | None = "tea",
    *,
    number: str | None = None,
    quantity: int = 1,
    amount: int = 100,
    discount: int = 0,
) -> Order:
    """One line; a bare day means noon UTC, and lines of a day share one order unless numbered."""
    day = ordered_on if isinstance(ordered_on, datetime) else noon(ordered_on)
    name = number or f"{customer} {day.isoformat()}"
    return Order(customer, day, name, product, quantity, amount, discount)


def returned(ordered_on: date | datetime = AS_OF - DAY, customer: str | None = "ann") -> Order:
    """One line that takes back what cost 100."""
    return order(ordered_on, customer, quantity=-1, amount=-100)


def noon(day: date) -> datetime:
    """The middle of a day in UTC."""
    return datetime.combine(day, time(12), UTC)


def midnight_in(day: date, time_zone: str) -> datetime:
    """The first instant of a day in a zone, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)


def write_orders(path: Path, rows: Sequence[Order]) -> Path:
    """Parquet file of lines with money in major units."""
    names = ("order", "ordered_at", "customer", "product", "quantity", "amount", "discount")
    money = pa.decimal128(18, 2)
    text, instant = pa.string(), pa.timestamp("us", "UTC")
    types = (text, instant, text, text, pa.int64(), money, money)
    values = [
        {
            **{name: getattr(row, name) for name in names},
            "amount": Decimal(row.amount).scaleb(-2),
            "discount": Decimal(row.discount).scaleb(-2),
        }
        for row in rows
    ]
    return _write(path, values, dict(zip(names, types, strict=True)))


def _write(path: Path, rows: Sequence[Mapping[str, object]], types: dict[str, pa.DataType]) -> Path:
    pq.write_table(pa.Table.from_pylist(list(rows), pa.schema(list(types.items()))), path)
    return path


def write_shop(folder: Path, shop: Shop) -> Sources:
    """Files of every source that has rows, and the settings that read them."""
    text, day = pa.string(), pa.date32()
    sources: dict[str, object] = {}
    if shop.orders:
        write_orders(folder / "orders.parquet", shop.orders)
        names = ("order", "ordered_at", "customer", "product", "quantity", "amount", "discount")
        sources["orders"] = {
            "path": "orders.parquet",
            "columns": {name: name for name in names},
            "returns": "negative_quantity",
            "anonymous": "keep",
            "non_products": NON_PRODUCTS,
        }
    if shop.customers:
        types = {"customer": text, "tier": text, "age": pa.float64(), "valid_from_on": day}
        _write(folder / "customers.parquet", [vars(row) for row in shop.customers], types)
        tier = {"column": "tier", "levels": ["gold", "silver"], "meaning": "tier of the club"}
        sources["customers"] = {
            "path": "customers.parquet",
            "columns": {"customer": "customer", "valid_from_on": "valid_from_on"},
            "attributes": {"tier": tier, "age": {"column": "age", "type": "number"}},
        }
    # A shop that names no category still has the level, so that its columns do not depend on data.
    rows = [{"product": product, "category": category} for product, category in shop.categories]
    _write(folder / "products.parquet", rows, {"product": text, "category": text})
    sources["products"] = {
        "path": "products.parquet",
        "columns": {"product": "product"},
        "hierarchy": {"category": "category"},
    }
    sources |= _further(folder, shop)
    return Sources.model_validate(sources)


def _further(folder: Path, shop: Shop) -> dict[str, object]:
    """Contacts and labels, where there are any."""
    sources: dict[str, object] = {}
    text = pa.string()
    if shop.contacts:
        contacts = [{"customer": who, "at": at} for who, at in shop.contacts]
        types = {"customer": text, "at": pa.timestamp("us", "UTC")}
        _write(folder / "contacts.parquet", contacts, types)
        sources["contacts"] = {
            "path": "contacts.parquet",
            "columns": {"customer": "customer", "contacted_at": "at", "kind": {"constant": "call"}},
        }
    if shop.labels:
        names = ("customer", "as_of", "churned")
        labels = [dict(zip(names, row, strict=True)) for row in shop.labels]
        types = {"customer": text, "as_of": pa.date32(), "churned": pa.bool_()}
        _write(folder / "labels.parquet", labels, types)
        columns = {name: name for name in names}
        sources["labels"] = {"path": "labels.parquet", "columns": columns}
    return sources


def stage(folder: Path, time_zone: str = "UTC") -> Stage:
    """What staging needs to know, with two digits of money and instants since 1990."""
    plausible = Plausible(datetime(1990, 1, 1, tzinfo=UTC), NOW)
    return Stage(folder, folder, time_zone, 2, plausible)


@contextmanager
def built(shop: Shop, *, threads: int = 2) -> Iterator[tuple[Connection, Sources]]:
    """In-memory warehouse of a shop and its sources."""
    with TemporaryDirectory() as name:
        folder, engine = Path(name), Engine(memory_limit="1GB", threads=threads)
        sources = write_shop(folder, shop)
        with warehouse(Path(":memory:"), engine, folder, read_only=False) as con:
            load_sources(con, sources, stage(folder, shop.time_zone), NOW)
            build_star(con, sources, shop.time_zone)
            yield con, sources


def behaviour(
    shop: Shop, *as_ofs: date, settings: Behaviour = SETTINGS, threads: int = 2
) -> pa.Table:
    """Behaviour table of a shop at the days, by default at `AS_OF`."""
    with built(shop, threads=threads) as (con, sources):
        return build(con, as_ofs or (AS_OF,), sources, settings)


def features(*rows: Order, customer: str = "ann", as_of: date = AS_OF) -> dict[str, float | None]:
    """Features of one customer of a shop that has only these lines."""
    return features_in(Shop(orders=rows), customer, as_of)


def features_in(shop: Shop, customer: str = "ann", as_of: date = AS_OF) -> dict[str, float | None]:
    """Features of one customer of a shop."""
    (row,) = (row for row in behaviour(shop, as_of).to_pylist() if row["customer"] == customer)
    return {name: value for name, value in row.items() if name not in ("customer", "as_of")}


def content(table: pa.Table) -> bytes:
    """The table as Parquet: equal exactly when every value is."""
    buffer = io.BytesIO()
    pq.write_table(table.combine_chunks(), buffer)
    return buffer.getvalue()
