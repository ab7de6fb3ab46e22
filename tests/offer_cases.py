"""Items, candidates and policies of offers, by hand and for Hypothesis."""

from collections.abc import Sequence
from math import nan
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from hypothesis import strategies as st

from models.offers.policies import KINDS, Kind, Policies
from tests.oracles.offers import Candidate, Item

ITEMS = 6
LABELS = tuple("abcdef")

_GROUPS = st.sampled_from(["x", "y", None])
SHELVES: st.SearchStrategy[list[Item]] = st.tuples(
    *(
        st.fixed_dictionaries(
            {
                "label": st.just(label),
                "title": st.just(label.upper()),
                "in_category": _GROUPS,
                "brand": _GROUPS,
                "price": st.sampled_from([1.0, 2.0, nan]),
                "unit_margin": st.sampled_from([-1.0, 0.1, 0.3, 2.0, nan]),
            }
        )
        for label in LABELS
    )
).map(list)

_ROWS = st.builds(
    Candidate,
    customer=st.integers(0, 2),
    item=st.integers(0, ITEMS - 1),
    kind=st.sampled_from(KINDS),
    probability=st.sampled_from([0.0, 0.1, 0.3, 0.5, 1.0]),
    units=st.sampled_from([0.0, 1.0, 1.5, nan]),
    cycle_days=st.sampled_from([0.0, 5.0, 10.0, nan]),
    days_since=st.sampled_from([1.0, 5.0, 9.0, 12.0, nan]),
)


def _proposals(least: int, most: int) -> st.SearchStrategy[list[Candidate]]:
    return st.lists(
        _ROWS,
        min_size=least,
        max_size=most,
        unique_by=lambda row: (row.customer, row.item, row.kind),
    )


PROPOSALS = _proposals(0, 8) | _proposals(18, 36)
"""One row per customer, item and kind: few of them, and many."""

_COLUMN = st.sampled_from(["category", "brand"])


def _policies(least: dict[Kind, int], **asked: Any) -> Policies:
    """Policies that keep as many places as there are."""
    left: int = asked["most"]
    kept: dict[Kind, int] = {}
    for kind, count in least.items():
        kept[kind] = min(count, left, asked["most_per_kind"].get(kind, left))
        left -= kept[kind]
    return Policies(least_per_kind=kept, **asked)


POLICIES: st.SearchStrategy[Policies] = st.builds(
    _policies,
    least=st.just({}) | st.dictionaries(st.sampled_from(KINDS), st.integers(0, 3)),
    most=st.integers(1, 7),
    rank_by=st.sampled_from(["probability", "expected_margin", "expected_revenue"]),
    cycle_share=st.sampled_from([None, 0.5, 1.0, 1.5]),
    unknown_cycle_days=st.sampled_from([None, 6.0]),
    most_per=st.dictionaries(_COLUMN, st.integers(1, 3)),
    most_per_kind=st.dictionaries(st.sampled_from(KINDS), st.integers(0, 2)),
    exclude=st.dictionaries(_COLUMN, st.sampled_from([("x",), ("y",), ("z",)]))
    | st.just({"item": ("b", "d")}),
    diversity=st.sampled_from([0.0, 0.3, 1.0]),
    diversity_by=_COLUMN,
    unit_margin_least=st.sampled_from([None, 0.0, 0.3]),
    expected_margin_least=st.sampled_from([None, None, 0.0, 0.1]),
    probability_least=st.sampled_from([0.0, 0.0, 0.3]),
)

STOCKS = st.none() | st.frozensets(st.sampled_from(LABELS), min_size=1)


def frame(rows: Sequence[Candidate]) -> pd.DataFrame:
    """Candidates as a table, with a column of evidence."""
    found = pd.DataFrame(rows, columns=list(Candidate._fields))
    kinds = {"customer": "int64", "item": "int64", "kind": "str"}
    numbers = dict.fromkeys(Candidate._fields[3:], "float64")
    return found.astype(kinds | numbers).assign(note=np.arange(len(rows)))


def candidate(customer: int = 0, item: int = 0, **given: Any) -> Candidate:
    """Candidates never bought before, of probability .5, for one unit."""
    plain: dict[str, Any] = {"kind": "cross", "probability": 0.5, "units": 1.0}
    times: dict[str, Any] = {"cycle_days": nan, "days_since": nan}
    return Candidate(customer, item, **(plain | times | given))


def shelf(**columns: Sequence[object]) -> pd.DataFrame:
    """Six items called a to f, of price 1 and margin .5, with these columns."""
    plain: dict[str, Sequence[object]] = {
        "label": LABELS,
        "title": [label.upper() for label in LABELS],
        "price": [1.0] * ITEMS,
        "unit_margin": [0.5] * ITEMS,
    }
    return pd.DataFrame(plain | columns)


class Offer(NamedTuple):
    """One row of the offers table."""

    customer: int
    rank: int
    item: int
    kind: str
    probability: float
    units: float
    expected_revenue: float
    expected_margin: float
    reason_kind: str
    reason: str


def told(table: pd.DataFrame) -> list[Offer]:
    """Rows of an offers table."""
    columns = [table[name].tolist() for name in Offer._fields]
    return [Offer(*row) for row in zip(*columns, strict=True)]
