"""What every family must keep: one battery, over the catalogue, its oracle and real purchases."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import get_args
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings

from features.behaviour import build, columns, shape_of
from features.catalogue import FAMILIES, families
from features.contract import (
    Campaigns,
    Cause,
    Column,
    Contacts,
    Family,
    Orders,
    Profile,
    Shape,
    Visits,
)
from features.schemas import Sources
from features.settings import Behaviour, Cohort
from features.warehouse import Connection
from pipelines.check import load_config
from tests.builders import AS_OF, Shop, built
from tests.engines import is_same
from tests.households import DAYS, HOUSEHOLDS, REAL, ZONE
from tests.oracles import behaviour as oracle
from tests.oracles.past import Asked, Past
from tests.shops import ASKED, shops

WINDOWS = Behaviour().windows_days
SHAPE = Shape(
    WINDOWS,
    Orders(
        category="category",
        categories=("coffee", "Baby food"),
        channels=("web", "Own shop"),
        has_products=True,
        has_stores=True,
        has_discounts=True,
        has_coupons=True,
        has_costs=True,
        has_private_labels=True,
        has_returns=True,
    ),
    Contacts(("complaint",), has_outcomes=True, has_durations=True, has_satisfaction=True),
    Visits(has_sessions=True),
    Campaigns(has_responses=True),
    (
        Profile("tier", is_number=False, levels=("gold", "silver"), meaning="tier of the club"),
        Profile("age", is_number=True, levels=(), meaning="age"),
    ),
    peers_by=("store", "tier"),
)
"""Every source, telling all that it can."""

COLUMNS = columns(SHAPE)
SIGNED = (
    *("a week each week", "minor units a week each week"),
    *("standard deviations", "minor units"),
)
"""Units of values that may lie below 0: a fall, what is less than usual, and a margin."""


def named(thing: Column | Family) -> str:
    return thing.name


# ------------------------------------------------------------------------- what columns declare


@pytest.mark.parametrize("column", COLUMNS, ids=named)
def test_a_column_says_its_unit_meaning_and_null_meaning(column: Column) -> None:
    assert column.unit
    assert column.meaning
    assert column.null_means
    assert column.sql


@pytest.mark.parametrize("column", COLUMNS, ids=named)
def test_a_name_ends_in_its_window(column: Column) -> None:
    suffix = re.search(r"_(\d+)d$", column.name)
    assert column.window_days == (int(suffix.group(1)) if suffix else None)


@pytest.mark.parametrize("column", COLUMNS, ids=named)
def test_a_meaning_speaks_of_its_window(column: Column) -> None:
    windowed = re.search(r"in the last (\d+) days", column.meaning)
    assert column.window_days == (int(windowed.group(1)) if windowed else None)


@pytest.mark.parametrize("column", COLUMNS, ids=named)
def test_a_name_says_its_unit(column: Column) -> None:
    assert (column.unit == "share") == ("_share" in column.name)
    assert (column.unit == "flag") == column.name.startswith(("is_", "has_"))
    assert (column.unit == "change") == ("_change_" in column.name)
    assert column.unit.endswith("a week each week") == ("_slope_" in column.name)
    if column.unit == "days":
        assert "days" in column.name
    if "_count" in column.name:
        assert column.unit in column.name
    assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)


@pytest.mark.parametrize("family", families(SHAPE), ids=named)
def test_a_window_of_a_family_is_one_of_the_config(family: Family) -> None:
    windows = {column.window_days for column in family.columns}
    assert windows <= {None, *WINDOWS}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_a_family_is_the_same_every_time(family: Callable[[Shape], Family]) -> None:
    assert family(SHAPE) == family(SHAPE)


@pytest.mark.parametrize("cause", get_args(Cause))
def test_every_cause_of_leaving_is_spoken_for(cause: str) -> None:
    assert [column.name for column in COLUMNS if column.cause == cause]


def test_no_column_speaks_for_a_cause_that_is_not_named() -> None:
    assert {column.cause for column in COLUMNS} <= {None, *get_args(Cause)}


def test_every_column_of_every_source_has_a_name_of_its_own() -> None:
    assert len({column.name.lower() for column in COLUMNS}) == len(COLUMNS)


def test_the_default_config_gives_two_hundred_columns() -> None:
    business = load_config(None).business
    assert len(columns(shape_of(business.sources, business.behaviour))) >= 200


# ---------------------------------------------------------------------------- real households


@pytest.fixture(scope="module")
def produced(real: tuple[Connection, Sources]) -> tuple[pa.Table, tuple[Column, ...]]:
    """The behaviour table of the households, and what its columns declare."""
    con, sources = real
    return build(con, DAYS, sources, REAL), columns(shape_of(sources, REAL))


Produced = tuple[pa.Table, tuple[Column, ...]]


def test_declared_columns_are_the_produced_ones_in_order(produced: Produced) -> None:
    table, declared = produced
    assert table.schema.names == ["customer", "as_of", *(column.name for column in declared)]
    assert {str(field.type) for field in list(table.schema)[2:]} == {"double"}


def test_there_is_one_row_per_customer_and_as_of(produced: Produced, households: Shop) -> None:
    table, _ = produced
    rows = list(zip(table["as_of"].to_pylist(), table["customer"].to_pylist(), strict=True))
    expected = [
        (day, customer) for day in DAYS for customer in oracle.cohort(households, day, 56, 3)
    ]
    assert rows == expected
    assert len(rows) > HOUSEHOLDS


def test_shares_lie_between_zero_and_one_and_flags_are_zero_or_one(produced: Produced) -> None:
    table, declared = produced
    for column in declared:
        values = {value for value in table[column.name].to_pylist() if value is not None}
        if column.unit in ("share", "index", "probability"):
            assert all(0 <= value <= 1 for value in values), column.name
        elif column.unit == "flag":
            assert values <= {0, 1}, column.name
        elif column.unit == "change":
            assert all(-1 <= value <= 1 for value in values), column.name
        elif column.unit not in SIGNED:
            assert all(value >= 0 for value in values), column.name


def test_every_value_of_real_households_equals_its_oracle(
    produced: Produced, households: Shop
) -> None:
    table, _ = produced
    require_equal(table, households, REAL)


def test_the_sample_has_both_zones_of_a_day(households: Shop) -> None:
    """Lines between local and UTC midnight, so that a wrong zone would show."""
    offsets = {row.ordered_at.astimezone(ZoneInfo(ZONE)).utcoffset() for row in households.orders}
    assert offsets == {timedelta(hours=-5), timedelta(hours=-4)}


# -------------------------------------------------------------------------------- odd shops


@settings(max_examples=20)
@given(shops())
def test_every_value_of_odd_shops_equals_its_oracle(shop: Shop) -> None:
    """Of those who ever ordered, of those with a contract, and of prospects among them."""
    expected = {
        Cohort(): oracle.cohort(shop, AS_OF),
        Cohort(contract="active"): oracle.contract_cohort(shop, AS_OF),
        Cohort(contract="prospect"): oracle.prospects(shop, AS_OF),
    }
    with built(shop) as (con, sources):
        for rule, customers in expected.items():
            asked = ASKED.model_copy(update={"cohort": rule})
            table = build(con, [AS_OF], sources, asked)
            assert table["customer"].to_pylist() == customers
            require_equal(table, shop, asked)


def require_equal(table: pa.Table, shop: Shop, rule: Behaviour) -> None:
    """Every column is one of the oracle's, and every value is the oracle's."""
    asked = asked_by(rule)
    for row in table.to_pylist():
        customer, as_of = row.pop("customer"), row.pop("as_of")
        expected = oracle.features_of(Past(shop, customer, as_of, asked))
        assert row.keys() == expected.keys()
        differing = {
            name: (row[name], value)
            for name, value in expected.items()
            if not is_same(row[name], value)
        }
        assert not differing, (customer, as_of)


def asked_by(rule: Behaviour) -> Asked:
    """The oracle's question."""
    return Asked(
        rule.windows_days,
        rule.categories,
        rule.channels,
        rule.contact_kinds,
        rule.peers_by,
        rule.cohort.contract == "prospect",
    )
