"""Rules are mined before a day and confirmed after it."""

from datetime import date
from typing import Any

import pytest

from features.clock import HorizonNotObserved, OutsideHistory, Window
from features.star import History
from pipelines.rule_days import OrdersMissing, RuleDays, rule_days
from pipelines.rule_settings import Rules
from tests.loading import fully

FIRST, LAST = date(2024, 1, 1), date(2024, 3, 31)
KNOWN = History(FIRST, LAST, 10, 2, 3, 0)


def found(known: History = KNOWN, *, has_orders: bool = True, **settings: Any) -> RuleDays:
    return rule_days(Rules.model_validate(settings), known, has_orders=has_orders)


def test_the_newest_days_confirm_what_was_mined_before() -> None:
    assert found(confirm_days=31) == RuleDays(
        Window(FIRST, date(2024, 3, 1)), Window(date(2024, 3, 1), date(2024, 4, 1))
    )


def test_a_day_of_the_test_and_a_window_can_be_asked_for() -> None:
    assert found(test_as_of=date(2024, 2, 1), mine_days=14, confirm_days=7) == RuleDays(
        Window(date(2024, 1, 18), date(2024, 2, 1)), Window(date(2024, 2, 1), date(2024, 2, 8))
    )
    assert found(mine_days=3650, confirm_days=31).mined.start == FIRST


def test_days_that_are_not_over_confirm_nothing() -> None:
    assert found(test_as_of=date(2024, 2, 5)).confirmed.end == date(2024, 4, 1)
    text = (
        "rules that are confirmed on the 56 days from 2024-02-06 on need orders up to 2024-04-01, "
        "but the warehouse ends on 2024-03-31; use rules.test_as_of up to 2024-02-05, or fewer "
        "rules.confirm_days"
    )
    with pytest.raises(HorizonNotObserved, match=fully(text)):
        found(test_as_of=date(2024, 2, 6))


def test_nothing_can_be_mined_before_the_first_order() -> None:
    text = (
        "rules that are tested from 2024-01-01 on need orders before that day, but the warehouse "
        "has orders from 2024-01-01 to 2024-03-31; use rules.test_as_of from 2024-01-02 to "
        "2024-02-05, or fewer rules.confirm_days than 56"
    )
    with pytest.raises(OutsideHistory, match=fully(text)):
        found(test_as_of=FIRST)
    with pytest.raises(OutsideHistory):
        found(confirm_days=91)
    assert found(confirm_days=90).mined == Window(FIRST, date(2024, 1, 2))


def test_a_business_without_orders_has_no_rules() -> None:
    text = (
        "rules need sources.orders, which say what was bought together, but this config has none; "
        "name a file of orders"
    )
    with pytest.raises(OrdersMissing, match=fully(text)):
        found(has_orders=False)
