"""How many customers would be called lost, for many horizons, cohorts and days in one pass.

The cohort is that of the behaviour table, and whether somebody returned is what the labels say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from features.behaviour import shape_of
from features.clock import days_after, label_window, require_observed
from features.gaps import purchase_days
from features.labels import LabelsMissing, build_labels, labelled_days, returns_query
from features.relations import Relation
from features.schemas import Sources
from features.segments import EVERYONE, Segments
from features.settings import Behaviour, ChurnDefinition, Cohort
from features.spelling import DuckDB
from features.sql import identifier
from features.statements import ORDERS, asked, atoms_of, atoms_query, cohort_query, profile_query
from features.warehouse import Connection


@dataclass(frozen=True)
class Candidates:
    """What a customer may have to do to be in the cohort, and to be called lost.

    Attributes
    ----------
    gap_days
        Days between as_of and the horizon.
    horizons_days
        Ascending.
    active_days
        Windows in which the last order may have to lie, ascending.
    most_orders
        Orders that may have to be there at the least; more are not told apart.
    """

    gap_days: int
    horizons_days: tuple[int, ...]
    active_days: tuple[int, ...]
    most_orders: int = 2


def returns(
    con: Connection,
    as_ofs: Sequence[date],
    candidates: Candidates,
    business: tuple[Sources, Behaviour],
    last_on: date,
) -> pa.Table:
    """Customers at each as_of by when they had bought last and when they bought next.

    Parameters
    ----------
    con
        Connection to a warehouse with a star that has orders.
    as_ofs
        Distinct days, at least one; each has the shortest horizon behind it.
    candidates
        A horizon that is not over for an as_of is not looked at there.
    business
        Sources and behaviour of the config. Its cohort counts where it asks for a contract;
        otherwise everyone who has ever ordered is there.
    last_on
        Last day of data; that day counts as observed.

    Returns
    -------
    pyarrow.Table
        Grain: as_of (date32), active_days (int32: the shortest window with an order in it; null: in
        none), orders (int32: so far, ``most_orders`` at most), returned_days (int32: the shortest
        horizon with a purchase in it; null: in none that is over). With customers (int64). Sorted.

    Raises
    ------
    HorizonNotObserved
        When not even the shortest horizon is over for an as_of.
    """
    settings = business[1]
    horizons, gap = candidates.horizons_days, candidates.gap_days
    windows = {}
    for as_of in as_ofs:
        require_observed(as_of, label_window(as_of, gap, horizons[0]), last_on)
        over = [days for days in horizons if days_after(as_of, gap + days - 1) <= last_on]
        windows[as_of] = label_window(as_of, gap, over[-1])
    cohort = settings.cohort if settings.cohort.contract != "none" else Cohort()
    waited = f"date_diff('day', as_of, returned_on) - {gap} + 1"
    return con.sql(f"""
        WITH {_members(as_ofs, cohort, business)},
            returns AS ({returns_query(windows)})
        SELECT as_of, {_shortest(candidates.active_days, ORDERS.since().sql)} AS active_days,
            CAST(least(coalesce({ORDERS.ever().sql}, 0), {candidates.most_orders}) AS INTEGER)
                AS orders,
            {_shortest(horizons, waited)} AS returned_days, count(*) AS customers
        FROM cohort LEFT JOIN atoms_purchases USING (as_of, customer_key)
            LEFT JOIN returns USING (as_of, customer_key)
        GROUP BY ALL ORDER BY ALL""").to_arrow_table()


def cohort_rates(
    con: Connection,
    as_ofs: Sequence[date],
    definition: ChurnDefinition,
    business: tuple[Sources, Behaviour],
    last_on: date,
) -> pa.Table:
    """Customers of the cohort and those of them who churned, by day, from orders alone.

    Parameters
    ----------
    con
        Connection to a warehouse with a star that has orders.
    as_ofs
        Distinct days, at least one.
    definition
        Silent: which days after an as_of decide.
    business
        Sources and behaviour of the config: whose cohort it is.
    last_on
        Last day that may be looked at; that day counts as observed.

    Returns
    -------
    pyarrow.Table
        Grain: as_of (date32); days without anybody in the cohort have no row. With customers,
        churned (int64). Sorted.

    Raises
    ------
    HorizonNotObserved
        When the horizon of a day reaches beyond ``last_on``.
    """
    windows = {}
    for as_of in as_ofs:
        window = label_window(as_of, definition.gap_days, definition.horizon_days)
        require_observed(as_of, window, last_on)
        windows[as_of] = window
    return con.sql(f"""
        WITH {_members(as_ofs, business[1].cohort, business)},
            returns AS ({returns_query(windows)})
        SELECT as_of, count(*) AS customers, count(*) FILTER (returned_on IS NULL) AS churned
        FROM cohort LEFT JOIN returns USING (as_of, customer_key)
        GROUP BY as_of ORDER BY as_of""").to_arrow_table()


def _members(as_ofs: Sequence[date], cohort: Cohort, business: tuple[Sources, Behaviour]) -> str:
    """Common tables up to ``cohort``: as_of and customer_key of everybody in it."""
    return f"""asked AS ({asked(as_ofs)}),
            atoms_purchases AS ({_orders_before(max(as_ofs))}),
            profile AS ({profile_query(shape_of(*business))}),
            cohort AS ({cohort_query(cohort, has_orders=True)})"""


def _orders_before(as_of: date) -> str:
    """The atoms of the cohort rule at every day that is asked for."""
    day = DuckDB().day_number("ordered_on")
    days = f"SELECT customer_key, {day} AS day, orders FROM ({purchase_days(as_of)})"
    return atoms_query(Relation("purchases", days), atoms_of((), Cohort()))


def _shortest(lengths: Sequence[int], days: str) -> str:
    """SQL of the shortest length that holds so many days."""
    cases = " ".join(f"WHEN {days} <= {length} THEN {length}" for length in lengths)
    return f"CAST(CASE {cases} END AS INTEGER)"


def labelled_rates(con: Connection, segments: Segments, before: date | None = None) -> pa.Table:
    """Customers and those who churned, as the labels table says, by day and segment.

    Parameters
    ----------
    con
        Connection to a warehouse with a labels table.
    segments
        What the customer was on the day before as_of; by orders, which a contract need not have,
        all are one segment.
    before
        Only labels of earlier days are seen; None: all.

    Returns
    -------
    pyarrow.Table
        Grain: as_of (date32), segment (string). With customers, churned (int64). Sorted.

    Raises
    ------
    LabelsMissing
        When the labels table has no row, or none that early.
    """
    known = labelled_days(con)
    days = [day for day in known if before is None or day < before]
    if not days:
        spoken = f"it begins on {known[0]} and --as-of is {before}" if known else "it has none"
        message = (
            f"label rates need rows of the labels table, but {spoken}; use a later day or look at "
            f"the files of sources.labels"
        )
        raise LabelsMissing(message)
    labels = build_labels(con, days, ChurnDefinition(kind="labelled"), max(days))
    with con.cursor() as own:
        own.register("told", labels)
        column = identifier(segments.attribute or "customer")
        named = segments.sql if segments.attribute else f"'{EVERYONE}'"
        return own.sql(f"""
            SELECT as_of, {named} AS segment, count(*) AS customers,
                count(*) FILTER (churned) AS churned
            FROM told LEFT JOIN (
                SELECT customer, valid_from_on, valid_to_on, {column} FROM dim_customer) AS held
            ON held.customer = told.customer AND valid_from_on < as_of
                AND (valid_to_on IS NULL OR valid_to_on >= as_of)
            GROUP BY ALL ORDER BY ALL""").to_arrow_table()
