"""Whom a comparison puts into groups: files as people have them, and quarters of numbers."""

import re
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipelines.profile_groups import By, Grouping, GroupsUnreadable, _bands, _of_file

AS_OF = date(2024, 3, 1)
BEHAVIOUR = pd.DataFrame({"customer": ["007", "008", "009", "010"]})


def told(path: Path, column: str = "segment") -> Grouping:
    return _of_file(By(f"{path}:{column}", AS_OF), BEHAVIOUR)


def groups_in(path: Path) -> list[object]:
    return list(told(path).values)


def csv(folder: Path, text: str) -> Path:
    path = folder / "scores.csv"
    path.write_text(text, encoding="utf-8")
    return path


def parquet(folder: Path, **columns: object) -> Path:
    path = folder / "scores.parquet"
    pd.DataFrame(columns).to_parquet(path)
    return path


def test_customers_of_a_csv_file_keep_their_zeros(tmp_path: Path) -> None:
    assert groups_in(csv(tmp_path, "customer,segment\n007,a\n008,b\n")) == ["a", "b", None, None]


def test_numbers_stay_whole_beside_gaps_and_come_in_their_order(tmp_path: Path) -> None:
    path = csv(tmp_path, "customer,segment\n007,10\n008,\n009,9\n")
    assert groups_in(path) == ["10", None, "9", None]
    assert told(path).order == ("9", "10")


def test_rows_of_the_day_alone_count_however_days_are_written(tmp_path: Path) -> None:
    days = [date(2024, 3, 1), date(2024, 2, 1)]
    for each in (days, pd.to_datetime(days), [str(day) for day in days]):
        path = parquet(tmp_path, customer=["007", "007"], as_of=each, segment=["a", "b"])
        assert groups_in(path) == ["a", None, None, None]


@pytest.mark.parametrize(
    ("text", "column", "message"),
    [
        (
            "customer,segment\n007,a\n007,b\n008,a\n008,a\n",
            "segment",
            "needs one segment for each customer, but 1 have several, such as '007'",
        ),
        (
            "customer,as_of,segment\n007,2024-01-01,a\n007,2024-02-01,b\n",
            "segment",
            "needs rows of 2024-03-01, but is of 2024-01-01 to 2024-02-01",
        ),
        (
            "customer,segment\n7,a\n8,b\n9,b\n",
            "segment",
            "of its 3 customers found none among the 4 there; write them as the orders do",
        ),
        (
            "customer,segment\n007,a\n",
            "customer",
            "needs the columns customer and a column of groups, but has customer, segment",
        ),
    ],
)
def test_a_file_that_does_not_say_each_customers_group_is_refused(
    tmp_path: Path, text: str, column: str, message: str
) -> None:
    with pytest.raises(GroupsUnreadable, match=re.escape(message)):
        told(csv(tmp_path, text), column)


def test_quarters_of_a_number_are_named_by_both_ends() -> None:
    values, order = _bands(pd.Series([*map(float, range(1_234_567, 1_234_572)), np.nan]))
    assert order == (
        "up to 1,234,568",
        "over 1,234,568 up to 1,234,569",
        "over 1,234,569 up to 1,234,570",
        "over 1,234,570",
    )
    assert values.tolist() == [order[0], order[0], order[1], order[2], order[3], None]


def test_a_number_that_nobody_has_makes_no_groups() -> None:
    values, order = _bands(pd.Series([np.nan, np.nan]))
    assert values.tolist() == [None, None]
    assert order == ()
