"""Charts of segments: marks that colour alone does not tell apart, outlines, bounds."""

import numpy as np
import pandas as pd
import pytest

from models.metrics import Estimate
from models.segments.clusters import NONE
from models.segments.judging import Candidate
from pipelines.charts import SLOTS, slot_class
from pipelines.segments_charts import (
    Difference,
    differences_chart,
    figure_chart,
    stability_chart,
)
from pipelines.segments_found import SegmentMap
from pipelines.segments_map_chart import SHAPES, badge, map_chart, marks, outline
from tests.svg import parsed

NAN = float("nan")


def texts(svg: str) -> list[str]:
    return [(each.text or "").replace("\xa0", " ") for each in parsed(svg).iter("text")]


def classes(svg: str, tag: str) -> list[str]:
    return [each.get("class") or "" for each in parsed(svg).iter(tag)]


def mapped(places: list[tuple[float, float]], segment: list[int]) -> SegmentMap:
    points = pd.DataFrame(places, columns=["x", "y"]).assign(segment=segment)
    inside = points[points["segment"] != NONE]
    centres = inside.groupby("segment", as_index=False).agg(
        x=("x", "mean"), y=("y", "mean"), customers=("x", "size")
    )
    return SegmentMap(points, centres, pd.DataFrame(), (0.5, 0.25))


SQUARE = [(0.0, 0.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0)]


def test_no_two_of_42_segments_share_shape_and_colour() -> None:
    looks = {(number % len(SHAPES), slot_class(number + 1)) for number in range(42)}
    assert len(looks) == 42
    assert len(SHAPES) == SLOTS + 1
    drawn = {marks([(0.0, 0.0)], number).split('"')[1] for number in range(len(SHAPES))}
    assert len(drawn) == len(SHAPES)


def test_all_marks_of_a_segment_are_one_path() -> None:
    path = marks([(0.0, 0.0), (5.0, 5.0)], 2)
    assert path.count("<path") == 1
    assert path.count("M") == path.count("Z") == 2
    assert marks([], 2) == ""


def test_the_map_numbers_the_middle_of_each_segment_and_names_it_in_the_legend() -> None:
    svg = map_chart("Map", mapped([*SQUARE, (9.0, 9.0)], [0, 0, 0, 0, 1]), {0: "many", 1: "one"})
    assert texts(svg)[:2] == ["0  many", "1  one"]
    assert texts(svg)[-2:] == ["0", "1"]
    assert "middle of segment 0: 4 customers" in svg
    assert "middle of segment 1: 1 customer<" in svg
    assert "component 1 →" in texts(svg)


def test_customers_of_no_segment_are_grey_and_said_to_be() -> None:
    svg = map_chart("Map", mapped(SQUARE, [0, 0, 0, NONE]), {0: "some"})
    assert "in no segment" in texts(svg)
    assert "customer s0" in classes(svg, "path")
    svg = map_chart("Map", mapped(SQUARE, [NONE] * 4), {})
    assert texts(svg)[0] == "a customer"


def test_no_customers_say_so() -> None:
    assert texts(map_chart("Map", mapped([], []), {})) == ["there are no customers to draw"]


@pytest.mark.parametrize(
    "places", [[(0.0, 0.0)] * 5, [(float(each), 0.0) for each in range(9)], [(1.0, 2.0)]]
)
def test_places_on_a_line_or_in_one_point_have_a_map_without_an_outline(
    places: list[tuple[float, float]],
) -> None:
    assert len(outline(np.array(places))) == 0
    svg = map_chart("Map", mapped(places, [0] * len(places)), {0: "all"})
    assert "nan" not in svg
    assert not [css for css in classes(svg, "polygon") if css.startswith("outline")]


def test_the_outline_encloses_the_inner_half_alone() -> None:
    ring = [(10 * np.cos(at), 10 * np.sin(at)) for at in np.linspace(0, 6, 20)]
    inner = [(np.cos(at), np.sin(at)) for at in np.linspace(0, 6, 21)]
    corners = outline(np.array([*ring, *inner]))
    assert len(corners) == 21
    assert float(np.linalg.norm(corners, axis=1).max()) == pytest.approx(1.0)


def test_a_badge_is_the_mark_of_the_map_without_text() -> None:
    assert classes(badge(1), "path") == ["customer s2"]
    assert texts(badge(1)) == []


def test_kept_splits_are_dots_refused_ones_diamonds_and_the_taken_one_has_a_ring() -> None:
    judged = [
        Candidate(2, rand=Estimate(0.9, 0.8, 1.0)),
        Candidate(3, reason="it is not stable", rand=Estimate(0.4, 0.1, 0.7)),
        Candidate(4, reason="its smallest segment holds 1 %"),
    ]
    svg = stability_chart("Stability", judged, 2, 0.8)
    assert classes(svg, "circle") == ["ring", "dot s1"]
    assert classes(svg, "polygon") == ["dot s2"]
    assert "3 segments: .40 (.10 to .70); refused: it is not stable" in svg.replace("\xa0", " ")
    assert "adjusted Rand index; dashed: .80, which is asked" in texts(svg)


def test_splits_that_were_refused_at_once_have_no_place_in_the_chart() -> None:
    svg = stability_chart("Stability", [Candidate(2, reason="too small")], None, 0.8)
    assert texts(svg) == ["every split was refused before it was drawn anew"]
    assert "nothing" not in stability_chart("Stability", [], None, 0.8)


def test_figures_of_segments_stand_below_each_other() -> None:
    means = {0: Estimate(2.0, 1.0, 3.0), 1: Estimate(NAN, NAN, NAN)}
    svg = figure_chart("Value", means, lambda value: f"{value:.0f}")
    assert texts(svg)[:2] == ["segment 0", "2 (1 to 3)"]
    assert "segment 1" not in texts(svg)


def test_bars_of_differences_go_left_for_less_and_right_for_more() -> None:
    found = [Difference("spend", "9, others 2", 0.5), Difference("gap", "1, others 4", -1.0)]
    svg = differences_chart("Differences", 3, found)
    bars = [each for each in parsed(svg).iter("rect") if each.get("class") == "fill s3"]
    assert [(each.get("x"), each.get("width")) for each in bars] == [
        ("180.0", "90.0"),
        ("0.0", "180.0"),
    ]
    assert texts(svg) == ["spend", "+.50", "9, others 2", "gap", "−1.00", "1, others 4"]


def test_a_difference_with_an_interval_has_a_whisker_and_one_without_has_none() -> None:
    found = [Difference("spend", "9, others 2", 0.5, (0.4, 0.6)), Difference("x: y", "1, 4", 0.2)]
    svg = differences_chart("Differences", 3, found)
    ends = [each for each in parsed(svg).iter("line") if each.get("class") == "ends"]
    assert [each.get("x1") for each in ends] == ["252.0", "252.0", "288.0"]
    assert "+.40 to +.60" in texts(svg)
    assert "spend: +.50 (+.40 to +.60), 9, others 2; x: y: +.20, 1, 4." in svg.replace("\xa0", " ")


def test_a_segment_like_all_others_says_so() -> None:
    expected = ["no column tells it from the others for certain"]
    assert texts(differences_chart("Differences", 1, [])) == expected
