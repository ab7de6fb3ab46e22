"""What policies, items and candidates may say, and what is answered when they say it wrong."""

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from features.errors import RegularsError
from models.offers.candidates import CandidatesUnclear
from models.offers.cycles import PurchasesUnclear, cycles_of
from models.offers.offered import offers_of
from models.offers.policies import Policies
from models.offers.shelf import ItemsUnclear, PolicyUnfit, unmatched
from tests.offer_cases import candidate, frame, shelf

ONE = frame([candidate()])


def refused(error: type[RegularsError], text: str) -> Any:
    return pytest.raises(error, match=f"^{re.escape(text)}$")


def test_every_policy_is_described() -> None:
    assert all(field.description for field in Policies.model_fields.values())


def test_diversity_says_of_what() -> None:
    text = (
        "diversity needs a column that offers should differ in, but diversity is 0.3 and "
        "diversity_by is null; name one, or set diversity to 0"
    )
    with pytest.raises(ValidationError, match=re.escape(text)):
        Policies(diversity=0.3)


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (
            {"most": 2, "least_per_kind": {"cross": 1, "up": 2}},
            "least_per_kind keeps 3 places, but most is 2; keep fewer, or allow more",
        ),
        (
            {"most_per_kind": {"up": 1}, "least_per_kind": {"up": 2}},
            (
                "least_per_kind keeps 2 places for up, but most_per_kind allows 1; keep fewer, or "
                "allow more"
            ),
        ),
    ],
)
def test_more_places_kept_than_there_are_is_refused(asked: dict[str, Any], text: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(text)):
        Policies.model_validate(asked)


@pytest.mark.parametrize(
    "wrong",
    [
        {"most": 0},
        {"diversity": 1.1, "diversity_by": "category"},
        {"cycle_share": 0.0},
        {"most_per": {"category": 0}},
        {"most_per_kind": {"again": 1}},
        {"least_per_kind": {"up": -1}},
        {"exclude": {"brand": "Acme"}},
        {"unit_margin_least": float("nan")},
        {"max": 3},
    ],
)
def test_what_is_no_policy_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Policies.model_validate(wrong)


@pytest.mark.parametrize(
    ("policies", "named"),
    [
        (Policies(most_per={"brand": 1}), "most_per.brand"),
        (Policies(exclude={"brand": ("Acme",)}), "exclude.brand"),
        (Policies(diversity_by="brand"), "diversity_by"),
    ],
)
def test_a_policy_about_a_column_that_items_do_not_have_is_refused(
    policies: Policies, named: str
) -> None:
    text = (
        f"offers.policies.{named} needs a column of the items, but 'brand' is none; use one of: "
        "item, category"
    )
    with refused(PolicyUnfit, text):
        offers_of(ONE, shelf(in_category=["x"] * 6), policies)


def test_a_stock_list_that_names_no_item_is_refused() -> None:
    text = (
        "a stock list names items by their labels, such as 'a', but none of its 2 is one (the "
        "first by name is '4711'); write labels"
    )
    with refused(PolicyUnfit, text):
        offers_of(ONE, shelf(), Policies(), {"4712", "4711"})


def test_excluded_values_that_no_item_has_are_told() -> None:
    items = shelf(in_category=["category:tea", None, *["category:milk"] * 4])
    policies = Policies(exclude={"category": ("tea", "gone", "nan"), "item": ("a", "B")})
    assert unmatched(items, policies) == {"category": ("gone", "nan")}


def test_items_without_a_column_are_refused() -> None:
    text = "items need a column 'price', but the table has: label, title, unit_margin"
    with refused(ItemsUnclear, text):
        offers_of(ONE, shelf().drop(columns="price"), Policies())


def test_two_items_of_one_label_are_refused() -> None:
    text = (
        "every item needs a label of its own, but 'a' is that of two items or more; leave one row "
        "of each"
    )
    with refused(ItemsUnclear, text):
        offers_of(ONE, shelf(label=list("abcdea")), Policies())


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        (
            ONE[["customer", "item"]],
            "candidates need a column 'kind', but the table has: customer, item",
        ),
        (
            ONE.assign(item=[6]),
            (
                "positions of items are 0 to 5, but 'item' holds 6 to 6; give positions in the "
                "table of items"
            ),
        ),
        (
            ONE.assign(customer=[-1]),
            (
                "positions of customers are 0 or more, but 'customer' holds -1 to -1; give "
                "positions in the table of customers"
            ),
        ),
        (
            ONE.assign(item=[0.0]),
            (
                "candidates name items by position, but 'item' holds float64, or nothing in some "
                "rows; give whole numbers"
            ),
        ),
        (
            ONE.assign(kind=["again"]),
            "kinds of candidates are repeat, cross, up, but one is 'again'; write one of these",
        ),
        (
            ONE.assign(kind=np.array([None])),
            "kinds of candidates are repeat, cross, up, but one is None; write one of these",
        ),
        (
            ONE.assign(probability=[1.5]),
            (
                "'probability' of a candidate is from 0 to 1, but 1 of 1 rows are not (the first "
                "holds 1.5); mend or leave out these rows"
            ),
        ),
        (
            ONE.assign(probability=[np.nan]),
            (
                "'probability' of a candidate is from 0 to 1, but 1 of 1 rows are not (the first "
                "holds nan); mend or leave out these rows"
            ),
        ),
        (
            ONE.assign(days_since=[-3.0]),
            (
                "'days_since' of a candidate is 0 or more, or missing where it is unknown, but 1 "
                "of 1 rows are not (the first holds -3); mend or leave out these rows"
            ),
        ),
    ],
)
def test_candidates_that_cannot_be_are_refused(rows: pd.DataFrame, text: str) -> None:
    with refused(CandidatesUnclear, text):
        offers_of(rows, shelf(), Policies())


@pytest.mark.parametrize(
    ("purchases", "text"),
    [
        (
            ([0, 0], [1], [0]),
            (
                "purchases need a customer, a day and an item each, but there are 2, 1 and 1; give "
                "arrays of one length"
            ),
        ),
        (
            ([0, 0], [2, 1], [0, 0]),
            (
                "purchases need to be in order of customer and day, but row 1 comes before the row "
                "above it; sort them"
            ),
        ),
        (
            ([0, 1], [2, 1], [0, 9]),
            (
                "positions of items are 0 to 5, but purchases hold 0 to 9; give positions in the "
                "table of items"
            ),
        ),
    ],
)
def test_purchases_that_cannot_be_are_refused(
    purchases: tuple[list[int], list[int], list[int]], text: str
) -> None:
    with refused(PurchasesUnclear, text):
        cycles_of(purchases, 10, 2, 6)


def test_a_cycle_is_own_from_three_days_on_and_else_the_median_of_others() -> None:
    # Customer 0 buys item 0 on days 1, 5 and 9 (twice), customer 1 every 2 days, customer 2 once.
    who = [0, 0, 0, 0, 1, 1, 1, 2, 2]
    days = [1, 5, 9, 9, 2, 4, 6, 7, 12]
    cycles = cycles_of((who, days, [0] * 9), 12, 4, 2)
    asked = cycles.of(np.array([0, 1, 2, 3, 2]), np.array([0, 0, 0, 0, 1]))
    assert asked["bought_days"].tolist() == [3, 3, 1, 0, 0]
    assert asked["days_since"].tolist()[:3] == [3, 6, 5]
    assert asked["cycle_days"].tolist()[:3] == [4, 2, 3]
    assert asked["is_own_cycle"].tolist() == [True, True, False, False, False]
    assert asked[["days_since", "cycle_days"]][3:].isna().all(axis=None)
    assert cycles.typical_days[0] == 3
    assert np.isnan(cycles.typical_days[1])


@pytest.mark.parametrize(
    ("who", "what", "text"),
    [
        (
            [0, 1],
            [0, 2],
            (
                "positions of items are 0 to 1, but cycles are asked of 2; give positions in the "
                "table of items"
            ),
        ),
        (
            [0, -1],
            [0, 0],
            (
                "positions of customers are 0 to 3, but cycles are asked of -1; give positions in "
                "the table of customers"
            ),
        ),
        (
            [0, np.nan],
            [0, 0],
            (
                "positions of customers are 0 to 3, but cycles are asked of nan; give positions "
                "in the table of customers"
            ),
        ),
        (
            [0],
            [0, 0],
            (
                "cycles need a customer and an item each, but there are 1 and 2; give arrays of "
                "one length"
            ),
        ),
    ],
)
def test_cycles_of_whom_there_is_not_are_refused(
    who: list[int], what: list[int], text: str
) -> None:
    cycles = cycles_of(([0, 0, 1], [1, 5, 2], [0, 1, 0]), 12, 4, 2)
    with refused(PurchasesUnclear, text):
        cycles.of(np.array(who), np.array(what))


def test_text_among_the_numbers_of_candidates_is_refused() -> None:
    text = (
        "'units' of a candidate is a number, but 1 of 1 rows are not (the first holds 'two'); "
        "write numbers"
    )
    with refused(CandidatesUnclear, text):
        offers_of(ONE.assign(units=["two"]), shelf(), Policies())


def test_a_column_of_none_and_numbers_is_of_numbers() -> None:
    two = frame([candidate(item=0), candidate(item=1)]).assign(
        units=pd.Series([None, 2], dtype="object")
    )
    assert sorted(offers_of(two, shelf(), Policies()).table["item"]) == [0, 1]
