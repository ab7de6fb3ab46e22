"""Charts of rules: marks, classes of lift, the matrix, the graph and where its boxes stand."""

from collections.abc import Sequence
from math import nan

import pyarrow as pa
import pytest

from features.items import Items
from pipelines.rules_charts import (
    Pair,
    class_names,
    frequent_items,
    lift_bounds,
    matrix_chart,
    measures_chart,
    pairs_of,
    size_class,
)
from pipelines.rules_graph import MOST_ITEMS, MOST_RULES, drawn_rules, rule_graph
from pipelines.rules_told import (
    Rule,
    by_category,
    categories_of,
    evenly,
    fair_share,
    short_names,
    strongest_first,
    told,
)
from tests.rule_findings import found, rule
from tests.svg import parsed

EVIL = "<script>alert('流失')</script> & \x00"


def rules(*rows: dict[str, object]) -> list[Rule]:
    return told(found(rows).rules)


def classes(svg: str, tag: str) -> list[str]:
    return [each.get("class") or "" for each in parsed(svg).iter(tag)]


def hints(svg: str) -> list[str]:
    return [(each.text or "").replace("\xa0", " ") for each in parsed(svg).iter("title")]


def pair(start: str, end: str, lift: float = 2.0, *, held: bool = True) -> dict[str, object]:
    return rule([start], [end], lift, held=held)


def test_a_rule_that_held_is_a_circle_and_another_one_a_diamond() -> None:
    svg = measures_chart("All", rules(pair("a", "b"), pair("c", "d", held=False)))
    assert [css for css in classes(svg, "circle") if css.endswith("s1")] == ["soft mark s1"] * 2
    assert classes(svg, "polygon") == ["soft mark s2"] * 2
    assert "c → d: confidence 50 %, lift 2.0, did not hold" in hints(svg)


def test_the_more_support_the_further_right_by_its_logarithm() -> None:
    shares = (0.001, 0.01, 0.1)
    svg = measures_chart("All", rules(*(rule(["a"], ["b"], support=each) for each in shares)))
    (left, middle, right) = sorted(
        float(each.get("cx") or 0) for each in parsed(svg).iter("circle") if each.findtext("title")
    )
    assert middle - left == pytest.approx(right - middle, abs=0.11)


def test_lift_is_told_in_thirds_of_the_rules() -> None:
    bounds = lift_bounds([1.0, 2.0, 3.04, 4.0, 5.06, 6.0])
    assert bounds == (3.0, 5.1)
    assert [size_class(lift, bounds) for lift in (2.9, 3.0, 5.1)] == [0, 1, 2]
    assert class_names(bounds) == ("lift below 3", "lift 3 to 5.1", "lift 5.1 or more")


def test_rules_of_one_lift_are_of_one_class() -> None:
    assert lift_bounds([2.0, 2.0]) == ()
    assert class_names(()) == ("any lift",)
    assert class_names((3.0,)) == ("lift below 3", "lift 3 or more")


def test_a_pair_has_the_highest_lift_of_its_rules() -> None:
    found = pairs_of(rules(pair("a", "c", 2.0), rule(["a", "b"], ["c"], 5.0)))
    assert found == [Pair("a", "c", 5.0, 2), Pair("b", "c", 5.0, 1)]


def test_the_most_frequent_items_come_first_then_by_name() -> None:
    found = rules(pair("z", "y"), pair("b", "y"), pair("a", "b"))
    assert frequent_items(found) == ["b", "y", "a", "z"]
    assert frequent_items(found, 1) == ["b"]


def test_the_matrix_shades_the_pairs_of_its_items_alone() -> None:
    pairs = [Pair("a", "b", 2.0, 1), Pair("b", "a", 9.0, 1), Pair("a", "other", 9.0, 1)]
    svg = matrix_chart("Matrix", ["a", "b"], pairs)
    shaded = {each.findtext("title"): each for each in parsed(svg).iter("rect")}
    low, high = shaded["a → b: lift 2.0, rules: 1"], shaded["b → a: lift 9.0, rules: 1"]
    assert (low.get("class"), high.get("class")) == ("shade0 s1", "shade1 s1")
    assert float(low.get("x") or 0) > float(high.get("x") or 0)
    assert float(low.get("y") or 0) < float(high.get("y") or 0)
    assert not any("other" in (name or "") for name in shaded)


def test_each_rule_of_one_item_each_is_one_arrow() -> None:
    svg = rule_graph("Graph", rules(pair("a", "b"), pair("b", "a"), pair("a", "c", held=False)))
    assert classes(svg, "path") == ["curve thin s1", "curve thin s1", "curve thin s2"]
    assert classes(svg, "polygon") == ["fill s1", "fill s1", "fill s2"]
    assert classes(svg, "rect") == ["node"] * 3


def test_several_antecedents_meet_in_a_dot_and_one_arrow_leaves_it() -> None:
    svg = rule_graph("Graph", rules(rule(["a", "b"], ["c"])))
    assert classes(svg, "circle") == ["joint"]
    assert len(classes(svg, "path")) == 3
    assert len(classes(svg, "polygon")) == 1


def test_the_graph_leaves_out_rules_that_need_one_item_too_many() -> None:
    star = [pair("hub", f"item {i}") for i in range(MOST_ITEMS + 5)]
    drawn = drawn_rules(rules(*star, pair("item 0", "hub")))
    assert [str(each) for each in drawn][-2:] == [f"hub → item {MOST_ITEMS - 2}", "item 0 → hub"]
    many = [pair(f"item {i}", f"item {j}") for i in range(9) for j in range(9) if i != j]
    assert len(drawn_rules(rules(*many))) == MOST_RULES


@pytest.mark.parametrize("rows", [[], [pair(EVIL, "b"), rule([EVIL, "b"], ["c > d > e"])]])
def test_no_name_breaks_out_of_a_chart(rows: Sequence[dict[str, object]]) -> None:
    shown = rules(*rows)
    for svg in (
        measures_chart(EVIL, shown),
        rule_graph(EVIL, shown),
        matrix_chart(EVIL, frequent_items(shown), pairs_of(shown)),
    ):
        assert "<script>" not in svg
        assert (parsed(svg).findtext("title") or "").startswith("<script>")
        assert ("no rule was kept" in svg) == (not rows)


def test_a_name_is_shortened_to_what_tells_it_apart() -> None:
    names = ["type:TOYS > SEASONAL", "type:CANDY > SEASONAL", "type:DAIRY > MILK", "bread"]
    assert list(short_names(names).values()) == [
        "type:TOYS > SEASONAL",
        "type:CANDY > SEASONAL",
        "MILK",
        "bread",
    ]


def test_an_item_belongs_to_the_first_name_of_its_path_and_context_to_its_kind() -> None:
    rows = [
        ("type:DAIRY > MILK", "type", "MILK", False),
        ("type:TOYS > SEASONAL", "type", "type:TOYS > SEASONAL", False),
        ("product:17", "product", "17", False),
        ("weekday:Friday", "weekday", "weekday:Friday", True),
    ]
    names = ("label", "level", "title", "is_context")
    table = pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])
    assert categories_of(Items(table, pa.table({}))) == {
        "MILK": "DAIRY",
        "type:TOYS > SEASONAL": "TOYS",
        "17": "17",
        "weekday:Friday": "weekday",
    }


def test_rules_between_items_are_rules_between_their_categories() -> None:
    of = {"milk": "dairy", "cream": "dairy", "jam": "spreads"}
    (found,) = by_category(rules(rule(["milk", "cream", "tea"], ["jam"])), of)
    assert str(found) == "dairy, tea → spreads"


def test_rules_that_held_come_first_then_by_lift() -> None:
    table = found([pair("a", "b", 9.0, held=False), pair("c", "d", 2.0), pair("e", "f", 3.0)])
    assert [str(each) for each in told(strongest_first(table.rules))] == [
        *("e → f", "c → d", "a → b")
    ]


def test_every_group_has_its_share_of_the_rows_and_leaves_what_it_does_not_need() -> None:
    large = [pair("a", f"b{i}") for i in range(6)]
    small = [rule(["a"], ["b"], group="store: 1")]
    rows = fair_share(found([*large, *small]).rules, ["all", "store: 1"], 4)
    assert rows["group"].tolist() == ["all"] * 3 + ["store: 1"]
    assert [each[0] for each in rows["consequents"]] == ["b0", "b1", "b2", "b"]


def test_rules_are_thinned_evenly() -> None:
    table = found([pair("a", f"b{i}") for i in range(9)]).rules
    assert [each[0] for each in evenly(table, 3)["consequents"]] == ["b0", "b3", "b6"]
    assert evenly(table, 9) is table


def test_a_rule_of_no_finite_lift_has_no_mark() -> None:
    assert "no rule was kept" in measures_chart("All", rules(pair("a", "b", nan)))
