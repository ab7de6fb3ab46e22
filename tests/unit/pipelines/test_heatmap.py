"""The heat map: the larger a number the deeper its cell, and what is not known stays empty."""

import pytest

from pipelines.heatmap import Heat, heat_map
from pipelines.rounding import percent
from tests.svg import parsed

NAN = float("nan")
EVIL = "<script>alert('流失')</script> & \x00"


def drawn(
    *values: tuple[float, ...],
    rows: tuple[str, ...] = (),
    top: float | None = 1.0,
    across: str = "",
) -> str:
    names = rows or tuple(f"row {place}" for place in range(len(values)))
    columns = tuple(str(place) for place in range(len(values[0]) if values else 0))
    return heat_map(Heat("Retention", names, columns, values, percent, across, top))


def texts(svg: str) -> list[str]:
    return [(each.text or "").replace("\xa0", " ") for each in parsed(svg).iter("text")]


def depths(svg: str) -> list[str]:
    return [each.get("class") or "" for each in parsed(svg).iter("rect")]


def test_the_larger_a_number_the_deeper_its_cell() -> None:
    assert depths(drawn((0.0, 0.124, 0.125), (0.5, 0.99, 1.0))) == [
        *("heat0", "heat0", "heat1"),
        *("heat4", "heat7", "heat7"),
    ]


def test_without_a_top_the_largest_is_the_deepest() -> None:
    assert depths(drawn((1.0, 20.0), top=None)) == ["heat0", "heat7"]


def test_numbers_below_0_and_above_the_top_have_the_ends_of_the_colours() -> None:
    assert depths(drawn((-3.0, 7.0))) == ["heat0", "heat7"]


def test_all_zeros_are_faint() -> None:
    assert depths(drawn((0.0, 0.0), top=None)) == ["heat0", "heat0"]


def test_what_is_not_known_stays_empty() -> None:
    svg = drawn((1.0, 0.5), (1.0, NAN))
    assert len(depths(svg)) == 3
    assert texts(svg) == ["0", "1", "row 0", "100 %", "50 %", "row 1", "100 %"]


def test_nothing_known_says_so() -> None:
    assert texts(drawn((NAN,))) == ["nothing is known yet"]
    assert texts(drawn()) == ["nothing is known yet"]


def test_narrow_cells_keep_their_numbers_for_the_pointer() -> None:
    svg = drawn(tuple(0.25 for _ in range(24)), rows=("2017-01",))
    assert "25 %" not in texts(svg)
    hint = next(parsed(svg).iter("rect")).findtext("title") or ""
    assert hint.replace("\xa0", " ") == "2017-01, 0: 25 %"


def test_names_of_many_columns_do_not_run_into_each_other() -> None:
    svg = drawn(tuple(0.25 for _ in range(24)), rows=("a",), across="months since")
    names = [each for each in texts(svg) if each.isdigit()]
    assert names[:3] == ["0", "2", "4"]
    assert texts(svg)[0] == "months since"


def test_deep_cells_have_light_letters() -> None:
    svg = drawn((0.1, 1.0))
    numbers = [each.get("class") for each in parsed(svg).iter("text")][-2:]
    assert numbers == ["num inheat", "num onheat"]


@pytest.mark.parametrize("text", [EVIL, "a very long name of a row"])
def test_names_cannot_break_out(text: str) -> None:
    assert "<script>" not in drawn((1.0,), rows=(text,))
