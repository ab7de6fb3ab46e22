"""Whom a behaviour table has a row for."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import date

from features.errors import RegularsError
from features.settings import Cohort


class CohortEmpty(RegularsError):
    """Nobody meets the cohort rule at an as_of."""


def require_rule(cohort: Cohort, *, has_orders: bool) -> None:
    """Refuse a rule that chooses customers by orders where there are none.

    Raises
    ------
    CohortEmpty
        Saying what to set.
    """
    if cohort.contract == "none" and not has_orders:
        message = (
            "a cohort needs orders, or behaviour.cohort.contract: active with a customers table, "
            "but the config has neither"
        )
        raise CohortEmpty(message)


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


def described(cohort: Cohort) -> str:
    """The rule in words, such as ``at least 2 orders, the last within 56 days``."""
    if cohort.contract != "none":
        return "an active contract" if cohort.contract == "active" else "a prospect's profile"
    orders = "1 order" if cohort.min_orders == 1 else f"{cohort.min_orders} orders"
    if cohort.active_within_days is None:
        return f"at least {orders} ever"
    return f"at least {orders}, the last within {cohort.active_within_days} days"
