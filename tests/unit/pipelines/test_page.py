import re
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from features.settings import Currency
from models.metrics import Estimate
from models.profit import MaximumProfit
from pipelines.curves import Curve, ProfitCurves
from pipelines.findings import (
    MEASURES,
    DataNotes,
    Drift,
    Feature,
    Headline,
    NextStep,
    money_measures,
)
from pipelines.page import review_page
from pipelines.profits import Profits
from tests.reviews import FAILED, PASSED, contestant, estimate, review
from tests.svg import parsed

NAN = float("nan")
EVIL = """全聯 <script>alert('x')</script> "quoted" ${7*7} {{ 7*7 }} & \x00"""


class Words(HTMLParser):
    """The text of a page as a reader sees it, and its tags and attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text += data


def read(page: str) -> Words:
    words = Words()
    words.feed(page)
    words.text = re.sub(r"\s+", " ", words.text)
    return words


def charts(page: str) -> list[ET.Element]:
    return [parsed(svg) for svg in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]


def test_a_passed_review_says_so_first_with_the_leavers_it_reaches() -> None:
    assert (
        "Challenger 4 may be promoted: the first 250 customers on its list include 97 who left, "
        "12 more than champion 3."
    ) in read(review_page(review())).text


def test_a_failed_review_names_what_stopped_it() -> None:
    text = read(review_page(review(gates=(PASSED, FAILED)))).text
    assert "1 of 2 gates failed" in text
    assert "Challenger 4 may not be promoted: “Calibrated” failed." in text
    assert "Calibrated: required calibration error at most .030, found .041 (.029 to .052)." in text


def test_several_failed_gates_are_joined_in_words() -> None:
    gates = tuple(replace(FAILED, name=name) for name in ("A", "B", "C"))
    text = read(review_page(review(gates=gates))).text
    assert "may not be promoted: “A”, “B” and “C” failed." in text


def test_a_review_without_gates_may_not_be_promoted() -> None:
    text = read(review_page(review(gates=()))).text
    assert "Challenger 4 may not be promoted: nothing was checked." in text


@pytest.mark.parametrize(
    ("leavers", "words"),
    [(80, "5 fewer than champion 3"), (85.2, "as many as champion 3"), (86, "1 more than")],
)
def test_leavers_are_compared_with_the_incumbent(leavers: float, words: str) -> None:
    headline = Headline(250, 31.2, estimate(leavers, 5), estimate(85, 5))
    assert words in read(review_page(review(headline=headline))).text


def test_a_baseline_to_beat_is_called_a_simple_rule() -> None:
    assert (
        "more than the simple rule recency." in read(review_page(review(incumbent="recency"))).text
    )


def test_money_is_said_next_to_the_verdict() -> None:
    headline = replace(review().headline, money="They spent USD 18,432 before.")
    assert "They spent USD 18,432 before." in read(review_page(review(headline=headline))).text


def test_estimates_are_rounded_and_have_their_intervals() -> None:
    text = read(review_page(review())).text
    assert ".848best(.828 to .868)" in text
    assert "+.012(+.004 to +.020)better" in text


def test_the_winner_is_marked_also_when_a_baseline_wins() -> None:
    text = read(review_page(review())).text
    assert ".009best(.004 to .014)" in text
    assert "Where another is best: Calibration error (recency)." in text


def test_equal_contestants_have_no_winner() -> None:
    same = (contestant("challenger 4", "challenger"), contestant("champion 3", "champion"))
    text = read(review_page(review(contestants=same))).text
    assert "best(" not in text
    assert "Where another is best" not in text


@pytest.mark.parametrize(
    ("metric", "difference", "finding"),
    [
        ("roc_auc", Estimate(0.02, 0.01, 0.03), "better"),
        ("roc_auc", Estimate(-0.02, -0.03, -0.01), "worse"),
        ("roc_auc", Estimate(0.02, -0.01, 0.05), "too close to tell"),
        ("expected_calibration_error", Estimate(-0.02, -0.03, -0.01), "better"),
        ("expected_calibration_error", Estimate(0.02, 0.01, 0.03), "worse"),
    ],
)
def test_a_difference_is_judged_by_its_interval_and_the_metrics_direction(
    metric: str, difference: Estimate, finding: str
) -> None:
    page = review_page(review(differences={metric: difference}))
    assert re.findall(r'<small class="finding">(.*?)</small>', page) == [finding]


def test_a_metric_that_nobody_has_is_a_row_of_dashes() -> None:
    page = review_page(review(differences={}))
    row = page.split("<b>Brier score</b>")[1].split("</tr>")[0]
    assert re.findall(r"<span>(.*?)</span>", row) == ["–"] * 4


def test_gates_commands_identity_and_data_are_on_the_page() -> None:
    text = read(review_page(review())).text
    for words in (
        "20261121T093000Z-4f1c",
        "21 November 2026, 09:30 UTC",
        "difference in ROC AUC above 0",
        "+.012 (+.004 to +.021)",
        "otherwise the change could be luck",
        "regulars promote churn --review 4f1c",
        "bought at least once in the 56 days before the cutoff",
        "no purchase from 16 November 2017 to 13 December 2017 (28 days)",
        "4, churn_gbm",
        "21 September 2017, 19 October 2017",
        "9b1d4f2e7a8c…",
        "312 (12 %)",
        "2,114 (0.1 %)",
        "amount is negative: 2,114",
        "Two products have no place in the hierarchy.",
    ):
        assert words in text


def test_a_command_can_be_copied_as_it_is() -> None:
    command = 'regulars promote  churn --review 4f1c --override "it\'s <fine>"'
    page = review_page(review(next_steps=(NextStep("Override:", command),)))
    words = Words()
    words.feed(re.findall(r"<pre>.*?</pre>", page, re.DOTALL)[0])
    assert words.text == command


def test_what_it_earns_is_drawn_and_told_where_there_are_economics() -> None:
    best = MaximumProfit(profit=1.2, target_share=0.1, customers=250, threshold=0.4)
    lines = (Curve("challenger 4", 1, ((0.0, 0.0), (0.1, 1.2), (1.0, -0.5))),)
    curves = ProfitCurves(lines, (), "profit per customer of the list, USD", 0.1)
    measured = (*MEASURES, *money_measures(Currency()))
    page = review_page(
        review(profits=Profits(curves, best, "At best, the first 250."), measures=measured)
    )
    text = read(page).text
    assert "What it earnsAt best, the first 250." in text
    assert "Expected maximum profit, USD" in text
    assert len(charts(page)) == len(charts(review_page(review(measures=measured)))) + 1


def test_without_economics_nothing_is_said_about_profit() -> None:
    assert "profit" not in read(review_page(review())).text.lower()


def test_features_and_drift_are_sorted_and_the_rest_is_counted() -> None:
    moved = tuple(Drift(f"column_{step}", f"column {step}", step / 100) for step in range(12))
    used = (Feature("a", "less used", estimate(0.1)), Feature("b", "more used", estimate(0.4)))
    page = review_page(review(drift=moved, features=used))
    assert "the first 10 of 12 features" in page
    assert "all 2 features" in page
    assert page.index("column 11") < page.index("column 10") < page.index("column 2")
    assert ">column 1<" not in page
    assert page.index("more used") < page.index("less used")


def test_a_drift_that_is_not_defined_comes_first() -> None:
    moved = (Drift("a", "known", 0.4), Drift("b", "unknown", NAN))
    page = review_page(review(drift=moved))
    assert page.index("unknown") < page.index(">known<")


def test_every_chart_is_well_formed_and_named() -> None:
    drawn = charts(review_page(review()))
    assert len(drawn) == 8
    assert all(svg.findtext("title") and svg.findtext("desc") for svg in drawn)


def test_a_contestant_has_the_same_colour_in_every_chart() -> None:
    legend, *_ = charts(review_page(review()))
    named = [each.text for each in legend.iter("text") if each.get("class") == "key"]
    samples = [
        each.get("class") for each in legend.iter("line") if "curve" in each.get("class", "")
    ]
    assert dict(zip(named, samples, strict=True)) == {
        "challenger 4": "curve s1",
        "champion 3": "curve s2",
        "recency": "curve s3",
        "by chance": "curve s0",
    }


def test_the_page_needs_nothing_but_itself() -> None:
    page = review_page(review())
    words = read(page)
    assert not re.search(r"https?:|//|url\(|@import|@font-face|javascript:", page)
    assert not {"script", "link", "img", "iframe", "object", "a", "form"} & set(words.tags)
    assert not [name for name, _ in words.attributes if name.startswith("on") or name == "src"]
    assert ("content", "default-src 'none'; style-src 'unsafe-inline'") in words.attributes


def test_markup_quotes_templates_and_cjk_in_any_text_stay_text() -> None:
    gate = replace(FAILED, name=EVIL, required=EVIL, found=EVIL, explanation=EVIL)
    challenger, champion, rule = review().contestants
    identity = challenger.identity
    assert identity is not None
    page = review_page(
        review(
            business=EVIL,
            review_id=EVIL,
            question=replace(review().question, cohort=EVIL, leaving=EVIL, gap=EVIL),
            headline=replace(review().headline, money=EVIL),
            gates=(gate,),
            contestants=(
                replace(
                    challenger,
                    name=EVIL,
                    about=EVIL,
                    identity=replace(identity, version=EVIL, kind=EVIL, run_id=EVIL),
                ),
                replace(champion, name=f"2 {EVIL}"),
                rule,
            ),
            incumbent=f"2 {EVIL}",
            drift=(Drift(EVIL, EVIL, 0.3),),
            features=(Feature(EVIL, EVIL, estimate(0.3)),),
            next_steps=(NextStep(EVIL, EVIL),),
            data=DataNotes(1, 1, 1, 1, {EVIL: 1}, (EVIL,)),
        )
    )
    words = read(page)
    assert "script" not in words.tags
    assert "<script" not in page
    assert "\x00" not in page
    assert "&amp;lt;" not in page
    assert words.text.count(EVIL.replace("\x00", "�")) > 15
    assert len(charts(page)) == 8


def test_a_review_of_nobody_is_still_a_page() -> None:
    nothing = Estimate(NAN, NAN, NAN)
    bare = [
        replace(each, traces=type(each.traces)(), estimates={}) for each in review().contestants
    ]
    page = review_page(
        review(
            headline=Headline(0, 0.0, nothing, nothing),
            gates=(),
            contestants=tuple(bare),
            differences={},
            drift=(),
            features=(),
            next_steps=(),
            data=DataNotes(0, 0, 0, 0),
        )
    )
    text = read(page).text
    assert "It cannot be compared with champion 3 on these customers." in text
    assert "Nothing needs to be done." in text
    assert len(charts(page)) == 8


def test_the_same_review_gives_the_same_page() -> None:
    assert review_page(review()) == review_page(review())
