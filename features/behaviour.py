"""The behaviour table: one row per customer and as_of, the same for training and scoring."""

from collections.abc import Iterator, Sequence
from datetime import date

import duckdb
import pyarrow as pa

from features.catalogue import families
from features.clock import require_history
from features.cohort import select_cohort
from features.contract import Column, Family, Profile, Shape, columns_of
from features.past import prepare
from features.schemas import Sources
from features.settings import Behaviour
from features.sql import identifier, listing
from features.star import history

BATCH_ROWS = 65_536
IDENTITY = (pa.field("customer", pa.string()), pa.field("as_of", pa.date32()))


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
    """Feature columns of the behaviour table in order."""
    return columns_of(families(shape))


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
    """Behaviour table in batches of about ``rows``, sorted by as_of and customer.

    Parameters
    ----------
    con
        Connection to the warehouse, occupied until the last batch is taken.
    as_ofs
        Distinct days; a row says what was known before its as_of began.
    sources, settings
        Of the config; they decide the columns.
    rows
        Most rows of a batch.

    Raises
    ------
    OutsideHistory
        When an as_of has nothing before it.
    CohortEmpty
        When nobody meets the cohort rule at an as_of.
    """
    known = history(con, sources)
    if sources.orders is not None and known.first_on and known.last_on:
        require_history(as_ofs, known.first_on, known.last_on)
    shape = shape_of(sources, settings)
    prepare(con, as_ofs, shape, settings.category_level)
    select_cohort(con, settings.cohort, has_orders=shape.has_orders)
    reader = con.sql(_query(families(shape))).to_arrow_reader(rows)
    wanted = schema(shape)
    for batch in reader:
        yield pa.RecordBatch.from_arrays(batch.columns, schema=wanted)


def build(
    con: duckdb.DuckDBPyConnection, as_ofs: Sequence[date], sources: Sources, settings: Behaviour
) -> pa.Table:
    """Whole behaviour table in memory; see `stream`."""
    batches = stream(con, as_ofs, sources, settings)
    return pa.Table.from_batches(batches, schema(shape_of(sources, settings)))


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
