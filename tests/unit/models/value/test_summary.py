"""A customer's purchases in one row: days, not receipts, and nothing from as_of on."""

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.value.summary import PurchasesUnfit, bought_within, opportunities, summarised

AS_OF = date(1997, 10, 1)


def purchases(*rows: tuple[str, str, float]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["customer", "bought_on", "spend"])
    return table.assign(bought_on=pd.to_datetime(table["bought_on"], format="ISO8601"))


FOUR = purchases(
    ("b", "1997-09-30", 7.0),
    ("a", "1997-01-01", 29.33),
    ("a", "1997-08-02", 14.96),
    ("a", "1997-01-18 17:30", 20.0),
    ("a", "1997-01-18 09:00", 9.73),
    ("a", "1997-12-12", 26.48),
    ("c", "1997-10-01", 5.0),
)


def test_days_with_a_purchase_are_counted_until_the_day_before_as_of() -> None:
    found = summarised(FOUR, AS_OF)
    assert found["customer"].tolist() == ["a", "b"]
    assert found["first_on"].dt.date.tolist() == [date(1997, 1, 1), date(1997, 9, 30)]
    assert found["repeats"].tolist() == [2, 0]
    assert found["last_at"].tolist() == pytest.approx([213 / 7, 0])
    assert found["age"].tolist() == pytest.approx([272 / 7, 0])
    assert found["spend"].tolist() == pytest.approx([74.02, 7])
    assert found["repeat_spend_mean"][0] == pytest.approx((29.73 + 14.96) / 2)
    assert np.isnan(found["repeat_spend_mean"][1])
    assert found["log_intervals"].tolist() == pytest.approx([np.log(17 / 7) + np.log(196 / 7), 0])


def test_days_are_a_unit_too() -> None:
    found = summarised(FOUR, AS_OF, "days")
    assert found["last_at"].tolist() == [213, 0]
    assert found["age"].tolist() == [272, 0]


def test_purchases_on_as_of_or_later_change_nothing() -> None:
    earlier = FOUR[FOUR["bought_on"] < pd.Timestamp(AS_OF)]
    pd.testing.assert_frame_equal(summarised(FOUR, AS_OF), summarised(earlier, AS_OF))
    pd.testing.assert_frame_equal(opportunities(FOUR, AS_OF, 90), opportunities(earlier, AS_OF, 90))


def test_the_order_of_rows_changes_nothing() -> None:
    shuffled = FOUR.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(summarised(FOUR, AS_OF), summarised(shuffled, AS_OF))


def test_nobody_is_no_error() -> None:
    assert len(summarised(FOUR, date(1997, 1, 1))) == 0
    assert len(opportunities(FOUR, date(1997, 1, 1), 30)) == 0


def test_what_came_afterwards_is_counted_by_day_for_those_asked() -> None:
    asked = pd.Series(["b", "a"])
    found = bought_within(FOUR, asked, date(1997, 1, 18), date(1997, 12, 12))
    assert found["customer"].tolist() == ["b", "a"]
    assert found["purchases"].tolist() == [1, 2]
    assert found["spend"].tolist() == pytest.approx([7, 44.69])
    none = bought_within(FOUR, asked, date(1998, 1, 1), date(1998, 2, 1))
    assert none["purchases"].tolist() == [0, 0]
    assert none["spend"].tolist() == [0, 0]


def test_names_of_another_type_are_refused_and_not_taken_for_who_bought_nothing() -> None:
    start, end = date(1997, 1, 1), date(1998, 1, 1)
    expected = (
        "what came of customers needs their names in one type, but purchases by text (such as "
        "'b') and the customers asked for by numbers (such as 1) are named; convert one of both, "
        "such as by astype(str)"
    )
    with pytest.raises(PurchasesUnfit, match=re.escape(expected)):
        bought_within(FOUR, pd.Series([1, 2]), start, end)
    numbered = FOUR.assign(customer=[2, 1, 1, 1, 1, 1, 3])
    with pytest.raises(PurchasesUnfit, match=r"purchases by numbers \(such as 2\)"):
        bought_within(numbered, pd.Series(["1", "2"]), start, end)
    assert bought_within(numbered, pd.Series([1.0, 9.0]), start, end)["purchases"].tolist() == [
        4,
        0,
    ]
    assert len(bought_within(FOUR, pd.Series([], dtype=object), start, end)) == 0
    assert bought_within(FOUR[:0], pd.Series([7]), start, end)["purchases"].tolist() == [0]


def test_occasions_are_whole_periods_counted_back_from_as_of() -> None:
    found = opportunities(FOUR, date(1997, 12, 27), 90)
    assert found["customer"].tolist() == ["a", "b", "c"]
    assert found["age"].tolist() == [3, 0, 0]
    assert found["repeats"].tolist() == [2, 0, 0]
    assert found["last_at"].tolist() == [3, 0, 0]


def test_periods_without_a_day_are_refused() -> None:
    with pytest.raises(
        PurchasesUnfit, match=re.escape("a period of purchases needs one day or more, but has 0")
    ):
        opportunities(FOUR, AS_OF, 0)


def test_missing_columns_and_cells_are_told() -> None:
    with pytest.raises(
        PurchasesUnfit,
        match=re.escape(
            "purchases need the columns customer, bought_on, spend, but lack spend; rename the "
            "columns of the table"
        ),
    ):
        summarised(FOUR.drop(columns="spend"), AS_OF)
    broken = FOUR.assign(spend=[np.nan, np.inf, 1, 1, 1, 1, 1])
    broken.loc[2, "bought_on"] = pd.NaT
    with pytest.raises(
        PurchasesUnfit,
        match=re.escape(
            "purchases need a customer, a day and a finite amount in each of 7 rows, but these are "
            "missing: 1 of bought_on, 2 of spend; mend or leave out these rows"
        ),
    ):
        summarised(broken, AS_OF)


def test_the_day_of_an_instant_is_that_of_its_own_time_zone() -> None:
    late = purchases(("a", "1997-01-18 23:30", 1.0), ("a", "1997-02-01 00:30", 2.0))
    there = late.assign(bought_on=late["bought_on"].dt.tz_localize("America/New_York"))
    pd.testing.assert_frame_equal(summarised(there, AS_OF), summarised(late, AS_OF))


def test_dates_of_python_are_days_too() -> None:
    days = FOUR.assign(bought_on=FOUR["bought_on"].dt.date)
    pd.testing.assert_frame_equal(summarised(days, AS_OF), summarised(FOUR, AS_OF))


@pytest.mark.parametrize(
    ("values", "kind"),
    [([19970118] * 7, "int64"), (["18/01/1997"] * 7, "str"), ([7.0] * 7, "float64")],
)
def test_days_that_are_no_dates_are_refused(
    values: list[int] | list[str] | list[float], kind: str
) -> None:
    with pytest.raises(
        PurchasesUnfit,
        match=re.escape(
            f"purchases need dates or datetimes as bought_on, but it holds {kind}; convert it, "
            "such as by pandas.to_datetime"
        ),
    ):
        summarised(FOUR.assign(bought_on=values), AS_OF)


def test_amounts_that_are_texts_are_refused() -> None:
    with pytest.raises(
        PurchasesUnfit,
        match=re.escape(
            "purchases need numbers as spend, but it holds str; convert it, such as by "
            "pandas.to_numeric"
        ),
    ):
        summarised(FOUR.assign(spend=["1,00"] * 7), AS_OF)
