"""Baskets hold what was bought in their window, whatever else there is."""

import random
from dataclasses import replace
from datetime import date
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from features.basket_groups import groups
from features.baskets import Bought, build_baskets
from features.clock import Window
from features.settings import BasketDefinition
from tests.builders import AS_OF, DAY, Shop, built, content
from tests.oracles import baskets as oracle
from tests.shops import futures, shops, together

WHOLE = Window(date(2020, 1, 1), AS_OF)
EVERYTHING = BasketDefinition(
    items=("product", "category"),
    context=("weekday", "store", "channel", "segment", "promotion", "promoted"),
    segment="tier",
    weights=("quantity", "amount", "margin"),
    splits=("overall", "segment", "store"),
)
KINDS = st.sampled_from(["order", "visit", "customer_day", "customer"])
FEW = settings(max_examples=settings().max_examples // 5)
KEYS = ("order", "customer", "ordered_on", "store")


def asked_for(kind: str) -> BasketDefinition:
    return EVERYTHING.model_copy(update={"basket": kind})


def keys_of(bought: Bought) -> list[oracle.Key]:
    """What each basket is known by, in order of its number."""
    return [tuple(row[name] for name in KEYS if name in row) for row in bought.baskets.to_pylist()]


def baskets_in(bought: Bought) -> dict[oracle.Key, oracle.Basket]:
    """Every basket by its key, as the oracle tells it."""
    keys, labels = keys_of(bought), bought.items.table["label"].to_pylist()
    found: dict[oracle.Key, oracle.Basket] = {key: {} for key in keys}
    for row in bought.rows.to_pylist():
        weights: dict[str, Any] = {name: row[name] for name in EVERYTHING.weights}
        found[keys[row["basket"]]][labels[row["item"]]] = weights
    return found


def bytes_of(bought: Bought) -> list[bytes]:
    tables = (bought.rows, bought.baskets, bought.items.table, bought.items.ancestors)
    return [content(table) for table in tables]


def build(shop: Shop, kind: str = "order", *, threads: int = 2) -> list[bytes]:
    with built(shop, threads=threads) as (con, sources):
        return bytes_of(build_baskets(con, asked_for(kind), WHOLE, sources))


@FEW
@given(shops(), KINDS, st.sampled_from([date(2020, 1, 1), AS_OF - 8 * DAY, AS_OF - DAY]))
def test_baskets_equal_the_plain_lists(shop: Shop, kind: str, start: date) -> None:
    asked = asked_for(kind)
    with built(shop) as (con, sources):
        bought = build_baskets(con, asked, Window(start, AS_OF), sources)
        found = groups(bought, asked, sources)
    assert baskets_in(bought) == oracle.baskets(shop, asked, start, AS_OF)
    assert len(set(keys_of(bought))) == bought.count
    assert bought.lines.counted == len(oracle.lines_of(shop, asked, start, AS_OF))
    names = oracle.group_names(shop, asked, start, AS_OF)
    keys = keys_of(bought)
    for split in ("segment", "store"):
        told = {
            keys[at]: group.name for group in found if group.split == split for at in group.baskets
        }
        assert told == {key: name[split] for key, name in names.items()}


@FEW
@given(st.data())
def test_rows_on_as_of_or_later_change_no_basket(data: st.DataObject) -> None:
    shop, kind = data.draw(shops()), data.draw(KINDS)
    future = data.draw(futures(shop.time_zone))
    assert build(together(shop, future), kind) == build(shop, kind)


@settings(max_examples=3)
@given(shops(), KINDS, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_threads_change_a_basket(
    shop: Shop, kind: str, chance: random.Random
) -> None:
    shuffled = replace(
        shop,
        orders=tuple(chance.sample(shop.orders, len(shop.orders))),
        customers=tuple(chance.sample(shop.customers, len(shop.customers))),
    )
    assert build(shuffled, kind, threads=1) == build(shop, kind)
    assert build(shop, kind, threads=3) == build(shop, kind)
