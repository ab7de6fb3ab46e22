"""The Sankey diagram: ribbons as thick as what moved, groups that leave room for their names."""

import re

import pytest

from pipelines.charts import Key
from pipelines.sankey import FLOWING, GAP, SLOT, Flow, Sankey, sankey_chart
from tests.svg import parsed

NAN = float("nan")
EVIL = "<script>alert('流失')</script> & \x00"


def drawn(*flows: Flow, order: tuple[str, ...] = (), keys: tuple[Key, ...] = ()) -> str:
    return sankey_chart(Sankey("Moves", flows, order, ("17 October", "14 November"), keys))


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in parsed(svg).iter("text")]


def hints(svg: str, tag: str) -> list[str]:
    return [each.findtext("title") or "" for each in parsed(svg).iter(tag)]


def thickness(svg: str) -> list[float]:
    """Of each ribbon, at its left."""
    found = [each.get("d") or "" for each in parsed(svg).iter("path")]
    return [
        float(re.findall(r",([\d.]+)", each)[-1]) - float(re.findall(r",([\d.]+)", each)[0])
        for each in found
    ]


def test_a_ribbon_is_as_thick_as_the_share_that_moved() -> None:
    svg = drawn(Flow("new", "loyal", 30), Flow("new", "lost", 10))
    assert thickness(svg) == [pytest.approx(FLOWING * 0.75, abs=0.2), pytest.approx(62.5, abs=0.2)]


def test_groups_stand_in_the_order_asked_for_with_their_amounts() -> None:
    svg = drawn(
        Flow("lost", "loyal", 5), Flow("loyal", "loyal", 20), order=("loyal", "lost", "nobody")
    )
    assert texts(svg) == ["17 October", "14 November", "loyal", "20", "lost", "5", "loyal", "25"]


def test_groups_that_were_not_ordered_come_as_they_are_met() -> None:
    assert texts(drawn(Flow("b", "a", 1)))[2::2] == ["b", "a"]


def test_small_groups_keep_room_for_two_lines_of_text() -> None:
    svg = drawn(Flow("a", "a", 1000), Flow("b", "b", 1), Flow("c", "c", 1))
    places = {
        (each.text or ""): float(each.get("y", ""))
        for each in parsed(svg).iter("text")
        if each.get("text-anchor") == "end"
    }
    assert places["c"] - places["b"] == pytest.approx(SLOT + GAP, abs=0.1)


def test_every_ribbon_and_group_says_its_amount_under_the_pointer() -> None:
    svg = drawn(Flow("new", "loyal", 1234), Flow("new", "lost", 2, hint="two were lost"))
    assert hints(svg, "path") == ["new to loyal: 1,234", "two were lost"]
    assert hints(svg, "rect") == ["new: 1,236", "loyal: 1,234", "lost: 2"]


def test_a_ribbon_has_the_colour_of_its_slot_and_the_legend_says_what_it_means() -> None:
    svg = drawn(Flow("a", "b", 1, slot=2), Flow("a", "a", 2, slot=0), keys=(Key("worse", 2),))
    ribbons = [each.get("class") for each in parsed(svg).iter("path")]
    assert ribbons == ["soft s0", "soft s2"]
    assert next(parsed(svg).iter("rect")).get("class") == "soft s2"
    assert texts(svg)[0] == "worse"


@pytest.mark.parametrize("amount", [0.0, -1.0, NAN, float("inf")])
def test_what_cannot_be_drawn_is_left_out(amount: float) -> None:
    assert len(thickness(drawn(Flow("a", "b", amount), Flow("a", "c", 1)))) == 1
    assert texts(drawn(Flow("a", "b", amount))) == ["nobody is there to move"]


def test_everything_stays_inside_the_drawing() -> None:
    flows = [Flow(f"from {i}", f"to {j}", 1 + i * j) for i in range(12) for j in range(12)]
    svg = drawn(*flows)
    height = float((parsed(svg).get("viewBox") or "").split()[3])
    assert max(float(each.get("y", "")) for each in parsed(svg).iter("text")) < height
    lowest = max(
        float(each.get("y", "")) + float(each.get("height", ""))
        for each in parsed(svg).iter("rect")
    )
    assert lowest < height


def test_names_cannot_break_out_and_long_ones_are_cut() -> None:
    svg = drawn(Flow(EVIL, "a group with a very long name", 3))
    assert "<script>" not in svg
    assert "a group with a v…" in texts(svg)


def test_the_same_flows_give_the_same_drawing_whatever_their_order() -> None:
    flows = [Flow("a", "b", 2), Flow("b", "a", 2), Flow("a", "a", 7)]
    assert drawn(*flows, order=("a", "b")) == drawn(*reversed(flows), order=("a", "b"))
