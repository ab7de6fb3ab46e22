"""Our way: the behaviour table as a job makes it."""

import tempfile
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.behaviour.shop import KINDS, Shop, require_shop
from benchmarks.behaviour.sql_columns import expressions
from features.behaviour import features_for, shape_of
from features.passes import one_pass
from features.schemas import Sources
from features.settings import Behaviour, Cohort, Engine
from features.statements import Task
from features.warehouse import warehouse

ENGINE = Engine(memory_limit="3GB", threads=2)
ACTIVE_DAYS = 182
LAST_AS_OF = date(2025, 12, 29)
STEP = timedelta(days=28)

_FILE = "shop.parquet"
SOURCES = Sources.model_validate(
    {
        "orders": {
            "path": _FILE,
            "returns": "negative_quantity",
            "columns": {
                name: name
                for name in (
                    *("order", "ordered_at", "customer", "amount"),
                    *("product", "quantity", "discount"),
                )
            },
        },
        "products": {
            "path": _FILE,
            "columns": {"product": "product"},
            "hierarchy": {"category": "category"},
        },
        "contacts": {
            "path": _FILE,
            "columns": {name: name for name in ("customer", "contacted_at", "kind")},
        },
    }
)
"""What a config would say; nothing is read from its files, the star is there already."""

SETTINGS = Behaviour(
    category_level="category",
    contact_kinds=KINDS,
    cohort=Cohort(active_within_days=ACTIVE_DAYS),
)


def as_ofs(count: int) -> tuple[date, ...]:
    """So many days, four weeks apart, up to the last; ascending."""
    return tuple(LAST_AS_OF - STEP * back for back in reversed(range(count)))


def prepare() -> None:
    """Load the compiled loops, or compile them where the machine has not kept them."""
    with tempfile.TemporaryDirectory() as folder:
        build(require_shop(Path(folder), 100), as_ofs(1), Path(folder))


def build(shop: Shop, days: Sequence[date], folder: Path) -> None:
    """Every column that the SQL by hand has, a Parquet file per day, from one pass."""
    make(shop, days, folder, SETTINGS, tuple(expressions(days[0])))


def make(
    shop: Shop, days: Sequence[date], folder: Path, settings: Behaviour, names: Sequence[str]
) -> None:
    """Some columns, made and written as `features.behaviour.stream` makes all of them."""
    shape = shape_of(SOURCES, settings)
    known = {each.column.name: each for each in features_for(shape)}
    task = Task(shape, tuple(known[name] for name in names), settings.cohort, tuple(days))
    with warehouse(shop.warehouse, ENGINE, folder, read_only=True) as con:
        tables = one_pass(con, task, ENGINE)
        write((batch for table in tables for batch in table.to_batches()), folder)


def write(batches: Iterable[pa.RecordBatch], folder: Path) -> None:
    """Append each batch to the file of its day while the next is made."""
    writers: dict[date, pq.ParquetWriter] = {}
    try:
        for batch in batches:
            day = batch["as_of"][0].as_py()
            if day not in writers:
                path = folder / f"{day}.parquet"
                writers[day] = pq.ParquetWriter(
                    path,
                    batch.schema,
                    compression="zstd",
                    use_dictionary=["customer"],
                    write_statistics=["customer", "as_of"],
                )
            writers[day].write_batch(batch)
    finally:
        for writer in writers.values():
            writer.close()
