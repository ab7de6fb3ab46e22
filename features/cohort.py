"""Whom a behaviour table has a row for."""

import duckdb

from features.errors import RegularsError
from features.settings import Cohort


class CohortEmpty(RegularsError):
    """Nobody meets the cohort rule at an as_of."""


def select_cohort(con: duckdb.DuckDBPyConnection, cohort: Cohort, *, has_orders: bool) -> None:
    """Make the table ``cohort``: one row per as_of and customer who meets the rule.

    Needs the relations of `features.past`.

    Raises
    ------
    CohortEmpty
        When an as_of has no customer, naming it and the rule.
    """
    if cohort.contract == "active":
        rule = "SELECT as_of, customer_key FROM past_profile"
    elif has_orders:
        rule = f"""
            SELECT as_of, customer_key FROM past_day GROUP BY as_of, customer_key
            HAVING sum(orders) >= {cohort.min_orders} AND {_recent(cohort)}"""
    else:
        message = (
            "a cohort needs orders, or behaviour.cohort.contract: active with a customers table, "
            "but the config has neither"
        )
        raise CohortEmpty(message)
    con.execute(f"""
        CREATE OR REPLACE TEMP TABLE cohort AS
        SELECT as_of, customer_key, customer FROM ({rule})
        JOIN (SELECT DISTINCT customer_key, customer FROM dim_customer) USING (customer_key)""")
    empty = con.execute(
        "SELECT as_of FROM asked ANTI JOIN cohort USING (as_of) ORDER BY as_of"
    ).fetchall()
    if empty:
        dates = ", ".join(str(row[0]) for row in empty)
        message = (
            f"a behaviour table needs customers, but nobody meets {described(cohort)} at "
            f"as_of={dates}; widen behaviour.cohort or choose another date"
        )
        raise CohortEmpty(message)


def _recent(cohort: Cohort) -> str:
    if cohort.active_within_days is None:
        return "true"
    return f"min(CASE WHEN is_purchase THEN age_days END) <= {cohort.active_within_days}"


def described(cohort: Cohort) -> str:
    """The rule in words, such as ``at least 2 orders, the last within 56 days``."""
    if cohort.contract == "active":
        return "an active contract"
    orders = "1 order" if cohort.min_orders == 1 else f"{cohort.min_orders} orders"
    if cohort.active_within_days is None:
        return f"at least {orders} ever"
    return f"at least {orders}, the last within {cohort.active_within_days} days"
