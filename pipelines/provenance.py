"""Where a training's rows come from, and whom they leave out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from features.coverage import Coverage, coverage
from features.loads import Tally, tallies
from features.quarantine import rows_by_rule
from features.star import History
from features.warehouse import Connection
from pipelines.config import Business


@dataclass(frozen=True)
class Provenance:
    """What the warehouse held when a training began.

    Attributes
    ----------
    known
        Range of days and counts.
    as_of
        The day of the test, on which `coverage` counts.
    coverage
        Whom the warehouse knew on that day.
    tallies
        What became of the rows of each source.
    broken
        Rows set aside, by source and rule.
    """

    known: History
    as_of: date
    coverage: Coverage
    tallies: tuple[Tally, ...]
    broken: Mapping[str, int]


def provenance_of(con: Connection, business: Business, known: History, as_of: date) -> Provenance:
    """The provenance of what a connection's warehouse holds."""
    sources = business.sources
    return Provenance(
        known,
        as_of,
        coverage(con, sources, as_of),
        tuple(tallies(con)),
        rows_by_rule(con, tuple(sources.given())),
    )
