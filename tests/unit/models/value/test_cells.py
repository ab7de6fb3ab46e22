"""Customers alike are one cell, and figures that contradict each other are refused."""

import re

import numpy as np
import pandas as pd
import pytest

from models.spec import FiguresUnfit
from models.value.cells import counted

SUMMARY = pd.DataFrame(
    {
        "repeats": [2, 0, 2, 0],
        "last_at": [5.0, 0.0, 5.0, 0.0],
        "age": [9.0, 9.0, 9.0, 4.0],
        "young": [1, 0, 0, 0],
    }
)


def test_customers_alike_are_counted_together() -> None:
    found = counted(SUMMARY)
    assert found.repeats.tolist() == [0, 0, 2]
    assert found.age.tolist() == [4, 9, 9]
    assert found.customers.tolist() == [1, 1, 2]
    assert found.of.tolist() == [2, 1, 2, 0]
    assert (len(found), found.total) == (3, 4)
    assert found.is_one_time.tolist() == [True, True, False]


def test_covariates_keep_customers_apart() -> None:
    found = counted(SUMMARY, ["young"])
    assert found.customers.tolist() == [1, 1, 1, 1]
    assert found.covariates[found.of, 0].tolist() == [1, 0, 0, 0]
    assert found.names == ("young",)


def test_the_order_of_customers_changes_no_cell() -> None:
    found, again = counted(SUMMARY), counted(SUMMARY.iloc[::-1])
    for name in ("repeats", "last_at", "age", "customers"):
        assert getattr(found, name).tolist() == getattr(again, name).tolist()
    assert again.of.tolist() == found.of.tolist()[::-1]


def test_many_different_values_are_counted_like_few() -> None:
    random = np.random.default_rng(1)
    age = random.random(3000) * 100
    last_at = age * random.random(3000)
    many = pd.DataFrame({"repeats": random.integers(1, 2000, 3000), "last_at": last_at, "age": age})
    found = counted(pd.concat([many, many]))
    assert len(found) == 3000
    assert (found.customers == 2).all()
    order = np.lexsort((found.age, found.last_at, found.repeats))
    assert order.tolist() == list(range(3000))
    assert found.age[found.of[:3000]].tolist() == age.tolist()


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (
            {"age": [9.0, np.nan, 9.0, np.inf]},
            (
                "age needs a finite number for each customer, but 2 of 4 are missing or infinite; "
                "fill them, or leave these customers out"
            ),
        ),
        (
            {"repeats": [2, 0, 2.5, -1]},
            (
                "repeats are whole numbers from 0 on, but not so for 2 of 4 customers, the first "
                "with repeats=2.5, last_at=5, age=9; count one purchase per customer and day"
            ),
        ),
        (
            {"last_at": [5.0, 0.0, 9.5, 0.0]},
            (
                "last_at lies between 0 and age, but not so for 1 of 4 customers, the first with "
                "repeats=2, last_at=9.5, age=9; count one purchase per customer and day"
            ),
        ),
        (
            {"last_at": [5.0, 0.0, 0.0, 3.0]},
            (
                "last_at is 0 without a repeat and above 0 with one, but not so for 2 of 4 "
                "customers, the first with repeats=2, last_at=0, age=9; count one purchase per "
                "customer and day"
            ),
        ),
    ],
)
def test_figures_that_cannot_be_are_refused(change: dict[str, list[float]], text: str) -> None:
    with pytest.raises(FiguresUnfit, match=re.escape(text)):
        counted(SUMMARY.assign(**change))


def test_missing_columns_are_told() -> None:
    with pytest.raises(
        FiguresUnfit,
        match=re.escape(
            "a summary needs the columns repeats, last_at, age, channel, but lacks age, channel; "
            "make it with models.value.summary.summarised, and join the covariates to it"
        ),
    ):
        counted(SUMMARY.drop(columns="age"), ["channel"])


def test_texts_are_no_covariate() -> None:
    with pytest.raises(
        FiguresUnfit,
        match=re.escape(
            "channel needs a number for each customer, but holds str; make a column of zeros and "
            "ones of each of its values"
        ),
    ):
        counted(SUMMARY.assign(channel=["web", "shop", "web", "shop"]), ["channel"])
