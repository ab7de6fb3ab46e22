import pytest

from pipelines.sections import place_of


@pytest.mark.parametrize(
    ("location", "keys", "column"),
    [
        (("churn", "horizon_days"), "churn.horizon_days", None),
        (("behaviour", "windows_days", 1), "behaviour.windows_days.1", None),
        (("churn", "model", "churn_gbm", "trees"), "churn.model.trees", None),
        (("sources", "orders", "path", "str"), "sources.orders.path", None),
        (("sources", "orders", "path", "tuple[str, ...]", 0), "sources.orders.path.0", None),
        (
            ("sources", "orders", "columns", "amount", "Constant", "constant", "int"),
            "sources.orders.columns.amount.constant",
            "sources.orders.columns.amount",
        ),
        (
            ("sources", "customers", "attributes", "column", "column", "str"),
            "sources.customers.attributes.column.column",
            "sources.customers.attributes.column.column",
        ),
        (
            ("sources", "customers", "attributes", "bad name", "[key]"),
            "sources.customers.attributes.bad name",
            None,
        ),
        (
            ("sources", "products", "hierarchy", "str", "Expression"),
            "sources.products.hierarchy.str",
            "sources.products.hierarchy.str",
        ),
    ],
)
def test_a_place_has_the_keys_of_the_file_without_the_forms_of_a_value(
    location: tuple[int | str, ...], keys: str, column: str | None
) -> None:
    place = place_of(location, is_unknown=False)
    assert ".".join(place.keys) == keys
    assert (".".join(place.column) if place.column else None) == column


@pytest.mark.parametrize(
    ("location", "valid"),
    [
        (("currency", "x"), ("code", "digits")),
        (("behaviour", "cohort", "x"), ("active_within_days", "contract", "min_orders")),
        (("sources", "orders", "columns", "amount", "Expression", "x"), ("constant", "expression")),
        (
            ("sources", "customers", "attributes", "age", "x"),
            ("column", "levels", "meaning", "type"),
        ),
    ],
)
def test_an_unknown_key_is_kept_beside_the_valid_ones(
    location: tuple[int | str, ...], valid: tuple[str, ...]
) -> None:
    place = place_of(location, is_unknown=True)
    assert (place.keys[-1], place.valid) == ("x", valid)


def test_an_unknown_key_may_be_called_like_a_kind_of_model() -> None:
    place = place_of(("churn_gbm",), is_unknown=True)
    assert place.keys == ("churn_gbm",)
    assert "churn" in place.valid
