"""What a search for segments looks at, read from the warehouse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
import pyarrow as pa

from features.behaviour import stream
from features.clock import Window, days_after
from features.labels import labelled_days
from features.loads import data_fingerprint
from features.star import History, history
from features.warehouse import Connection
from pipelines.jobs import Job
from pipelines.segment_days import SegmentDays, segment_days
from pipelines.segments_columns import SegmentColumns, segment_columns
from pipelines.segments_figures import Asking, Figures, figures_of, spending_of


@dataclass(frozen=True, eq=False)
class Material:
    """All that one search looks at.

    Attributes
    ----------
    days
        When.
    columns
        Of the behaviour table.
    tables
        By day, the behaviour table, a row per customer, by name.
    spending
        A row per customer and day; None where there are no orders.
    figures
        Of the customers of the day.
    known
        What the warehouse holds.
    data_fingerprint
        Of the warehouse.
    """

    days: SegmentDays
    columns: SegmentColumns
    tables: Mapping[date, pd.DataFrame]
    spending: pd.DataFrame | None
    figures: Figures
    known: History
    data_fingerprint: str

    @property
    def table(self) -> pd.DataFrame:
        """The behaviour table of the day that segments are made on."""
        return self.tables[self.days.as_of]


def gathered(job: Job) -> Material:
    """What a search looks at.

    Raises
    ------
    SegmentColumnsUnknown
        When the config names a family or a column that is not there.
    OutsideHistory, LabelsMissing, CohortEmpty
        When the orders do not cover the day, or nobody belongs to the cohort then.
    """
    business = job.business
    columns = segment_columns(business)
    with job.opened() as con, job.steps.step("behaviour table, figures"):
        known = history(con, business.sources)
        is_labelled = business.churn.kind == "labelled"
        labelled = labelled_days(con) if is_labelled else []
        days = segment_days(business.segments, business.churn, known, labelled)
        tables = behaviours(con, job, days.all, (*columns.used, *columns.others))
        spending = spending_between(con, job, known)
        names = tables[days.as_of].index
        figures = figures_of(Asking(con, job, days.as_of, names, known, spending))
        return Material(days, columns, tables, spending, figures, known, data_fingerprint(con))


def behaviours(
    con: Connection, job: Job, days: Sequence[date], names: Sequence[str]
) -> dict[date, pd.DataFrame]:
    """By day, columns of the behaviour table by the customer's name.

    Only these columns are ever held: of millions of customers, all of several days are too many.

    Parameters
    ----------
    con, job
        The warehouse, and whose it is.
    days
        Of the tables.
    names
        Of the columns.

    Raises
    ------
    CohortEmpty
        When nobody belongs to the cohort on one of the days.
    """
    business = job.business
    parts: dict[date, list[pa.RecordBatch]] = {day: [] for day in days}
    for batch in stream(con, days, business.sources, business.behaviour, engine=business.engine):
        parts[batch["as_of"][0].as_py()].append(batch.select(["customer", *names]))
    return {
        day: pa.Table.from_batches(batches).to_pandas().set_index("customer")
        for day, batches in parts.items()
    }


def spending_between(con: Connection, job: Job, known: History) -> pd.DataFrame | None:
    """All that was spent, a row per customer and day; None where there are no orders."""
    if known.first_on is None or known.last_on is None:
        return None
    return spending_of(con, job, Window(known.first_on, days_after(known.last_on, 1)))
