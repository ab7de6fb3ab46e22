import pytest

from models.metrics import Estimate
from pipelines.bars import Bar, Whisker, bar_chart, whisker_chart
from pipelines.charts import LETTER, WIDTH
from pipelines.rounding import fraction, tenths
from tests.svg import parsed

NAN = float("nan")
EVIL = "<script>alert('消費 ${7*7}')</script>"


def texts(svg: str) -> list[str]:
    return [(each.text or "").replace("\xa0", " ") for each in parsed(svg).iter("text")]


def classes(svg: str, tag: str) -> list[str]:
    return [each.get("class") or "" for each in parsed(svg).iter(tag)]


def test_bars_keep_their_order_and_show_their_amounts() -> None:
    svg = bar_chart("Features", [Bar("recency", 0.3), Bar("spend", 0.1)])
    assert texts(svg) == ["recency", ".300", "spend", ".100"]


def test_a_bar_with_an_interval_has_a_whisker_and_says_it_to_whoever_points() -> None:
    svg = bar_chart("Features", [Bar("recency", 0.3, "", (0.2, 0.4)), Bar("spend", 0.1)])
    ends = [each for each in parsed(svg).iter("line") if each.get("class") == "ends"]
    assert len(ends) == 3
    left, right = (float(ends[0].get(name, "")) for name in ("x1", "x2"))
    assert 0 < left < right < 360
    assert "recency: .300 (.200 to .400)" in svg.replace("\xa0", " ")


def test_an_interval_that_is_not_defined_has_no_whisker() -> None:
    svg = bar_chart("Features", [Bar("recency", 0.3, "", (NAN, NAN))])
    assert "ends" not in classes(svg, "line")


def test_only_what_lies_over_the_bound_is_marked() -> None:
    bars = [Bar("moved", 0.31), Bar("exactly on it", 0.25), Bar("quiet", 0.01)]
    svg = bar_chart("Drift", bars, fraction, bound=0.25)
    assert [css for css in classes(svg, "rect") if "sbad" in css] == ["fill sbad"]
    assert ".310 – over" in texts(svg)
    assert "bound .250" in texts(svg)


def test_a_drift_that_is_not_defined_counts_as_over_the_bound() -> None:
    assert "not defined – over" in texts(bar_chart("Drift", [Bar("x", NAN)], bound=0.25))


@pytest.mark.parametrize("amount", [0.0, NAN, -1.0])
def test_amounts_without_a_length_still_have_their_row(amount: float) -> None:
    svg = bar_chart("Features", [Bar("x", amount)])
    assert "x" in texts(svg)
    assert [each.get("width") for each in parsed(svg).iter("rect")][1] == "0.0"


def test_no_bars_say_so() -> None:
    assert texts(bar_chart("Features", [])) == ["nothing to show"]


def test_a_long_name_is_clipped_and_its_hint_is_whole() -> None:
    svg = bar_chart("Features", [Bar("距離上次購買的天數" * 9, 0.1, hint="days_since_order" * 20)])
    assert texts(svg)[0].endswith("…")
    assert "days_since_order" * 20 in svg


def test_a_whisker_shows_value_and_interval() -> None:
    svg = whisker_chart("ROC AUC", [Whisker("champion 3", 2, Estimate(0.848, 0.826, 0.869))])
    assert texts(svg)[:2] == ["champion 3", ".848 (.826 to .869)"]
    assert "dot s2" in classes(svg, "circle")


def test_a_contestant_without_the_metric_is_left_out() -> None:
    known = Whisker("a", 1, Estimate(0.8, 0.7, 0.9))
    unknown = [Whisker("b", 2, None), Whisker("c", 3, Estimate(NAN, NAN, NAN))]
    assert len(classes(whisker_chart("ROC AUC", [known, *unknown]), "circle")) == 1
    assert texts(whisker_chart("ROC AUC", unknown)) == [
        "the metric is not defined on these customers"
    ]


@pytest.mark.parametrize("value", [0.0, 0.5, -3.0])
def test_an_interval_of_no_width_is_drawn_in_the_middle(value: float) -> None:
    svg = whisker_chart("ROC AUC", [Whisker("a", 1, Estimate(value, value, value))])
    assert [each.get("cx") for each in parsed(svg).iter("circle")] == ["180.0"]


def test_names_with_markup_and_cjk_stay_text() -> None:
    charts = (
        bar_chart(EVIL, [Bar(EVIL, 1.0, EVIL)]),
        whisker_chart(EVIL, [Whisker(EVIL, 1, Estimate(0.8, 0.7, 0.9))]),
    )
    for svg in charts:
        assert "<script" not in svg
        assert parsed(svg).findtext("title") == EVIL


def test_no_letter_of_a_tick_is_cut_off_at_an_end() -> None:
    # The lowest tick, 15 %, lies nearer to the left end than half its text is long.
    rows = [
        Whisker("offers", 1, Estimate(0.228, 0.219, 0.237)),
        Whisker("popular items", 2, Estimate(0.161, 0.154, 0.168)),
    ]
    ticks = [
        each
        for each in parsed(whisker_chart("Share", rows, tenths)).iter()
        if each.get("text-anchor") == "middle"
    ]
    assert [each.text for each in ticks] == ["15.0\N{NO-BREAK SPACE}%", "20.0\N{NO-BREAK SPACE}%"]
    half = len("15.0 %") * LETTER / 2
    assert all(half <= float(each.get("x", "")) <= WIDTH - half for each in ticks)
    assert float(ticks[0].get("x", "")) == pytest.approx(half, abs=0.05)
