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
SETTINGS = Behaviour(
    windows_days=(7, 28),
    category_level="category",
    categories=("drinks", "穀物"),
    channels=("web", "shop"),
    contact_kinds=("complaint", "call"),
    cohort=Cohort(),
)
"""Small windows, some columns for each list of the config, everyone who ever ordered."""


@dataclass(frozen=True)
class Order:
    """One line of an order; amount, discount and the coupon's part of it are minor units."""

    customer: str | None
    ordered_at: datetime
    order: str
    product: str | None
    quantity: int
    amount: int
    discount: int
    store: str | None = None
    channel: str | None = None
    coupon: int = 0


@dataclass(frozen=True)
class Customer:
    """Attributes of a customer; without a day they hold since ever."""

    customer: str
    tier: str | None = None
    age: float | None = None
    valid_from_on: date | None = None


@dataclass(frozen=True)
class Contact:
    """A contact with the business, of which little need be known."""

    customer: str
    contacted_at: datetime
    kind: str = "call"
    outcome: str | None = None
    duration_seconds: float | None = None
    satisfaction: float | None = None


@dataclass(frozen=True)
class Visit:
    """A page view or visit of the website; without a number of pages it is one."""

    customer: str
    visited_at: datetime
    session: str | None = None
    pages: int | None = None


@dataclass(frozen=True)
class Campaign:
    """A campaign that a customer was sent."""

    customer: str
    sent_at: datetime
    campaign: str = "spring"


@dataclass(frozen=True)
class Response:
    """A customer's response to a campaign."""

    customer: str
    responded_at: datetime
    campaign: str = "spring"


@dataclass(frozen=True, eq=False)
class Shop:
    """Raw rows of a business and the zone in which its days begin; equal to itself only.

    ``contacts`` are calls of which nothing more is known, ``conversations`` are contacts of any
    kind; `all_contacts` are both. Unit costs are minor units.
    """

    orders: tuple[Order, ...] = ()
    customers: tuple[Customer, ...] = ()
    categories: tuple[tuple[str, str], ...] = ()
    contacts: tuple[tuple[str, datetime], ...] = ()
    labels: tuple[tuple[str, date, bool], ...] = ()
    conversations: tuple[Contact, ...] = ()
    visits: tuple[Visit, ...] = ()
    campaigns: tuple[Campaign, ...] = ()
    responses: tuple[Response, ...] = ()
    unit_costs: tuple[tuple[str, int], ...] = ()
    private_labels: tuple[tuple[str, bool], ...] = ()
    time_zone: str = "UTC"

    @property
    def all_contacts(self) -> tuple[Contact, ...]:
        """Contacts of either way of writing them."""
        return (*(Contact(who, at) for who, at in self.contacts), *self.conversations)

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
    """One line; a bare day means noon UTC, and lines of a day share one order unless numbered.

    Its store, channel and coupon: ``replace(order(), store="north")``.
    """
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


TEXT, INSTANT, MONEY = pa.string(), pa.timestamp("us", "UTC"), pa.decimal128(18, 2)
_ORDERS = {
    "ordered_at": INSTANT,
    "quantity": pa.int64(),
    **dict.fromkeys(("order", "customer", "product", "store", "channel"), TEXT),
    **dict.fromkeys(("amount", "discount", "coupon"), MONEY),
}
_PRODUCTS = {"product": TEXT, "category": TEXT, "unit_cost": MONEY, "private_label": pa.bool_()}
_EVENTS = {
    "contacts": {
        "contacted_at": INSTANT,
        **dict.fromkeys(("customer", "kind", "outcome"), TEXT),
        **dict.fromkeys(("duration_seconds", "satisfaction"), pa.float64()),
    },
    "visits": {"customer": TEXT, "visited_at": INSTANT, "session": TEXT, "pages": pa.int64()},
    "campaigns": {"customer": TEXT, "sent_at": INSTANT, "campaign": TEXT},
    "responses": {"customer": TEXT, "responded_at": INSTANT, "campaign": TEXT},
    "labels": {"customer": TEXT, "as_of": pa.date32(), "churned": pa.bool_()},
}
"""Columns of the files by source, called as the canonical ones."""


def write_orders(path: Path, rows: Sequence[Order]) -> Path:
    """Parquet file of lines with money in major units."""
    values = [
        {
            **vars(row),
            **{name: _major(getattr(row, name)) for name in ("amount", "discount", "coupon")},
        }
        for row in rows
    ]
    return _write(path, values, _ORDERS)


def _major(minor: int) -> Decimal:
    return Decimal(minor).scaleb(-2)


def _write(path: Path, rows: Sequence[Mapping[str, object]], types: dict[str, pa.DataType]) -> Path:
    pq.write_table(pa.Table.from_pylist(list(rows), pa.schema(list(types.items()))), path)
    return path


def write_shop(folder: Path, shop: Shop) -> Sources:
    """Files of every source that has rows, and the settings that read them."""
    sources: dict[str, object] = {}
    if shop.orders:
        write_orders(folder / "orders.parquet", shop.orders)
        sources["orders"] = {
            "path": "orders.parquet",
            "columns": {name: name for name in _ORDERS},
            "returns": "negative_quantity",
            "anonymous": "keep",
            "non_products": NON_PRODUCTS,
        }
    if shop.customers:
        types = {"customer": TEXT, "tier": TEXT, "age": pa.float64(), "valid_from_on": pa.date32()}
        _write(folder / "customers.parquet", [vars(row) for row in shop.customers], types)
        tier = {"column": "tier", "levels": ["gold", "silver"], "meaning": "tier of the club"}
        sources["customers"] = {
            "path": "customers.parquet",
            "columns": {"customer": "customer", "valid_from_on": "valid_from_on"},
            "attributes": {"tier": tier, "age": {"column": "age", "type": "number"}},
        }
    sources["products"] = _write_products(folder, shop)
    return Sources.model_validate(sources | _write_events(folder, shop))


def _write_products(folder: Path, shop: Shop) -> dict[str, object]:
    """What is known about products, by any of the three.

    A shop that names no category still has the level, so that its columns do not depend on data.
    """
    category, cost = dict(shop.categories), dict(shop.unit_costs)
    private_label = dict(shop.private_labels)
    rows = [
        {
            "product": product,
            "category": category.get(product),
            "unit_cost": _major(cost[product]) if product in cost else None,
            "private_label": private_label.get(product),
        }
        for product in sorted({*category, *cost, *private_label})
    ]
    _write(folder / "products.parquet", rows, _PRODUCTS)
    columns = {name: name for name in _PRODUCTS if name != "category"}
    return {"path": "products.parquet", "columns": columns, "hierarchy": {"category": "category"}}


def _write_events(folder: Path, shop: Shop) -> dict[str, object]:
    """Contacts, visits, campaigns, responses and labels, where there are any."""
    labels = [dict(zip(_EVENTS["labels"], row, strict=True)) for row in shop.labels]
    rows: dict[str, list[dict[str, object]]] = {
        "contacts": [vars(row) for row in shop.all_contacts],
        "visits": [vars(row) for row in shop.visits],
        "campaigns": [vars(row) for row in shop.campaigns],
        "responses": [vars(row) for row in shop.responses],
        "labels": labels,
    }
    sources: dict[str, object] = {}
    for name, types in _EVENTS.items():
        if rows[name]:
            _write(folder / f"{name}.parquet", rows[name], types)
            columns = {column: column for column in types}
            sources[name] = {"path": f"{name}.parquet", "columns": columns}
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
