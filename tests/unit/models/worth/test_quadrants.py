"""Friends, butterflies, barnacles and strangers."""

import re

import numpy as np
import pandas as pd
import pytest

from models.worth.quadrants import UNKNOWN, QuadrantsUnclear, quadrants, still_active
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


@pytest.mark.parametrize("name", ["profit", "duration"])
def test_a_customer_who_is_named_twice_is_refused(name: str) -> None:
    twice = pd.concat([PROFIT, PROFIT.iloc[:2]])
    given = {"profit": PROFIT, "duration": STAYS, name: twice}
    text = f"quadrants need each customer once, but 2 of 7 rows of {name} name one again; sum them"
    with pytest.raises(QuadrantsUnclear, match=f"^{re.escape(text)}$"):
        quadrants(given["profit"], given["duration"])


def test_an_infinite_profit_is_refused_and_an_infinite_stay_is_high() -> None:
    text = (
        "quadrants need a finite profit, or none where it is not known, but 1 of 5 are infinite; "
        "mend them"
    )
    with pytest.raises(QuadrantsUnclear, match=f"^{re.escape(text)}$"):
        quadrants(PROFIT.replace(100.0, np.inf), STAYS)
    assert quadrants(PROFIT, STAYS.replace(0.9, np.inf)).quadrant["a"] == "friends"


def test_where_nobody_is_known_nobody_has_a_quadrant() -> None:
    found = quadrants(PROFIT * np.nan, STAYS)
    assert set(found.quadrant) == {UNKNOWN}
    assert np.isnan(found.profit_from)
