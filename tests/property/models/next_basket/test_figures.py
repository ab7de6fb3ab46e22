"""Figures of customers and items are what plain Python says, and know nothing of later days."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.next_basket.facts import Facts, dated
from models.next_basket.learner import examples
from models.next_basket.own_past import OWN_COLUMNS, own_past
from models.next_basket.pairs import past as learnt_of
from models.next_basket.surroundings import (
    CUSTOMER_COLUMNS,
    ITEM_COLUMNS,
    customer_figures,
    item_figures,
)
from models.next_basket.targets import first_baskets, last_baskets
from tests.oracles import next_basket_figures as oracle
from tests.oracles.next_basket import Past, decayed
from tests.past_baskets import ITEMS, PASTS, histories

KINDS = {"kind": np.array([0, 0, 1, 1, 2, 2])}


def until(past: Past, day: int) -> Past:
    return {who: [(on, b) for on, b in history if on < day] for who, history in past.items()}


@given(PASTS, st.integers(61, 90))
def test_own_figures_are_those_of_the_oracle(past: Past, as_of: int) -> None:
    known = histories(past)
    starts = np.arange(len(past) + 1) * ITEMS
    items = np.tile(np.arange(ITEMS, dtype=np.int32), len(past))
    found = own_past(known, np.full(len(past), as_of), starts, items)
    wanted = [oracle.own(past[who], item, as_of) for who in past for item in range(ITEMS)]
    for row, each in zip(found, wanted, strict=True):
        assert set(each) == set(OWN_COLUMNS)
        assert row == pytest.approx([each[name] for name in OWN_COLUMNS], nan_ok=True, abs=1e-7)


@given(PASTS, st.integers(61, 90))
def test_figures_of_customers_are_those_of_the_oracle(past: Past, as_of: int) -> None:
    found = customer_figures(histories(past), np.full(len(past), as_of))
    for row, who in zip(found, past, strict=True):
        if not past[who]:
            assert row[[0, 11]].tolist() == [0, 0]
            assert np.isnan(np.delete(row, [0, 11])).all()
            continue
        wanted = oracle.customer(past[who], as_of)
        expected = [wanted[name] for name in CUSTOMER_COLUMNS]
        assert row == pytest.approx(expected, nan_ok=True, abs=1e-7)


@given(PASTS)
def test_figures_of_items_are_those_of_the_oracle(past: Past) -> None:
    again = np.linspace(0, 1, ITEMS)
    found = item_figures(histories(past), again)
    for one, row in enumerate(found):
        wanted = oracle.item(past, one) | {"item_again_next": again[one]}
        assert row == pytest.approx([wanted[name] for name in ITEM_COLUMNS])


@given(PASTS, st.integers(10, 50))
def test_what_came_later_changes_no_figure_of_an_earlier_target(past: Past, day: int) -> None:
    every = {**past, 8: [(1, frozenset({0})), (60, frozenset({1}))]}
    known = until(every, day)
    target = {who: history[: len(known[who]) + 1] for who, history in every.items()}
    found, wanted = (
        examples(first_baskets(histories(each), day, least=1), KINDS) for each in (every, target)
    )
    np.testing.assert_array_equal(found.figures, wanted.figures)
    np.testing.assert_array_equal(found.is_bought, wanted.is_bought)


@given(PASTS, st.lists(st.integers(0, 90), unique=True), st.integers(10, 50))
def test_facts_of_the_day_or_later_change_no_figure(past: Past, days: list[int], day: int) -> None:
    every = histories({**past, 8: [(1, frozenset({0})), (2, frozenset({1})), (60, frozenset({1}))]})
    on = np.array(days, dtype=np.int64)
    prices = pd.DataFrame({"item": np.zeros_like(on), "day": on, "price": on.astype(np.float64)})
    found, wanted = (
        examples(first_baskets(every, day), facts=Facts(dated(rows, "item", "day")))
        for rows in (prices, prices[prices["day"] < day])
    )
    np.testing.assert_array_equal(found.figures, wanted.figures)
    told = found.figures[:, -1]
    before = [one for one in days if one < day]
    assert set(told[~np.isnan(told)].tolist()) <= {max(before, default=-1)}


@given(PASTS)
def test_a_last_basket_changes_no_figure_that_predicts_it(past: Past) -> None:
    full = {**past, 8: [(1, frozenset({0})), (2, frozenset({3}))]}
    other = {
        who: [*h[:-1], (h[-1][0] + 5, frozenset({5}))] if len(h) > 1 else h
        for who, h in full.items()
    }
    found, wanted = (examples(last_baskets(histories(h), least=1), KINDS) for h in (full, other))
    np.testing.assert_array_equal(found.figures, wanted.figures)


@given(PASTS)
def test_candidates_have_the_scores_and_ranks_of_every_recommender(past: Past) -> None:
    known = histories(past)
    learnt = learnt_of(known, KINDS)
    pairs = learnt.pairs(known, np.full(len(past), 61))
    columns = list(learnt.columns)
    assert pairs.figures.shape == (len(pairs.items), len(columns))
    owner = np.repeat(np.arange(len(past)), np.diff(pairs.starts))
    for name, recommender in {**learnt.recommenders, **learnt.groups}.items():
        scores = recommender.scores(known)
        told = pairs.figures[:, columns.index(f"score_{name}")]
        assert told == pytest.approx(scores[owner, pairs.items], rel=1e-6)
        for row in range(len(past)):
            order = np.argsort(-scores[row], kind="stable").tolist()
            ranks = pairs.figures[owner == row, columns.index(f"rank_{name}")]
            assert ranks.tolist() == [order.index(i) + 1 for i in pairs.items[owner == row]]


@given(PASTS)
def test_a_group_s_figures_add_up_those_of_its_items(past: Past) -> None:
    known = histories(past)
    learnt = learnt_of(known, KINDS)
    pairs = learnt.pairs(known, np.full(len(past), 61))
    at = learnt.columns.index("kind_decayed_0.7")
    owner = np.repeat(list(past), np.diff(pairs.starts))
    kinds = KINDS["kind"].tolist()
    for who, item, row in zip(owner.tolist(), pairs.items.tolist(), pairs.figures, strict=True):
        alike = [other for other in range(ITEMS) if kinds[other] == kinds[item]]
        soon, late = (
            sum(decayed(past[who], other, rate) for other in alike) for rate in (0.7, 0.95)
        )
        own = decayed(past[who], item, 0.95)
        assert row[at : at + 3] == pytest.approx([soon, late, own / late if late else 0.0])
