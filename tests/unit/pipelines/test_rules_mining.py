"""Rules of one group: levels, limits that are told, bundles, and tables of nothing."""

from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest

from features.baskets import build_baskets
from features.clock import Window
from features.items import Items
from features.settings import Engine
from models.rules.changes import counts_in
from pipelines.rule_engines import itemset_engine
from pipelines.rule_settings import Rules
from pipelines.rules_groups import grouped
from pipelines.rules_mining import GroupBaskets, GroupMined, mined
from pipelines.rules_tables import Named, as_arrow, items_table, rules_again
from tests.builders import Shop, built, order

FIRST = date(2024, 1, 1)
MINED = Window(FIRST, FIRST + timedelta(days=40))
LATER = Window(MINED.end, MINED.end + timedelta(days=20))
OTHERS = tuple(f"other {number}" for number in range(8))
CATEGORIES = (
    *(("tea", "drinks"), ("juice", "drinks"), ("rice", "grain"), ("oats", "grain")),
    *((name, "misc") for name in OTHERS),
)
COSTS = (("tea", 40), ("juice", 90), ("rice", 160), ("oats", 95), *((name, 99) for name in OTHERS))


def shop(*, is_random: bool = False) -> Shop:
    """Twenty baskets a day: oats come with tea, rice and juice with anything; costs are known."""
    random, lines = Random(7), []
    for number in range(1200):
        items = [each for each in ("rice", "juice", *OTHERS) if random.random() < 0.2]
        has_tea = random.random() < 0.4
        chance = 0.9 if has_tea and not is_random else 0.1
        items += ["tea"] * has_tea + ["oats"] * (random.random() < chance)
        day = FIRST + timedelta(days=number % 60)
        lines += [order(day, product=each, number=f"o{number}") for each in items or ["rice"]]
    return Shop(tuple(lines), categories=CATEGORIES, unit_costs=COSTS)


def by_itself(group: GroupBaskets, items: Items, asked: Rules) -> GroupMined:
    with itemset_engine(asked, Engine(threads=1), Path()) as mine:
        return mined(group, items, asked, mine)


def found(given: Shop, **settings: Any) -> tuple[GroupMined, pd.DataFrame]:
    """What is found in all baskets, and the table of items."""
    asked = Rules.model_validate({"support": 0.02, **settings})
    with built(given) as (con, sources):
        bought = build_baskets(con, asked, MINED, sources)
        later = build_baskets(con, asked, LATER, sources)
        (group,) = grouped(bought, later, asked, sources).groups
        return by_itself(group, bought.items, asked), items_table(bought.items)


@pytest.fixture(scope="module")
def levels() -> tuple[GroupMined, pd.DataFrame]:
    return found(shop(), items=["product", "category"])


def test_no_rule_holds_an_item_and_what_it_belongs_to(
    levels: tuple[GroupMined, pd.DataFrame],
) -> None:
    table = levels[0].rules
    above = dict(CATEGORIES)
    for left, right in zip(table["antecedents"], table["consequents"], strict=True):
        named = {*left, *right}
        assert not {above.get(each) for each in named} & named
    pairs = set(zip(table["antecedent_level"], table["consequent_level"], strict=True))
    assert {("product", "product"), ("product", "category"), ("category", "product")} <= pairs


def test_each_side_may_have_a_level_of_its_own() -> None:
    sides = {"antecedent_levels": ["product"], "consequent_levels": ["category"]}
    table = found(shop(), items=["product", "category"], **sides)[0].rules
    assert set(table["antecedent_level"]) == {"product"}
    assert set(table["consequent_level"]) == {"category"}


def test_items_know_what_they_belong_to(levels: tuple[GroupMined, pd.DataFrame]) -> None:
    above = levels[1].set_index("item")["belongs_to"].to_dict()
    assert above == {
        **{item: [name] for item, name in CATEGORIES},
        **{name: [] for name in ("drinks", "grain", "misc")},
    }


def test_bundles_bring_what_counting_by_hand_says() -> None:
    bundles = found(shop(), weights=["margin"], bundles=3)[0].bundles
    orders: dict[str, set[str]] = {}
    for line in shop().orders:
        if line.ordered_at.date() < MINED.end:
            orders.setdefault(line.order, set()).add(str(line.product))
    costs = dict(COSTS)
    assert len(bundles) == 3
    for row in bundles.to_dict("records"):
        count = sum(set(row["items"]) <= items for items in orders.values())
        margin = count * sum(100 - costs[item] for item in row["items"])
        assert (row["count"], row["margin"]) == (count, margin)
        assert row["margin_per_basket"] == margin / count
    assert bundles["margin"].is_monotonic_decreasing


def test_bundles_are_of_the_first_level_so_that_no_line_counts_twice() -> None:
    bundles = found(shop(), items=["category", "product"], weights=["margin"])[0].bundles
    assert {item for side in bundles["items"] for item in side} == {"drinks", "grain", "misc"}


def test_limits_are_told_and_the_figures_are_of_what_fits() -> None:
    group = found(shop(), limits={"itemsets": 5})[0].found
    assert group.itemsets <= 5
    assert group.notes[0].startswith("more than 5 itemsets are in 16 baskets or more; those in ")
    group = found(shop(), limits={"rules": 3})[0].found
    assert group.confident <= 3
    assert group.notes[0].startswith("more than 3 rules have a confidence of 0.1 or more")


def test_a_group_without_a_rule_has_tables_of_the_same_types() -> None:
    """So that groups with and without rules lie in one table."""
    some, none = (found(shop(is_random=is_random))[0] for is_random in (False, True))
    assert len(some.rules) == some.found.kept > 0
    assert len(none.rules) == none.found.kept == none.found.held == 0
    assert none.found.confident > 0
    assert none.rules.dtypes.equals(some.rules.dtypes)
    assert as_arrow(none.rules).schema.field("antecedents") == as_arrow(some.rules).schema.field(
        "antecedents"
    )


def test_rules_of_a_table_are_counted_as_the_rules_themselves() -> None:
    asked = Rules.model_validate({"support": 0.02})
    with built(shop()) as (con, sources):
        bought = build_baskets(con, asked, MINED, sources)
        (group,) = grouped(bought, bought, asked, sources).groups
    table, items = by_itself(group, bought.items, asked).rules, items_table(bought.items)
    label = dict(zip(items["item"], items["label"], strict=True))
    sides = [
        [[label[item] for item in side] for side in table[f"{name}s"]]
        for name in ("antecedent", "consequent")
    ]
    again = rules_again(Named(sides[0], sides[1], 0.1))
    counts = counts_in(again, group.baskets)
    assert counts.both.tolist() == table["count"].tolist()
    assert counts.antecedent.tolist() == table["antecedent_count"].tolist()
    assert counts.consequent.tolist() == table["consequent_count"].tolist()


def test_a_table_without_a_rule_gives_none() -> None:
    assert len(rules_again(Named([], [], 0.1))) == 0
