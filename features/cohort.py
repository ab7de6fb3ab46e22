"""Whom a behaviour table has a row for."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import date

import duckdb

from features.errors import RegularsError
from features.settings import Cohort


class CohortEmpty(RegularsError):
    """Nobody meets the cohort rule at an as_of."""


def select_cohort(con: duckdb.DuckDBPyConnection, cohort: Cohort, *, has_orders: bool) -> set[date]:
    """Days that have customers; makes ``cohort``: one row per as_of and customer in the rule.

    Needs the relations of `features.past`.

    Raises
    ------
    CohortEmpty
        When the config gives nothing to choose customers by.
    """
    if cohort.contract == "active":
        rule = """
            SELECT as_of, customer_key FROM past_profile
            SEMI JOIN (SELECT customer_key FROM dim_customer JOIN stg_customers USING (customer))
            USING (customer_key)"""
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
    return {row[0] for row in con.execute("SELECT DISTINCT as_of FROM cohort").fetchall()}


def require_somebody(as_ofs: Iterable[date], found: AbstractSet[date], cohort: Cohort) -> None:
    """Refuse days on which nobody meets the rule.

    Raises
    ------
    CohortEmpty
        Naming the days and the rule.
    """
    empty = [as_of for as_of in as_ofs if as_of not in found]
    if empty:
        message = (
            f"a behaviour table needs customers, but nobody meets {described(cohort)} at "
            f"as_of={', '.join(map(str, empty))}; widen behaviour.cohort or choose another date"
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
