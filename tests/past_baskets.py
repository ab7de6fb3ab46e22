"""Histories from lists of days and sets, oldest first, and sets of them for Hypothesis."""

from dataclasses import replace
from itertools import accumulate

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from models.next_basket.histories import Histories
from tests.oracles.next_basket import Past

ITEMS = 6

PASTS: st.SearchStrategy[Past] = st.dictionaries(
    st.integers(0, 4),
    st.dictionaries(
        st.integers(0, 60), st.frozensets(st.integers(0, ITEMS - 1), min_size=1), max_size=18
    ).map(lambda days: sorted(days.items())),
    min_size=2,
)
"""By customer, up to 18 baskets; some have none."""


def histories(past: Past, items: int = ITEMS) -> Histories:
    """The same as whole numbers: an item is its position, customers are in their order."""
    every = [basket for history in past.values() for _, basket in history]
    return Histories(
        customers=pd.Index(list(past)),
        items=pd.RangeIndex(items),
        firsts=_ends([len(history) for history in past.values()]),
        days=np.array([day for history in past.values() for day, _ in history], dtype=np.int64),
        starts=_ends([len(basket) for basket in every]),
        codes=np.array([item for basket in every for item in sorted(basket)], dtype=np.int32),
    )


def named(past: dict[str, list[tuple[int, set[int]]]], items: int) -> Histories:
    """Histories of customers with names, from days and sets of items."""
    found = histories(
        {
            place: [(day, frozenset(has)) for day, has in each]
            for place, each in enumerate(past.values())
        },
        items,
    )
    return replace(found, customers=pd.Index(list(past)))


def _ends(lengths: list[int]) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array(list(accumulate(lengths, initial=0)), dtype=np.int64)
