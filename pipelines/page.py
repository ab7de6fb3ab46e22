"""The review as one HTML page that needs nothing but itself: no network, no scripts, no fonts."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment

from models.metrics import Estimate
from pipelines import rounding
from pipelines.bars import Bar, Whisker, bar_chart, whisker_chart
from pipelines.curves import (
    Curve,
    Reliability,
    Scores,
    gains_chart,
    profit_chart,
    reliability_chart,
    roc_chart,
    score_histogram,
)
from pipelines.findings import Contestant, Feature, Measure, ReviewPage, Traces
from pipelines.templating import environment

MOST_BARS = 10
"""Bars in a chart; the page says how many more columns there are."""
CALIBRATION = "expected_calibration_error"
DASH = "–"


@dataclass(frozen=True)
class Cell:
    """One contestant's estimate as the table shows it."""

    contestant: str
    value: str
    interval: str
    is_best: bool


@dataclass(frozen=True)
class Row:
    """One metric over all contestants, and what the paired difference says about the challenger."""

    name: str
    meaning: str
    direction: str
    cells: tuple[Cell, ...]
    difference: str
    difference_interval: str
    finding: str


@dataclass(frozen=True)
class Figure:
    """A chart with its heading and the sentence that says how to read it."""

    heading: str
    reading: str
    svg: str


def review_page(review: ReviewPage) -> str:
    """The whole page as HTML; the same text for the same review."""
    rows = [_row(measure, review) for measure in review.measures]
    return (
        _environment()
        .get_template("review.html.j2")
        .render(
            review=review,
            challenger=review.contestants[0],
            failed=[gate for gate in review.gates if not gate.is_passed],
            found=_found(review),
            rows=rows,
            beaten=_beaten(review.contestants[0], rows),
            figures=_figures(review),
        )
    )


@cache
def _environment() -> Environment:
    """The templates of this package with the words and numbers of a review."""
    made = environment()
    made.filters.update(
        capitalized=_capitalized,
        count=rounding.count,
        day=rounding.day,
        days=rounding.days,
        fraction=rounding.fraction,
        instant=rounding.instant,
        interval=rounding.interval,
        percent=rounding.percent,
        shortened=rounding.shortened,
    )
    made.globals["write_count"] = rounding.count
    return made


def _capitalized(text: str) -> str:
    """The text with its first letter large and the others as they were."""
    return text[:1].upper() + text[1:]


def _beaten(challenger: Contestant, rows: Sequence[Row]) -> list[str]:
    """``Log loss (recency)``: the metrics in which another contestant is best, and which one."""
    return [
        f"{row.name} ({', '.join(winners)})"
        for row in rows
        if (winners := [cell.contestant for cell in row.cells if cell.is_best])
        and challenger.name not in winners
    ]


def _found(review: ReviewPage) -> str:
    """``the first 250 customers on its list include 71 who left, 11 more than champion 3``."""
    roles = {each.name: each.role for each in review.contestants}
    is_rule = roles[review.incumbent] == "baseline"
    incumbent = f"the simple rule {review.incumbent}" if is_rule else review.incumbent
    ours, theirs = review.headline.challenger.value, review.headline.incumbent.value
    if not (math.isfinite(ours) and math.isfinite(theirs)):
        return f"it cannot be compared with {incumbent} on these customers"
    more = round(ours) - round(theirs)
    compared = f"{rounding.count(abs(more))} {'more' if more > 0 else 'fewer'} than"
    return (
        f"the first {rounding.count(review.headline.called)} customers on its list include "
        f"{rounding.count(ours)} who left, {compared if more else 'as many as'} {incumbent}"
    )


def _known(contestant: Contestant, measure: Measure) -> Estimate | None:
    estimate = contestant.estimates.get(measure.key)
    return estimate if estimate is not None and math.isfinite(estimate.value) else None


def _row(measure: Measure, review: ReviewPage) -> Row:
    known = [_known(each, measure) for each in review.contestants]
    values = [estimate.value for estimate in known if estimate is not None]
    best = (max if measure.is_higher_better else min)(values, default=math.nan)
    is_contest = len(values) > 1 and max(values) > min(values)
    cells = tuple(
        Cell(each.name, DASH, "", is_best=False)
        if estimate is None
        else Cell(
            each.name,
            measure.write(estimate.value),
            rounding.interval(estimate, measure.write),
            is_best=is_contest and estimate.value == best,
        )
        for each, estimate in zip(review.contestants, known, strict=True)
    )
    difference, ends, finding = _difference(measure, review)
    direction = "higher is better" if measure.is_higher_better else "lower is better"
    return Row(measure.name, measure.meaning, direction, cells, difference, ends, finding)


def _difference(measure: Measure, review: ReviewPage) -> tuple[str, str, str]:
    """The paired difference, its interval, and whether it is better, worse or too close to tell."""
    estimate = review.differences.get(measure.key)
    if estimate is None or not math.isfinite(estimate.value):
        return DASH, "", ""

    def write(value: float) -> str:
        return rounding.signed(value, measure.write)

    if estimate.low <= 0 <= estimate.high:
        finding = "too close to tell"
    else:
        finding = "better" if (estimate.low > 0) == measure.is_higher_better else "worse"
    return write(estimate.value), rounding.interval(estimate, write), finding


def _figures(review: ReviewPage) -> list[Figure]:
    """All charts in reading order."""
    return [
        *_profit_figures(review),
        *_curve_figures(review),
        *_whisker_figures(review),
        *_bar_figures(review),
    ]


def _profit_figures(review: ReviewPage) -> list[Figure]:
    if review.profits is None:
        return []
    return [Figure("What it earns", review.profits.told, profit_chart(review.profits.curves))]


def _curve_figures(review: ReviewPage) -> list[Figure]:
    slots = list(enumerate(review.contestants, start=1))
    called = review.headline.called / review.data.customers if review.data.customers else None
    pair = [(slot, each) for slot, each in slots if slot == 1 or each.name == review.incumbent]

    def curves(of: Callable[[Traces], tuple[tuple[float, float], ...]]) -> list[Curve]:
        return [Curve(each.name, slot, of(each.traces)) for slot, each in slots]

    return [
        Figure(
            "Who is reached",
            "Walk down the list from the top: the higher the line, the more leavers are reached "
            f"with the same calls. Upright line: {rounding.count(review.headline.called)} calls.",
            gains_chart(curves(lambda traces: traces.gains), called),
        ),
        Figure(
            "Is the predicted chance honest",
            "On the diagonal, of a hundred customers with a chance of 30 % thirty really left.",
            reliability_chart(
                [
                    Reliability(e.name, s, e.traces.reliability, e.estimates.get(CALIBRATION))
                    for s, e in pair
                ]
            ),
        ),
        Figure(
            "Leavers against false alarms",
            "Every point is one possible threshold; the nearer to the upper left, the better.",
            roc_chart(curves(lambda traces: traces.roc)),
        ),
        Figure(
            "How the scores are spread",
            "A useful model moves customers away from the average chance.",
            score_histogram([Scores(e.name, s, e.traces.scores) for s, e in pair]),
        ),
    ]


def _whisker_figures(review: ReviewPage) -> list[Figure]:
    return [
        Figure(
            f"{measure.name}, with intervals",
            "Shaded: the challenger's 95 % interval.",
            whisker_chart(
                measure.name,
                [
                    Whisker(each.name, slot, _known(each, measure))
                    for slot, each in enumerate(review.contestants, start=1)
                ],
                measure.write,
            ),
        )
        for measure in review.measures
        if measure.is_drawn
    ]


def _bar_figures(review: ReviewPage) -> list[Figure]:
    moved = sorted(review.drift, key=lambda each: (-_sortable(each.psi), each.column))
    used = sorted(review.features, key=lambda each: (-_sortable(each.share.value), each.column))
    features = share_bars(used[:MOST_BARS])
    drift = [Bar(each.meaning, each.psi, each.column) for each in moved[:MOST_BARS]]
    bound = review.drift_bound
    return [
        Figure(
            "What the challenger looks at",
            f"Share in all that moved the scores, with 95 % intervals over customers; "
            f"{_of(features, used)}.",
            bar_chart("What the challenger looks at", features, rounding.percent),
        ),
        Figure(
            "What has changed since training",
            f"Drift (PSI) of each feature; {_of(drift, moved)}.",
            bar_chart("What has changed since training", drift, _psi, bound),
        ),
    ]


def share_bars(features: Sequence[Feature]) -> list[Bar]:
    """What a model looks at as bars with intervals, in the order given."""
    return [
        Bar(each.meaning, each.share.value, each.column, (each.share.low, each.share.high))
        for each in features
    ]


def _psi(value: float) -> str:
    return rounding.fraction(value, 2)


def _sortable(value: float) -> float:
    return math.inf if math.isnan(value) else value


def _of(shown: Sequence[object], everything: Sequence[object]) -> str:
    """``the first 10 of 47 features``."""
    if len(shown) == len(everything):
        return f"all {len(everything)} features"
    return f"the first {len(shown)} of {len(everything)} features"
