"""Customer days made aside, for as long as somebody looks at them, or turn by turn."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from features.contract import Orders
from features.kept import daily, daily_by_turn
from features.slices import Keys
from features.sql import listing
from features.warehouse import Connection, in_order
from tests.builders import AS_OF, DAY, Shop, order
from tests.growing import TURNS, Growing, Row, growing, state

SHOP = Shop(
    orders=tuple(
        order(AS_OF - n * DAY, f"c{n % 5}", amount=n, number=str(n % 3)) for n in range(1, 40)
    ),
    categories=(("tea", "drinks"),),
    unit_costs=(("tea", 60),),
)
ALWAYS = {"customer_key", "day", "lines", "orders", "active_days", "gaps", "gap_days", "gap_logs"}


class Broken(Keys):
    """Customers of whom nothing can be asked."""

    @property
    def condition(self) -> str:
        raise ZeroDivisionError


def days(con: Connection) -> list[Row]:
    return con.execute("SELECT * FROM customer_day ORDER BY ALL").fetchall()


def test_another_connection_sees_the_days_once_it_is_shown_them() -> None:
    with growing(SHOP) as shop:
        expected = shop.days_from_scratch()
        with daily(shop.con, shop.orders, TURNS) as show:
            with shop.con.cursor() as own:
                with pytest.raises(duckdb.CatalogException, match="customer_day"):
                    days(own)
                show(own)
                assert days(own) == expected
            assert days(shop.con) == expected
    assert len(expected) == 39


def test_another_connection_sees_days_that_are_kept_shown_or_not() -> None:
    with growing(SHOP) as shop:
        shop.refresh()
        before = state(shop.con)
        with daily(shop.con, shop.orders, TURNS) as show, shop.con.cursor() as own:
            assert days(own) == shop.days_from_scratch()
            show(own)
            assert days(own) == shop.days_from_scratch()
            assert state(shop.con) == before


def test_another_connection_is_shown_fresh_days_where_stale_ones_are_kept() -> None:
    with growing(SHOP) as shop:
        shop.refresh()
        stale = days(shop.con)
        shop.buy(order(AS_OF + DAY, "c1"))
        with daily(shop.con, shop.orders, TURNS) as show, shop.con.cursor() as own:
            assert days(own) == stale
            show(own)
            assert days(own) == shop.days_from_scratch() != stale
        assert days(shop.con) == stale


@pytest.mark.parametrize("is_stale", [True, False])
def test_in_the_end_all_is_as_it_was(*, is_stale: bool) -> None:
    with growing(SHOP) as shop:
        if is_stale:
            shop.refresh()
            shop.buy(order(AS_OF + DAY, "c1"))
        before = state(shop.con)
        with daily(shop.con, shop.orders, TURNS):
            assert state(shop.con) != before
        assert state(shop.con) == before


def test_all_is_as_it_was_where_whoever_looked_at_the_days_failed() -> None:
    with growing(SHOP) as shop:
        before = state(shop.con)
        with (
            pytest.raises(ZeroDivisionError),
            daily(shop.con, shop.orders, TURNS) as show,
            shop.con.cursor() as own,
        ):
            raise ZeroDivisionError(show(own))
        assert state(shop.con) == before


@pytest.mark.parametrize("turns", [(Broken(1, 2),), (Keys(1, 2), Keys(3, 9), Broken(10, 99))])
def test_all_is_as_it_was_where_days_could_not_be_made(turns: Sequence[Keys]) -> None:
    with growing(SHOP) as shop:
        before = state(shop.con)
        with pytest.raises(ZeroDivisionError), daily(shop.con, shop.orders, turns):
            pytest.fail("nobody can look at days that were not made")
        assert state(shop.con) == before


def test_all_is_as_it_was_where_prices_could_not_be_made() -> None:
    with growing(SHOP) as shop:
        before = state(shop.con)
        other = replace(shop.orders, category="no such level")
        with pytest.raises(duckdb.BinderException), daily(shop.con, other, TURNS):
            pytest.fail("nobody can look at days that were not made")
        assert state(shop.con) == before


def test_days_may_be_made_again_after_a_failure() -> None:
    with growing(SHOP) as shop:
        with pytest.raises(ZeroDivisionError), daily(shop.con, shop.orders, TURNS):
            raise ZeroDivisionError
        with daily(shop.con, shop.orders, TURNS):
            assert days(shop.con) == shop.days_from_scratch()


def test_two_who_look_at_days_of_one_warehouse_see_their_own() -> None:
    """Also when one of them is done."""
    with growing(SHOP) as shop, shop.con.cursor() as other, shop.con.cursor() as third:
        plain = Orders()
        mine, theirs = shop.days_from_scratch(), shop.days_from_scratch(plain)
        with daily(shop.con, shop.orders, TURNS) as show:
            with daily(other, plain, TURNS):
                assert (days(shop.con), days(other)) == (mine, theirs)
            show(third)
            assert days(shop.con) == days(third) == mine


def seen(shop: Growing, told: Orders) -> list[Row]:
    """The days as a connection of its own sees them."""
    with shop.con.cursor() as own, daily(own, told, TURNS):
        return days(own)


def test_days_may_be_made_by_several_at_once() -> None:
    with growing(SHOP) as shop:
        before = state(shop.con)[:3]
        ways = [shop.orders, Orders(), replace(shop.orders, category=None)] * 4
        with ThreadPoolExecutor(len(ways)) as pool:
            found = list(pool.map(lambda told: seen(shop, told), ways))
        assert found == [shop.days_from_scratch(told) for told in ways]
        assert state(shop.con)[:3] == before


@pytest.mark.parametrize(
    ("wanted", "more"),
    [
        ((), set()),
        (("spend * spend", "gap_days"), {"spend"}),
        (("usual_price", "night_orders"), {"usual_price", "night_orders"}),
    ],
)
def test_no_other_measures_are_made_than_those_that_are_wanted(
    wanted: Sequence[str], more: set[str]
) -> None:
    with growing(SHOP) as shop, daily(shop.con, shop.orders, TURNS, wanted):
        columns = [str(row[0]) for row in shop.con.execute("DESCRIBE customer_day").fetchall()]
        assert set(columns) == {*ALWAYS, *more}
        assert days(shop.con) == shop.days_from_scratch(columns=listing(columns))


def test_days_that_are_kept_have_more_than_is_wanted() -> None:
    with growing(SHOP) as shop:
        shop.refresh()
        with daily(shop.con, shop.orders, TURNS, ["spend"]):
            assert days(shop.con) == shop.days_from_scratch()


def test_days_of_a_file_are_made_without_writing_to_it(tmp_path: Path) -> None:
    file = tmp_path / "warehouse.duckdb"
    with growing(SHOP, file):
        pass
    before = file.read_bytes()
    with growing(SHOP, file, read_only=True) as shop, daily(shop.con, shop.orders, TURNS):
        assert days(shop.con) == shop.days_from_scratch()
    assert file.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("is_stale", [True, False])
def test_days_of_a_turn_are_those_of_its_customers(*, is_stale: bool) -> None:
    with growing(SHOP) as shop:
        if is_stale:
            shop.refresh()
            shop.buy(order(AS_OF + DAY, "c1"))
        before = state(shop.con)
        with daily_by_turn(shop.con, shop.orders) as made, in_order(shop.con):
            for keys in (*TURNS, TURNS[0]):
                with shop.con.cursor() as own:
                    found = made(own, keys)
                assert found is not None
                every = shop.days_from_scratch(columns=listing(found.column_names))
                mine = [row for row in every if row[0] in range(keys.first, keys.last + 1)]
                assert [tuple(row.values()) for row in found.to_pylist()] == mine != []
        assert state(shop.con) == before


def test_no_days_of_a_turn_are_made_where_all_are_kept() -> None:
    with growing(SHOP) as shop:
        shop.refresh()
        with daily_by_turn(shop.con, shop.orders) as made, shop.con.cursor() as own:
            assert made(own, TURNS[0]) is None
            assert days(own) == shop.days_from_scratch()


def test_a_turn_that_fails_leaves_all_as_it_was() -> None:
    with growing(SHOP) as shop:
        before = state(shop.con)
        with (
            pytest.raises(ZeroDivisionError),
            daily_by_turn(shop.con, shop.orders) as made,
            shop.con.cursor() as own,
        ):
            made(own, Broken(1, 2))
        assert state(shop.con) == before
