"""What a behaviour table promises."""

import re
from dataclasses import replace

import pytest

from features.contract import (
    Column,
    ColumnsClash,
    Family,
    Feature,
    Orders,
    Shape,
    feature,
    features_of,
    fingerprint,
)
from features.terms import Measure, Term, Things, given

AMOUNT = Measure("purchases", "spend")
LINES = Measure("products", "lines")
SPEND = Column("spend_28d", "minor units", 28, "never ordered", "spend", "sum(spend)")
ORDERS = Column("orders_count_28d", "orders", 28, "never ordered", "orders", "sum(orders)")


def family(*columns: Column) -> Family:
    return Family("monetary", tuple(Feature(column, AMOUNT.ever()) for column in columns))


def made(term: Term) -> Column:
    return feature("a", "days", None, "never ordered", "phrase", term=term).column


def definition(column: Column) -> str:
    """What the column holds; how many blanks are in it is no matter."""
    return " ".join(column.sql.split())


def test_features_come_in_order_of_the_families() -> None:
    found = features_of([family(SPEND), family(ORDERS)])
    assert [each.column for each in found] == [SPEND, ORDERS]


def test_a_family_promises_the_columns_of_its_features() -> None:
    assert family(SPEND, ORDERS).columns == (SPEND, ORDERS)


@pytest.mark.parametrize("name", ["spend_28d", "Spend_28D"])
def test_a_name_declared_twice_is_refused_in_any_case_of_its_letters(name: str) -> None:
    found = sorted({"spend_28d", name})
    text = (
        f"a behaviour table needs distinct column names, but found twice: {found}; choose other "
        f"names or levels in sources.customers.attributes, or other values in "
        f"behaviour.categories, channels and contact_kinds"
    )
    with pytest.raises(ColumnsClash, match=f"^{re.escape(text)}$"):
        features_of([family(SPEND), family(replace(ORDERS, name=name))])


@pytest.mark.parametrize("name", ["customer", "as_of", "customer_key", "As_Of"])
def test_no_feature_may_be_named_like_a_key(name: str) -> None:
    with pytest.raises(ColumnsClash, match=re.escape(f"but found twice: ['{name}']")):
        features_of([family(replace(SPEND, name=name))])


def test_a_feature_carries_its_words_and_the_whole_definition_of_its_term() -> None:
    term = AMOUNT.within(28) / LINES.within(28)
    found = feature("a", "share", 28, "no order", "phrase", term=term, cause="rival")
    assert found.term is term
    sql = found.column.sql
    assert found.column == Column("a", "share", 28, "no order", "phrase", sql, "rival", 28)
    assert definition(found.column) == (
        '("purchases_sum_spend_to28" / nullif("products_sum_lines_to28", 0)); '
        "products_sum_lines_to28 = sum of lines in products; "
        "purchases_sum_spend_to28 = sum of spend in purchases"
    )


def test_things_that_are_counted_are_rows() -> None:
    assert definition(made(Things("stores").distinct(7))) == (
        '"stores_distinct_to7"; stores_distinct_to7 = distinct of rows in stores'
    )


@pytest.mark.parametrize(
    ("term", "days"),
    [
        (AMOUNT.within(28) / AMOUNT.within(7), 28),
        (AMOUNT.before(28), 56),
        (Things("products").distinct(7), 7),
        (Things("products").fresh(7), None),
        (AMOUNT.within(7) / AMOUNT.ever(), None),
        (AMOUNT.since(), None),
        (AMOUNT.within(7) * given("everyone", "everyone_gaps"), None),
    ],
)
def test_a_column_knows_how_far_it_looks_back(term: Term, days: int | None) -> None:
    """What asks whether a thing was ever bought looks at all history, whatever its window."""
    assert made(term).looks_back_days == days


def test_without_a_cause_a_column_speaks_for_none() -> None:
    assert made(AMOUNT.ever()).cause is None


def test_the_longest_window_does_not_depend_on_their_order() -> None:
    assert Shape((28, 7)).longest == 28


@pytest.mark.parametrize(("days", "nearest"), [(1, 7), (17, 7), (18, 28), (91, 28), (28, 28)])
def test_the_nearest_window_is_the_shorter_of_two(days: int, nearest: int) -> None:
    """17 days are 10 from 7 and 11 from 28; 18 the other way round."""
    assert Shape((7, 28)).nearest(days) == nearest


def test_of_two_windows_equally_near_the_shorter_is_taken() -> None:
    assert Shape((20, 10)).nearest(15) == 10


@pytest.mark.parametrize(
    ("orders", "expected"),
    [
        (Orders(), False),
        (Orders(has_products=True, has_stores=True, has_discounts=True), False),
        (Orders(category="category"), True),
        (Orders(has_costs=True), True),
        (Orders(has_private_labels=True), True),
    ],
)
def test_days_depend_on_products_where_a_measure_does(orders: Orders, *, expected: bool) -> None:
    assert orders.describes_products is expected


def test_the_fingerprint_stays_the_same_from_version_to_version() -> None:
    expected = "80a75536495333fa20fabcc6745dc5d265ac44c6d60b326c1758e8038e6ef0d8"
    assert fingerprint([SPEND, ORDERS]) == expected


@pytest.mark.parametrize(
    "other",
    [
        [replace(SPEND, name="spent_28d"), ORDERS],
        [replace(SPEND, unit="euros"), ORDERS],
        [replace(SPEND, window_days=27), ORDERS],
        [replace(SPEND, sql="sum(amount)"), ORDERS],
        [ORDERS, SPEND],
        [SPEND],
        [],
    ],
)
def test_the_fingerprint_changes_with_what_a_column_is(other: list[Column]) -> None:
    assert fingerprint(other) != fingerprint([SPEND, ORDERS])


def test_the_fingerprint_does_not_change_with_words() -> None:
    reworded = replace(SPEND, meaning="money spent", null_means="no order ever", cause="rival")
    assert fingerprint([reworded, ORDERS]) == fingerprint([SPEND, ORDERS])


@pytest.mark.parametrize(
    "other",
    [
        AMOUNT.within(27),
        AMOUNT.between(2, 28),
        AMOUNT.moment(28),
        AMOUNT.most(28),
        AMOUNT.ever(),
        AMOUNT.since(),
        AMOUNT.decayed(28),
        AMOUNT.decayed(29),
        AMOUNT.within(28) + 1,
        AMOUNT.within(28) + 2,
        Measure("purchases", "spent").within(28),
        Measure("contacts", "spend").within(28),
        Measure("purchases", "spend", "spend + 0").within(28),
        Things("products").distinct(28),
        Things("products").top(LINES, 28),
        Things("products").top(Measure("products", "lines", "2 * lines"), 28),
    ],
)
def test_the_fingerprint_changes_with_every_part_of_a_definition(other: Term) -> None:
    """Its arithmetic, and of each atom the relation, kind, window, half-life, name and SQL."""
    assert fingerprint([made(other)]) != fingerprint([made(AMOUNT.within(28))])


def test_the_fingerprint_differs_where_only_the_sql_of_an_atom_does() -> None:
    one, two = (Measure("purchases", "n", sql).ever() for sql in ("lines", "orders"))
    assert one.sql == two.sql
    assert fingerprint([made(one)]) != fingerprint([made(two)])


def test_the_fingerprint_differs_by_the_rank_of_a_row_and_by_what_sets_the_bar() -> None:
    other, another = Measure("purchases", "orders"), Measure("purchases", "lines")
    terms = [AMOUNT.since(), AMOUNT.since(2), AMOUNT.exceeding(other), AMOUNT.exceeding(another)]
    assert len({fingerprint([made(term)]) for term in terms}) == 4


def test_a_definition_does_not_depend_on_the_order_in_which_atoms_are_kept() -> None:
    """Sets of texts are in another order in each process; the definition must not be."""
    names = [f"m{number}" for number in range(9)]
    term = Measure("purchases", names[0]).ever()
    for name in names[1:]:
        term += Measure("purchases", name).ever()
    assert definition(made(term)).split("; ")[1:] == [
        f"purchases_sum_{name} = sum of {name} in purchases" for name in names
    ]
