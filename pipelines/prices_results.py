"""What the result of a training of prices looks like on the terminal, line by line."""

from pipelines.jobs import Job
from pipelines.prices_train import PricesTrained
from pipelines.prices_words import (
    group_rows,
    headline,
    item_rows,
    notes,
    refused_rows,
    test_rows,
    tested,
)
from pipelines.proposal_words import Rows
from pipelines.results import table

GROUPS = 10
"""Groups of the widest level that are named."""

ITEMS = 5


def trained(job: Job, result: PricesTrained) -> list[str]:
    """The answer, the widest groups, items that follow the price most, the test and refusals."""
    found = result.found
    told = [group_rows(found, level, GROUPS) for level in found.levels[:1]]
    strongest = item_rows(found, "price", job.business.currency, strongest=True)
    told.append(Rows(strongest.heading, "", strongest.columns, strongest.cells[:ITEMS]))
    told += [] if found.test is None else [test_rows(found.test)]
    lines = ["", headline(found), f"  {tested(found.test, found.test_weeks)}"]
    for rows in [*told, refused_rows(found)]:
        if rows.cells:
            lines += ["", rows.heading, *table([rows.columns, *rows.cells])]
    lines += ["", *(f"  Note: {note}" for note in notes(found))]
    return [*lines, f"  page  {result.page}", f"  tables  prices.parquet of run {result.run_id}"]
