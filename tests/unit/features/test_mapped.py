from pathlib import Path
from typing import Any

import duckdb
import pytest

from features.locations import DataFile
from features.mapped import ColumnMissing, InstantNeedsUnit, Unit, mapped_types
from features.schemas import Sources
from features.sources import Relation, SourceUnreadable
from tests.loading import fully, orders

TABLE = "(SELECT 'o1' AS \"order\", DATE '2024-01-05' AS \"at\", 7 AS customer, 1.5 AS amount)"


def types(sql: str = TABLE, **settings: Any) -> dict[str, str]:
    source = Sources.model_validate({"orders": orders(**settings)}).orders
    assert source is not None
    unit = Unit("orders", source, DataFile("orders", Path("orders"), ""))
    with duckdb.connect() as con:
        return {
            field.name: found
            for field, found in mapped_types(con, Relation(sql, None), unit).items()
        }


def test_every_canonical_column_has_the_type_of_its_raw_value() -> None:
    columns = {
        "amount": {"expression": "amount * 2.0::DOUBLE -- twice"},
        "store": {"constant": "web"},
        "quantity": {"constant": 1},
    }
    assert types(columns=columns) == {
        "order": "VARCHAR",
        "ordered_at": "DATE",
        "customer": "INTEGER",
        "amount": "DOUBLE",
        "product": '"NULL"',
        "quantity": "INTEGER",
        "discount": '"NULL"',
        "coupon": '"NULL"',
        "store": "VARCHAR",
        "channel": '"NULL"',
    }


def test_capitals_of_a_column_count() -> None:
    text = (
        "sources.orders.columns.amount needs the column 'Amount' (did you mean 'amount'?); but "
        "orders has ['order', 'at', 'customer', 'amount']"
    )
    with pytest.raises(ColumnMissing, match=fully(text)):
        types(columns={"amount": "Amount"})


def test_an_aggregate_is_no_expression_over_a_row() -> None:
    text = (
        "sources.orders.columns.amount needs an expression over the columns of orders, but "
        "'sum(amount)' is not one: Binder Error: column \"order\" must appear in the GROUP BY "
        "clause or must be part of an aggregate function"
    )
    with pytest.raises(SourceUnreadable, match=fully(text)):
        types(columns={"amount": {"expression": "sum(amount)"}})


def test_a_number_is_an_instant_where_the_config_says_how() -> None:
    numbers = TABLE.replace("DATE '2024-01-05'", "20240105")
    with pytest.raises(InstantNeedsUnit, match=r"holds numbers there \(INTEGER\)"):
        types(numbers)
    assert types(numbers, instant_format=["%Y%m%d"])["ordered_at"] == "INTEGER"
