import pytest

from pipelines.charts import (
    Axis,
    Key,
    as_file,
    clipped,
    drawing,
    escaped,
    legend,
    letters,
    nothing_to_draw,
    round_top,
    slot_class,
    ticks,
    written,
)
from tests.svg import parsed


def test_ticks_are_round_numbers_inside_the_range() -> None:
    assert ticks(0, 1) == pytest.approx((0, 0.2, 0.4, 0.6, 0.8, 1.0))
    assert ticks(0.747, 0.871, 4) == pytest.approx((0.75, 0.8, 0.85))
    assert ticks(0, 2512) == (0, 1000, 2000)


@pytest.mark.parametrize(("low", "high"), [(3, 3), (0, float("inf")), (float("nan"), 1), (2, 1)])
def test_a_range_of_no_width_has_one_tick(low: float, high: float) -> None:
    assert len(ticks(low, high)) == 1


def test_an_axis_ends_on_a_round_number() -> None:
    assert round_top(0.37) == pytest.approx(0.4)
    assert round_top(0.4) == pytest.approx(0.4)
    assert (round_top(0), round_top(float("nan"))) == (1.0, 1.0)


def test_a_value_outside_an_axis_is_drawn_on_its_border() -> None:
    axis = Axis("x", low=0, high=2, start=10, end=110, write=str)
    assert [axis.at(value) for value in (-1, 0, 1, 2, 5)] == [10, 10, 60, 110, 110]


def test_an_axis_of_one_value_draws_it_in_the_middle() -> None:
    assert Axis("x", low=3, high=3, start=10, end=110, write=str).at(3) == 60


def test_text_cannot_break_out_of_a_tag_or_an_attribute() -> None:
    assert escaped("""<script>'"&${x}""") == "&lt;script&gt;&#x27;&quot;&amp;${x}"


def test_characters_that_xml_forbids_are_replaced() -> None:
    assert escaped("a\x00b\ud800c\ufffe") == "a�b�c�"


def test_a_wide_character_takes_the_place_of_two_letters() -> None:
    assert (letters("spend"), letters("消費"), letters("e\u0301")) == (5, 4, 1)


def test_a_long_name_is_clipped_to_its_width_and_a_short_one_is_not() -> None:
    assert clipped("frequency", 9) == "frequency"
    assert clipped("frequency", 6) == "frequ…"
    assert clipped("距離上次購買的天數", 7) == "距離上…"


def test_a_legend_goes_on_in_the_next_row_when_the_first_is_full() -> None:
    _, one_row = legend([Key("recency", 1), Key("frequency", 2)])
    drawn, two_rows = legend([Key("挑戰者第四版挑戰者第四版", 1), Key("現任冠軍第三版現任冠軍", 2)])
    assert two_rows > one_row
    assert drawn.count("<text") == 2


def test_a_legend_of_nothing_takes_no_room() -> None:
    assert legend([], top=12) == ("", 12)


def test_more_contestants_than_colours_use_them_again() -> None:
    assert [slot_class(slot) for slot in (0, 1, 6, 7)] == ["s0", "s1", "s6", "s1"]


def test_a_drawing_has_a_name_and_a_description_for_screen_readers() -> None:
    root = parsed(drawing("Gains <b>", "higher & better", 100, written(0, 9, "a")))
    assert (root.get("role"), root.get("viewBox")) == ("img", "0 0 360 100")
    assert [(child.tag, child.text) for child in root][:2] == [
        ("title", "Gains <b>"),
        ("desc", "higher & better"),
    ]


def test_a_chart_as_a_file_brings_its_colours_along() -> None:
    root = parsed(as_file(nothing_to_draw("ROC", "no customers")))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    style = root.find("{http://www.w3.org/2000/svg}style")
    assert style is not None
    assert "--c1" in (style.text or "")
