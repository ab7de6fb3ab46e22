"""Prices of weeks are those of their lines, whatever else there is."""

import random
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from features.clock import Window
from features.prices import build_price_weeks
from features.settings import PriceDefinition
from tests.builders import AS_OF, DAY, Shop, built, content
from tests.oracles import prices as oracle
from tests.shops import futures, shops, together

WHOLE = Window(date(2022, 12, 30), AS_OF)
ASKED = st.builds(
    PriceDefinition, item=st.sampled_from(["product", "category"]), by_store=st.booleans()
)
FEW = settings(max_examples=settings().max_examples // 5)


def bytes_of(shop: Shop, asked: PriceDefinition, *, threads: int = 2) -> list[bytes]:
    with built(shop, threads=threads) as (con, sources):
        found = build_price_weeks(con, asked, WHOLE, sources)
    return [content(found.rows), content(found.items)]


@FEW
@given(shops(), ASKED, st.sampled_from([WHOLE.start, AS_OF - 60 * DAY, AS_OF - 9 * DAY]))
def test_units_and_prices_equal_the_plain_sums(
    shop: Shop, asked: PriceDefinition, start: date
) -> None:
    with built(shop) as (con, sources):
        found = build_price_weeks(con, asked, Window(start, AS_OF), sources)
    keys = ("item", "store", "week") if asked.by_store else ("item", "week")
    rows = found.rows.to_pylist()
    told = {tuple(row[key] for key in keys): row for row in rows}
    expected = oracle.price_weeks(shop, asked.item, start, AS_OF, by_store=asked.by_store)
    assert told == {key: dict(zip(keys, key, strict=True)) | sums for key, sums in expected.items()}
    assert len(told) == len(rows)
    assert found.lines.counted == sum(row["lines"] for row in rows)
    assert found.items["item"].to_pylist() == sorted({row["item"] for row in rows})


@FEW
@given(st.data(), ASKED)
def test_rows_on_as_of_or_later_change_no_price(
    data: st.DataObject, asked: PriceDefinition
) -> None:
    shop = data.draw(shops())
    future = data.draw(futures(shop.time_zone))
    assert bytes_of(together(shop, future), asked) == bytes_of(shop, asked)


@settings(max_examples=3)
@given(shops(), ASKED, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_the_threads_change_a_price(
    shop: Shop, asked: PriceDefinition, chance: random.Random
) -> None:
    shuffled = replace(shop, orders=tuple(chance.sample(shop.orders, len(shop.orders))))
    assert bytes_of(shuffled, asked, threads=1) == bytes_of(shop, asked, threads=3)
