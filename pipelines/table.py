"""Job: the behaviour table of some days as Parquet, one partition per as_of."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from features.behaviour import columns, schema, shape_of, stream
from features.contract import fingerprint
from features.loads import data_fingerprint
from pipelines.jobs import Job
from pipelines.progress import fact
from pipelines.tables import partition, sweep


@dataclass(frozen=True)
class Tabled:
    """Where the partitions are, and how many rows and columns they have.

    Attributes
    ----------
    folder
        Holds one folder per as_of.
    rows
        As_of to number of rows.
    columns
        Number of features.
    fingerprint
        Of the columns.
    """

    folder: Path
    rows: dict[date, int]
    columns: int
    fingerprint: str


def run(job: Job, as_ofs: Sequence[date]) -> Tabled:
    """Compute the table of all days in one pass; a partition takes its place when all are whole.

    Raises
    ------
    RegularsError
        When a day lies outside the history or has no customer; nothing has changed then.
    """
    business = job.business
    shape = shape_of(business.sources, business.behaviour)
    days, wanted = sorted(set(as_ofs)), schema(shape)
    promised, folder = fingerprint(columns(shape)), job.home.behaviour(business.name)
    with job.alone("table"), job.opened() as con:
        sweep(folder)
        facts = {"behaviour_fingerprint": promised, "data_fingerprint": data_fingerprint(con)}
        with ExitStack() as stack:
            parts = {
                day: stack.enter_context(
                    partition(
                        folder / f"as_of={day}" / "part.parquet",
                        wanted,
                        {"business": business.name, "as_of": str(day), **facts},
                    )
                )
                for day in days
            }
            with job.steps.step(f"behaviour table of {len(days)} days") as advance:
                batches = stream(
                    con, days, business.sources, business.behaviour, engine=business.engine
                )
                for batch in batches:
                    parts[batch["as_of"][0].as_py()].write(batch)
                    advance(sum(part.rows for part in parts.values()))
    rows = {day: part.rows for day, part in parts.items()}
    fact("tabled", business=business.name, columns=len(wanted) - 2, rows=sum(rows.values()))
    return Tabled(folder, rows, len(wanted) - 2, promised)
