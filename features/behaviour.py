"""The behaviour table: one row per customer and as_of, the same for training and scoring."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from features.catalogue import families
from features.clock import require_history
from features.cluster import compute
from features.cohort import require_rule, require_somebody
from features.contract import (
    Campaigns,
    Column,
    Contacts,
    Feature,
    Orders,
    Profile,
    Shape,
    Visits,
    features_of,
)
from features.daily import definition
from features.errors import RegularsError
from features.kept import refresh
from features.passes import one_pass
from features.relations import relations
from features.schemas import ContactsSource, OrdersSource, ProductsSource, Sources
from features.settings import Behaviour, Engine
from features.slices import turns
from features.spelling import DuckDB
from features.statements import Task

BATCH_ROWS = 65_536
_EMBEDDED = Engine()
IDENTITY = (pa.field("customer", pa.string()), pa.field("as_of", pa.date32()))


class NoColumns(RegularsError):
    """The config gives no feature."""


def shape_of(sources: Sources, settings: Behaviour) -> Shape:
    """What the config says about the columns, before any data is seen.

    Prospects have a profile and nothing else.
    """
    attributes = sources.customers.attributes if sources.customers else {}
    profile = tuple(
        Profile(name, attribute.type == "number", attribute.levels, attribute.meaning or name)
        for name, attribute in attributes.items()
    )
    if settings.cohort.contract == "prospect":
        return Shape(settings.windows_days, profile=profile)
    return Shape(
        settings.windows_days,
        orders=_orders(sources.orders, sources.products, settings) if sources.orders else None,
        contacts=_contacts(sources.contacts, settings) if sources.contacts else None,
        visits=Visits(sources.visits.columns.session is not None) if sources.visits else None,
        campaigns=Campaigns(sources.responses is not None) if sources.campaigns else None,
        profile=profile,
        peers_by=settings.peers_by,
    )


def _contacts(contacts: ContactsSource, settings: Behaviour) -> Contacts:
    return Contacts(
        settings.contact_kinds,
        has_outcomes=contacts.columns.outcome is not None,
        has_durations=contacts.columns.duration_seconds is not None,
        has_satisfaction=contacts.columns.satisfaction is not None,
    )


def _orders(orders: OrdersSource, products: ProductsSource | None, settings: Behaviour) -> Orders:
    mapped, described = orders.columns, products.columns if products else None
    return Orders(
        category=settings.category_level,
        categories=settings.categories,
        channels=settings.channels,
        has_products=mapped.product is not None,
        has_stores=mapped.store is not None,
        has_discounts=mapped.discount is not None,
        has_coupons=mapped.coupon is not None,
        has_costs=described is not None and described.unit_cost is not None,
        has_private_labels=described is not None and described.private_label is not None,
        has_returns=orders.returns == "negative_quantity",
    )


def features_for(shape: Shape) -> tuple[Feature, ...]:
    """Every feature of the behaviour table in order.

    Raises
    ------
    NoColumns
        When there is nothing to look at.
    ColumnsClash
        When two features have one name.
    """
    declared = features_of(families(shape))
    if not declared:
        message = (
            "a behaviour table needs sources.orders or sources.customers.attributes, but the "
            "config has neither; add what is known about customers"
        )
        raise NoColumns(message)
    return declared


def columns(shape: Shape) -> tuple[Column, ...]:
    """Columns of the behaviour table in order, each with its whole definition.

    Raises
    ------
    NoColumns, ColumnsClash
        See `features_for`.
    """
    rows = {name: _digest(name, shape) for name in relations(shape, DuckDB())}
    return tuple(
        replace(each.column, sql="; ".join([each.column.sql, *_used(each, rows)]))
        for each in features_for(shape)
    )


def _used(feature: Feature, rows: dict[str, str]) -> list[str]:
    """The digest of every relation that the feature looks at."""
    names = sorted({atom.relation for atom in feature.term.atoms} & rows.keys())
    return [f"{name} = {rows[name]}" for name in names]


def _digest(name: str, shape: Shape) -> str:
    """Digest of what a relation's rows are, in the embedded engine's spelling."""
    text = relations(shape, DuckDB())[name].rows
    if name == "purchases" and shape.orders is not None:
        text = definition(shape.orders, DuckDB())
    return hashlib.sha256(text.encode()).hexdigest()


def schema(shape: Shape) -> pa.Schema:
    """Arrow schema: customer, as_of, then every feature as a nullable double."""
    features = (pa.field(each.column.name, pa.float64()) for each in features_for(shape))
    return pa.schema([*IDENTITY, *features])


def keep_daily(
    con: duckdb.DuckDBPyConnection, sources: Sources, settings: Behaviour, engine: Engine
) -> None:
    """Bring what the warehouse keeps for behaviour tables up to date with its star.

    Parameters
    ----------
    con
        Writable connection.
    sources, settings, engine
        Of the config.
    """
    refresh(con, shape_of(sources, settings).orders, turns(con, engine.turn_rows))


def stream(
    con: duckdb.DuckDBPyConnection,
    as_ofs: Sequence[date],
    sources: Sources,
    settings: Behaviour,
    *,
    engine: Engine = _EMBEDDED,
    rows: int = BATCH_ROWS,
) -> Iterator[pa.RecordBatch]:
    """Behaviour table in batches, in bounded memory, from one pass over the warehouse.

    The rows of one as_of come in order of the customer, whatever else is asked for. The embedded
    engine takes customers in turns, and within a turn one as_of after the other.

    Parameters
    ----------
    con
        Connection to the warehouse, occupied until the last batch is taken.
    as_ofs
        Distinct days; a row says what was known before its as_of began. A batch is of one day.
    sources, settings
        Of the config; they decide the columns.
    engine
        Which engine computes, and how much at a time; the values do not depend on it.
    rows
        Rows of a batch, at most.

    Raises
    ------
    OutsideHistory
        When an as_of has nothing before it.
    CohortEmpty
        When nobody meets the cohort rule at an as_of.
    """
    shape = shape_of(sources, settings)
    has_orders = sources.orders is not None
    require_rule(settings.cohort, has_orders=has_orders)
    days = tuple(sorted(set(as_ofs)))
    task = Task(shape, features_for(shape), settings.cohort, days, has_orders=has_orders)
    if not days:
        return
    if has_orders:
        require_orders_before(con, as_ofs)
    wanted = schema(shape)
    found: set[date] = set()
    for batch in _batches(con, task, engine, rows):
        found.add(batch["as_of"][0].as_py())
        yield pa.RecordBatch.from_arrays(batch.columns, schema=wanted)
    require_somebody(task.as_ofs, found, settings.cohort)


def _batches(
    con: duckdb.DuckDBPyConnection, task: Task, engine: Engine, rows: int
) -> Iterator[pa.RecordBatch]:
    if engine.name == "spark":
        yield from compute(con, task, engine.spark, rows)
        return
    for table in one_pass(con, task, engine):
        yield from table.combine_chunks().to_batches(rows)


def build(
    con: duckdb.DuckDBPyConnection,
    as_ofs: Sequence[date],
    sources: Sources,
    settings: Behaviour,
    *,
    engine: Engine = _EMBEDDED,
) -> pa.Table:
    """Whole behaviour table in memory, sorted by as_of and customer; see `stream`."""
    wanted = schema(shape_of(sources, settings))
    batches = list(stream(con, as_ofs, sources, settings, engine=engine))
    table = pa.Table.from_batches(batches, wanted)
    days = [table.filter(pc.equal(table["as_of"], day)) for day in sorted(set(as_ofs))]
    return pa.concat_tables(days or [table])


def require_orders_before(con: duckdb.DuckDBPyConnection, as_ofs: Sequence[date]) -> None:
    """Refuse an as_of outside the history of the warehouse's orders.

    Raises
    ------
    OutsideHistory
        See `features.clock.require_history`.
    """
    known = con.execute("SELECT min(ordered_on), max(ordered_on) FROM fact_sales").fetchall()[0]
    first_on, last_on = known
    if first_on is not None:
        require_history(as_ofs, first_on, last_on)
