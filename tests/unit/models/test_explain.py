import re

import numpy as np
import pandas as pd
import pytest

from features.contract import Column
from models.explain import Money, reasons
from models.spec import ColumnsMissing


def column(name: str, unit: str, meaning: str, null_means: str = "never ordered") -> Column:
    return Column(name, unit, None, null_means, meaning, "")


RECENCY = column("days_since_order", "days", "days since the last order")
SPEND_28 = column("spend_28d", "minor units", "spend in the last 28 days")
SPEND_56 = column("spend_56d", "minor units", "spend in the last 56 days")
SHARE = column("discount_share_28d", "share", "discount share", "no order in the window")
FLAG = column("is_partner", "flag", "has a partner", "unknown")
COLUMNS = (RECENCY, SPEND_28, SPEND_56, SHARE, FLAG)
FEATURES = pd.DataFrame([[41.0, 0.0, 123456.0, 0.304, 1.0]], columns=[c.name for c in COLUMNS])
MEDIANS = dict(zip(FEATURES.columns, [9.0, 5000.0, 9900.0, 0.1, 0.0], strict=True))


def only(moved: list[float], **values: float) -> list[str]:
    features = FEATURES.assign(**values)
    (words,) = reasons(np.array([moved]), features, COLUMNS, MEDIANS, money=Money("TWD", digits=0))
    return words


def test_a_reason_says_the_value_and_what_is_typical() -> None:
    assert only([1, 0, 0, 0, 0]) == ["days since the last order: 41 days, typically 9 days"]


def test_the_strongest_reason_comes_first_and_what_calms_is_none() -> None:
    assert only([0.2, -5, -1, 0.3, 0.0]) == [
        "discount share: 30 %, typically 10 %",
        "days since the last order: 41 days, typically 9 days",
    ]


def test_windows_of_one_figure_are_one_reason_told_by_the_strongest() -> None:
    assert only([0.25, 0.1, 0.2, 0, 0]) == [
        "spend in the last 56 days: 123,456 TWD, typically 9,900 TWD",
        "days since the last order: 41 days, typically 9 days",
    ]


def test_windows_that_cancel_each_other_out_are_no_reason() -> None:
    assert only([0, 0.5, -0.6, 0, 0]) == []


def test_no_more_reasons_than_asked_for_are_given() -> None:
    (words,) = reasons(np.ones((1, 5)), FEATURES, COLUMNS, MEDIANS, count=2)
    assert len(words) == 2


def test_a_missing_value_is_told_by_what_it_means() -> None:
    said = only([1, 0, 0, 0, 0], days_since_order=np.nan)
    assert said == ["days since the last order: never ordered"]


def test_a_typical_value_is_said_to_be_typical() -> None:
    said = only([1, 0, 0, 0, 0], days_since_order=9.0)
    assert said == ["days since the last order: 9 days, as is typical"]


def test_a_flag_is_yes_or_no() -> None:
    assert only([0, 0, 0, 0, 1]) == ["has a partner: yes, typically no"]


def test_money_has_the_digits_of_its_currency() -> None:
    moved = np.array([[0, 0, 1.0, 0, 0]])
    assert reasons(moved, FEATURES, COLUMNS, MEDIANS, money=Money("USD")) == [
        ["spend in the last 56 days: 1,234.56 USD, typically 99.00 USD"]
    ]
    assert reasons(moved, FEATURES, COLUMNS, MEDIANS) == [
        ["spend in the last 56 days: 1,234.56, typically 99.00"]
    ]


@pytest.mark.parametrize(
    ("unit", "value", "said"),
    [
        ("days", 1.0, "1 day"),
        ("categories", 1.0, "1 category"),
        ("orders per week", 1.0, "1 order per week"),
        ("orders per week", 0.254, "0.25 orders per week"),
        ("days", 12.34, "12.3 days"),
        ("days", 1234.5, "1,234 days"),
        ("ratio", 3.21, "3.2"),
        ("number", 4.0, "4"),
        ("minor units per order", 250.0, "2.50 per order"),
    ],
)
def test_numbers_are_said_with_their_unit(unit: str, value: float, said: str) -> None:
    one = column("x", unit, "it")
    words = reasons(np.array([[1.0]]), pd.DataFrame({"x": [value]}), [one], {"x": np.nan})
    assert words == [[f"it: {said}, typically never ordered"]]


def test_everybody_gets_a_list() -> None:
    features = pd.concat([FEATURES, FEATURES])
    moved = np.array([[1.0, 0, 0, 0, 0], [-1.0, 0, 0, 0, 0]])
    assert [len(words) for words in reasons(moved, features, COLUMNS, MEDIANS)] == [1, 0]


def test_contributions_of_another_shape_are_refused() -> None:
    text = "contributions need the shape (1, 5), not (1, 4)"
    with pytest.raises(ValueError, match=re.escape(text)):
        reasons(np.ones((1, 4)), FEATURES, COLUMNS, MEDIANS)


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ColumnsMissing, match=r"spend_28d"):
        reasons(np.ones((1, 5)), FEATURES.drop(columns="spend_28d"), COLUMNS, MEDIANS)
