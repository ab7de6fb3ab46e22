"""Repurchase, referrals, satisfaction, and the matrix of frequency and attitude."""

import re

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from models.proportions import wilson
from models.worth.loyalty import (
    KINDS,
    UNKNOWN,
    LoyaltySpec,
    LoyaltyUnclear,
    loyalty_figures,
    loyalty_kinds,
    loyalty_matrix,
    repurchase_rate,
)
from tests.till_rolls import bought, cell, row

AS_OF = 400
LINES = bought(
    *(("a", day, 1.0) for day in (50, 100, 150, 200, 250)),
    ("b", 10, 1.0),
    ("b", 300, 1.0),
    ("c", 390, 1.0),
    ("c", 400, 1.0),
)
CONTACTS = pd.DataFrame(
    {
        "customer": ["a", "a", "b", "c", "c"],
        "day": [100, 200, 300, 399, 400],
        "satisfaction": [9.0, 10.0, 7.0, np.nan, 10.0],
    }
)
REFERRALS = pd.DataFrame({"customer": ["a", "a", "b"], "day": [60, 399, 400]})


def test_who_ordered_again_within_the_days_repurchased() -> None:
    assert repurchase_rate(LINES, AS_OF, 150) == wilson(2, 2)  # a at 250, b at 300
    assert repurchase_rate(LINES, AS_OF, 149) == wilson(1, 2)
    assert repurchase_rate(LINES, AS_OF, 149, active_days=100) == wilson(0, 1)


def test_figures_are_of_the_window_before_as_of() -> None:
    found = loyalty_figures(LINES, AS_OF, referrals=REFERRALS, contacts=CONTACTS)
    assert found["orders_count"].to_dict() == {"a": 5, "b": 1, "c": 1}
    assert found["has_repurchased"].to_dict() == {"a": True, "b": True, "c": False}
    assert found["referrals_count"].to_dict() == {"a": 2.0, "b": 0.0, "c": 0.0}
    assert found["satisfaction"].to_dict() == pytest.approx(
        {"a": 9.5, "b": 7.0, "c": np.nan}, nan_ok=True
    )
    assert found["satisfaction_answers"].tolist() == [2, 1, 0]


def test_what_was_not_given_is_not_known() -> None:
    found = loyalty_figures(LINES, AS_OF)
    assert found["referrals_count"].isna().all()
    assert found["satisfaction"].isna().all()


def test_deed_and_word_name_the_kind() -> None:
    found = loyalty_kinds(loyalty_figures(LINES, AS_OF, contacts=CONTACTS))
    assert row(found, "a") == ["high", "positive", "loyal"]
    assert row(found, "b") == ["low", "indifferent", "indifferent"]
    assert row(found, "c") == ["low", UNKNOWN, UNKNOWN]


def test_cut_points_are_the_users() -> None:
    asked = LoyaltySpec(middle_from=1, high_from=6, indifferent_from=5, positive_from=7)
    found = loyalty_kinds(loyalty_figures(LINES, AS_OF, asked, contacts=CONTACTS), asked)
    assert found["frequency"].tolist() == ["middle"] * 3
    assert cell(found, "b", "kind") == "growing"


def test_the_matrix_has_nine_cells_and_those_who_said_nothing() -> None:
    kinds = loyalty_kinds(loyalty_figures(LINES, AS_OF, contacts=CONTACTS))
    found = loyalty_matrix(kinds, pd.Series({"a": 5.0, "b": 2.0, "c": 1.0}))
    assert len(found) == 12
    by_cell = found.set_index(["frequency", "attitude"])
    columns = ["customers", "customers_share", "worth"]
    assert row(by_cell, ("high", "positive"), columns) == [1, 1 / 3, 5.0]
    assert row(by_cell, ("low", UNKNOWN), columns) == [1, 1 / 3, 1.0]
    assert found["customers"].sum() == 3


def test_scores_off_the_scale_are_refused() -> None:
    text = (
        "satisfaction needs scores within 0..10, but 1 of 4 are not; mend them, or set score_least "
        "and score_most"
    )
    odd = CONTACTS.assign(satisfaction=[1.0, 2.0, 11.0, 3.0, 99.0])
    with pytest.raises(LoyaltyUnclear, match=f"^{re.escape(text)}$"):
        loyalty_figures(LINES, AS_OF, contacts=odd)


def test_missing_columns_and_cells_are_refused() -> None:
    text = "referrals need the columns customer, day, but lack day; name them so"
    with pytest.raises(LoyaltyUnclear, match=f"^{re.escape(text)}$"):
        loyalty_figures(LINES, AS_OF, referrals=REFERRALS.drop(columns="day"))
    text = (
        "kinds of loyalty need a row for each of the nine cells, but lack high and positive; see "
        "models.worth.loyalty.KINDS"
    )
    with pytest.raises(LoyaltyUnclear, match=f"^{re.escape(text)}$"):
        loyalty_kinds(loyalty_figures(LINES, AS_OF), kinds=KINDS.iloc[1:])

    text = (
        "kinds of loyalty need the columns frequency, attitude and kind, but lack kind; see "
        "models.worth.loyalty.KINDS"
    )
    with pytest.raises(LoyaltyUnclear, match=f"^{re.escape(text)}$"):
        loyalty_kinds(loyalty_figures(LINES, AS_OF), kinds=KINDS.drop(columns="kind"))


def test_contacts_and_referrals_without_a_day_that_counts_are_refused() -> None:
    text = (
        "contacts need numbers as day, but it holds datetime64[us]; give days since 1970-01-01, "
        "and money as numbers"
    )
    dates = CONTACTS.assign(day=pd.to_datetime(["1970-05-01"] * 5))
    with pytest.raises(LoyaltyUnclear, match=f"^{re.escape(text)}$"):
        loyalty_figures(LINES, AS_OF, contacts=dates)
    text = (
        "referrals need day in every row, but 1 of 3 have none; leave these rows out, or mend them"
    )
    with pytest.raises(LoyaltyUnclear, match=f"^{re.escape(text)}$"):
        loyalty_figures(LINES, AS_OF, referrals=REFERRALS.assign(day=[60.0, np.nan, 70.0]))
    text = (
        "contacts need finite numbers or nulls as satisfaction, but 4 of 4 rows of str are not; "
        "mend them"
    )
    with pytest.raises(LoyaltyUnclear, match=f"^{re.escape(text)}$"):
        loyalty_figures(LINES, AS_OF, contacts=CONTACTS.assign(satisfaction="good"))


@pytest.mark.parametrize(
    ("asked", "text"),
    [
        (
            {"middle_from": 6, "high_from": 5},
            "need middle_from below high_from, but they are 6 and 5; raise the second",
        ),
        (
            {"indifferent_from": 9.0},
            "need indifferent_from below positive_from, but they are 9.0 and 9.0; raise the second",
        ),
        ({"score_least": 10.0}, "need score_least below score_most"),
    ],
)
def test_levels_that_do_not_rise_are_refused(asked: dict[str, float], text: str) -> None:
    with pytest.raises(ValidationError, match=re.escape(text)):
        LoyaltySpec.model_validate(asked)
