"""What is told of items by week is of that week and before, and of the same weeks a year ago."""

import numpy as np
import pandas as pd
import pytest

from models.next_basket.item_facts import price_facts, season_facts


def test_what_is_known_of_an_item_after_a_week_is_of_that_week_and_the_three_before() -> None:
    sold = pd.DataFrame(
        {
            "item": ["milk", "milk", "milk", "tea"],
            "day": [70, 71, 77, 98],
            "is_discounted": [True, False, True, False],
            "price": [1.0, 2.0, 4.5, 3.0],
        }
    )
    found = price_facts(sold)
    milk = found[found["item"] == "milk"].drop(columns="item")
    wanted = [
        [1 / 2, 1 / 2, np.nan, 76],
        [1, 2 / 3, np.nan, 83],
        [np.nan, 2 / 3, np.nan, 90],
        [np.nan, 2 / 3, np.nan, 97],  # nothing was sold before these four weeks
        [np.nan, 1, 4.5 - 1.5, 104],
        [np.nan, np.nan, np.nan, 111],
    ]
    assert milk.columns.tolist() == [
        "discount_share_7d",
        "discount_share_28d",
        "price_over_usual",
        "day",
    ]
    np.testing.assert_allclose(milk.to_numpy(dtype=np.float64), wanted)


def weekly(counts: dict[str, dict[int, int]]) -> pd.DataFrame:
    """So many purchases of each item in the middle of each week."""
    rows = [
        (item, 7 * week + 3)
        for item, of in counts.items()
        for week, n in of.items()
        for _ in range(n)
    ]
    return pd.DataFrame(rows, columns=["item", "day"])


def test_the_season_is_what_the_coming_four_weeks_were_a_year_ago() -> None:
    every_week = dict.fromkeys(range(10, 64), 1)
    christmas = {10: 6, 13: 6, 40: 1}  # twelve of thirteen in the first four weeks
    found = season_facts(weekly({"milk": every_week, "nuts": christmas}))
    assert found.columns.tolist() == ["item", "season", "day"]
    milk, nuts = (found[found["item"] == name] for name in ("milk", "nuts"))
    # Of weeks 10 to 61 the last is the first one with 52 weeks behind it; it ends on day 433.
    assert milk["day"].tolist() == [433, 440, 447]
    assert milk["season"].tolist() == pytest.approx([1, 1, 1])
    # Weeks 10 to 13, then 11 to 14, then 12 to 15, over a thirteenth of the year, each and one.
    wanted = [(12 + 1) / (13 / 13 + 1), (6 + 1) / (7 / 13 + 1), (6 + 1) / (7 / 13 + 1)]
    assert nuts["season"].tolist() == pytest.approx(wanted)


def test_less_than_a_year_tells_no_season() -> None:
    assert len(season_facts(weekly({"milk": dict.fromkeys(range(51), 1)}))) == 0


def test_an_item_has_no_season_before_it_was_first_bought() -> None:
    found = season_facts(weekly({"milk": dict.fromkeys(range(60), 1), "new": {55: 2}}))
    assert found.loc[found["item"] == "new", "day"].min() == 55 * 7 + 6


@pytest.mark.parametrize("later", [0, 5])
def test_what_is_bought_later_changes_no_season_told_before(later: int) -> None:
    known = weekly({"milk": dict.fromkeys(range(58), 1)})
    more = weekly({"milk": {58: later, 59: 1}})
    found = season_facts(pd.concat([known, more], ignore_index=True))
    before = season_facts(known)
    pd.testing.assert_frame_equal(found[found["day"] < 58 * 7].reset_index(drop=True), before)
