"""Charts of value: shares of worth, promised beside what came, figures over dates."""

from datetime import date

import numpy as np
import pytest

from models.metrics import Estimate
from models.worth.pareto import pareto
from pipelines.charts import WIDTH
from pipelines.rounding import count, percent
from pipelines.value_charts import (
    Group,
    Line,
    OverTime,
    pareto_chart,
    promise_chart,
    time_chart,
)
from tests.svg import parsed

NAN = float("nan")
EVIL = "<script>alert('流失')</script> & \x00"
START = (date(2024, 1, 1) - date(1970, 1, 1)).days


def texts(svg: str) -> list[str]:
    return [(each.text or "").replace("\xa0", " ") for each in parsed(svg).iter("text")]


def hints(svg: str, tag: str) -> list[str]:
    return [(each.findtext("title") or "").replace("\xa0", " ") for each in parsed(svg).iter(tag)]


def group(name: str, promised: float, came: float, half: float = 5) -> Group:
    return Group(name, promised, Estimate(came, came - half, came + half))


def test_the_value_curve_marks_how_few_make_how_much() -> None:
    curve = pareto(np.array([80.0, 10.0, 5.0, 5.0, 0.0]), resamples=20)
    svg = pareto_chart("Curve", curve, "profit")
    assert "20 % make 80 %" in texts(svg)
    assert "share of all profit" in texts(svg)
    assert any(each.startswith("80 % is made by 20 %") for each in hints(svg, "circle"))


def test_of_customers_who_are_all_alike_the_mark_stays_within_the_chart() -> None:
    svg = pareto_chart("Curve", pareto(np.full(50, 10.0), resamples=20), "revenue")
    (mark,) = (each for each in parsed(svg).iter("text") if "make" in (each.text or ""))
    assert mark.text == "80\u00a0% make 80\u00a0%"
    assert mark.get("text-anchor") == "end"
    assert WIDTH / 2 < float(mark.get("x", "")) < WIDTH


def test_a_curve_above_all_profit_has_room() -> None:
    curve = pareto(np.array([100.0, 60.0, -30.0, -30.0]), resamples=20)
    svg = pareto_chart("Curve", curve, "profit")
    (line,) = (e for e in parsed(svg).iter("polyline") if e.get("class") == "curve s1")
    ups = [float(each.split(",")[1]) for each in (line.get("points") or "").split()]
    top = min(float(each.get("y1", "")) for each in parsed(svg).iter("line"))
    assert min(ups) > top  # the highest tick lies above the whale


def test_what_came_stands_beside_what_was_promised() -> None:
    svg = promise_chart(
        "Tenths", [group("1", 100, 90), group("2", 50, 60)], ("tenth", "USD"), count
    )
    assert hints(svg, "circle")[1:] == [
        "1: expected 100, came 90 (85 to 95)",
        "2: expected 50, came 60 (55 to 65)",
    ]
    bars = [each for each in parsed(svg).iter("rect") if each.get("class") == "soft s1"][1:]
    heights = [float(each.get("height", "")) for each in bars]
    assert heights[0] == pytest.approx(2 * heights[1], abs=0.2)
    assert {"tenth", "USD", "expected", "came, with its 95 % interval"} <= set(texts(svg))


def test_money_given_back_has_its_bar_and_dot_below_nothing() -> None:
    svg = promise_chart("T", [group("1", 100, 90), group("2", -30, -20)], ("tenth", "USD"), count)
    up, down = (e for e in parsed(svg).iter("rect") if e.findtext("title"))
    nothing = float(up.get("y", "")) + float(up.get("height", ""))
    assert float(down.get("y", "")) == pytest.approx(nothing, abs=0.1)
    assert float(down.get("height", "")) == pytest.approx(
        0.3 * float(up.get("height", "")), abs=0.2
    )
    dots = [float(e.get("cy", "")) for e in parsed(svg).iter("circle") if e.findtext("title")]
    lowest = max(float(e.get("y1", "")) for e in parsed(svg).iter("line"))
    assert nothing < dots[1] < lowest  # above the names of the groups


def test_groups_without_a_number_are_left_out_and_nobody_says_so() -> None:
    svg = promise_chart("Tenths", [group("1", NAN, 1), group("2", 3, 3)], ("", ""), count)
    assert len(hints(svg, "circle")) == 2
    assert texts(promise_chart("Tenths", [], ("", ""), count)) == [
        "nothing was expected of anybody"
    ]


def test_an_interval_that_is_not_known_is_not_drawn() -> None:
    svg = promise_chart("T", [Group("1", 3, Estimate(3, NAN, NAN))], ("", ""), count)
    assert not [e for e in parsed(svg).iter("line") if e.get("class") == "whisker s2"]


def test_lines_have_dates_below_and_their_bands() -> None:
    points = tuple((START + 30.0 * step, 0.1 * step) for step in range(4))
    band = tuple((at, up - 0.01, up + 0.01) for at, up in points)
    asked = OverTime("Rates", "share", (Line("kept", 1, points, band),), percent)
    svg = time_chart(asked)
    assert [each for each in texts(svg) if each[:1].isdigit() and "%" not in each] == [
        *("1 Jan", "24 Jan", "15 Feb", "8 Mar", "31 Mar")
    ]
    assert len(list(parsed(svg).iter("polygon"))) == 1


def test_a_long_span_has_months_and_years() -> None:
    points = tuple((START + 200.0 * step, 1.0) for step in range(4))
    svg = time_chart(OverTime("Rates", "share", (Line("kept", 1, points),)))
    assert texts(svg)[-4:] == ["Jan 2024", "Jul 2024", "Feb 2025", "Aug 2025"]


def test_a_day_is_marked_with_its_words() -> None:
    points = ((START, 1.0), (START + 10.0, 2.0))
    mark = (date(2024, 1, 9), "not fitted to")
    svg = time_chart(OverTime("Weeks", "purchases", (Line("came", 1, points),), count, mark))
    assert "not fitted to" in texts(svg)
    assert len([e for e in parsed(svg).iter("line") if e.get("class") == "mark"]) == 1


def test_one_point_is_a_dot_and_none_says_so() -> None:
    svg = time_chart(OverTime("R", "share", (Line("a", 1, ((START, 1.0), (START, NAN))),)))
    assert len(list(parsed(svg).iter("circle"))) == 1
    nothing = time_chart(OverTime("R", "share", (Line("a", 1, ((START, NAN),)),)))
    assert texts(nothing) == ["nothing is known yet"]


def test_names_cannot_break_out() -> None:
    assert "<script>" not in promise_chart(EVIL, [group(EVIL, 1, 1)], (EVIL, EVIL), count)
    asked = OverTime(EVIL, EVIL, (Line(EVIL, 1, ((START, 1.0),)),), count, (date(2024, 1, 1), EVIL))
    assert "<script>" not in time_chart(asked)
