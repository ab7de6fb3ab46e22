"""Who has a tier above the usual one, what is known of them, and what became of it."""

import re

import numpy as np
import pandas as pd
import pytest

from models.up_sell.candidates import HABITS, LabelsNotObserved, UpPairs, snapshot
from models.up_sell.settings import PairsWanted
from tests.up_shop import purchases, tiers

Line = tuple[str, int, str] | tuple[str, int, str, int]
LAST: Line = ("z", 400, "good")
"""So that the records end late enough."""


def found(*lines: Line, as_of: int = 300, horizon: int | None = 28) -> UpPairs:
    return snapshot(purchases(*lines, LAST), tiers(), as_of, horizon)


def figure(pairs: UpPairs, name: str, row: int = 0) -> float:
    return float(pairs.figures[row, pairs.columns.index(name)])


def test_the_next_tier_above_the_usual_one_is_offered() -> None:
    pairs = found(("a", 250, "good"), ("a", 270, "good"), ("a", 280, "better"))
    assert pairs.keys.to_dict("records") == [
        {"customer": "a", "need": "coffee 0", "tier": 0, "to_tier": 1}
    ]


def test_newer_purchases_count_for_more_in_what_is_usual() -> None:
    pairs = found(("a", 10, "good"), ("a", 20, "good"), ("a", 280, "better"), ("a", 290, "good", 0))
    assert pairs.keys["tier"].tolist() == [1]


def test_of_equals_the_higher_tier_is_usual() -> None:
    pairs = found(
        ("a", 280, "good"), ("a", 280, "better"), ("a", 290, "good"), ("a", 290, "better")
    )
    assert pairs.keys["tier"].tolist() == [1]


def test_who_buys_the_best_is_offered_nothing() -> None:
    assert len(found(("a", 280, "best"), ("a", 290, "best"))) == 0


def test_who_bought_once_or_long_ago_is_left_out() -> None:
    lines: list[Line] = [("a", 290, "good"), ("b", 100, "good"), ("b", 117, "good")]
    assert len(found(*lines)) == 0
    wanted = PairsWanted(days_least=1, active_days=183)
    some = snapshot(purchases(*lines, LAST), tiers(), 300, wanted=wanted)
    assert some.keys["customer"].tolist() == ["a", "b"]


@pytest.mark.parametrize(
    ("day", "level", "expected"),
    [
        (300, "better", True),
        (327, "best", True),
        (328, "better", False),
        (299, "better", False),
        (310, "good", False),
    ],
)
def test_the_outcome_is_something_above_within_the_horizon(
    day: int,
    level: str,
    expected: bool,  # noqa: FBT001
) -> None:
    pairs = found(("a", 280, "good"), ("a", 290, "good"), ("a", day, level))
    assert pairs.bought is not None
    assert pairs.bought.tolist() == [expected]


def test_one_above_beside_the_usual_one_counts() -> None:
    lines: list[Line] = [("a", 280, "good"), ("a", 290, "good")]
    pairs = found(*lines, ("a", 310, "good", 5), ("a", 310, "better"))
    assert pairs.bought is not None
    assert pairs.bought.all()


@pytest.mark.parametrize(
    ("day", "expected"), [(None, "never above"), (119, "above long ago"), (120, "above lately")]
)
def test_who_alternates_is_not_new(day: int | None, expected: str) -> None:
    lines: list[Line] = [("a", each, "good") for each in (118, 270, 280, 290)]
    pairs = found(*lines, *([] if day is None else [("a", day, "better")]))
    assert [HABITS[code] for code in pairs.habit] == [expected]
    assert pairs.is_new.tolist() == [expected != "above lately"]


def test_figures_of_a_customer_and_a_need() -> None:
    pairs = found(
        ("a", 200, "good", 3), ("a", 240, "better"), ("a", 280, "good"), ("b", 290, "better")
    )
    expected = {
        "days_in_need": 3,
        "days_in_need_56d": 1,
        "days_since_last": 20,
        "days_since_first": 100,
        "gap_days_mean": 40,
        "overdue": 0.5,
        "units_per_day": 5 / 3,
        "amount_in_need": 550,
        "usual_share": 2 / 3,
        "share_above": 1 / 3,
        "days_above": 1,
        "days_above_56d": 0,
        "days_above_faded": 0.5 ** (60 / 56),
        "days_since_above": 60,
        "last_step": 0,
        "top_step": 1,
        "customer_days": 3,
        "customer_amount": 550,
        "customer_needs": 1,
        "tier": 0,
        "tiers": 3,
        "price_ratio": 1.5,
        "price_usual": 100,
        "price_position": 1,
        "need_above_share": 0.5,
        "need_top_share": 0,
        "need_customers": 2,
    }
    assert {name: figure(pairs, name) for name in expected} == pytest.approx(expected)
    assert np.isnan(figure(pairs, "other_level_mean"))


def test_the_level_in_other_needs_leaves_the_need_itself_out() -> None:
    bought = purchases(("a", 280, "good"), ("a", 290, "good"))
    other = purchases(("a", 250, "best"), ("a", 260, "better"))
    other["product"] = other["product"].str.replace("coffee 0", "coffee 1")
    pairs = snapshot(pd.concat([bought, other]), tiers(2), 300)
    of_first = pairs.where(pairs.keys["need"].eq("coffee 0").to_numpy())
    assert figure(of_first, "other_level_mean") == 0.75


def test_figures_are_unknown_where_there_is_nothing_to_divide_by() -> None:
    bought = purchases(("a", 100, "good"), ("a", 110, "good"), ("b", 290, "best"))
    pairs = snapshot(bought, tiers(), 300, wanted=PairsWanted(active_days=300))
    assert np.isnan(figure(pairs, "days_since_above"))
    assert np.isnan(figure(pairs, "price_ratio_28d"))


def test_outcomes_that_the_records_do_not_reach_are_an_error() -> None:
    message = (
        "outcomes for as_of=380 and a horizon of 28 days need purchases up to day 407, but they "
        "end on day 400; use an as_of of 373 or before, or a shorter horizon"
    )
    with pytest.raises(LabelsNotObserved, match=f"^{re.escape(message)}$"):
        found(("a", 280, "good"), as_of=380)


def test_a_horizon_of_no_day_is_an_error() -> None:
    message = "a horizon needs 1 day or more, but it is 0; ask for more"
    with pytest.raises(LabelsNotObserved, match=f"^{re.escape(message)}$"):
        found(("a", 280, "good"), ("a", 290, "good"), horizon=0)


def test_nobody_is_there() -> None:
    pairs = found()
    assert len(pairs) == 0
    assert pairs.figures.shape == (0, len(pairs.columns))


def test_figures_of_some_customers_are_those_among_everybody() -> None:
    lines: list[Line] = [
        (who, day, level)
        for who, level in (("a", "good"), ("b", "better"), ("c", "good"))
        for day in (250, 270, 290)
    ]
    bought = purchases(*lines, LAST)
    whole = snapshot(bought, tiers(), 300, 28)
    some = snapshot(bought, tiers(), 300, 28, customers=["c"])
    is_c = (whole.keys["customer"] == "c").to_numpy()
    assert some.keys["customer"].tolist() == ["c"]
    np.testing.assert_array_equal(some.figures, whole.figures[is_c])


def test_days_on_which_nothing_was_sold_may_be_known() -> None:
    bought = purchases(("a", 280, "good"), ("a", 290, "good"))
    found = snapshot(bought, tiers(), 300, 28, known_until=328)
    assert found.bought is not None
    assert found.bought.tolist() == [False]
    with pytest.raises(LabelsNotObserved, match="but they end on day 326; use an as_of of 299 or"):
        snapshot(bought, tiers(), 300, 28, known_until=327)
