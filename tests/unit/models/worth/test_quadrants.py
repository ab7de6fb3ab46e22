"""Friends, butterflies, barnacles and strangers."""

import numpy as np
import pandas as pd
import pytest

from models.worth.quadrants import UNKNOWN, quadrants, still_active
from tests.till_rolls import bought, cell, row

PROFIT = pd.Series({"a": 100.0, "b": 90.0, "c": 5.0, "d": -5.0, "e": np.nan})
STAYS = pd.Series({"a": 0.9, "b": 0.1, "c": 0.8, "d": 0.0, "e": 0.5})


def test_profit_and_duration_name_the_quadrant() -> None:
    found = quadrants(PROFIT, STAYS, profit_from=50.0, duration_from=0.5)
    assert found.quadrant.to_dict() == {
        "a": "friends",
        "b": "butterflies",
        "c": "barnacles",
        "d": "strangers",
        "e": UNKNOWN,
    }
    table = found.table.set_index("quadrant")
    assert row(table, "friends") == [1, 0.2, 100.0, 100 / 190]
    assert cell(table, "strangers", "profit") == -5.0


def test_unless_cut_elsewhere_the_median_is_high() -> None:
    found = quadrants(PROFIT.iloc[:3], STAYS.iloc[:3])
    assert (found.profit_from, found.duration_from) == (90.0, 0.8)
    assert found.quadrant.tolist() == ["friends", "butterflies", "barnacles"]


def test_eight_of_twelve_months_and_four_orders_leave_a_fifth() -> None:
    lines = bought(
        *(("four", day, 1.0) for day in (0, 30, 60, 240)),
        *(("two", day, 1.0) for day in (0, 240)),
        ("one", 350, 1.0),
    )
    found = still_active(lines, 360, 360)
    assert found["four"] == pytest.approx((8 / 12) ** 4)
    assert found["two"] == pytest.approx((8 / 12) ** 2)
    assert found["one"] == 0.0
