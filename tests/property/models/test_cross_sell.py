"""The future changes no propensity, and the order of customers and categories matters to none."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from models.cross_sell.learner import CrossSell, fit
from models.cross_sell.pairs import pairs
from models.cross_sell.settings import CrossSellSpec
from models.cross_sell.snapshots import Snapshot, snapshot_of
from tests.first_purchases import CATEGORIES, DAYS, FIRST_ON, shop

HELD_OUT = shop(90, 3)[-1]
ROWS = st.lists(
    st.tuples(st.integers(0, 9), st.sampled_from(list(CATEGORIES[:5])), st.integers(0, 90)),
    max_size=60,
)
"""Purchases: customer, category, and days after the first."""


@pytest.fixture(scope="module")
def model() -> CrossSell:
    return fit(shop(90, 2), CrossSellSpec(trees=20, rows_per_leaf=20, kept_share=0.5))


def snapshot(rows: list[tuple[int, str, int]]) -> Snapshot:
    purchases = pd.DataFrame(rows, columns=["customer", "category", "day"])
    purchases["bought_on"] = np.datetime64(FIRST_ON) + purchases.pop("day").to_numpy(dtype=np.int64)
    return snapshot_of(
        purchases,
        pd.DataFrame({"noise": np.arange(10.0)}),
        CATEGORIES,
        as_of=(pd.Timestamp(FIRST_ON) + pd.Timedelta(days=56)).date(),
        horizon_days=DAYS,
    )


@given(rows=ROWS, later=ROWS)
def test_what_comes_from_as_of_on_changes_no_propensity(
    model: CrossSell, rows: list[tuple[int, str, int]], later: list[tuple[int, str, int]]
) -> None:
    known = [row for row in rows if row[2] < 56]
    more = [row for row in later if row[2] >= 56]
    one, other = snapshot(known), snapshot(known + more)
    assert np.array_equal(model.propensities(one), model.propensities(other), equal_nan=True)
    assert np.array_equal(pairs(one).figures, pairs(replace(other, bought=None)).figures)


@given(seed=st.integers(0, 2**32 - 1))
def test_the_order_of_customers_and_categories_only_orders(model: CrossSell, seed: int) -> None:
    draws = np.random.default_rng(seed)
    rows, columns = draws.permutation(90), draws.permutation(len(CATEGORIES))

    def moved(matrix: sparse.csr_array) -> sparse.csr_array:
        return sparse.csr_array(matrix.toarray()[np.ix_(rows, columns)])

    other = Snapshot(
        HELD_OUT.customers[rows],
        HELD_OUT.categories[columns],
        HELD_OUT.behaviour.iloc[rows],
        moved(HELD_OUT.counts),
        moved(HELD_OUT.recent),
    )
    found, expected = model.propensities(other), model.propensities(HELD_OUT)
    is_far = np.abs(found - expected[np.ix_(rows, columns)]) > 1e-6
    assert is_far.mean() < 0.01  # sums in another order may fall on another side of a split


@given(rows=ROWS)
def test_pairs_are_all_that_was_never_bought(rows: list[tuple[int, str, int]]) -> None:
    found = snapshot(rows)
    made = pairs(found)
    held = {(who, CATEGORIES.get_loc(what)) for who, what, day in rows if day < 56}
    cells = set(zip(made.customer.tolist(), made.category.tolist(), strict=True))
    assert cells == {(who, what) for who in range(10) for what in range(24)} - held
    assert np.isfinite(made.figures).all()
