"""Moves between tiers, first steps up and who stays there, by hand."""

import numpy as np
import pandas as pd
import pytest

from models.proportions import wilson
from models.up_sell.transitions import Transitions, transitions
from tests.up_shop import purchases, tiers


def found(*lines: tuple[str, int, str] | tuple[str, int, str, int]) -> Transitions:
    return transitions(purchases(*lines), tiers(), 100, within_days=30)


def move(told: Transitions, source: int, target: int) -> dict[str, object]:
    ends = told.moves[["from_tier", "to_tier"]].to_numpy()
    (row,) = told.moves[(ends == [source, target]).all(axis=1)].to_dict("records")
    return {str(name): value for name, value in row.items()}


def test_a_move_is_from_one_purchase_day_to_the_next() -> None:
    told = found(("a", 10, "good"), ("a", 20, "better"), ("a", 24, "better"), ("a", 30, "good"))
    up, same, down = (move(told, *ends) for ends in ((0, 1), (1, 1), (1, 0)))
    assert (up["direction"], up["moves"], up["days"]) == ("up", 1, 10.0)
    assert (same["direction"], same["moves"], same["days"]) == ("same", 1, 4.0)
    assert (down["direction"], down["moves"], down["days"]) == ("down", 1, 6.0)


def test_shares_are_of_customers_with_a_day_after_one_of_the_tier() -> None:
    told = found(
        *(("a", 10, "good"), ("a", 20, "better"), ("a", 30, "good"), ("a", 40, "better")),
        *(("b", 10, "good"), ("b", 20, "good"), ("c", 10, "good")),
    )
    up = move(told, 0, 1)
    assert (up["moves"], up["customers"], up["customers_from"]) == (2, 1, 2)
    interval = wilson(1, 2)
    assert (up["share"], up["low"], up["high"]) == (0.5, interval.low, interval.high)


def test_the_tier_of_a_day_is_the_one_with_most_units_and_of_equals_the_highest() -> None:
    told = found(
        *(("a", 10, "good", 2), ("a", 10, "best"), ("a", 20, "good"), ("a", 20, "better")),
    )
    assert told.moves[["from_tier", "to_tier"]].to_numpy().tolist() == [[0, 1]]


def test_a_purchase_on_as_of_is_not_seen() -> None:
    told = found(("a", 99, "good"), ("a", 100, "better"))
    assert len(told.moves) == 0
    assert told.steps["stepped"].sum() == 0


def test_the_wait_for_a_step_counts_those_who_have_not_stepped() -> None:
    told = found(
        *(("a", 10, "good"), ("a", 20, "better")),
        *(("b", 10, "good"), ("b", 30, "best")),
        *(("c", 40, "good"), ("d", 95, "good")),
    )
    good = told.steps.set_index("tier").loc[0]
    assert (good["customers"], good["stepped"], good["share"]) == (4, 2, 0.5)
    # At risk: d is open after 4 days, a steps after 10, b after 20, c is open after 59.
    assert good["days_p50"] == 20.0
    assert good["within_share"] == pytest.approx(1 - 2 / 3 * 1 / 2)


def test_an_open_wait_lasts_until_the_day_before_as_of() -> None:
    # The last day seen is 99: b, from day 70 on, was watched for 29 days, and from day 69 for 30.
    some = (("a", 10, "good"), ("a", 30, "better"))
    short, long = (found(*some, ("b", day, "good")).steps.loc[0] for day in (70, 69))
    assert np.isnan(short["within_share"])
    assert long["within_share"] == 0.5
    # Who would have to step on as_of itself is not at risk then: c's step alone counts at 30 days.
    told = found(("c", 10, "good"), ("c", 40, "better"), ("b", 70, "good")).steps.loc[0]
    assert (told["within_share"], told["days_p50"]) == (1.0, 30.0)


def test_who_began_above_takes_no_first_step_from_below() -> None:
    told = found(("a", 10, "better"), ("a", 20, "good"), ("a", 30, "better"))
    steps = told.steps.set_index("tier")["customers"]
    assert steps.to_dict() == {0: 0, 1: 1}


def test_staying_is_told_by_the_next_purchase_and_by_most_of_them() -> None:
    told = found(
        *(("a", 1, "good"), ("a", 2, "better"), ("a", 3, "better"), ("a", 4, "good")),
        ("a", 5, "good"),
        *(("b", 1, "good"), ("b", 2, "better"), ("b", 3, "good"), ("b", 4, "best")),
        ("b", 5, "better"),
        *(("c", 1, "good"), ("c", 2, "better")),
    )
    good = told.steps.set_index("tier").loc[0]
    assert (good["stepped"], good["returned"]) == (3, 2)
    assert (good["kept_next"], good["kept_mostly"]) == (0.5, 0.5)
    assert (good["kept_low"], good["kept_high"]) == (wilson(1, 2).low, wilson(1, 2).high)


def test_nothing_was_bought() -> None:
    told = transitions(purchases(), tiers(), 100)
    assert len(told.moves) == 0
    assert told.steps["customers"].tolist() == [0, 0]
    assert told.steps["share"].isna().all()


def test_returns_and_products_without_a_tier_are_left_out() -> None:
    bought = purchases(("a", 10, "good"), ("a", 20, "better"))
    odd = bought.assign(product="a newspaper")
    unknown = bought.assign(product=None)
    nobody = bought.assign(customer=None)
    back = bought.assign(quantity=-1.0, day=bought["day"] + 5)
    some = pd.concat([bought, odd, unknown, nobody, back], ignore_index=True)
    told = transitions(some, tiers(), 100)
    assert told.moves["moves"].tolist() == [1]
    assert not np.isnan(told.moves["share"]).any()
