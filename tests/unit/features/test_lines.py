"""Lines as runs of orders, what is read of them, and what their products tell."""

from collections.abc import Sequence
from dataclasses import replace

import pyarrow as pa
import pytest

from features.clock import day_number
from features.contract import Orders
from features.daily import category_day, line_measures, order_measures
from features.lines import Products, Recipe, in_runs, lines, products, recipe
from features.slices import Keys
from features.spelling import DuckDB
from features.warehouse import in_order
from tests.builders import AS_OF, DAY, Order, Shop, midnight_in, order, returned
from tests.growing import Growing, growing

ALL = Orders(
    category="category",
    channels=("web", "shop"),
    has_discounts=True,
    has_coupons=True,
    has_costs=True,
    has_private_labels=True,
)
EVERYBODY = Keys(1, 1_000)
TODAY = day_number(AS_OF)


def test_all_measures_are_wanted_unless_it_is_said_which() -> None:
    assert recipe(ALL) == Recipe(line_measures(ALL), order_measures(ALL))


CHOSEN: tuple[tuple[tuple[str, ...], list[str], list[str]], ...] = (
    ((), ["lines"], ["orders"]),
    (("gap_days * gap_days", "active_days", ""), ["lines"], ["orders"]),
    (("spend", "orders"), ["lines", "spend"], ["orders"]),
    (("coalesce(CAST(cost AS BIGINT), 0)",), ["lines", "cost"], ["orders"]),
    (("discounted_lines",), ["lines", "discounted_lines"], ["orders"]),
    (("usual_price - spend",), ["lines", "spend", "usual_price"], ["orders"]),
    (("channel_1", "night_orders"), ["lines"], ["orders", "night_orders", "channel_1"]),
)


@pytest.mark.parametrize(("wanted", "of_line", "of_order"), CHOSEN)
def test_what_is_wanted_is_made_with_orders_and_what_it_is_made_of(
    wanted: tuple[str, ...], of_line: list[str], of_order: list[str]
) -> None:
    """A part of a name is not that name: discounted lines need no discount."""
    found = recipe(ALL, wanted)
    assert (list(found.of_line), list(found.of_order)) == (of_line, of_order)
    assert found.of_line.items() <= line_measures(ALL).items()
    assert found.of_order.items() <= order_measures(ALL).items()


def test_a_measure_that_the_sources_do_not_tell_cannot_be_wanted() -> None:
    found = recipe(Orders(), ["coupon", "channel_0", "spend"])
    assert (list(found.of_line), list(found.of_order)) == (["lines", "spend"], ["orders"])


COLUMNS = ("hour", "channel", "unit_cost", "is_private_label", "usual")


@pytest.mark.parametrize(
    ("wanted", "needed"),
    [
        ("gaps", ()),
        ("spend", ()),
        ("cost", ("unit_cost",)),
        ("private_lines", ("is_private_label",)),
        ("full_price", ("usual",)),
        ("evening_orders", ("hour",)),
        ("channel_0", ("channel",)),
    ],
)
def test_a_measure_needs_what_its_sql_names(wanted: str, needed: tuple[str, ...]) -> None:
    found = recipe(ALL, [wanted])
    assert tuple(name for name in COLUMNS if found.needs(name)) == needed


def of(*rows: Order) -> Shop:
    """A shop of these lines, of which all that can be looked up is the cost of tea."""
    return Shop(rows, unit_costs=(("tea", 60),))


def read(shop: Growing, *wanted: str, keys: Keys = EVERYBODY, condition: str = "true") -> pa.Table:
    with in_order(shop.con):
        return lines(shop.con, keys, recipe(shop.orders, wanted), condition)


@pytest.mark.parametrize(
    ("wanted", "columns"),
    [
        ("gaps", set()),
        ("discounted_lines", set()),
        ("night_orders", {"hour"}),
        ("channel_0", {"channel"}),
        ("private_lines", {"product_key"}),
        ("usual_price", {"product_key"}),
    ],
)
def test_hour_channel_and_product_are_read_where_a_measure_needs_them(
    wanted: str, columns: set[str]
) -> None:
    with growing(of(order())) as shop:
        names = set(read(shop, wanted).column_names)
    assert names >= {"customer_key", "day", "order", "is_return"}
    assert names & {"hour", "channel", "product_key"} == columns


def keys_and_days(found: pa.Table) -> list[tuple[int, int]]:
    return list(zip(found["customer_key"].to_pylist(), found["day"].to_pylist(), strict=True))


def test_lines_of_the_turns_customers_are_read_without_fees_and_nobodys() -> None:
    rows = [order(AS_OF - 9 * DAY, name) for name in ("ann", "bob", "eve")]
    rows += [order(AS_OF - 8 * DAY, "bob", "POSTAGE"), order(customer=None), returned(AS_OF, "eve")]
    with growing(of(*rows)) as shop:
        some = read(shop, keys=Keys(2, 9))
        assert keys_and_days(some) == [(2, TODAY - 9), (3, TODAY - 9), (3, TODAY)]
        assert some["is_return"].to_pylist() == [False, False, True]
        late = read(shop, condition=f"ordered_on >= DATE '{AS_OF}'")
        assert keys_and_days(late) == [(3, TODAY)]
        assert read(shop, keys=Keys(4, 9)).num_rows == 0


def test_lines_come_as_the_fact_holds_them() -> None:
    with growing(of(*(order(AS_OF - n * DAY, f"c{n % 7}") for n in range(1, 60)))) as shop:
        shop.shuffle()
        held = "SELECT customer_key, ordered_on - DATE '1970-01-01' FROM fact_sales"
        found = keys_and_days(read(shop))
        assert found == shop.con.execute(held).fetchall()
        assert found != sorted(found)


def test_lines_of_one_number_have_one_order_and_the_day_is_that_of_the_business() -> None:
    late = midnight_in(AS_OF, "Asia/Taipei")
    numbers = (("ann", "a"), ("bob", "b"), ("eve", "a"))
    rows = (order(late, name, number=number) for name, number in numbers)
    with growing(replace(of(*rows), time_zone="Asia/Taipei")) as shop:
        found = read(shop)
    first, second, third = found["order"].to_pylist()
    assert first == third != second
    assert keys_and_days(found) == [(1, TODAY), (2, TODAY), (3, TODAY)]


Line = tuple[int, int, int]
"""Customer, day and order."""


def sorted_lines(*rows: Line) -> tuple[list[Line], list[int], list[int]]:
    """The lines as they were sorted, with runs and days."""
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    types = (("customer_key", pa.int32()), ("day", pa.int32()), ("order", pa.uint64()))
    found = in_runs(pa.table(columns, schema=pa.schema(types)))
    told = (found.columns[name].to_pylist() for name, _ in types)
    return list(zip(*told, strict=True)), found.runs.tolist(), found.days.tolist()


NEIGHBOURS: tuple[tuple[Sequence[Line], list[int], list[int]], ...] = (
    ([], [], []),
    ([(1, 10, 5)], [0], [0]),
    ([(1, 10, 5), (1, 10, 5), (1, 10, 6)], [0, 2], [0]),
    ([(1, 10, 9), (1, 10, 5), (1, 10, 7)], [0, 1, 2], [0]),
    ([(1, 10, 5), (1, 10, 6), (1, 11, 5), (1, 11, 6), (1, 12, 5)], [0, 1, 2, 3, 4], [0, 2, 4]),
    ([(1, 9, 5), (1, 9, 6), (1, 9, 7), (1, 10, 9), (1, 10, 7), (1, 10, 8)], [*range(6)], [0, 3]),
    ([(1, 9, 5), (1, 9, 6), (1, 9, 7), (2, 9, 9), (2, 9, 7), (2, 9, 5)], [*range(6)], [0, 3]),
)


@pytest.mark.parametrize(("rows", "runs", "days"), NEIGHBOURS)
def test_lines_whose_orders_lie_together_stay_as_they_are(
    rows: Sequence[Line], runs: list[int], days: list[int]
) -> None:
    """An order of a number that was there on another day or of another customer is another."""
    assert sorted_lines(*rows) == (rows, runs, days)


def test_an_order_with_another_one_in_between_is_put_together() -> None:
    rows = [(1, 9, 5), (1, 9, 6), (1, 9, 6), (1, 9, 5), (1, 10, 8), (2, 9, 6)]
    together = [(1, 9, 5), (1, 9, 5), (1, 9, 6), (1, 9, 6), (1, 10, 8), (2, 9, 6)]
    assert sorted_lines(*rows) == (together, [0, 2, 4, 5], [0, 2, 3])


def test_an_interrupted_order_is_found_behind_days_that_are_in_order() -> None:
    calm = [(1, 10, 5), (1, 10, 6), (1, 10, 7), (1, 11, 5), (1, 12, 1), (1, 12, 2)]
    crowded = [(2, 9, 3), (2, 9, 4), (2, 9, 2), (2, 9, 4)]
    found, runs, days = sorted_lines(*calm, *crowded)
    assert found == [*calm, (2, 9, 2), (2, 9, 3), (2, 9, 4), (2, 9, 4)]
    assert (runs, days) == ([0, 1, 2, 3, 4, 5, 6, 7, 8], [0, 3, 4, 6])


@pytest.mark.parametrize(
    "rows",
    [
        [(2, 9, 6), (1, 10, 5), (1, 9, 7), (1, 9, 5), (1, 10, 5)],
        [(1, 10, 5), (1, 10, 5), (1, 9, 5), (1, 9, 7), (2, 9, 6)],
        [(1, 9, 7), (2, 9, 6), (1, 9, 5), (1, 10, 5), (1, 10, 5)],
    ],
)
def test_lines_in_any_order_are_sorted_by_customer_day_and_order(rows: list[Line]) -> None:
    assert sorted_lines(*rows) == (sorted(rows), [0, 1, 2, 4], [0, 2, 3])


def test_all_columns_of_a_line_are_moved_with_it() -> None:
    keys = {name: pa.array([2, 1, 3]) for name in ("customer_key", "day", "order")}
    found = in_runs(pa.table({**keys, "amount": [20, None, 30], "channel": ["b", "a", None]}))
    assert found.columns["amount"].to_pylist() == [None, 20, 30]
    assert found.columns["channel"].to_pylist() == ["a", "b", None]


GOODS = Shop(
    (
        order(AS_OF - 9 * DAY, quantity=2, amount=80, discount=20),
        order(AS_OF - 9 * DAY, product="milk", amount=26, number="m"),
        order(AS_OF - 9 * DAY, product="rice", amount=7, number="r"),
        order(AS_OF - 5 * DAY, product="milk", amount=1),
    ),
    categories=(("milk", "drinks"), ("tea", "drinks"), ("rice", "grain"), ("oats", "grain")),
    unit_costs=(("tea", 60), ("milk", 0)),
    private_labels=(("tea", True), ("rice", False)),
)
MILK, OATS, RICE, TEA = 1, 2, 3, 4
"""Keys of products, by name."""


def known(shop: Growing, *wanted: str) -> Products | None:
    """What is looked up for these measures."""
    con = shop.con
    con.execute(f"CREATE OR REPLACE TABLE category_day AS {category_day('category', DuckDB())}")
    return products(con, shop.orders, recipe(shop.orders, wanted))


def looked_up(shop: Growing, wanted: str, *rows: tuple[int | None, int]) -> dict[str, list[object]]:
    """What is found for lines of a product and a day."""
    keys, days = (list(column) for column in zip(*rows, strict=True))
    found = known(shop, wanted)
    assert found is not None
    told = found.of({"product_key": pa.array(keys, pa.int32()), "day": pa.array(days, pa.int32())})
    return {name: column.to_pylist() for name, column in told.items()}


def test_costs_and_brands_are_null_where_they_or_the_product_are_not_known() -> None:
    rows = ((TEA, 0), (None, 0), (MILK, 0), (RICE, 0))
    with growing(GOODS) as shop:
        assert looked_up(shop, "cost", *rows) == {"unit_cost": [60, None, 0, None]}
        labels = [True, None, None, False]
        assert looked_up(shop, "private_lines", *rows) == {"is_private_label": labels}


def test_a_price_is_usual_from_the_next_day_on_which_the_category_was_bought() -> None:
    """Three drinks cost 126 before discount, 42 each; that of the grain has no second day."""
    asked = ((TEA, 5), (MILK, 5), (RICE, 5), (TEA, 9), (TEA, 8), (RICE, 9), (None, 5))
    rows = [(product, TODAY - days) for product, days in asked]
    with growing(GOODS) as shop:
        usual = [42, 42, None, None, None, None, None]
        assert looked_up(shop, "full_price", *rows) == {"usual": usual}


def test_a_product_without_category_has_no_usual_price() -> None:
    without = replace(GOODS, categories=(("milk", "drinks"),))
    with growing(without) as shop:
        found = looked_up(shop, "usual_price", (1, TODAY - 5), (2, TODAY - 5))
        assert found == {"usual": [26, None]}


def test_where_nothing_is_looked_up_there_are_no_products() -> None:
    with growing(GOODS) as shop:
        assert known(shop, "spend", "channel_0", "gap_days") is None
