"""Rows of baskets and items as the whole numbers that are mined."""

import numpy as np
import pandas as pd
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from features.items import Items
from models.rules.baskets import gathered
from pipelines.rule_baskets import coded

LABELS = ["product:0", "product:1", "product:2", "product:3"]
NOTHING = pa.array([], pa.int32())
ITEMS = Items(
    pa.table({"label": LABELS, "is_context": [False] * 4}),
    pa.table({"item": NOTHING, "ancestor": NOTHING}),
)
BASKETS = 6


@given(st.dictionaries(st.tuples(st.integers(0, 4), st.integers(0, 3)), st.integers(-9, 9)))
def test_sorted_rows_are_the_baskets_that_unsorted_ones_give(
    drawn: dict[tuple[int, int], int],
) -> None:
    """The last of the baskets never has a row."""
    pairs = sorted(drawn)
    basket, item = (np.array([pair[at] for pair in pairs], dtype=np.int64) for at in (0, 1))
    margin = np.array([drawn[pair] for pair in pairs], dtype=np.int64)
    rows = pa.table({"basket": basket, "item": item.astype(np.int32), "margin": margin})
    found = coded(rows, BASKETS, ITEMS, "margin")
    index = pd.Index(LABELS, dtype=object)
    expected = gathered(basket, item, BASKETS, index, margin.astype(np.float64))
    assert found.starts.tolist() == expected.starts.tolist()
    assert found.codes.tolist() == expected.codes.tolist()
    assert found.codes.dtype == expected.codes.dtype
    assert found.weights is not None
    assert expected.weights is not None
    assert found.weights.tolist() == expected.weights.tolist()
    assert found.labels.equals(expected.labels)


def test_without_a_weight_there_is_none() -> None:
    rows = pa.table({"basket": [0, 2], "item": pa.array([1, 3], pa.int32())})
    found = coded(rows, 3, ITEMS)
    assert found.weights is None
    assert found.sizes.tolist() == [1, 0, 1]
    assert found.bought is None


def test_neither_what_items_belong_to_nor_context_makes_a_basket_larger() -> None:
    """The first basket holds milk and its category on a Friday; the second the category alone."""
    labels = ["category:dairy", "product:milk", "promoted_product:milk", "weekday:Friday"]
    items = Items(
        pa.table({"label": labels, "is_context": [False, False, True, True]}),
        pa.table({"item": [1, 2, 2], "ancestor": [0, 0, 1]}),
    )
    pairs = [(0, 0), (0, 1), (0, 2), (0, 3), (1, 0), (1, 3), (2, 3)]
    basket, item = zip(*pairs, strict=True)
    rows = pa.table({"basket": basket, "item": pa.array(item, pa.int32())})
    found = coded(rows, 4, items)
    assert found.bought is not None
    assert found.bought.tolist() == [1, 1, 0, 0]
    assert found.sizes.tolist() == [4, 2, 1, 0]
