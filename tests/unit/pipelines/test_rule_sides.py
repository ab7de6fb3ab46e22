"""Which items may stand on which side of a rule."""

from typing import Any

import pyarrow as pa
import pytest

from features.items import Items
from features.levels import ItemsUnclear
from pipelines.rule_settings import Rules
from pipelines.rule_sides import sides
from tests.loading import fully

MILK, TEA, DRINKS = "product:milk", "product:tea", "type:drinks"
CHEAP, FRIDAY = "promoted_type:drinks", "weekday:Friday"


def found(**settings: Any) -> tuple[list[str], list[str]]:
    told = [
        (MILK, "product", "milk", False),
        (TEA, "product", "tea", False),
        (CHEAP, "promoted_type", "promoted_type:drinks", True),
        (DRINKS, "type", "drinks", False),
        (FRIDAY, "weekday", "weekday:Friday", True),
    ]
    columns = ("label", "level", "title", "is_context")
    table = pa.table(dict(zip(columns, zip(*told, strict=True), strict=True)))
    return sides(Items(table, pa.table({})), Rules.model_validate(settings))


def test_the_context_stands_in_antecedents_only() -> None:
    assert found() == ([MILK, TEA, CHEAP, DRINKS, FRIDAY], [MILK, TEA, DRINKS])


def test_each_side_may_have_levels_of_its_own() -> None:
    assert found(antecedent_levels=["type"], consequent_levels=["product"]) == (
        [CHEAP, DRINKS, FRIDAY],
        [MILK, TEA],
    )


def test_consequents_are_chosen_by_label_or_title() -> None:
    assert found(consequents=["tea", "type:drinks"])[1] == [TEA, DRINKS]
    assert found(consequents=["tea", "drinks"], consequent_levels=["type"])[1] == [DRINKS]
    text = "an item needs the label of one that was bought, but found 'mlk'; did you mean 'milk'?"
    with pytest.raises(ItemsUnclear, match=fully(text)):
        found(consequents=["mlk"])
