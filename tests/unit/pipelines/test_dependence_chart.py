import numpy as np
import pytest

from features.contract import Column
from models.dependence import Dependence
from models.metrics import Estimate
from models.phrases import Money
from pipelines.dependence_chart import Followed, dependence_chart, rows_of, top_of
from tests.svg import parsed

EVIL = "<script> & 花"


def followed(points: list[float], unit: str = "days", unknown: Estimate | None = None) -> Followed:
    column = Column("x_28d", unit, 28, f"never {EVIL}", f"meaning {EVIL}", "")
    chance = np.linspace(0.1, 0.3, len(points))
    found = Dependence("x_28d", np.array(points), chance, chance / 2, chance * 2, unknown)
    return Followed(found, column, Money("USD", 2))


def tags(svg: str, tag: str) -> list[str]:
    return [each.get("class") or "" for each in parsed(svg).iter(tag)]


def texts(svg: str) -> list[str]:
    return [(each.text or "").replace("\xa0", " ") for each in parsed(svg).iter("text")]


def test_many_values_are_a_line_with_a_band() -> None:
    svg = dependence_chart(followed([0.0, 1.0, 2.0, 9.0]), 1.0)
    assert tags(svg, "polyline") == ["curve s1"]
    assert tags(svg, "polygon") == ["soft s1"]
    assert tags(svg, "circle") == []


def test_a_flag_is_two_dots_called_no_and_yes() -> None:
    svg = dependence_chart(followed([0.0, 1.0], "flag"), 1.0)
    assert len(tags(svg, "circle")) == 2
    assert {"no", "yes"} <= set(texts(svg))
    assert tags(svg, "polyline") == []


def test_an_unknown_value_is_a_dot_of_its_own() -> None:
    unknown = Estimate(0.5, 0.4, 0.6)
    assert len(tags(dependence_chart(followed([0.0, 1, 2, 3], unknown=unknown), 1), "circle")) == 1
    alone = dependence_chart(followed([], unknown=unknown), 1)
    assert len(tags(alone, "circle")) == 1
    assert "unknown" in texts(alone)


def test_the_table_says_every_point_in_words_and_the_unknown_one_last() -> None:
    rows = rows_of(followed([0.0, 123_400.0], "minor units", Estimate(0.5, 0.4, 0.6)))
    told = [tuple(cell.replace("\xa0", " ") for cell in row) for row in rows]
    assert told == [
        ("USD 0", "10 %", "5 % to 20 %"),
        ("USD 1,234", "30 %", "15 % to 60 %"),
        (f"never {EVIL}", "50 %", "40 % to 60 %"),
    ]


@pytest.mark.parametrize(
    ("unit", "points", "value", "tick"),
    [
        ("minor units", [0.0, 9e5], 50_000.0, "500"),
        ("share", [0.0, 1.0], 0.5, "50\N{NO-BREAK SPACE}%"),
        ("ratio", [0.1, 0.14], 0.12, "0.120"),
        ("days", [1.0, 90.0], 30.0, "30"),
        ("days", [3.0], 3.0, "3"),
    ],
)
def test_ticks_have_the_decimals_that_the_range_needs(
    unit: str, points: list[float], value: float, tick: str
) -> None:
    assert followed(points, unit).tick(value) == tick


def test_all_charts_have_one_scale_that_holds_every_band() -> None:
    low, high = followed([0.0, 1.0]), followed([0.0], unknown=Estimate(0.5, 0.4, 0.83))
    assert top_of([low]) == pytest.approx(0.6)
    assert top_of([low, high]) >= 0.83
    assert top_of([]) == 1.0


@pytest.mark.parametrize("points", [[], [4.0], [1.0, 1.5, 2.0, 2.5]])
def test_no_text_breaks_out_of_the_chart(points: list[float]) -> None:
    svg = dependence_chart(followed(points, unknown=Estimate(0.5, 0.4, 0.6)), 1.0)
    assert "<script>" not in svg
    assert EVIL in (parsed(svg).findtext("title") or "")
