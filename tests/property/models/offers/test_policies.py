"""No offer violates a policy, and offers are those of plain loops."""

from collections import Counter
from collections.abc import Iterator, Sequence
from math import isnan, nan
from random import Random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.offers.evidence import Evidence
from models.offers.offered import Offered, offers_of, popular_offers, together
from models.offers.policies import Policies
from tests.offer_cases import ITEMS, POLICIES, PROPOSALS, SHELVES, STOCKS, Offer, frame, told
from tests.oracles import offers as oracle
from tests.oracles.offers import Candidate, Item

Stock = frozenset[str] | None


def made(
    rows: Sequence[Candidate], items: Sequence[Item], policies: Policies, stock: Stock
) -> Offered:
    known = {one["label"] for one in items}
    assert stock is None or stock <= known
    return offers_of(frame(rows), pd.DataFrame(items), policies, stock)


def violations(
    offered: pd.DataFrame, rows: Sequence[Candidate], items: Sequence[Item], asked: Policies
) -> list[str]:
    """Every breach of a policy, found offer by offer in the finished table."""
    every = told(offered)
    found: list[str] = []
    for customer in {one.customer for one in every}:
        found += together_violate([one for one in every if one.customer == customer], items, asked)
    for offer in every:
        found += alone_violates(offer, items[offer.item], asked)
        found += [
            "own cycle"
            for row in rows
            if (row.customer, row.item) == (offer.customer, offer.item) and rests(row, asked)
        ]
    return found


def together_violate(
    mine: Sequence[Offer], items: Sequence[Item], asked: Policies
) -> Iterator[str]:
    labels = [items[one.item] for one in mine]
    if len(mine) > asked.most or len({one.item for one in mine}) < len(mine):
        yield "too many"
    for column, most in asked.most_per.items():
        values = [oracle.value_of(one, column) for one in labels]
        if any(values.count(one) > most for one in values if one is not None):
            yield f"too many of a {column}"
    for kind, limit in asked.most_per_kind.items():
        if [one.kind for one in mine].count(kind) > limit:
            yield f"too many of {kind}"


def without_a_kept_place(
    mine: Sequence[Offer],
    rows: Sequence[Candidate],
    items: Sequence[Item],
    asked: Policies,
    stock: Stock,
) -> Iterator[str]:
    """Kinds with fewer offers than places are kept for, although a candidate is allowed."""
    given = {one.item: [row for row in rows if row.item == one.item] for one in rows}
    best = {item: oracle.best(each, items, asked) for item, each in given.items()}
    taken = [best[one.item] for one in mine]
    for kind, least in asked.least_per_kind.items():
        if sum(one.kind == kind for one in taken) >= least:
            continue
        for item, row in best.items():
            is_kind = row.kind == kind and row not in taken
            if (
                is_kind
                and oracle.reason_against(given[item], row, items, asked, stock) is None
                and oracle.full(row, taken, items, asked) is None
            ):
                yield f"no place for {kind}"


def alone_violates(offer: Offer, item: Item, asked: Policies) -> Iterator[str]:
    least, expected = asked.unit_margin_least, asked.expected_margin_least
    if any(oracle.value_of(item, column) in out for column, out in asked.exclude.items()):
        yield "excluded"
    if offer.probability < asked.probability_least:
        yield "improbable"
    if least is not None and not item["unit_margin"] >= least:
        yield "margin of a unit"
    if expected is not None and not offer.expected_margin >= expected:
        yield "expected margin"


def rests(row: Candidate, asked: Policies) -> bool:
    if asked.cycle_share is None or isnan(row.days_since):
        return False
    cycle = asked.unknown_cycle_days if isnan(row.cycle_days) else row.cycle_days
    return cycle is None or row.days_since < asked.cycle_share * cycle


@given(PROPOSALS, SHELVES, POLICIES, STOCKS)
def test_no_offer_violates_a_policy(
    rows: list[Candidate], items: list[Item], policies: Policies, stock: Stock
) -> None:
    table = made(rows, items, policies, stock).table
    assert violations(table, rows, items, policies) == []
    assert stock is None or {items[item]["label"] for item in table["item"]} <= stock
    for who in {row.customer for row in rows}:
        mine = [one for one in told(table) if one.customer == who]
        own = [row for row in rows if row.customer == who]
        assert list(without_a_kept_place(mine, own, items, policies, stock)) == []


@given(PROPOSALS, SHELVES, POLICIES, STOCKS)
def test_offers_and_what_is_left_out_are_those_of_plain_loops(
    rows: list[Candidate], items: list[Item], policies: Policies, stock: Stock
) -> None:
    found = made(rows, items, policies, stock)
    wanted, left_out = oracle.offers(rows, items, policies, stock)
    expected = [(who, rows.index(one)) for who, mine in wanted.items() for one in mine]
    assert list(zip(found.table["customer"], found.table["note"], strict=True)) == expected
    assert {name: count for name, count in found.left_out.items() if count} == dict(left_out)
    lengths = Counter(len(mine) for mine in wanted.values())
    assert found.filled.tolist() == [lengths[count] for count in range(policies.most + 1)]
    assert len(found.table) + sum(found.left_out.values()) == len(rows)


@given(PROPOSALS, SHELVES, POLICIES)
def test_ranks_are_counted_and_money_is_as_said(
    rows: list[Candidate], items: list[Item], policies: Policies
) -> None:
    table = made(rows, items, policies, None).table
    for _, mine in table.groupby("customer"):
        assert mine["rank"].tolist() == list(range(1, len(mine) + 1))
    for offer in told(table):
        expected, item = offer.probability * offer.units, items[offer.item]
        money = [offer.expected_revenue, offer.expected_margin]
        wanted = [expected * item["price"], expected * item["unit_margin"]]
        assert money == pytest.approx(wanted, nan_ok=True)


@given(PROPOSALS, SHELVES, POLICIES, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(
    rows: list[Candidate], items: list[Item], policies: Policies, random: Random
) -> None:
    mixed = list(rows)
    random.shuffle(mixed)
    one, other = (made(each, items, policies, None) for each in (rows, mixed))
    pd.testing.assert_frame_equal(one.table.drop(columns="note"), other.table.drop(columns="note"))
    assert one.left_out == other.left_out


@given(PROPOSALS, SHELVES, POLICIES)
def test_customers_do_not_touch_each_other(
    rows: list[Candidate], items: list[Item], policies: Policies
) -> None:
    whole = made(rows, items, policies, None)
    alone = [
        made([row for row in rows if row.customer == who], items, policies, None)
        for who in range(3)
    ]
    joined = together(alone)
    pd.testing.assert_frame_equal(
        whole.table.drop(columns="note"), joined.table.drop(columns="note")
    )
    assert whole.left_out == joined.left_out
    assert whole.filled.tolist() == joined.filled.tolist()


@given(PROPOSALS, SHELVES, POLICIES)
def test_nothing_that_is_given_is_changed(
    rows: list[Candidate], items: list[Item], policies: Policies
) -> None:
    candidates, known = frame(rows), pd.DataFrame(items)
    before = candidates.copy(deep=True), known.copy(deep=True)
    offers_of(candidates, known, policies)
    pd.testing.assert_frame_equal(candidates, before[0])
    pd.testing.assert_frame_equal(known, before[1])


@given(SHELVES, POLICIES, STOCKS, st.lists(st.floats(0, 1), min_size=ITEMS, max_size=ITEMS))
def test_a_customer_without_a_history_gets_popular_items_and_the_reason_says_so(
    items: list[Item], policies: Policies, stock: Stock, shares: list[float]
) -> None:
    popular = pd.DataFrame({"item": range(ITEMS), "probability": shares, "units": 1.0})
    found = popular_offers(
        np.array([9, 4]),
        popular,
        pd.DataFrame(items),
        policies,
        stock,
        evidence=Evidence(popularity=np.array(shares)),
    )
    rows = [
        Candidate(who, item, "cross", shares[item], 1.0, nan, nan)
        for who in (4, 9)
        for item in range(ITEMS)
    ]
    wanted, left_out = oracle.offers(rows, items, policies, stock)
    pairs = [(who, one.item) for who in (4, 9) for one in wanted[who]]
    assert list(zip(found.table["customer"], found.table["item"], strict=True)) == pairs
    assert violations(found.table, rows, items, policies) == []
    assert found.left_out == {name: left_out[name] for name in found.left_out}
    for offer in told(found.table):
        is_bought = shares[offer.item] > 0
        assert offer.reason_kind == ("popularity" if is_bought else "probability")
        assert offer.reason.endswith("; this customer has no history")
