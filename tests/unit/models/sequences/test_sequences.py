import re
from typing import Any

import numpy as np
import pandas as pd
import pytest

from models.sequences.sequences import SequencesUnclear, sequences_of


def table(*rows: tuple[object, object, object]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["who", "when", "what"])


def test_rows_of_one_instant_are_one_element_whatever_their_order() -> None:
    rows = table(("b", 1, "x"), ("a", 5, "y"), ("a", 2, "x"), ("a", 5, "x"), ("a", 5, "y"))
    found = sequences_of(rows, "who", "when", "what")
    assert found.elements.tolist() == [0, 2, 3]
    assert found.starts.tolist() == [0, 1, 3, 4]
    assert found.labels[found.codes].tolist() == ["x", "x", "y", "x"]
    assert found.instants.tolist() == [2, 5, 1]
    assert found.unit == "numbers"


def test_a_sequence_whose_rows_name_no_item_is_an_empty_one() -> None:
    found = sequences_of(table(("a", 1, None), ("b", 1, "x")), "who", "when", "what")
    assert (found.count, found.elements.tolist()) == (2, [0, 0, 1])


def test_datetimes_are_seconds_or_days_of_their_own_clock() -> None:
    told = ["1970-01-02 01:00:00.9", "1970-01-01 23:30", "1970-01-02 02:00"]
    times = pd.to_datetime(told, format="ISO8601")
    rows = pd.DataFrame({"who": 1, "when": times.tz_localize("Europe/Berlin"), "what": list("abc")})
    seconds = sequences_of(rows, "who", "when", "what")
    assert (seconds.instants.tolist(), seconds.unit) == ([84_600, 90_000, 93_600], "seconds")
    days = sequences_of(rows, "who", "when", "what", unit="days")
    assert (days.instants.tolist(), days.unit) == ([0, 1], "days")
    assert days.starts.tolist() == [0, 1, 3]


def test_only_some_sequences_keep_what_is_theirs() -> None:
    rows = table(("a", 1, "x"), ("b", 1, "y"), ("b", 1, "x"), ("b", 3, "z"), ("c", 2, "z"))
    kept = sequences_of(rows, "who", "when", "what").only(np.array([1, 2]))
    assert (kept.elements.tolist(), kept.starts.tolist()) == ([0, 2, 3], [0, 2, 3, 4])
    assert kept.labels[kept.codes].tolist() == ["x", "y", "z", "z"]
    assert kept.instants.tolist() == [1, 3, 2]


def test_a_column_that_is_not_there_is_named() -> None:
    message = "sequences need a column 'day', but the table has: who, when, what"
    with pytest.raises(SequencesUnclear, match=re.escape(message)):
        sequences_of(table(("a", 1, "x")), "who", "day", "what")


def test_a_row_without_a_sequence_is_refused_and_counted() -> None:
    message = (
        "every row needs a sequence, but 1 of 2 rows have none in 'who'; leave them out or name "
        "theirs"
    )
    with pytest.raises(SequencesUnclear, match=re.escape(message)):
        sequences_of(table((None, 1, "x"), ("a", 1, "x")), "who", "when", "what")


def test_a_row_without_an_instant_is_refused_and_counted() -> None:
    message = (
        "every row needs an instant, but 1 of 2 rows have none in 'when'; leave them out or tell "
        "when theirs was"
    )
    rows = table(("a", pd.Timestamp("2024-01-01"), "x"), ("a", pd.NaT, "x"))
    with pytest.raises(SequencesUnclear, match=re.escape(message)):
        sequences_of(rows, "who", "when", "what")


def test_instants_that_have_no_order_of_time_are_refused() -> None:
    message = (
        "instants need datetimes or whole numbers, but 'when' holds float64; convert it, such as "
        "by pandas.to_datetime"
    )
    with pytest.raises(SequencesUnclear, match=re.escape(message)):
        sequences_of(table(("a", 1.5, "x")), "who", "when", "what")


def test_a_unit_that_is_none_is_refused() -> None:
    rows = table(("a", pd.Timestamp("2024-01-01"), "x"))
    unit: Any = "hours"
    message = "the unit of instants is 'seconds' or 'days', not 'hours'"
    with pytest.raises(SequencesUnclear, match=re.escape(message)):
        sequences_of(rows, "who", "when", "what", unit=unit)
