"""Baskets that rules are compared between, worked out by hand."""

from datetime import date, timedelta
from typing import Any

import pytest

from features.baskets import build_baskets
from features.clock import Window
from models.rules.baskets import Baskets
from pipelines.rule_periods import Periods
from pipelines.rule_settings import Rules
from pipelines.rules_compared import Asked, baskets_to_mine, with_compared
from pipelines.rules_groups import Grouped, grouped
from tests.builders import Order, Shop, built, order

FIRST = date(2024, 1, 1)
MINED = Window(FIRST, FIRST + timedelta(days=10))
HALVES = Periods(
    Window(FIRST, FIRST + timedelta(days=5)), Window(FIRST + timedelta(days=5), MINED.end)
)


def day(number: int, customer: str, product: str, discount: int = 0) -> Order:
    return order(FIRST + timedelta(days=number), customer, product, discount=discount)


LINES = (
    day(0, "ann", "tea", 10),
    day(0, "ann", "juice"),
    day(0, "ann", "rice"),
    day(4, "bob", "tea"),
    day(4, "bob", "juice", 20),
    day(5, "ann", "rice", 5),
    day(9, "bob", "tea"),
)
CATEGORIES = (("tea", "drinks"), ("juice", "drinks"), ("rice", "grain"))


def found(
    lines: tuple[Order, ...] = LINES, periods: Periods | None = HALVES, **settings: Any
) -> Grouped:
    asked = Rules.model_validate({"support": 0.1, **settings})
    with built(Shop(lines, categories=CATEGORIES)) as (con, sources):
        wanted = Asked(asked, sources, MINED, periods)
        material = baskets_to_mine(con, wanted)
        groups = grouped(material.bought, material.bought, asked, sources)
        return with_compared(con, material, groups, wanted)


def names(baskets: Baskets) -> list[list[str]]:
    """Items of each basket, by their names."""
    labels = [str(label).split(":")[-1] for label in baskets.labels]
    bounds = zip(baskets.starts[:-1], baskets.starts[1:], strict=True)
    return [sorted(labels[code] for code in baskets.codes[one:other]) for one, other in bounds]


@pytest.mark.parametrize("items", [["product"], ["category", "product"]])
@pytest.mark.parametrize("context", [[], ["weekday"], ["promoted", "weekday"]])
def test_baskets_to_mine_are_those_that_are_made_without_a_look_at_promotions(
    items: list[str], context: list[str]
) -> None:
    given = {"support": 0.1, "items": items, "context": context, "weights": ["amount"]}
    asked = Rules.model_validate(given)
    with built(Shop(LINES, categories=CATEGORIES)) as (con, sources):
        expected = build_baskets(con, asked, MINED, sources)
        found = baskets_to_mine(con, Asked(asked, sources, MINED, None)).bought
    assert found.rows.equals(expected.rows)
    assert found.baskets.equals(expected.baskets)
    assert found.items.table.equals(expected.items.table)
    assert found.items.ancestors.equals(expected.items.ancestors)
    assert found.lines == expected.lines


def test_periods_hold_the_baskets_of_their_days() -> None:
    (group,) = found().groups
    assert group.compared.periods is not None
    older, newer = group.compared.periods
    assert names(older) == [["juice", "rice", "tea"], ["juice", "tea"]]
    assert names(newer) == [["rice"], ["tea"]]


def test_promoted_is_of_each_basket_what_was_discounted_in_it() -> None:
    (group,) = found().groups
    assert group.compared.promotion is not None
    baskets, promoted = group.compared.promotion
    assert names(baskets) == [["juice", "rice", "tea"], ["rice"], ["juice", "tea"], ["tea"]]
    assert names(promoted) == [["tea"], ["rice"], ["juice"], []]


def test_what_products_belong_to_is_promoted_where_one_of_them_is() -> None:
    (group,) = found(items=["category"]).groups
    assert group.compared.promotion is not None
    assert names(group.compared.promotion[1]) == [["drinks"], ["grain"], ["drinks"], []]


def test_a_customers_basket_goes_on_in_both_periods() -> None:
    (group,) = found(basket="customer").groups
    assert group.compared.periods is not None
    assert group.compared.promotion is not None
    older, newer = group.compared.periods
    assert (older.count, newer.count, group.baskets.count) == (2, 2, 2)
    assert names(group.compared.promotion[1]) == [["rice", "tea"], ["juice"]]


def test_a_period_in_which_nothing_was_bought_is_told_and_not_compared() -> None:
    grouped_ = found(lines=LINES[:5])
    (group,) = grouped_.groups
    assert group.compared.periods is None
    assert group.compared.promotion is not None
    (note,) = grouped_.notes
    assert note == (
        "not compared between periods: nothing was bought from 2024-01-06 to 2024-01-10"
    )


def test_nothing_is_made_of_what_is_not_asked_for() -> None:
    (group,) = found(periods=None, changes={"promotion": False}).groups
    assert (group.compared.periods, group.compared.promotion) == (None, None)
