"""What a snapshot knows, and what it refuses."""

import re
from datetime import date

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from models.cross_sell.snapshots import Snapshot, SnapshotUnclear, snapshot_of
from tests.first_purchases import by_hand

AS_OF = date(2026, 3, 1)
COHORT = pd.DataFrame({"orders": [1.0, 2.0]}, index=pd.Index(["ann", "bob"]))


def made(*purchases: tuple[str, str, str], is_over: bool = True) -> Snapshot:
    rows = pd.DataFrame(list(purchases), columns=["customer", "category", "bought_on"])
    rows["bought_on"] = pd.to_datetime(rows["bought_on"])
    return snapshot_of(
        rows, COHORT, pd.Index(["tea", "rice"]), as_of=AS_OF, horizon_days=28, is_over=is_over
    )


def test_days_are_counted_once_and_only_before_as_of() -> None:
    snapshot = made(
        ("ann", "tea", "2026-01-01"),
        ("ann", "tea", "2026-02-28"),
        ("ann", "tea", "2026-02-28"),
        ("ann", "tea", "2026-03-01"),
        ("bob", "rice", "2026-02-01"),
    )
    assert snapshot.counts.toarray().tolist() == [[2, 0], [0, 1]]
    assert snapshot.recent.toarray().tolist() == [[1, 0], [0, 1]]
    assert snapshot.outcome("a test").tolist() == [[True, False], [False, False]]


def test_names_may_be_categorical() -> None:
    lines = (("ann", "tea"), ("eve", "tea"), ("bob", "rice"), ("bob", "salt"))
    rows = pd.DataFrame(lines, columns=["customer", "category"])
    rows["bought_on"] = pd.to_datetime(["2026-02-03"] * len(rows))
    asked = pd.Index(["tea", "rice"])
    one, other = (
        snapshot_of(each, COHORT, asked, as_of=AS_OF, horizon_days=28)
        for each in (rows, rows.astype({"customer": "category", "category": "category"}))
    )
    assert one.counts.toarray().tolist() == other.counts.toarray().tolist() == [[1, 0], [0, 1]]


def test_the_horizon_is_half_open_at_both_ends() -> None:
    snapshot = made(
        ("ann", "tea", "2026-01-31"),  # 29 days before
        ("ann", "rice", "2026-03-29"),  # 28 days after
        ("bob", "rice", "2026-03-28"),
    )
    assert snapshot.recent.toarray().tolist() == [[0, 0], [0, 0]]
    assert snapshot.counts.toarray().tolist() == [[1, 0], [0, 0]]
    assert snapshot.outcome("a test").tolist() == [[False, False], [False, True]]


def test_other_customers_and_categories_are_left_out() -> None:
    snapshot = made(("eve", "tea", "2026-02-01"), ("ann", "soap", "2026-02-01"))
    assert snapshot.counts.nnz == 0


def test_who_was_known_one_horizon_ago_had_bought_before_it() -> None:
    snapshot = by_hand([[3, 1], [2, 0], [0, 0]], recent=[[1, 1], [2, 0], [0, 0]])
    assert snapshot.has.tolist() == [[True, True], [True, False], [False, False]]
    assert snapshot.had.tolist() == [[True, False], [False, False], [False, False]]
    assert snapshot.is_known.tolist() == [True, False, False]


def test_an_outcome_that_is_not_known_yet_is_refused() -> None:
    snapshot = made(is_over=False)
    message = (
        "a learner needs what was bought after as_of, but a snapshot has no bought; use one whose "
        "horizon is over"
    )
    with pytest.raises(SnapshotUnclear, match=f"^{re.escape(message)}$"):
        snapshot.outcome("a learner")


def test_parts_of_other_shapes_are_refused() -> None:
    days = sparse.csr_array(np.zeros((2, 3), dtype=np.int64))
    message = (
        "a snapshot of 2 customers and 2 categories needs counts of that shape, but it has (2, 3); "
        "make all parts from the same customers and categories"
    )
    with pytest.raises(SnapshotUnclear, match=f"^{re.escape(message)}$"):
        Snapshot(COHORT.index, pd.Index(["tea", "rice"]), COHORT, days, days)
    message = (
        "behaviour needs a row for each of 2 customers, in their order, but it has 1; reindex it "
        "by the customers"
    )
    with pytest.raises(SnapshotUnclear, match=f"^{re.escape(message)}$"):
        Snapshot(COHORT.index, pd.Index(["tea", "rice", "oil"]), COHORT.head(1), days, days)


def test_more_recent_days_than_days_are_refused() -> None:
    message = (
        "recent days are some of the days before as_of, but a customer has more of them than days "
        "in all; count both from the same purchases"
    )
    with pytest.raises(SnapshotUnclear, match=f"^{re.escape(message)}$"):
        by_hand([[1, 0]], recent=[[2, 0]])


def test_purchases_without_a_column_are_refused() -> None:
    message = (
        "purchases need the columns customer, category and bought_on, but lack ['bought_on']; "
        "rename the columns that hold them"
    )
    with pytest.raises(SnapshotUnclear, match=f"^{re.escape(message)}$"):
        snapshot_of(
            pd.DataFrame({"customer": ["ann"], "category": ["tea"]}),
            COHORT,
            pd.Index(["tea"]),
            as_of=AS_OF,
            horizon_days=28,
        )


def test_a_purchase_without_a_day_is_left_out() -> None:
    snapshot = made(("ann", "tea", "NaT"), ("bob", "rice", "2026-02-01"))
    assert snapshot.counts.toarray().tolist() == [[0, 0], [0, 1]]


def of(customer: object, behaviour: pd.DataFrame) -> Snapshot:
    rows = pd.DataFrame({"customer": [customer], "category": ["tea"]})
    rows["bought_on"] = pd.to_datetime(["2026-02-01"])
    return snapshot_of(rows, behaviour, pd.Index(["tea"]), as_of=AS_OF, horizon_days=28)


def test_a_customer_with_two_rows_of_behaviour_is_refused() -> None:
    message = (
        "a snapshot needs every customer once, but 'ann' is there twice or more; leave one row of "
        "each"
    )
    with pytest.raises(SnapshotUnclear, match=f"^{re.escape(message)}$"):
        of("ann", pd.concat([COHORT, COHORT]))


def test_numbers_of_customers_against_text_are_refused() -> None:
    message = (
        "none of 1 purchases is of a customer that is known: purchases hold such as 7, but known "
        "are such as 'ann'; name them alike in both"
    )
    with pytest.raises(SnapshotUnclear, match=f"^{re.escape(message)}$"):
        of(7, COHORT)


def test_no_purchase_by_the_cohort_is_an_empty_snapshot() -> None:
    assert of("eve", COHORT).counts.nnz == 0
