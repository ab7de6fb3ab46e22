from collections.abc import Mapping
from typing import Any

import pytest

from pipelines.config import Business
from pipelines.contradictions import contradictions
from tests.loading import Settings, orders

CUSTOMERS: dict[str, Any] = {"path": "c", "columns": {"customer": "c"}}
LABELS: dict[str, Any] = {
    "path": "l",
    "columns": {"customer": "c", "as_of": "d", "churned": "x"},
}


def found(sources: Mapping[str, Settings] | None = None, **settings: Any) -> list[str]:
    given = {"orders": orders()} if sources is None else sources
    churn = {"test_as_of": "2024-01-01", **settings.pop("churn", {})}
    business = Business.model_validate({"name": "x", "sources": given, "churn": churn, **settings})
    return sorted(each.text for each in contradictions(business))


def test_a_shop_and_a_contractual_business_contradict_nothing() -> None:
    assert found() == []
    cohort = {"cohort": {"contract": "active"}}
    contract = {"customers": CUSTOMERS, "labels": LABELS}
    assert found(contract, behaviour=cohort, churn={"kind": "labelled", "test_as_of": None}) == []


@pytest.mark.parametrize(
    ("sources", "settings", "texts"),
    [
        (
            {},
            {},
            [
                "behaviour.cohort.contract: needs to be active where there are no orders",
                "churn.kind: silent needs sources.orders",
                "sources: needs orders, or customers and labels (a contractual table)",
            ],
        ),
        (
            None,
            {"behaviour": {"cohort": {"contract": "active"}}},
            ["behaviour.cohort.contract: active needs sources.customers"],
        ),
        (
            {
                "orders": orders(),
                "responses": {
                    "path": "r",
                    "columns": {"customer": "c", "responded_at": "t", "campaign": "x"},
                },
            },
            {},
            ["sources.responses: needs sources.campaigns"],
        ),
        (
            {"orders": orders(columns={"coupon": "c"})},
            {},
            [
                (
                    "sources.orders.columns.coupon: needs sources.orders.columns.discount, of "
                    "which it is a part"
                )
            ],
        ),
        (None, {"churn": {"kind": "labelled"}}, ["churn.kind: labelled needs sources.labels"]),
        (
            None,
            {"churn": {"test_as_of": None}},
            ["churn.test_as_of: is required where churn.kind is silent, but missing"],
        ),
        (
            None,
            {"behaviour": {"windows_days": [7, 28, 28]}},
            ["behaviour.windows_days: needs to ascend, but found [7, 28, 28]"],
        ),
        (
            None,
            {"behaviour": {"category_level": "group"}},
            ["behaviour.category_level: needs one of sources.products.hierarchy []"],
        ),
        (
            None,
            {"instants": {"earliest": "2020-01-01", "latest": "2020-01-01"}},
            ["instants.latest: needs to be after instants.earliest (2020-01-01)"],
        ),
    ],
)
def test_a_contradiction_is_told_with_its_place(
    sources: dict[str, Settings] | None, settings: dict[str, Any], texts: list[str]
) -> None:
    assert found(sources, **settings) == texts


@pytest.mark.parametrize(
    "name",
    ["customer", "Customer", "valid_from_on", "is_described", "load_id", "loaded_at"],
)
def test_an_attribute_is_not_called_like_a_column_of_the_warehouse(name: str) -> None:
    customers = {**CUSTOMERS, "attributes": {name: {"column": "a"}}}
    texts = found({"orders": orders(), "customers": customers})
    text = f"sources.customers.attributes.{name}: is a name that the warehouse uses itself"
    assert text in texts


@pytest.mark.parametrize("name", ["product", "unit_cost", "private_label", "is_private_label"])
def test_a_level_is_not_called_like_a_column_of_products(name: str) -> None:
    products = {"path": "p", "columns": {"product": "p"}, "hierarchy": {name: "g"}}
    text = f"sources.products.hierarchy.{name}: is a name that the warehouse uses itself"
    assert found({"orders": orders(), "products": products}) == [text]


def test_names_that_differ_in_capitals_only_are_refused() -> None:
    products = {"path": "p", "columns": {"product": "p"}, "hierarchy": {"Group": "g", "group": "h"}}
    assert found({"orders": orders(), "products": products}) == [
        "sources.products.hierarchy.Group: stands twice (capitals aside)",
        "sources.products.hierarchy.group: stands twice (capitals aside)",
    ]


def test_levels_that_would_share_a_column_are_refused() -> None:
    attributes = {"tier": {"column": "t", "levels": ["A+", "A-"]}}
    texts = found({"orders": orders(), "customers": {**CUSTOMERS, "attributes": attributes}})
    assert texts == [
        (
            "sources.customers.attributes: a behaviour table needs distinct column names, but "
            "found twice: ['is_tier_a']; choose other names or levels in "
            "sources.customers.attributes, or other values in behaviour.categories, channels and "
            "contact_kinds"
        )
    ]


def test_kinds_of_contact_that_would_share_a_column_are_refused() -> None:
    contacts = {
        "path": "x",
        "columns": {"customer": "c", "contacted_at": "t", "kind": "k"},
    }
    kinds = {"contact_kinds": ["e-mail", "e mail"]}
    (text,) = found({"orders": orders(), "contacts": contacts}, behaviour=kinds)
    assert text.startswith("behaviour: a behaviour table needs distinct column names, but found")
    assert "'days_since_e_mail'" in text


def test_a_metric_in_money_needs_economics() -> None:
    metric = {"metric": "expected_maximum_profit"}
    assert found(review=metric) == ["review.metric: expected_maximum_profit needs churn.economics"]
    assert found(review=metric, churn={"economics": {"clv": 50}}) == []


def test_a_budget_is_money_or_customers_and_needs_economics() -> None:
    assert found(score={"budget": {"money": 500}}) == ["score.budget: needs churn.economics"]
    churn = {"economics": {"clv": 50}}
    assert found(churn=churn, score={"budget": {"customers": 10}}) == []
    text = "score.budget: needs money or customers, but found "
    assert found(churn=churn, score={"budget": {}}) == [f"{text}neither"]
    both = {"money": 1.5, "customers": 10}
    assert found(churn=churn, score={"budget": both}) == [f"{text}both"]


def test_the_column_of_worth_is_one_of_money() -> None:
    def told(column: str) -> list[str]:
        return found(churn={"economics": {"clv_column": column}})

    assert told("spend_91d") == []
    text = (
        "churn.economics.clv_column: needs a column in minor units, such as spend_91d, "
        "but found spent_91d"
    )
    assert told("spent_91d") == [text]
    (days,) = told("days_since_order")
    assert days.endswith("but found days_since_order")


def test_worth_by_a_column_needs_a_source_with_money() -> None:
    described = CUSTOMERS | {"attributes": {"tenure": {"column": "t", "type": "number"}}}
    contract = {"customers": described, "labels": LABELS}
    churn = {"kind": "labelled", "test_as_of": None, "economics": {"clv_column": "spend_91d"}}
    (text,) = found(contract, behaviour={"cohort": {"contract": "active"}}, churn=churn)
    assert text == (
        "churn.economics.clv_column: needs a column in minor units, such as none that these "
        "sources give, but found spend_91d"
    )


def test_fairness_is_asked_by_attributes_that_have_levels() -> None:
    attributes = {
        "gender": {"column": "g", "levels": ["f", "m"]},
        "age": {"column": "a", "type": "number"},
    }
    sources = {"orders": orders(), "customers": {**CUSTOMERS, "attributes": attributes}}
    needs = "churn.fairness: needs attributes of sources.customers that have levels (gender), but"
    assert found(sources, churn={"fairness": ["gender"]}) == []
    assert found(sources, churn={"fairness": ["age"]}) == [f"{needs} found age"]
    assert found(sources, churn={"fairness": ["gendre"]}) == [
        f"{needs} found gendre; did you mean gender?"
    ]
    assert found(sources, churn={"fairness": ["gender", "gender"]}) == [
        "churn.fairness: gender stands twice"
    ]


def test_fairness_by_an_attribute_needs_a_customers_table() -> None:
    assert found(churn={"fairness": ["gender"]}) == [
        (
            "churn.fairness: needs attributes of sources.customers that have levels "
            "(there are none), but found gender"
        )
    ]


def test_a_contradiction_names_what_it_is_about() -> None:
    business = Business.model_validate(
        {"name": "x", "sources": {"orders": orders()}, "churn": {"kind": "labelled"}}
    )
    (one,) = contradictions(business)
    assert one.about == ("churn.kind", "sources.labels")


def test_candidates_are_of_kinds_that_differ() -> None:
    churn = {"candidates": [{"kind": kind} for kind in ("churn_logit", "churn_gbm", "churn_logit")]}
    assert found(churn=churn) == [
        (
            "churn.candidates: needs kinds that differ from each other and from churn.model "
            "(churn_gbm), but found churn_gbm, churn_logit again"
        )
    ]
    assert found(churn={"candidates": [{"kind": "churn_logit"}, {"kind": "churn_tree"}]}) == []


def test_a_search_for_two_goals_is_of_one_model() -> None:
    churn = {"candidates": [{"kind": "churn_logit"}], "search": {"goal": "profit_and_columns"}}
    assert found(churn=churn) == [
        "churn.search.goal: profit_and_columns searches churn.model alone, no candidates"
    ]


def test_columns_that_a_model_heeds_are_those_of_the_behaviour_table() -> None:
    assert found(churn={"columns": ["days_since_order"]}) == []
    (text,) = found(churn={"columns": ["days_since_orders", "days_since_order"]})
    assert text.startswith(
        "churn.columns: needs columns of the behaviour table, such as days_since_order"
    )
    assert text.endswith("but found days_since_orders")


def test_groups_of_products_have_names_beside_those_of_levels() -> None:
    groups = {"Type": "g", "product": "g", "brand": "b"}
    products = {"path": "p", "columns": {"product": "p"}, "hierarchy": {"type": "t"}}
    assert found({"orders": orders(), "products": {**products, "groups": groups}}) == [
        "sources.products.groups.Type: is a level of sources.products.hierarchy already",
        "sources.products.groups.product: is a name that the warehouse uses itself",
    ]


def test_rules_are_asked_of_what_the_sources_tell() -> None:
    assert found(rules={"basket": "visit"}) == [
        "rules.basket: visit needs sources.orders.columns.store"
    ]
    assert found(rules={"support": 0.5}) == []
    text = "rules.antecedent_levels: needs some of rules.items (product), but found typ"
    assert found(rules={"antecedent_levels": ["product", "typ"]}) == [text]
