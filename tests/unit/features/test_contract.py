"""What a behaviour table promises."""

import re
from dataclasses import replace

import pytest

from features.contract import (
    Column,
    ColumnsClash,
    Family,
    Shape,
    columns_of,
    fingerprint,
    share,
    within,
)

SPEND = Column("spend_28d", "minor units", 28, "never ordered", "spend", "sum(spend)")
ORDERS = Column("orders_count_28d", "orders", 28, "never ordered", "orders", "sum(orders)")


def family(*columns: Column) -> Family:
    return Family("monetary", "day", columns)


def test_columns_come_in_order_of_the_families() -> None:
    assert columns_of([family(SPEND), family(ORDERS)]) == (SPEND, ORDERS)


@pytest.mark.parametrize("name", ["spend_28d", "Spend_28D"])
def test_a_name_declared_twice_is_refused_in_any_case_of_its_letters(name: str) -> None:
    found = sorted({"spend_28d", name})
    text = (
        f"a behaviour table needs distinct column names, but found twice: {found}; choose other "
        f"names or levels in sources.customers.attributes"
    )
    with pytest.raises(ColumnsClash, match=f"^{re.escape(text)}$"):
        columns_of([family(SPEND), family(replace(ORDERS, name=name))])


@pytest.mark.parametrize("name", ["customer", "as_of", "customer_key", "As_Of"])
def test_no_feature_may_be_named_like_a_key(name: str) -> None:
    with pytest.raises(ColumnsClash, match=re.escape(f"but found twice: ['{name}']")):
        columns_of([family(replace(SPEND, name=name))])


def test_within_sums_a_measure_over_a_window() -> None:
    assert within("spend", 28) == "sum(spend * within_28d)"


def test_a_share_of_nothing_is_missing() -> None:
    assert share("sum(a)", "sum(b)") == "sum(a) / nullif(sum(b), 0)"


def test_the_longest_window_does_not_depend_on_their_order() -> None:
    assert Shape((28, 7), has_orders=True, has_categories=False, profile=()).longest == 28


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
    reworded = replace(SPEND, meaning="money spent", null_means="no order ever")
    assert fingerprint([reworded, ORDERS]) == fingerprint([SPEND, ORDERS])
