import math
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from models.metrics import Estimate
from pipelines.bars import Bar, Whisker, bar_chart, whisker_chart
from pipelines.charts import clipped, letters, printable, ticks
from pipelines.curves import (
    Bin,
    Curve,
    Reliability,
    Scores,
    gains_chart,
    reliability_chart,
    score_histogram,
)
from pipelines.findings import NextStep
from pipelines.page import review_page
from tests.reviews import FAILED, review
from tests.svg import parsed

ANY_TEXT = st.text(st.characters(), max_size=60)
ANY_NUMBER = st.floats()
PIXELS = ("x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "width", "height")


def numbers(svg: str) -> list[float]:
    """Every number that places something in the chart."""
    found = []
    for each in parsed(svg).iter():
        found += [float(value) for name, value in each.items() if name in PIXELS]
        found += [float(n) for n in each.get("points", "").replace(",", " ").split()]
    return found


@given(st.floats(-1e12, 1e12), st.floats(1e-9, 1e12))
def test_ticks_are_few_ascending_and_inside_the_range(low: float, span: float) -> None:
    found = ticks(low, low + span)
    assert list(found) == sorted(found)
    assert 1 <= len(found) <= 7
    assert all(low <= tick <= low + span for tick in found) or found == (low,)


@given(ANY_TEXT, st.integers(1, 40))
def test_clipped_text_fits(text: str, most: int) -> None:
    assert letters(clipped(text, most)) <= most


@given(ANY_TEXT)
def test_a_name_is_read_from_a_chart_as_it_was_written(name: str) -> None:
    svg = bar_chart("title", [Bar("short", 1.0, hint=name or "none")])
    read = [each.text for each in parsed(svg).iter("title")]
    lines = printable(name or "none").replace("\r\n", "\n").replace("\r", "\n")
    assert read == ["title", f"{lines}: 1.000"]


@given(ANY_TEXT, st.lists(st.tuples(ANY_NUMBER, ANY_NUMBER), max_size=5))
def test_a_curve_of_any_numbers_and_names_is_well_formed(
    name: str, points: list[tuple[float, float]]
) -> None:
    assert all(map(math.isfinite, numbers(gains_chart([Curve(name, 1, tuple(points))]))))


@given(st.lists(st.tuples(ANY_NUMBER, ANY_NUMBER, st.integers(0, 10**9)), max_size=5))
def test_bins_of_any_numbers_are_well_formed(bins: list[tuple[float, float, int]]) -> None:
    svg = reliability_chart([Reliability("a", 1, tuple(Bin(*part) for part in bins))])
    assert all(map(math.isfinite, numbers(svg)))


@given(st.lists(st.integers(0, 10**12), max_size=30))
def test_scores_of_any_counts_are_well_formed(customers: list[int]) -> None:
    assert all(map(math.isfinite, numbers(score_histogram([Scores("a", 1, tuple(customers))]))))


@given(ANY_TEXT, ANY_NUMBER, ANY_NUMBER, ANY_NUMBER)
def test_rows_of_any_numbers_and_names_are_well_formed(
    name: str, value: float, low: float, high: float
) -> None:
    charts = (
        bar_chart(name, [Bar(name, value, name), Bar(name, low)], bound=0.25),
        whisker_chart(name, [Whisker(name, 1, Estimate(value, low, high))]),
    )
    for svg in charts:
        assert all(map(math.isfinite, numbers(svg)))


@given(ANY_TEXT)
def test_no_text_changes_the_tags_of_a_page(text: str) -> None:
    def page(words: str) -> str:
        return review_page(
            review(
                business=words,
                gates=(replace(FAILED, name=words, found=words),),
                next_steps=(NextStep(words, "regulars"),),
            )
        )

    assert page(text).count("<") == page("plain").count("<")
    assert page(text).encode()
