"""Cycles and rules are those of plain loops, and nothing later changes a cycle or an offer."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.offers.cycles import Cycles, cycles_of
from models.offers.evidence import strongest
from models.offers.offered import offers_of
from models.offers.policies import Policies
from tests.offer_cases import shelf
from tests.oracles import offers as oracle
from tests.oracles.offers import Purchase, Rule

CUSTOMERS, ITEMS, LAST = 4, 6, 40
PAIRS = [(who, what) for who in range(CUSTOMERS) for what in range(ITEMS)]

PURCHASES: st.SearchStrategy[list[Purchase]] = st.lists(
    st.tuples(st.integers(0, CUSTOMERS - 1), st.integers(0, LAST), st.integers(0, ITEMS - 1)),
    max_size=150,
).map(sorted)
RULES: st.SearchStrategy[list[Rule]] = st.lists(
    st.tuples(
        st.integers(0, ITEMS - 1),
        st.integers(0, ITEMS - 1),
        st.sampled_from([0.1, 0.3, 0.5]),
        st.sampled_from([0.9, 1.0, 1.5, 2.0]),
        st.sampled_from([3.0, 8.0, 30.0]),
    ),
    max_size=20,
    unique_by=lambda rule: rule[:2],
)


def known(purchases: list[Purchase], as_of: int) -> Cycles:
    columns = np.array(purchases, dtype=np.int64).reshape(-1, 3).T
    return cycles_of((columns[0], columns[1], columns[2]), as_of, CUSTOMERS, ITEMS)


def asked(cycles: Cycles) -> pd.DataFrame:
    who, what = np.array(PAIRS).T
    return cycles.of(who, what)


@given(PURCHASES, st.integers(0, LAST + 2))
def test_cycles_are_those_of_plain_loops(purchases: list[Purchase], as_of: int) -> None:
    wanted = oracle.cycles(purchases, as_of)
    nothing = (0, np.nan, np.nan, False)
    for pair, row in zip(
        PAIRS, asked(known(purchases, as_of)).itertuples(index=False), strict=True
    ):
        assert tuple(row) == pytest.approx(wanted.get(pair, nothing), nan_ok=True)


@given(PURCHASES, PURCHASES, st.integers(0, LAST + 2))
def test_the_future_changes_no_cycle_and_no_offer(
    purchases: list[Purchase], others: list[Purchase], as_of: int
) -> None:
    past = [one for one in purchases if one[1] < as_of]
    other_future = sorted(past + [one for one in others if one[1] >= as_of])
    tables = []
    for each in (purchases, past, other_future):
        rows = asked(known(each, as_of))
        rows[["customer", "item"]] = np.array(PAIRS)
        candidates = rows.assign(kind="repeat", probability=0.5, units=1.0)
        tables.append(offers_of(candidates, shelf(), Policies()).table)
    pd.testing.assert_frame_equal(tables[0], tables[1])
    pd.testing.assert_frame_equal(tables[0], tables[2])


@given(
    RULES,
    st.lists(
        st.tuples(st.integers(0, CUSTOMERS - 1), st.integers(0, ITEMS - 1), st.integers(1, 20)),
        max_size=20,
    ),
    st.booleans(),
)
def test_the_strongest_rule_is_that_of_plain_loops(
    rules: list[Rule],
    lately: list[tuple[int, int, int]],
    has_days: bool,  # noqa: FBT001
) -> None:
    columns = ["antecedent", "consequent", "confidence", "lift", "days"]
    table = pd.DataFrame(rules, columns=columns)
    bought = pd.DataFrame(lately, columns=["customer", "item", "days_since"])
    if not has_days:
        table = table.drop(columns="days")
        rules = [(*rule[:4], np.inf) for rule in rules]
    offered = pd.DataFrame(PAIRS, columns=["customer", "item"])
    rule, since = strongest(table, bought, offered, ITEMS)
    for pair, at, row in zip(PAIRS, rule.tolist(), since.tolist(), strict=True):
        wanted = oracle.strongest(rules, lately, *pair)
        if wanted is None:
            assert (at, row) == (-1, -1)
        else:
            assert (rules[at], lately[row][2]) == wanted
            assert lately[row][0] == pair[0]
