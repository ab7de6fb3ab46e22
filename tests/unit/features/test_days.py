"""Lines added up run by run against the SQL that groups them, for what lines can be like."""

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, time

import pyarrow as pa
import pytest

from features.clock import day_number
from features.contract import Orders
from features.daily import CATEGORY_PRICE, category_day, customer_day
from features.days import Last, adding, no_days
from features.lines import lines, recipe
from features.slices import Keys
from features.spelling import DuckDB
from features.sql import listing
from features.warehouse import in_order
from tests.builders import AS_OF, DAY, Order, Shop, order, returned
from tests.growing import TURNS, Growing, Row, growing

EVERYBODY = (Keys(1, 1_000),)
TODAY = day_number(AS_OF)
ALWAYS = ["customer_key", "day", "lines", "orders", "active_days", "gaps", "gap_days", "gap_logs"]


def at(hour: int, minute: int = 0, *, days_ago: int = 1) -> datetime:
    return datetime.combine(AS_OF - days_ago * DAY, time(hour, minute), UTC)


def of(*rows: Order) -> Shop:
    """A shop of these lines; of bread nothing is known, of milk no cost, of rice no brand."""
    return Shop(
        rows,
        categories=(("tea", "drinks"), ("milk", "drinks"), ("rice", "grain")),
        unit_costs=(("tea", 60), ("rice", 5)),
        private_labels=(("tea", True), ("milk", False)),
    )


def added(
    shop: Growing,
    wanted: Iterable[str] | None = None,
    *,
    orders: Orders | None = None,
    turns: Sequence[Keys] = EVERYBODY,
    since: int | None = None,
    earlier: Last | None = None,
) -> pa.Table:
    """Days of all lines, or of those since a day."""
    known = orders or shop.orders
    if known.category is not None:
        prices = category_day(known.category, DuckDB())
        shop.con.execute(f"CREATE OR REPLACE TEMP TABLE category_day AS {prices}")
    chosen, day = recipe(known, wanted), DuckDB().day_number("ordered_on")
    condition = "true" if since is None else f"{day} >= {since}"
    with in_order(shop.con), adding(shop.con, known, chosen, earlier) as made:
        found = [made.days(lines(shop.con, keys, chosen, condition)) for keys in turns]
    return pa.concat_tables(found)


def rows_of(found: pa.Table) -> list[Row]:
    columns = (column.to_pylist() for column in found.columns)
    return list(zip(*columns, strict=True))


def require_days(shop: Growing, orders: Orders | None = None) -> pa.Table:
    """The days of a shop, which are those of the SQL however the lines lie."""
    found = added(shop, orders=orders)
    expected = shop.days_from_scratch(orders, listing(found.column_names))
    assert rows_of(found) == expected
    for seed in (1, 2):
        shop.shuffle(seed)
        assert rows_of(added(shop, orders=orders)) == expected
    return found


def days(*rows: Order, orders: Orders | None = None) -> pa.Table:
    """The days of these lines, which are those of the SQL."""
    with growing(of(*rows)) as shop:
        return require_days(shop, orders)


def values(found: pa.Table, *names: str) -> list[Row]:
    return rows_of(found.select(list(names)))


def test_days_come_by_customer_and_day_with_every_column_of_the_table() -> None:
    rows = (order(AS_OF - n * DAY, name) for n in (3, 9, 5) for name in ("eve", "ann"))
    with growing(of(*rows)) as shop:
        found = require_days(shop)
        shop.refresh()
        table = shop.con.sql("FROM customer_day").to_arrow_table()
    expected = [(key, TODAY - n) for key in (1, 2) for n in (9, 5, 3)]
    assert values(found, "customer_key", "day") == expected
    assert found.schema == table.schema


def test_orders_of_a_day_whose_lines_take_turns_are_told_apart() -> None:
    """Two of a have b and c between them; on the day before the same numbers lie one by one."""
    found = days(
        *(order(at(9, n), number="abac"[n], amount=10**n) for n in range(4)),
        *(order(at(9, n, days_ago=2), number="aabc"[n]) for n in range(4)),
        *(order(at(9, n), "bob", number="abab"[n]) for n in range(4)),
    )
    expected = [(3, 2, 4, 400), (3, 2, 4, 1111), (2, 0, 4, 400)]
    assert values(found, "orders", "single_line_orders", "lines", "spend") == expected


def test_a_number_that_customers_or_days_share_is_an_order_of_each() -> None:
    found = days(
        *(order(at(23, 59, days_ago=n), who) for n in (3, 2) for who in ("ann", "bob")),
        *(order(at(0, 0, days_ago=n), who) for n in (2, 1) for who in ("ann", "bob")),
    )
    numbered = days(
        *(order(at(23, 59, days_ago=n), who, number="7") for n in (3, 2) for who in ("ann", "bob")),
        *(order(at(0, 0, days_ago=n), who, number="7") for n in (2, 1) for who in ("ann", "bob")),
    )
    assert values(found, "orders", "lines") == [(1, 1), (2, 2), (1, 1)] * 2
    assert values(numbered, "orders", "lines") == [(1, 1), (1, 2), (1, 1)] * 2


def test_a_day_of_returns_has_a_row_without_order_or_gap() -> None:
    found = days(
        returned(AS_OF - 20 * DAY),
        order(AS_OF - 15 * DAY),
        returned(AS_OF - 9 * DAY),
        order(AS_OF - 8 * DAY),
        returned(AS_OF - 8 * DAY, "bob"),
    )
    names = ("orders", "active_days", "gaps", "gap_days", "returned_lines", "returned_amount")
    expected = [
        *((0, 0, 0, 0, 1, 100), (1, 1, 0, 0, 0, 0), (0, 0, 0, 0, 1, 100), (1, 1, 1, 7, 0, 0)),
        (0, 0, 0, 0, 1, 100),
    ]
    assert values(found, *names) == expected


def test_what_is_not_known_of_a_product_counts_for_nothing() -> None:
    """Tea costs 60 for 3 pieces, milk and bread are without cost, one line is of no product."""
    found = days(
        order(product="tea", quantity=3, amount=500),
        order(product="milk", amount=40),
        order(product="bread", amount=2),
        order(product=None, amount=1),
    )
    names = ("spend", "costed_spend", "cost", "branded_lines", "private_lines", "usual_price")
    assert values(found, *names) == [(543, 500, 180, 2, 1, 0)]


def test_a_price_is_usual_from_the_second_day_of_its_category_on() -> None:
    """Drinks cost 100 and 50, then 90 for two more; the grain has one day, bread no category."""
    found = days(
        order(AS_OF - 9 * DAY, amount=80, discount=20),
        order(AS_OF - 9 * DAY, "bob", "milk", amount=50),
        order(AS_OF - 5 * DAY, "bob", "milk", quantity=2, amount=90),
        *(order(AS_OF - 2 * DAY, product=name, number="a") for name in ("tea", "rice", "bread")),
        order(AS_OF - 2 * DAY, quantity=0, amount=3, number="b"),
    )
    assert values(found, "full_price", "usual_price") == [(0, 0), (100, 60), (0, 0), (90, 150)]


def in_channel(number: str, channel: str | None, minute: int = 0) -> Order:
    return replace(order(at(9, minute), number=number), channel=channel)


def test_an_order_is_of_the_channel_that_is_first_by_name() -> None:
    """Of web and shop; of phone, which has no column; of none; of a line that came back."""
    found = days(
        *(in_channel("a", "web"), in_channel("a", "shop", 1), in_channel("a", None, 2)),
        *(in_channel("b", "web"), in_channel("b", "phone", 1)),
        *(in_channel("c", None), in_channel("d", "web"), in_channel("e", "Web")),
        replace(returned(at(8)), order="f", channel="shop"),
        *(in_channel("f", "web"), replace(returned(at(8)), order="g", channel="shop")),
    )
    assert values(found, "orders", "channel_0", "channel_1") == [(6, 2, 1)]


def test_channels_have_the_order_of_their_bytes() -> None:
    """Capitals come first; each pair of channels has an order for each way round."""
    names = ("台北", "z", "Z", "ä")
    rows = [in_channel(f"{a}{b}", name) for a in names for b in names for name in (a, b)]
    with growing(of(*rows)) as shop:
        found = require_days(shop, replace(shop.orders, channels=names))
    assert values(found, *(f"channel_{n}" for n in range(4))) == [(1, 5, 7, 3)]


def test_without_any_channel_no_order_has_one() -> None:
    assert values(days(order(), order(customer="bob")), "channel_0") == [(0,), (0,)]


def test_an_order_is_of_the_hour_of_its_first_line_that_was_bought() -> None:
    """Order a came back at three; only b has nothing that was bought."""
    found = days(
        replace(returned(at(3)), order="a"),
        order(at(19), number="a"),
        order(at(11, 30), number="a", product="milk"),
        replace(returned(at(4)), order="b"),
        order(at(23), number="c"),
        order(at(0), number="d"),
    )
    names = ("night_orders", "morning_orders", "afternoon_orders", "evening_orders")
    assert values(found, *names) == [(1, 1, 0, 1)]


RICH = of(
    *(order(AS_OF - n * DAY, "bob", amount=n, discount=n) for n in (40, 33, 12, 11)),
    *(in_channel("x", "shop"), in_channel("y", "web", 5), in_channel("x", "shop", 9)),
    *(returned(AS_OF - 3 * DAY), order(AS_OF - 2 * DAY, "eve", "milk", quantity=2)),
    order(AS_OF - 2 * DAY, customer=None),
)

WANTED: tuple[tuple[tuple[str, ...], set[str]], ...] = (
    ((), set()),
    (("gap_days * gap_days", "gap_logs"), set()),
    (("spend",), {"spend"}),
    (("evening_orders", "channel_1"), {"evening_orders", "channel_1"}),
    (("full_price - usual_price", "discount"), {"full_price", "usual_price", "discount"}),
    (("cost", "returned_amount"), {"cost", "returned_amount"}),
    (("branded_lines", "single_line_orders"), {"branded_lines", "single_line_orders"}),
)


@pytest.mark.parametrize(("wanted", "more"), WANTED)
def test_what_is_wanted_alone_is_made_with_the_values_of_the_whole_table(
    wanted: tuple[str, ...], more: set[str]
) -> None:
    with growing(RICH) as shop:
        found = added(shop, wanted)
        assert rows_of(found) == shop.days_from_scratch(columns=listing(found.column_names))
    assert set(found.column_names) == {*ALWAYS, *more}


@pytest.mark.parametrize(
    "told",
    [
        Orders(),
        Orders(has_costs=True),
        Orders(channels=("shop",), has_discounts=True, has_coupons=True),
        Orders(category="category"),
    ],
)
def test_what_the_sources_do_not_tell_is_not_made(told: Orders) -> None:
    with growing(RICH) as shop:
        require_days(shop, told)


def test_turns_make_no_difference_though_one_has_nobody() -> None:
    with growing(RICH) as shop:
        whole = added(shop)
        for turns in (TURNS, (Keys(1, 1), Keys(2, 2), Keys(50, 99), Keys(3, 3), Keys(4, 4))):
            assert rows_of(added(shop, turns=turns)) == rows_of(whole)
    assert whole.num_rows == 7


def test_where_all_lines_are_nobodys_there_is_no_day_and_every_column() -> None:
    with growing(of(order(customer=None), order(customer="ann", product="POSTAGE"))) as shop:
        for wanted in (None, ("spend",)):
            found = added(shop, wanted)
            assert found.num_rows == 0
            assert found.schema == no_days(recipe(shop.orders, wanted)).schema
            assert rows_of(found) == shop.days_from_scratch()


def test_a_gap_may_be_as_long_as_the_history() -> None:
    found = days(order(AS_OF - 9_000 * DAY), order(AS_OF), order(AS_OF - 9_000 * DAY, "bob"))
    assert values(found, "gap_days", "gap_logs") == [(0, 0), (9_000, 9_105), (0, 0)]


def test_a_history_of_one_day_has_no_gap() -> None:
    found = days(order(at(1)), order(at(2)), order(customer="bob"))
    assert values(found, "orders", "gaps") == [(2, 0), (1, 0)]


LATE = (
    *(order(AS_OF - n * DAY, "bob") for n in (20, 6, 2)),
    *(order(AS_OF - n * DAY, "eve") for n in (30, 9)),
    *(returned(AS_OF - 5 * DAY, "eve"), order(AS_OF - 4 * DAY, "eve")),
    *(order(AS_OF - 40 * DAY, "zoe"), order(AS_OF - 4 * DAY, "cid"), order(AS_OF - 4 * DAY, "zz")),
)
"""Lines of bob, cid, eve, zoe and zz, of whom cid and zz are new in the last week."""


def test_what_was_before_the_lines_sets_their_first_gap_alone() -> None:
    """The last orders of bob, eve and zoe lie 20, 9 and 40 days back."""
    since = TODAY - 7
    with growing(of(*LATE)) as shop:
        keys, last = [1, 3, 4], [TODAY - 20, TODAY - 9, TODAY - 40]
        known = pa.table({"customer_key": pa.array(keys, pa.int32()), "last_day": last})
        before = known["customer_key"].to_numpy(), known["last_day"].to_numpy()
        found = added(shop, since=since, earlier=before)
        day, con = DuckDB().day_number("ordered_on"), shop.con
        con.execute(f"CREATE TABLE category_price AS {CATEGORY_PRICE}")
        con.register("known", known)
        query = customer_day(shop.orders, DuckDB(), f"{day} >= {since}", "known")
        assert rows_of(found) == con.execute(f"FROM ({query}) ORDER BY ALL").fetchall()
    expected = [(1, 1, 14), (1, 1, 4), (2, 0, 0), (3, 0, 0), (3, 1, 5), (5, 0, 0)]
    assert values(found, "customer_key", "gaps", "gap_days") == expected


def test_where_nobody_ordered_before_the_first_gap_is_none() -> None:
    with growing(of(*LATE)) as shop:
        none = no_days(recipe(shop.orders))
        before = none["customer_key"].to_numpy(), none["day"].to_numpy()
        assert rows_of(added(shop, earlier=before)) == rows_of(added(shop))


def test_several_threads_may_add_up_at_once() -> None:
    rows = [order(AS_OF - n * DAY, f"c{n % 9}", amount=n) for n in range(1, 200)]
    with growing(of(*rows)) as shop:
        con, chosen = shop.con, recipe(shop.orders, ["spend", "evening_orders"])
        with in_order(con), adding(con, shop.orders, chosen) as made, ThreadPoolExecutor(4) as pool:
            each = [lines(con, Keys(key, key), chosen) for key in range(1, 10)]
            expected = [made.days(found) for found in each]
            assert list(pool.map(made.days, each * 5)) == expected * 5
    assert sum(found.num_rows for found in expected) == 199
