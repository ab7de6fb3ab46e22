"""Days of customers and needs, whichever lines are added up at a time."""

import numpy as np
import pandas as pd
import pytest

from models.up_sell import need_days as module
from models.up_sell.need_days import NeedDays, need_days
from tests.up_shop import Shop, made_up, tiers

COLUMNS = ("customer", "need", "day", "tier", "top", "units", "amount", "margin")
AS_OF = 200


def same(one: NeedDays, other: NeedDays) -> None:
    assert one.customers.equals(other.customers)
    for name in COLUMNS:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
        assert getattr(one, name).dtype == getattr(other, name).dtype
    pd.testing.assert_frame_equal(one.parts, other.parts, check_exact=True)


@pytest.mark.parametrize("lines", [1, 7, 100])
def test_neither_blocks_nor_the_order_of_lines_change_a_day(
    lines: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bought = made_up(Shop(customers=20, needs=2))
    bought["margin"] = bought["amount"] / 3  # sums that depend on their order
    whole = need_days(bought, tiers(2), AS_OF)
    monkeypatch.setattr(module, "_LINES_AT_ONCE", lines)
    same(need_days(bought, tiers(2), AS_OF), whole)
    same(need_days(bought.sample(frac=1, random_state=1), tiers(2), AS_OF), whole)


def test_where_nothing_was_bought_there_are_no_days() -> None:
    found = need_days(made_up(Shop(customers=3, needs=1)), tiers(), 0)
    assert len(found.day) == len(found.parts) == len(found.customers) == 0
    assert found.starts.tolist() == [0]
