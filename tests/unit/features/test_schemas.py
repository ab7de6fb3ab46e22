from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from features.schemas import (
    Constant,
    ContactsSource,
    DatabaseTable,
    OrdersSource,
    Source,
    Sources,
)
from tests.loading import orders


def refused(text: str, settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as caught:
        Source.model_validate(settings)
    (problem,) = caught.value.errors()
    assert problem["msg"].removeprefix("Value error, ") == text


@pytest.mark.parametrize("place", [{}, {"path": "x", "database": {"address": "a", "table": "t"}}])
def test_a_source_has_one_place(place: dict[str, Any]) -> None:
    refused("needs either path or database", place)


def test_a_list_of_paths_has_one_at_least() -> None:
    refused("needs at least one path", {"path": []})


@pytest.mark.parametrize("path", ["", ["a.csv", ""]])
def test_a_path_is_not_empty(path: object) -> None:
    with pytest.raises(ValidationError):
        Source.model_validate({"path": path})


def test_an_epoch_stands_alone() -> None:
    text = (
        "needs an instant_format of one entry where it is one of ['epoch_s', 'epoch_ms', "
        "'epoch_us', 'epoch_ns']"
    )
    refused(text, {"path": "x", "instant_format": ["%Y", "epoch_s"]})
    assert Source(path="x", instant_format=("epoch_s",)).instant_format == ("epoch_s",)


@pytest.mark.parametrize("mark", ["", ",,", '"', "\n", "\r", "\0"])
def test_a_delimiter_is_one_character_that_no_text_needs(mark: str) -> None:
    with pytest.raises(ValidationError):
        Source(path="x", delimiter=mark)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [1], None])
def test_a_constant_is_a_finite_value(value: object) -> None:
    with pytest.raises(ValidationError):
        Constant.model_validate({"constant": value})


def test_a_constant_keeps_its_type() -> None:
    assert Constant(constant=date(2024, 1, 1)).constant == date(2024, 1, 1)
    assert Constant(constant="2024-01-01").constant == "2024-01-01"
    assert Constant(constant=1.5).constant == 1.5


@pytest.mark.parametrize("name", ["tier", "會員等級", "_x", "a1"])
def test_attributes_are_named_in_words_of_any_script(name: str) -> None:
    customers = {
        "path": "x",
        "columns": {"customer": "c"},
        "attributes": {name: {"column": "a"}},
    }
    sources = Sources.model_validate({"customers": customers})
    assert sources.customers is not None
    assert list(sources.customers.attributes) == [name]


@pytest.mark.parametrize("name", ["", "two words", "1a", 'a"b', "a-b", "x" * 64])
def test_other_names_of_attributes_are_refused(name: str) -> None:
    customers = {"path": "x", "columns": {"customer": "c"}, "attributes": {name: {"column": "a"}}}
    with pytest.raises(ValidationError):
        Sources.model_validate({"customers": customers})


def test_an_address_is_not_shown() -> None:
    table = DatabaseTable.model_validate({"address": "canary", "table": "t"})
    assert "canary" not in f"{table!r} {table} {table.model_dump_json()}"
    assert table.address.get_secret_value() == "canary"


def test_the_sources_that_a_config_names_come_in_a_fixed_order() -> None:
    products = {"path": "p", "columns": {"product": "p"}}
    sources = Sources.model_validate({"products": products, "orders": orders()})
    assert list(sources.given()) == ["orders", "products"]


def test_outcomes_that_mean_resolved_are_one_at_least() -> None:
    columns = {"customer": "c", "contacted_at": "t", "kind": "k"}
    contacts = {"path": "x", "columns": columns}
    known = ContactsSource.model_validate(contacts)
    assert known.resolved_outcomes == ("resolved",)
    with pytest.raises(ValidationError):
        ContactsSource.model_validate({**contacts, "resolved_outcomes": []})


def test_required_columns_are_four() -> None:
    with pytest.raises(ValidationError) as caught:
        OrdersSource.model_validate({"path": "x", "columns": {}})
    missing = [
        problem["loc"][1] for problem in caught.value.errors() if problem["type"] == "missing"
    ]
    assert missing == ["order", "ordered_at", "customer", "amount"]


def test_an_expression_is_checked_before_any_file_is_read() -> None:
    text = "needs one SQL expression \\(syntax error"
    with pytest.raises(ValidationError, match=text):
        OrdersSource.model_validate(orders(columns={"amount": {"expression": "a b"}}))
    with pytest.raises(ValidationError, match=text):
        OrdersSource.model_validate(orders(where="a ="))
