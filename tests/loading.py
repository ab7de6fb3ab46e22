"""Raw files loaded into a warehouse of their own, and what is in it afterwards."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from features.loads import Load, load_sources
from features.rules import Plausible
from features.schemas import Sources
from features.settings import Engine
from features.staging import Stage
from features.star import build_star
from features.warehouse import Connection, transaction, warehouse

NOW = datetime(2024, 6, 1, tzinfo=UTC)
PLAUSIBLE = Plausible(datetime(1990, 1, 1, tzinfo=UTC), NOW)
MEMORY = Path(":memory:")
HEADER = "order,at,customer,amount"
LINE = "o1,2024-01-05 10:00:00,ann,12.50"
TEN_AM = 1_704_448_800_000_000
"""The instant of `LINE`, read in UTC."""

Settings = Mapping[str, Any]
"""A source as a config writes it."""


@dataclass(frozen=True)
class Stored:
    """What a warehouse holds: reports of the loads, and rows of each table in stored order."""

    loads: tuple[Load, ...]
    tables: dict[str, list[dict[str, Any]]]

    def column(self, table: str, name: str) -> list[Any]:
        """Values of a column, sorted as texts."""
        return sorted((row[name] for row in self.tables[table]), key=str)

    def broken(self, source: str = "orders") -> dict[str, int]:
        """Quarantined rows of a source by the rule that they broke."""
        return dict(Counter(row["broken_rule"] for row in self.tables[f"quarantine_{source}"]))


def orders(path: object = "orders.csv", **settings: object) -> Settings:
    """Orders of `HEADER`; further columns and settings by name."""
    more = settings.pop("columns", {})
    assert isinstance(more, dict)
    columns = {"order": "order", "ordered_at": "at", "customer": "customer", "amount": "amount"}
    return {"path": path, "quarantine_limit": 1, "columns": columns | more, **settings}


def write(path: Path, *lines: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    """CSV file of a header and lines."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(f"{line}\n" for line in (header, *lines)).encode(encoding))
    return path


def write_parquet(path: Path, **columns: object) -> Path:
    """Parquet file; each column is a list or an Arrow array."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(columns), path)
    return path


def staged(folder: Path, time_zone: str = "UTC", digits: int = 2) -> Stage:
    """What staging needs to know of a business whose files lie in a folder."""
    return Stage(folder, folder, time_zone, digits, PLAUSIBLE)


@contextmanager
def loaded(
    folder: Path,
    sources: Mapping[str, Settings],
    *,
    file: Path = MEMORY,
    stage: Stage | None = None,
    threads: int = 2,
) -> Iterator[tuple[Connection, list[Load]]]:
    """Warehouse into which the sources were loaded as a build does, all or nothing."""
    wanted, engine = Sources.model_validate(sources), Engine(memory_limit="1GB", threads=threads)
    terms = stage or staged(folder)
    with warehouse(file, engine, folder, read_only=False) as con:
        con.execute("SET autoinstall_known_extensions = false")  # tests need no network
        with transaction(con):
            loads = load_sources(con, wanted, terms, NOW)
            build_star(con, wanted, terms.time_zone)
        yield con, loads


def load(
    folder: Path,
    sources: Mapping[str, Settings],
    *,
    file: Path = MEMORY,
    stage: Stage | None = None,
) -> Stored:
    """What a warehouse holds after the sources were loaded."""
    with loaded(folder, sources, file=file, stage=stage) as (con, loads):
        return Stored(tuple(loads), contents(con))


def load_orders(folder: Path, *lines: str, **settings: Any) -> Stored:
    """Load a CSV file of these lines under `HEADER`."""
    write(folder / "orders.csv", *lines)
    return load(folder, {"orders": orders(**settings)})


def contents(con: Connection) -> dict[str, list[dict[str, Any]]]:
    """Rows of every lasting table, in stored order."""
    names = con.execute(
        "SELECT table_name FROM duckdb_tables() WHERE NOT temporary AND database_name = "
        "current_database() ORDER BY 1"
    ).fetchall()
    return {
        str(name): con.sql(f'SELECT * FROM "{name}" ORDER BY rowid').to_arrow_table().to_pylist()
        for (name,) in names
    }


def fully(text: str) -> str:
    """Pattern that matches this text and nothing longer."""
    return f"^{re.escape(text)}$"
