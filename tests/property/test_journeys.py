"""Journeys are the sums of their lines, whatever else there is."""

import random
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from features.clock import Window
from features.journeys import Journeys, build_journeys
from features.settings import JourneyDefinition
from tests.builders import AS_OF, DAY, Shop, built, content
from tests.oracles import journeys as oracle
from tests.oracles.past import local_day
from tests.shops import futures, shops, together

WHOLE = Window(date(2022, 12, 30), AS_OF)
ITEMS = st.sampled_from(["product", "category"])
FEW = settings(max_examples=settings().max_examples // 5)


def build(shop: Shop, item: str, window: Window = WHOLE, *, threads: int = 2) -> Journeys:
    with built(shop, threads=threads) as (con, sources):
        return build_journeys(con, JourneyDefinition(item=item), window, sources)


def bytes_of(found: Journeys) -> list[bytes]:
    return [content(found.purchases), content(found.items), repr(found.lines).encode()]


@FEW
@given(shops(), ITEMS, st.sampled_from([WHOLE.start, AS_OF - 60 * DAY, AS_OF - 9 * DAY]))
def test_journeys_equal_the_plain_sums(shop: Shop, item: str, start: date) -> None:
    found = build(shop, item, Window(start, AS_OF))
    assert found.purchases.to_pylist() == oracle.purchases(shop, item, start, AS_OF)
    assert found.items.to_pylist() == oracle.items(shop, item, start, AS_OF)
    told = oracle.bought(shop, item, start, AS_OF).values()
    assert found.lines.counted == sum(len(lines) for lines in told)


@FEW
@given(shops(), ITEMS)
def test_every_line_is_counted_or_left_out_for_one_reason(shop: Shop, item: str) -> None:
    days = [local_day(shop, row.ordered_at) for row in set(shop.orders)]
    seen = sum(WHOLE.start <= day < AS_OF for day in days)
    assert sum(vars(build(shop, item).lines).values()) == seen


@FEW
@given(st.data(), ITEMS)
def test_rows_on_as_of_or_later_change_no_journey(data: st.DataObject, item: str) -> None:
    shop = data.draw(shops())
    future = data.draw(futures(shop.time_zone))
    assert bytes_of(build(together(shop, future), item)) == bytes_of(build(shop, item))


@settings(max_examples=3)
@given(shops(), ITEMS, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_threads_change_a_journey(
    shop: Shop, item: str, chance: random.Random
) -> None:
    shuffled = replace(shop, orders=tuple(chance.sample(shop.orders, len(shop.orders))))
    assert bytes_of(build(shuffled, item, threads=1)) == bytes_of(build(shop, item, threads=3))
