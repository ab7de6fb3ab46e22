"""On which days rules are mined, and on which later ones they are confirmed."""

from dataclasses import dataclass

from features.clock import HorizonNotObserved, OutsideHistory, Window, days_after
from features.errors import RegularsError
from features.star import History
from pipelines.rule_settings import Rules


class OrdersMissing(RegularsError):
    """Rules were asked of a business that records no orders."""


@dataclass(frozen=True)
class RuleDays:
    """Two windows without a day in common, the second right after the first."""

    mined: Window
    confirmed: Window


def rule_days(rules: Rules, known: History, *, has_orders: bool) -> RuleDays:
    """Days before ``rules.test_as_of`` and those from it on.

    Parameters
    ----------
    rules
        Section of the config.
    known
        What the warehouse holds.
    has_orders
        Whether the config has orders.

    Raises
    ------
    OrdersMissing
        When there is nothing that could be bought together.
    OutsideHistory
        When no orders lie before the test.
    HorizonNotObserved
        When the orders end before the days of the confirmation do.
    """
    first, last = known.first_on, known.last_on
    if not has_orders or first is None or last is None:
        message = (
            "rules need sources.orders, which say what was bought together, but this config has "
            "none; name a file of orders"
        )
        raise OrdersMissing(message)
    newest = days_after(last, 1 - rules.confirm_days)
    test = newest if rules.test_as_of is None else rules.test_as_of
    if test <= first:
        message = (
            f"rules that are tested from {test} on need orders before that day, but the warehouse "
            f"has orders from {first} to {last}; use rules.test_as_of from {days_after(first, 1)} "
            f"to {newest}, or fewer rules.confirm_days than {rules.confirm_days}"
        )
        raise OutsideHistory(message)
    if test > newest:
        message = (
            f"rules that are confirmed on the {rules.confirm_days} days from {test} on need orders "
            f"up to {days_after(test, rules.confirm_days - 1)}, but the warehouse ends on {last}; "
            f"use rules.test_as_of up to {newest}, or fewer rules.confirm_days"
        )
        raise HorizonNotObserved(message)
    start = first if rules.mine_days is None else max(first, days_after(test, -rules.mine_days))
    return RuleDays(Window(start, test), Window(test, days_after(test, rules.confirm_days)))
