import re

import numpy as np
import pytest

from features.contract import Cause, Column
from models.explain import CAUSES, leading, reasons
from models.phrases import Money
from models.spec import FloatArray


def column(
    name: str,
    unit: str,
    meaning: str,
    null_means: str = "never ordered",
    cause: Cause | None = None,
) -> Column:
    return Column(name, unit, None, null_means, meaning, "", cause)


RECENCY = column("days_since_order", "days", "days since the last order", cause="habit fading")
SPEND_28 = column("spend_28d", "minor units", "spend in the last 28 days")
SPEND_56 = column("spend_56d", "minor units", "spend in the last 56 days")
SHARE = column("discount_share_28d", "share", "discount share", "no order", cause="rival")
FLAG = column("is_partner", "flag", "has a partner", "unknown")
COLUMNS = (RECENCY, SPEND_28, SPEND_56, SHARE, FLAG)
VALUES = (41.0, 0.0, 123456.0, 0.304, 1.0)
MEDIANS = dict(zip([c.name for c in COLUMNS], [9.0, 5000.0, 9900.0, 0.1, 0.0], strict=True))
DOLLARS = Money("TWD", digits=0)


def told(
    moved: FloatArray, values: FloatArray, count: int = 3, money: Money | None = DOLLARS
) -> list[list[str]]:
    found = reasons(moved, values, COLUMNS, MEDIANS, count, money=money)
    words: list[list[str]] = found.to_pylist()
    return words


def only(moved: list[float], recency: float = 41.0) -> list[str]:
    (words,) = told(np.array([moved]), np.array([[recency, *VALUES[1:]]]))
    return words


def test_a_reason_says_the_value_and_what_is_typical() -> None:
    assert only([1, 0, 0, 0, 0]) == ["days since the last order: 41, typically 9"]


def test_the_strongest_reason_comes_first_and_what_calms_is_none() -> None:
    assert only([0.2, -5, -1, 0.3, 0.0]) == [
        "discount share: 30 %, typically 10 %",
        "days since the last order: 41, typically 9",
    ]


def test_windows_of_one_figure_are_one_reason_told_by_the_strongest() -> None:
    assert only([0.25, 0.1, 0.2, 0, 0]) == [
        "spend in the last 56 days: TWD 123,456, typically TWD 9,900",
        "days since the last order: 41, typically 9",
    ]


def test_windows_that_cancel_each_other_out_are_no_reason() -> None:
    assert only([0, 0.5, -0.6, 0, 0]) == []


def test_no_more_reasons_than_asked_for_are_given() -> None:
    (words,) = told(np.ones((1, 5)), np.array([VALUES]), 2)
    assert len(words) == 2


def test_a_missing_value_is_told_by_what_it_means() -> None:
    assert only([1, 0, 0, 0, 0], np.nan) == ["days since the last order: never ordered"]


def test_a_typical_value_is_said_to_be_typical() -> None:
    assert only([1, 0, 0, 0, 0], 9.0) == ["days since the last order: 9, as is typical"]


def test_a_flag_is_yes_or_no() -> None:
    assert only([0, 0, 0, 0, 1]) == ["has a partner: yes, typically no"]


@pytest.mark.parametrize(
    ("value", "typical", "said"),
    [
        (1.0, 1.0, "home: Renter, as is typical"),
        (1.0, 0.0, "home: Renter, typically not Renter"),
        (0.0, 1.0, "home: not Renter, typically Renter"),
        (0.0, 0.0, "home: not Renter, as is typical"),
        (0.0, np.nan, "home: not Renter, typically home unknown"),
        (np.nan, 1.0, "home: Renter: home unknown"),
    ],
)
def test_a_level_of_an_attribute_is_said_to_be_there_or_not(
    value: float, typical: float, said: str
) -> None:
    renter = column("is_home_renter", "flag", "home: Renter", "home unknown")
    words = reasons(np.array([[1.0]]), np.array([[value]]), [renter], {renter.name: typical})
    assert words.to_pylist() == [[said]]


def test_money_is_written_as_in_reports_with_decimals_below_a_hundred() -> None:
    moved = np.array([[0, 0, 1.0, 0, 0]])
    assert told(moved, np.array([VALUES]), money=Money("USD")) == [
        ["spend in the last 56 days: USD 1,235, typically USD 99"]
    ]
    assert told(moved, np.array([[0, 0, -1248.0, 0, 0]]), money=None) == [
        ["spend in the last 56 days: −12.48, typically 99"]
    ]


@pytest.mark.parametrize(
    ("unit", "value", "said"),
    [
        ("days", 1.0, "1 day"),
        ("categories", 1.0, "1 category"),
        ("orders per week", 1.0, "1 order per week"),
        ("orders per week", 0.254, "0.25 orders per week"),
        ("orders per week", -0.254, "−0.25 orders per week"),
        ("days", 12.34, "12.3 days"),
        ("days", 12.04, "12 days"),
        ("days", 1234.5, "1,234 days"),
        ("ratio", 1.04, "1.04"),
        ("ratio", 32.16, "32.2"),
        ("ratio", -0.00004, "about 0"),
        ("number", 4.0, "4"),
        ("share", -0.0001, "0 %"),
        ("share", 0.0042, "0.4 %"),
        ("share", 0.04, "4 %"),
        ("probability", 0.34, "34 %"),
        ("minor units per order", 250.0, "2.50 per order"),
    ],
)
def test_numbers_are_said_with_their_unit(unit: str, value: float, said: str) -> None:
    one = column("x", unit, "it")
    words = reasons(np.array([[1.0]]), np.array([[value]]), [one], {"x": np.nan})
    assert words.to_pylist() == [[f"it: {said}, typically never ordered"]]


@pytest.mark.parametrize(
    ("meaning", "said"),
    [
        ("days since the last order", "2"),
        ("different days with an order in the last 28 days", "2"),
        ("longest time without an order in the last 28 days", "2 days"),
    ],
)
def test_a_unit_that_the_meaning_names_beside_its_window_is_not_said_again(
    meaning: str, said: str
) -> None:
    one = column("x", "days", meaning)
    words = reasons(np.array([[1.0]]), np.array([[2.0]]), [one], {"x": 2.0})
    assert words.to_pylist() == [[f"{meaning}: {said}, as is typical"]]


def test_everybody_gets_a_list() -> None:
    moved = np.array([[1.0, 0, 0, 0, 0], [-1.0, 0, 0, 0, 0]])
    assert [len(words) for words in told(moved, np.array([VALUES, VALUES]))] == [1, 0]


def test_nobody_gets_no_list() -> None:
    assert told(np.empty((0, 5)), np.empty((0, 5))) == []


def test_contributions_of_another_shape_are_refused() -> None:
    text = "contributions need the shape (1, 5), not (1, 4)"
    with pytest.raises(ValueError, match=re.escape(text)):
        told(np.ones((1, 4)), np.array([VALUES]))
    with pytest.raises(ValueError, match=re.escape(text)):
        leading(np.ones((1, 4)), COLUMNS)


def led_by(moved: list[float]) -> tuple[str | None, float]:
    found = leading(np.array([moved]), COLUMNS)
    index, share = int(found.cause[0]), float(found.share[0])
    return (CAUSES[index] if index >= 0 else None), share


def test_the_cause_that_raised_the_score_most_leads_with_its_share_of_the_rise() -> None:
    assert led_by([0.5, 0.25, 0, 0.25, 0]) == ("habit fading", 0.5)
    assert led_by([0.25, 0, 0, 0.75, 0]) == ("rival", 0.75)


def test_what_calms_the_score_takes_nothing_from_a_cause_but_for_another_window() -> None:
    assert led_by([0.5, 0.25, 0, 0.25, -3]) == ("habit fading", 0.5)
    rivals = [column(name, "days", "it", cause="rival") for name in ("a_7d", "a_28d", "b")]
    found = leading(np.array([[0.75, -0.25, -3], [0.25, -0.75, -3]]), rivals)
    assert found.cause.tolist() == [CAUSES.index("rival"), -1]
    np.testing.assert_array_equal(found.share, [1, np.nan])


def test_a_cause_leads_even_where_what_has_no_cause_raised_the_score_more() -> None:
    assert led_by([0, 0.75, 0, 0.25, 0]) == ("rival", 0.25)


def test_no_cause_leads_where_none_raised_the_score() -> None:
    cause, share = led_by([-0.5, 0.75, 0, 0, 0])
    assert cause is None
    assert np.isnan(share)


def test_a_row_alone_is_told_what_it_is_told_among_others() -> None:
    random = np.random.default_rng(3)
    moved, values = random.normal(size=(2, 5000, 5))
    whole, led = told(moved, values), leading(moved, COLUMNS)
    for row in (0, 4095, 4096, 4999):
        alone = slice(row, row + 1)
        assert told(moved[alone], values[alone]) == [whole[row]]
        assert leading(moved[alone], COLUMNS).share.tolist() == [led.share[row]]
