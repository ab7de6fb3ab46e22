"""How many weeks it took from each as_of until a customer was silent, as far as that was known.

A customer is silent from a day on when the label of that day would say so: no purchase in the
horizon that begins with it. The lifetime runs from as_of to the first such day, so that the week
of somebody whom the label of as_of calls lost is the first.
"""

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from features.clock import HorizonNotObserved, Window, days_after, days_between
from features.gaps import purchase_days
from features.labels import returns_query
from features.settings import ChurnDefinition
from features.sql import listing
from features.warehouse import Connection

WEEK_DAYS = 7


def build_lifetimes(
    con: Connection,
    as_ofs: Sequence[date],
    definition: ChurnDefinition,
    known_until: date,
    weeks: int,
) -> pa.Table:
    """Weeks until silence of every customer, one row per as_of and customer, sorted by both.

    Everybody of one as_of is watched for equally long: until the newest day whose horizon is over.
    A purchase after that day would show that its customer was not silent yet, but only those who
    go on buying make such purchases; to watch them for longer than the others would make the
    lifetimes of all look longer (informative censoring), so it is not used. A silence that is not
    whole yet is no silence: its customer outlasts the weeks that were watched.

    Parameters
    ----------
    con
        Connection to a warehouse with a star that has orders.
    as_ofs
        Distinct days.
    definition
        Of silent churn. Its gap is how long it takes to act, and delays nobody's silence: it plays
        no part here.
    known_until
        Purchases before this day are seen, and no others.
    weeks
        Most weeks to watch, from 1 on.

    Returns
    -------
    pyarrow.Table
        customer (string), as_of (date32), weeks (int32: how many the customer was watched for, the
        last of them with the end where there is one), ended (bool).

    Raises
    ------
    HorizonNotObserved
        When the data end before ``known_until``, or an as_of has not a single week that is over.
    """
    _require_data(con, known_until)
    horizon = definition.horizon_days
    watched = {day: weeks_watched(day, horizon, known_until, weeks) for day in as_ofs}
    _require_a_week(watched, horizon, known_until)
    windows = {day: Window(day, days_after(day, horizon)) for day in as_ofs}
    asked = listing(f"(DATE '{day}', {count})" for day, count in watched.items())
    return con.sql(f"""
        WITH everyone AS (SELECT DISTINCT customer, customer_key FROM dim_customer),
            days AS (SELECT * FROM (VALUES {asked}) AS d (as_of, watched)),
            returns AS ({returns_query(windows)}),
            silences AS ({_silences(horizon, known_until)}),
            ends AS (
                SELECT as_of, customer_key, min(silent_on) AS silent_on
                FROM days JOIN silences ON silent_on > as_of GROUP BY as_of, customer_key),
            waited AS (
                SELECT customer, as_of, watched,
                    CASE WHEN returned_on IS NULL THEN 0 ELSE silent_on - as_of END
                        // {WEEK_DAYS} + 1 AS week
                FROM everyone CROSS JOIN days
                    LEFT JOIN returns USING (as_of, customer_key)
                    LEFT JOIN ends USING (as_of, customer_key))
        SELECT customer, as_of, CAST(least(coalesce(week, watched), watched) AS INTEGER) AS weeks,
            coalesce(week <= watched, false) AS ended
        FROM waited ORDER BY as_of, customer""").to_arrow_table()


def weeks_watched(as_of: date, horizon_days: int, known_until: date, most: int) -> int:
    """Whole weeks from as_of on whose every day has a horizon that was over; 0 where none is.

    Parameters
    ----------
    as_of
        First day of the first week.
    horizon_days
        Days without a purchase that make a silence.
    known_until
        First day that was not seen.
    most
        Upper bound.
    """
    over = days_between(as_of, known_until) - horizon_days + 1
    return max(0, min(over // WEEK_DAYS, most))


def _silences(horizon_days: int, known_until: date) -> str:
    """SELECT of customer_key and silent_on: first days without a purchase for a whole horizon."""
    return f"""
        SELECT customer_key, ordered_on + 1 AS silent_on FROM (
            SELECT customer_key, ordered_on, lead(ordered_on) OVER (
                PARTITION BY customer_key ORDER BY ordered_on) AS returned_on
            FROM ({purchase_days(known_until)}))
        WHERE coalesce(returned_on, DATE '{known_until}') - ordered_on > {horizon_days}"""


def _require_data(con: Connection, known_until: date) -> None:
    (last_on,) = con.execute("SELECT max(ordered_on) FROM fact_sales").fetchall()[0]
    if last_on is None or days_after(last_on, 1) < known_until:
        message = (
            f"lifetimes known until {known_until} need orders up to {days_after(known_until, -1)}, "
            f"but the warehouse ends on {last_on}; use a day up to "
            f"{days_after(last_on, 1) if last_on else 'none: load orders first'}"
        )
        raise HorizonNotObserved(message)


def _require_a_week(watched: dict[date, int], horizon_days: int, known_until: date) -> None:
    early = [day for day, count in watched.items() if count == 0]
    if early:
        needed = horizon_days + WEEK_DAYS - 1
        message = (
            f"lifetimes need a week and a horizon of {horizon_days} days that are over, but for "
            f"as_of={', '.join(map(str, early))} they are not by {known_until}; use as_of <= "
            f"{days_after(known_until, -needed)}"
        )
        raise HorizonNotObserved(message)
