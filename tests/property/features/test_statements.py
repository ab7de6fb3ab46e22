"""The one statement that every engine runs against the prefix sums of the embedded one."""

import math
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features import slices
from features.behaviour import build, features_for, shape_of
from features.settings import Behaviour, Cohort, Engine
from features.spelling import DuckDB
from features.statements import Task, statement
from tests.builders import AS_OF, DAY, SETTINGS, Shop, built, midnight_in, order
from tests.shops import futures, shops, together

DAYS = (AS_OF - 28 * DAY, AS_OF - 3 * DAY, AS_OF)
EVERYTHING = SETTINGS.model_copy(
    update={
        "categories": ("drinks", "穀物"),
        "channels": ("shop", "web"),
        "contact_kinds": ("complaint", "call"),
        "peers_by": ("store", "tier"),
    }
)
COHORTS = (Cohort(), Cohort(min_orders=2), Cohort(contract="active"))


def stated(shop: Shop, rule: Behaviour, as_ofs: tuple[date, ...]) -> pa.Table:
    """The table as the statement gives it."""
    with built(shop) as (con, sources):
        shape = shape_of(sources, rule)
        views, query = statement(Task(shape, features_for(shape), rule.cohort, as_ofs), DuckDB())
        for name, select in views:
            con.execute(f"CREATE TEMP VIEW {name} AS {select}")
        return con.sql(query).to_arrow_table()


def require_equal(one: pa.Table, other: pa.Table) -> None:
    """Same rows and columns; values apart by the rounding of sums of doubles at most."""
    assert one.column_names == other.column_names
    assert one.select(["customer", "as_of"]).to_pylist() == (
        other.select(["customer", "as_of"]).to_pylist()
    )
    for name in one.column_names[2:]:
        pairs = zip(one[name].to_pylist(), other[name].to_pylist(), strict=True)
        assert [pair for pair in pairs if not same(*pair)] == [], name


def same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)


@settings(max_examples=5)
@given(st.data(), st.sampled_from(COHORTS))
def test_prefix_sums_equal_the_statement(data: st.DataObject, cohort: Cohort) -> None:
    """With two orders of everybody's friend on the first of the days, so that all have a member."""
    shop = data.draw(shops())
    begins = midnight_in(DAYS[0], shop.time_zone)
    early = (order(begins - DAY, number="e1"), order(begins - 2 * DAY, number="e2"))
    shop = together(shop.with_orders(*early), data.draw(futures(shop.time_zone)))
    rule = EVERYTHING.model_copy(update={"cohort": cohort})
    with built(shop) as (con, sources), pytest.MonkeyPatch.context() as patch:
        patch.setattr(slices, "BLOCK_KEYS", 3)
        fast = build(con, DAYS, sources, rule, engine=Engine(turn_rows=1))
    require_equal(fast, stated(shop, rule, DAYS))


def test_the_two_ways_are_told_apart_where_they_differ() -> None:
    with built(Shop((order(),))) as (con, sources):
        rows = build(con, [AS_OF], sources, SETTINGS)
    spoilt = rows.set_column(2, rows.column_names[2], pa.array([77.0]))
    with pytest.raises(AssertionError, match=rows.column_names[2]):
        require_equal(rows, spoilt)
