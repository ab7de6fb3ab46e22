"""Turns side by side, tables in order; nothing of a pass is left behind."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pyarrow as pa
import pytest

from features import passes, slices
from features.behaviour import shape_of
from features.compose import Others, facts
from features.contract import Feature, feature
from features.kept import daily
from features.passes import one_pass
from features.settings import Behaviour, Cohort, Engine
from features.slices import Keys
from features.statements import Task
from features.terms import Measure, Term, given
from features.warehouse import Connection
from tests.builders import AS_OF, DAY, SETTINGS, Customer, Shop, built, order
from tests.growing import state

SPEND, SEVEN = Measure("purchases", "spend"), 7
DAYS = (AS_OF - SEVEN * DAY, AS_OF - DAY, AS_OF)
NAMES = tuple(f"c{n}" for n in range(10))
SHOP = Shop(tuple(order(AS_OF - (n + 1) * DAY, name, amount=n) for n, name in enumerate(NAMES)))
"""Customer n bought for n, n + 1 days ago: who comes first in a turn is there on more days."""

TURNS = (NAMES[:2], NAMES[2:5], NAMES[5:8], NAMES[8:])
"""Of blocks of three keys; the first begins with key 0, which is nobody's."""

Content = list[tuple[date | None, list[str], list[float]]]
"""Day, customers and spend of each table; one without rows has no day."""


def made(name: str, term: Term) -> Feature:
    return feature(name, "number", None, "never ordered", name, term=term)


ALL_SPEND = made("spend", SPEND.ever())
OF_ALL = made("gaps", given("everyone", "everyone_gaps"))
"""What looks at everybody's days needs them before the first turn."""


@contextmanager
def asked(
    shop: Shop = SHOP, *features: Feature, settings: Behaviour = SETTINGS
) -> Iterator[tuple[Connection, Task]]:
    """A warehouse and what is asked of it: by default what was spent before the days."""
    with built(shop) as (con, sources):
        wanted = features or (ALL_SPEND,)
        shape, has_orders = shape_of(sources, settings), sources.orders is not None
        yield con, Task(shape, wanted, settings.cohort, DAYS, has_orders=has_orders)


def content(tables: Iterator[pa.Table]) -> Content:
    found = []
    for table in tables:
        (day,) = set(table["as_of"].to_pylist()) or {None}
        found.append((day, table["customer"].to_pylist(), table["spend"].to_pylist()))
    return found


def expected(turns: tuple[tuple[str, ...], ...]) -> Content:
    """Turn after turn, and within a turn day after day."""
    found = []
    for turn in turns:
        for day in DAYS:
            least = (AS_OF - day).days
            there = [name for name in turn if NAMES.index(name) >= least]
            spend = [float(NAMES.index(name)) for name in there]
            found.append((day if there else None, there, spend))
    return found


@pytest.fixture
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slices, "BLOCK_KEYS", 3)


@pytest.mark.usefixtures("_small_blocks")
@pytest.mark.parametrize("rows_at_once", [1, 4, 100_000])
@pytest.mark.parametrize("threads", [1, 2, 5])
@pytest.mark.parametrize("more", [(), (OF_ALL,)])
def test_tables_come_turn_after_turn_and_day_after_day(
    monkeypatch: pytest.MonkeyPatch, more: tuple[Feature, ...], threads: int, rows_at_once: int
) -> None:
    monkeypatch.setattr(passes, "ROWS_AT_ONCE", rows_at_once)
    with asked(SHOP, ALL_SPEND, *more) as (con, task):
        found = one_pass(con, task, Engine(threads=threads, turn_rows=1))
        assert content(found) == expected(TURNS)


@pytest.mark.usefixtures("_small_blocks")
@pytest.mark.parametrize(
    ("turn_rows", "turns"),
    [
        (1, TURNS),
        (2 * 3 * slices.ROW_COSTS_LINES + 5, (NAMES[:5], NAMES[5:])),
        (1_000_000, (NAMES,)),
    ],
)
def test_rows_of_a_turn_decide_how_many_customers_it_has(
    turn_rows: int, turns: tuple[tuple[str, ...], ...]
) -> None:
    with asked() as (con, task):
        found = one_pass(con, task, Engine(turn_rows=turn_rows))
        assert content(found) == expected(turns)


@pytest.mark.usefixtures("_small_blocks")
def test_prospects_of_a_business_need_no_days_of_purchases() -> None:
    settings = SETTINGS.model_copy(update={"cohort": Cohort(contract="prospect")})
    people = tuple(Customer(name, age=float(n)) for n, name in enumerate(NAMES))
    shop = Shop(customers=people, labels=(("c0", AS_OF, True),))
    age = made("spend", given("profile", "profile_age"))
    with asked(shop, age, settings=settings) as (con, task):
        before = state(con)
        found = content(one_pass(con, task, Engine(turn_rows=1)))
        assert state(con) == before
    assert [day for day, *_ in found] == [*DAYS] * 4
    assert [names for _, names, _ in found[::3]] == [list(turn) for turn in TURNS]
    assert [age for _, _, ages in found[::3] for age in ages] == list(range(10))


@pytest.mark.usefixtures("_small_blocks")
def test_no_more_turns_are_read_ahead_than_there_are_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With one thread, the turn that is asked for and the next."""
    read: list[Keys] = []

    def counted(
        con: Connection, task: Task, keys: Keys, known: Others, days: pa.Table | None
    ) -> list[pa.Table]:
        read.append(keys)
        return facts(con, task, keys, known, days)

    monkeypatch.setattr(passes, "facts", counted)
    monkeypatch.setattr(passes, "ROWS_AT_ONCE", 1)
    with asked() as (con, task):
        found = one_pass(con, task, Engine(threads=1, turn_rows=1))
        assert read == []
        next(found)
        assert read in ([Keys(1, 2)], [Keys(1, 2), Keys(3, 5)])
        assert len(list(found)) == 11
    assert read == [Keys(1, 2), Keys(3, 5), Keys(6, 8), Keys(9, 10)]


@pytest.mark.usefixtures("_small_blocks")
@pytest.mark.parametrize("count", [0, 1, 5, 12])
@pytest.mark.parametrize("more", [(), (OF_ALL,)])
def test_who_stops_at_any_table_leaves_all_as_it_was(
    monkeypatch: pytest.MonkeyPatch, more: tuple[Feature, ...], count: int
) -> None:
    monkeypatch.setattr(passes, "ROWS_AT_ONCE", 1)
    with asked(SHOP, ALL_SPEND, *more) as (con, task):
        before = state(con)
        found = one_pass(con, task, Engine(threads=2, turn_rows=1))
        assert isinstance(found, Generator)
        for _ in range(count):
            next(found)
            assert state(con) != before
        found.close()
        assert state(con) == before


@pytest.mark.usefixtures("_small_blocks")
@pytest.mark.parametrize("step", ["facts", "columns"])
@pytest.mark.parametrize("more", [(), (OF_ALL,)])
def test_what_goes_wrong_in_a_thread_reaches_the_caller_and_leaves_all_as_it_was(
    monkeypatch: pytest.MonkeyPatch, more: tuple[Feature, ...], step: str
) -> None:
    def broken(*_: object) -> list[pa.Table]:
        raise ZeroDivisionError

    monkeypatch.setattr(passes, step, broken)
    with asked(SHOP, ALL_SPEND, *more) as (con, task):
        before = state(con)
        with pytest.raises(ZeroDivisionError):
            next(one_pass(con, task, Engine(threads=2, turn_rows=1)))
        assert state(con) == before


@pytest.mark.parametrize("more", [(), (OF_ALL,)])
def test_two_passes_over_one_warehouse_do_not_disturb_each_other(more: tuple[Feature, ...]) -> None:
    """One table of each at a time."""
    with asked(SHOP, ALL_SPEND, *more) as (con, task), con.cursor() as other:
        before = state(con)
        two = one_pass(con, task, Engine()), one_pass(other, task, Engine(threads=1))
        pairs = list(zip(*two, strict=True))
        assert state(con) == before
    assert [one == another for one, another in pairs] == [True] * len(DAYS)


@pytest.mark.usefixtures("_small_blocks")
@pytest.mark.parametrize(("more", "times"), [((), 0), ((OF_ALL,), 1)])
def test_days_are_put_aside_only_where_somebody_looks_at_those_of_all(
    monkeypatch: pytest.MonkeyPatch, more: tuple[Feature, ...], times: int
) -> None:
    put: list[object] = []

    @contextmanager
    def counted(*told: Any) -> Iterator[Callable[[Connection], object]]:
        put.append(told)
        with daily(*told) as show:
            yield show

    monkeypatch.setattr(passes, "daily", counted)
    with asked(SHOP, ALL_SPEND, *more) as (con, task):
        assert content(one_pass(con, task, Engine(turn_rows=1))) == expected(TURNS)
    assert len(put) == times
