"""Baskets of customers as whole numbers, and what is held out of them."""

import re

import numpy as np
import pandas as pd
import pytest

from models.next_basket.histories import HistoriesUnclear, histories_of, without_rare
from models.next_basket.targets import NothingToPredict, first_baskets, last_baskets
from tests.past_baskets import histories

ROWS = pd.DataFrame(
    {
        "who": ["b", "a", "a", "a", "a"],
        "at": pd.to_datetime(
            [
                "2024-01-02 08:00",
                "2024-01-03 23:59",
                "2024-01-03 00:00",
                "2024-01-03 05:00",
                "2024-01-01 00:00",
            ]
        ),
        "what": ["milk", "milk", "bread", "milk", "tea"],
    }
)
ONE = {0: [(1, frozenset({0})), (3, frozenset({1, 2})), (7, frozenset({0, 2}))]}


def test_a_basket_is_the_distinct_items_of_a_customer_on_a_day() -> None:
    found = histories_of(ROWS, "who", "at", "what")
    assert found.customers.tolist() == ["a", "b"]
    assert found.items.tolist() == ["bread", "milk", "tea"]
    assert found.firsts.tolist() == [0, 2, 3]
    assert found.days.tolist() == [19723, 19725, 19724]
    assert found.starts.tolist() == [0, 1, 3, 4]
    assert found.codes.tolist() == [2, 0, 1, 1]


def test_instants_with_a_zone_are_of_their_day_in_utc() -> None:
    rows = ROWS.assign(at=ROWS["at"].dt.tz_localize("Etc/GMT-2"))  # two hours ahead of UTC
    assert 19724 in histories_of(rows, "who", "at", "what").days
    assert histories_of(rows, "who", "at", "what").days.tolist() == [19722, 19724, 19725, 19724]


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (
            ROWS.drop(columns="at"),
            "histories need a column 'at', but the table has: who, what",
        ),
        (
            ROWS.assign(what=pd.Series([None, "milk", None, "milk", "tea"])),
            (
                "every row needs a customer, a day and an item, but 2 of 5 rows have nothing in "
                "'what'; leave them out or fill them in"
            ),
        ),
        (
            ROWS.assign(at=ROWS["at"].astype("str")),
            (
                "days need instants or whole numbers of days, but 'at' holds str; convert it with "
                "pandas.to_datetime"
            ),
        ),
    ],
)
def test_unclear_rows_are_refused(rows: pd.DataFrame, text: str) -> None:
    with pytest.raises(HistoriesUnclear, match=f"^{re.escape(text)}$"):
        histories_of(rows, "who", "at", "what")


def test_rare_items_are_left_out_with_the_baskets_that_held_nothing_else() -> None:
    found = without_rare(histories_of(ROWS, "who", "at", "what"), 2)
    assert found.items.tolist() == ["milk"]
    assert found.firsts.tolist() == [0, 1, 2]
    assert found.days.tolist() == [19725, 19724]
    assert found.codes.tolist() == [0, 0]


def test_the_last_basket_is_held_out() -> None:
    found = last_baskets(histories(ONE))
    assert found.codes.tolist() == [0, 2]
    assert found.known.days.tolist() == [1, 3]
    assert found.known.codes.tolist() == [0, 1, 2]


def test_an_earlier_target_knows_nothing_of_what_came_after_it() -> None:
    found = last_baskets(histories(ONE), back=1, least=1)
    assert found.codes.tolist() == [1, 2]
    assert found.known.days.tolist() == [1]


def test_the_first_basket_from_a_day_on_is_held_out() -> None:
    past = {**ONE, 1: [(1, frozenset({0})), (2, frozenset({0}))], 2: [(4, frozenset({5}))]}
    found = first_baskets(histories(past), 3, least=1)
    assert found.known.customers.tolist() == [0]  # 1 bought nothing from then on, 2 nothing before
    assert found.codes.tolist() == [1, 2]
    assert found.known.days.tolist() == [1]
    assert found.as_of.tolist() == [3]
    assert first_baskets(histories(past), 2, least=1).days.tolist() == [3, 2]


def test_everybody_s_past_is_known_beside_the_targets() -> None:
    past = {**ONE, 1: [(1, frozenset({0})), (2, frozenset({0}))], 2: [(4, frozenset({5}))]}
    found = first_baskets(histories(past), 3, least=1).everybody
    assert found.customers.tolist() == [0, 1, 2]
    assert found.lengths.tolist() == [1, 2, 0]
    assert last_baskets(histories(past)).everybody.lengths.tolist() == [2, 1, 0]


def test_targets_are_taken_in_the_order_asked_for() -> None:
    past = {**ONE, 1: [(1, frozenset({0})), (2, frozenset({0})), (5, frozenset({4}))]}
    found = first_baskets(histories(past), 3, least=1).taken(np.array([1, 0]))
    assert found.known.customers.tolist() == [1, 0]
    assert found.codes.tolist() == [4, 1, 2]
    assert found.starts.tolist() == [0, 1, 3]
    assert found.days.tolist() == [5, 3]
    assert found.everybody.lengths.tolist() == [1, 2]


def test_nothing_to_predict_is_said() -> None:
    with pytest.raises(NothingToPredict, match="with 4 baskets or more, but the most of any is 3"):
        last_baskets(histories(ONE), least=3)
    with pytest.raises(NothingToPredict, match=re.escape("before day 9 (1970-01-10)")):
        first_baskets(histories(ONE), 9)


@pytest.mark.parametrize(("least", "back"), [(0, 0), (1, -1)])
def test_a_last_basket_without_a_basket_before_it_is_no_target(least: int, back: int) -> None:
    text = (
        "a last basket is predicted from 1 basket or more before it, with 0 or more left out of "
        f"sight, but least is {least} and back is {back}; ask for a least of 1 or more and a back "
        "of 0 or more"
    )
    with pytest.raises(NothingToPredict, match=f"^{re.escape(text)}$"):
        last_baskets(histories(ONE), back=back, least=least)


def test_customers_are_taken_in_the_order_asked_for() -> None:
    past = {**ONE, 1: [(2, frozenset({4}))], 2: []}
    found = histories(past).taken(np.array([2, 1, 0]))
    assert found.customers.tolist() == [2, 1, 0]
    assert found.days.tolist() == [2, 1, 3, 7]
    assert found.codes.tolist() == [4, 0, 1, 2, 0, 2]
    assert found.ago.tolist() == [0, 2, 1, 0]
