"""What is known of others before an as_of: of everybody, and of a customer's like.

SQL that all engines share, over ``asked`` (one row per as_of) and the relations of the star. Small:
one row per as_of, or per as_of and group. A group is a store, or a value of an attribute.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from features.contract import Shape
from features.daily import PURCHASE
from features.sql import identifier
from features.terms import Atom, Measure, Term, Things, of

EVERYONE = """
    SELECT as_of, sum(CAST(d.gaps AS DOUBLE)) AS everyone_gaps,
        sum(CAST(d.gap_days AS DOUBLE)) AS everyone_gap_days,
        sum(CAST(d.gap_logs AS DOUBLE)) AS everyone_gap_logs,
        sum(CAST(d.gap_log_squares AS DOUBLE)) AS everyone_gap_log_squares,
        CAST(max(as_of_day - day) AS DOUBLE) AS everyone_days
    FROM (SELECT day, sum(gaps) AS gaps, sum(gap_days) AS gap_days, sum(gap_logs) AS gap_logs,
              sum(gap_logs * gap_logs) AS gap_log_squares
          FROM customer_day GROUP BY day) AS d
    JOIN asked ON day < as_of_day GROUP BY as_of"""
"""Over all customers: gaps between days with an order, the days in them, their logarithms and the
squares of those (in thousandths, see `features.daily`), and the days since anybody's first line."""

PEERS_DAYS = 91
"""Window in which customers are held against their like, or that of the config that is nearest."""

STORE = "store"
"""The group of customers who mostly buy at one store; other groups are attributes."""


def group_of(shape: Shape, by: str) -> Term:
    """The group that a customer belongs to at an as_of: key of the main store, or the attribute."""
    if by == STORE:
        return Things("stores").leader(Measure("stores", "lines"), shape.nearest(PEERS_DAYS))
    return of(Atom("given", "profile", f"profile_{by}"))


def peers_mean(shape: Shape, by: str) -> Term:
    """Mean spend, in minor units, of the customers of the group who bought in the window."""
    mean = of(Atom("given", "peers", f"peers_{by}"))
    return Term(mean.sql, mean.atoms | group_of(shape, by).atoms)


def peers_query(shape: Shape, by: str, as_ofs: Sequence[date]) -> str:
    """SELECT of as_of, peer (the group) and mean_spend, one row per group with a buyer.

    Spend at a store counts for that store, whoever's main store it is.

    Parameters
    ----------
    shape
        Its windows decide how far it looks back.
    by
        `STORE`, or an attribute.
    as_ofs
        Days.
    """
    window = timedelta(days=shape.nearest(PEERS_DAYS))
    parts = [_at_store(day, window) if by == STORE else _alike(day, window, by) for day in as_ofs]
    return " UNION ALL ".join(parts)


def _seen(as_of: date, window: timedelta) -> str:
    return f"{PURCHASE} AND ordered_on >= DATE '{as_of - window}' AND ordered_on < DATE '{as_of}'"


_MEAN = "CAST(sum(amount) AS DOUBLE) / count(DISTINCT customer_key) AS mean_spend"


def _at_store(as_of: date, window: timedelta) -> str:
    return f"""SELECT DATE '{as_of}' AS as_of, store_key AS peer, {_MEAN} FROM fact_sales
        WHERE {_seen(as_of, window)} AND store_key IS NOT NULL GROUP BY store_key"""


def _alike(as_of: date, window: timedelta, by: str) -> str:
    value = identifier(f"profile_{by}")
    return f"""SELECT DATE '{as_of}' AS as_of, {value} AS peer, {_MEAN}
        FROM (SELECT customer_key, amount FROM fact_sales WHERE {_seen(as_of, window)}) AS s
        JOIN (SELECT customer_key, {value} FROM profile WHERE as_of = DATE '{as_of}') AS p
            USING (customer_key)
        WHERE {value} IS NOT NULL GROUP BY {value}"""
