import pytest

from models.metrics import Estimate
from pipelines.curves import (
    MOST_POINTS,
    Bin,
    Curve,
    ProfitCurves,
    Reliability,
    Scores,
    gains_chart,
    profit_chart,
    reliability_chart,
    roc_chart,
    score_histogram,
)
from tests.svg import parsed

NAN = float("nan")
EVIL = "<script>alert('挑戰者 ${7*7}')</script>"


def texts(svg: str) -> list[str]:
    return [each.text or "" for each in parsed(svg).iter("text")]


def lines(svg: str, css: str) -> list[list[str]]:
    found = [each for tag in ("polyline", "polygon") for each in parsed(svg).iter(tag)]
    return [(each.get("points") or "").split() for each in found if each.get("class") == css]


def test_each_curve_is_drawn_and_named_with_chance_below_it() -> None:
    svg = gains_chart(
        [Curve("champion 3", 2, ((0, 0), (0.5, 1), (1, 1))), Curve("recency", 3, ((0, 0), (1, 1)))]
    )
    assert lines(svg, "curve s2") == [["44.0,234.0", "193.0,44.0", "342.0,44.0"]]
    assert len(lines(svg, "curve s3")) == len(lines(svg, "curve s0")) == 1
    assert {"champion 3", "recency", "by chance", "share of customers called"} <= set(texts(svg))


def test_the_number_of_calls_is_marked_in_the_gains() -> None:
    svg = gains_chart([Curve("a", 1, ((0, 0), (1, 1)))], called=0.5)
    marks = [each for each in parsed(svg).iter("line") if each.get("class") == "mark"]
    assert [mark.get("x1") for mark in marks] == ["193.0"]


def test_a_curve_of_very_many_points_is_thinned_and_keeps_its_ends() -> None:
    many = tuple((step / 9999, step / 9999) for step in range(10_000))
    (drawn,) = lines(roc_chart([Curve("a", 1, many)]), "curve s1")
    assert len(drawn) == MOST_POINTS
    assert (drawn[0], drawn[-1]) == ("44.0,234.0", "342.0,44.0")


def test_one_point_is_drawn_as_a_dot() -> None:
    svg = roc_chart([Curve("a", 1, ((0.5, 0.5),))])
    assert lines(svg, "curve s1") == []
    assert [each.get("cx") for each in parsed(svg).iter("circle")] == ["193.0"]


@pytest.mark.parametrize("points", [(), ((NAN, 0.5),)])
def test_curves_without_points_say_so(points: tuple[tuple[float, float], ...]) -> None:
    assert texts(gains_chart([Curve("a", 1, points)])) == ["no customers to draw a curve of"]


def profit_curves(*ups: float, best: float = 0.5) -> ProfitCurves:
    shares = [place / (len(ups) - 1) for place in range(len(ups))]
    points = tuple(zip(shares, ups, strict=True))
    band = tuple((share, up - 1, up + 1) for share, up in points)
    return ProfitCurves((Curve("challenger 4", 1, points),), band, "profit, USD", best)


def test_a_profit_curve_has_its_interval_its_best_share_and_nobody_at_zero() -> None:
    svg = profit_chart(profit_curves(0, 3, -1))
    (drawn,) = lines(svg, "curve s1")
    assert [point.split(",")[0] for point in drawn] == ["44.0", "193.0", "342.0"]
    (band,) = lines(svg, "soft s1")
    assert len(band) == 6
    (nobody,) = lines(svg, "curve s0")
    zero, *others = (float(point.split(",")[1]) for point in nobody)
    assert others == [zero]
    at_none, at_half, at_all = (float(point.split(",")[1]) for point in drawn)
    assert at_none == zero
    assert at_half < zero < at_all
    marks = [each for each in parsed(svg).iter("line") if each.get("class") == "mark"]
    assert [mark.get("x1") for mark in marks] == ["193.0"]
    assert {"challenger 4", "nobody", "profit, USD"} <= set(texts(svg))


def test_a_profit_that_is_never_above_zero_is_drawn_all_the_same() -> None:
    (drawn,) = lines(profit_chart(profit_curves(0, -2, -4, best=0)), "curve s1")
    heights = [float(point.split(",")[1]) for point in drawn]
    assert heights == sorted(heights)


def test_a_profit_of_nobody_says_so() -> None:
    nothing = ProfitCurves((Curve("a", 1, ()),), (), "profit, USD", 0.0)
    assert texts(profit_chart(nothing)) == ["no customers to draw a curve of"]


def test_a_bin_shows_what_was_predicted_what_happened_and_how_many_they_are() -> None:
    svg = reliability_chart([Reliability("champion 3", 2, (Bin(0.32, 0.35, 1250),))])
    (dot,) = parsed(svg).iter("circle")
    hint = (dot.findtext("title") or "").replace("\N{NO-BREAK SPACE}", " ")
    assert hint == "champion 3: predicted 32 %, left 35 %, 1,250 customers"
    assert "customers in each group (highest bar: 1,250)" in texts(svg)


def test_the_calibration_error_is_told_with_its_interval() -> None:
    bins, error = (Bin(0.32, 0.35, 1250),), Estimate(0.014, 0.009, 0.0261)
    svg = reliability_chart([Reliability("a", 1, bins, error), Reliability("b", 2, bins)])
    told = [text for text in texts(svg) if "calibration error" in text]
    assert [text.replace("\N{NO-BREAK SPACE}", " ") for text in told] == [
        "a: calibration error .014 (.009 to .026)"
    ]


def test_the_whisker_of_a_bin_is_the_interval_of_wilson() -> None:
    # Half of 100 customers: .4038 to .5962 (Wilson 1927), on an axis from 0 to .5 over 190 px.
    svg = reliability_chart([Reliability("a", 1, (Bin(0.5, 0.5, 100), Bin(1.0, 1.0, 100)))])
    whiskers = [each for each in parsed(svg).iter("line") if each.get("class") == "whisker s1"]
    bottom, top = (float(whiskers[0].get(name, "")) for name in ("y1", "y2"))
    assert (bottom - top) / 190 == pytest.approx(0.5962 - 0.4038, abs=0.001)


@pytest.mark.parametrize("part", [Bin(0.1, NAN, 5), Bin(0.1, 0.1, 0)])
def test_a_bin_without_customers_is_left_out(part: Bin) -> None:
    svg = reliability_chart([Reliability("a", 1, (part,))])
    assert texts(svg) == ["no customers to compare predictions with"]


def test_scores_are_shares_of_the_customers_of_each_contestant() -> None:
    svg = score_histogram([Scores("a", 1, (8, 2)), Scores("b", 2, (100, 100))])
    assert len(lines(svg, "curve s1")) == len(lines(svg, "curve s2")) == 1
    heights = [float(each.get("height", "")) for each in parsed(svg).iter("rect")]
    assert heights == pytest.approx([150, 37.5])


def test_scores_of_nobody_say_so() -> None:
    assert texts(score_histogram([Scores("a", 1, (0, 0))])) == ["no customers have been scored"]
    assert texts(score_histogram([])) == ["no customers have been scored"]


def test_names_with_markup_and_cjk_stay_text() -> None:
    charts = (
        gains_chart([Curve(EVIL, 1, ((0, 0), (1, 1)))]),
        reliability_chart([Reliability(EVIL, 1, (Bin(0.1, 0.1, 9),))]),
        score_histogram([Scores(EVIL, 1, (1,))]),
    )
    for svg in charts:
        assert "<script" not in svg
        assert EVIL in texts(svg)
