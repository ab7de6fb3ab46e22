"""The behaviour table: one row per customer and as_of, the same for training and scoring."""

from collections.abc import Iterator, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from features.catalogue import families
from features.clock import require_history
from features.cohort import require_somebody, select_cohort
from features.contract import Column, Family, Profile, Shape, columns_of
from features.errors import RegularsError
from features.past import prepare
from features.schemas import Sources
from features.settings import Behaviour
from features.slices import slices
from features.sql import identifier, listing

BATCH_ROWS = 65_536
IDENTITY = (pa.field("customer", pa.string()), pa.field("as_of", pa.date32()))


class NoColumns(RegularsError):
    """The config gives no feature."""


def shape_of(sources: Sources, settings: Behaviour) -> Shape:
    """What the config says about the columns, before any data is seen."""
    attributes = sources.customers.attributes if sources.customers else {}
    profile = tuple(
        Profile(name, attribute.type == "number", attribute.levels, attribute.meaning or name)
        for name, attribute in attributes.items()
    )
    return Shape(
        settings.windows_days,
        has_orders=sources.orders is not None,
        has_categories=settings.category_level is not None,
        profile=profile,
    )


def columns(shape: Shape) -> tuple[Column, ...]:
    """Feature columns of the behaviour table in order.

    Raises
    ------
    NoColumns
        When there is nothing to look at.
    """
    declared = columns_of(families(shape))
    if not declared:
        message = (
            "a behaviour table needs sources.orders or sources.customers.attributes, but the "
            "config has neither; add what is known about customers"
        )
        raise NoColumns(message)
    return declared


def schema(shape: Shape) -> pa.Schema:
    """Arrow schema: customer, as_of, then every feature as a nullable double."""
    features = (pa.field(column.name, pa.float64()) for column in columns(shape))
    return pa.schema([*IDENTITY, *features])


def stream(
    con: duckdb.DuckDBPyConnection,
    as_ofs: Sequence[date],
    sources: Sources,
    settings: Behaviour,
    rows: int = BATCH_ROWS,
) -> Iterator[pa.RecordBatch]:
    """Behaviour table in batches, sorted by as_of and customer, in bounded memory.

    A large business is computed a slice at a time (see `features.slices`), so neither the engine
    nor the caller ever holds all customers. What is refused is refused when batches are taken.

    Parameters
    ----------
    con
        Connection to the warehouse, occupied until the last batch is taken.
    as_ofs
        Distinct days; a row says what was known before its as_of began.
    sources, settings
        Of the config; they decide the columns.
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
    if shape.has_orders:
        _require_history(con, as_ofs)
    for part in slices(con, as_ofs, has_orders=shape.has_orders):
        found: set[date] = set()
        for keys in part.turns:
            prepare(con, part.as_ofs, shape, settings.category_level, keys)
            found |= select_cohort(con, settings.cohort, has_orders=shape.has_orders)
            yield from _batches(con, shape, rows)
        require_somebody(part.as_ofs, found, settings.cohort)


def _batches(con: duckdb.DuckDBPyConnection, shape: Shape, rows: int) -> Iterator[pa.RecordBatch]:
    wanted = schema(shape)
    for batch in con.sql(_query(families(shape))).to_arrow_reader(rows):
        yield pa.RecordBatch.from_arrays(batch.columns, schema=wanted)


def build(
    con: duckdb.DuckDBPyConnection, as_ofs: Sequence[date], sources: Sources, settings: Behaviour
) -> pa.Table:
    """Whole behaviour table in memory; see `stream`."""
    batches = stream(con, as_ofs, sources, settings)
    return pa.Table.from_batches(batches, schema(shape_of(sources, settings)))


def _require_history(con: duckdb.DuckDBPyConnection, as_ofs: Sequence[date]) -> None:
    known = con.execute("SELECT min(ordered_on), max(ordered_on) FROM fact_sales").fetchall()[0]
    first_on, last_on = known
    if first_on is not None:
        require_history(as_ofs, first_on, last_on)


def _query(chosen: tuple[Family, ...]) -> str:
    """One aggregate per grain, joined to the cohort."""
    grains = sorted({family.grain for family in chosen})
    joins = []
    for grain in grains:
        of_grain = columns_of(family for family in chosen if family.grain == grain)
        aggregates = listing(f"{c.sql} AS {identifier(c.name)}" for c in of_grain)
        joins.append(f"""
            LEFT JOIN (SELECT as_of, customer_key, {aggregates} FROM past_{grain}
                SEMI JOIN cohort USING (as_of, customer_key)
                GROUP BY as_of, customer_key) AS by_{grain} USING (as_of, customer_key)""")
    values = listing(f"CAST({identifier(c.name)} AS DOUBLE)" for c in columns_of(chosen))
    return f"""
        SELECT customer, as_of, {values} FROM cohort {" ".join(joins)}
        ORDER BY as_of, customer"""
