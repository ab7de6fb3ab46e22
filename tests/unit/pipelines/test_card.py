"""A model card as a page and as Markdown: what it says, and that nothing breaks out of it."""

import re
from dataclasses import replace

import numpy as np
import pytest

from features.coverage import Coverage
from models.metrics import Estimate
from models.stability import Kept, Stability
from pipelines.card_page import card_files, card_markdown, card_page, marked
from pipelines.card_why import verdict
from pipelines.card_words import sections, summary
from pipelines.judgement import contacted_share, divide
from pipelines.rolling import Rolled
from tests.cards import EVIL, business, card, changed, provenance, trained
from tests.pages import Words

HEADINGS = [
    "What it predicts",
    "Who is not covered",
    "Data",
    "Days",
    "The model",
    "How good it is",
    "Is the predicted chance honest",
    "What it earns",
    "What it looks at",
    "How the chance follows it",
    "Would it give the same reasons again",
    "Fairness",
    "Limits",
]


def tables(markdown: str) -> list[list[str]]:
    """Runs of lines that begin with a bar."""
    found: list[list[str]] = [[]]
    for line in markdown.splitlines():
        if line.startswith("|"):
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [each for each in found if each]


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip("|"))]


def plain(text: str) -> str:
    return text.replace("\xa0", " ")


def section(heading: str, **changes: object) -> str:
    """Text of one section."""
    text = plain(card_markdown(changed(**changes)))
    return text.partition(f"## {heading}\n")[2].partition("\n## ")[0]


def test_the_page_and_the_markdown_have_every_section_in_one_order() -> None:
    assert [each.heading for each in sections(card())] == HEADINGS
    found = re.findall(r"^## (.*)$", card_markdown(card()), re.MULTILINE)
    assert found == HEADINGS
    text = Words(card_page(card())).text
    places = [text.index(heading) for heading in HEADINGS]
    assert places == sorted(places)


def test_nothing_in_the_page_is_loaded_from_elsewhere_and_no_text_breaks_out() -> None:
    page = card_page(card())
    words = Words(page)
    assert "script" not in words.tags
    assert not re.search(r"https?:|url\(|@import|javascript:", page)
    assert "<script>alert('流失')</script>" in "".join(words.text)
    assert "\x00" not in page


def test_the_markdown_holds_no_html_and_its_tables_are_whole() -> None:
    text = card_markdown(card())
    assert not re.search(r"(?<!\\)[<>]", text)
    assert "\x00" not in text
    found = tables(text)
    assert len(found) >= 15
    for table in found:
        assert len(table) >= 2
        assert set(cells(table[1])) == {"---"}
        assert {len(cells(line)) for line in table} == {len(cells(table[0]))}


def test_every_chart_of_the_page_is_a_table_of_the_markdown() -> None:
    shown = [each for section in sections(card()) for each in section.charts]
    page, text = card_page(card()), card_markdown(card())
    assert page.count('<svg class="chart"') == len(shown)
    for each in shown:
        assert f"### {marked(each.table.heading)}\n" in text
        assert len(each.table.cells) > 0


@pytest.mark.parametrize("text", ["a|b", "*a* _b_", "# a", "[a](b)", "<b>", "`a`", "a\nb", "&lt;"])
def test_marked_text_is_one_line_in_which_nothing_is_markdown(text: str) -> None:
    told = marked(text)
    assert "\n" not in told
    assert not re.search(r"(?<!\\)[|*_#\[\]<>`&]", told)
    assert told.replace("\\", "") == text.replace("\n", " ")


def test_the_summary_says_for_whom_what_and_how_well() -> None:
    told = plain(summary(card()))
    assert told.startswith(
        "For each customer of shop with at least 1 order ever, the chance of no purchase in the "
        "next 28 days. Logistic regression on the behaviour table, fitted to 720 rows of "
    )
    own = card().estimates["model"]["roc_auc"]
    assert f"ROC AUC {f'{own.value:.3f}'[1:]} (" in told


def test_the_files_are_the_page_and_the_markdown() -> None:
    found = card_files(card())
    assert list(found) == ["card/model_card.html", "card/model_card.md"]
    assert found["card/model_card.html"].startswith("<!doctype html>")
    assert found["card/model_card.md"].startswith("# Model card: shop\n")


def test_who_is_not_covered_is_counted() -> None:
    told = section("Who is not covered")
    assert "40 of 280 customers who had bought by" in told
    assert "30 of those who had bought had one order only" in told
    assert "5 people whom the customers table described" in told
    assert "10 % of the lines carry no customer" in told
    nobody = provenance(Coverage(240, 0, 0, 10, 0))
    nobody = replace(nobody, known=replace(nobody.known, customers_without_row=0))
    told = section("Who is not covered", provenance=nobody)
    assert told.strip() == "- Nobody that is known of."


def test_rows_are_told_by_source_with_days_of_the_business() -> None:
    told = section("Data")
    assert "| orders | 2 | 9,000 | 8,990 | 0 | 0 | 10 | 1970-01-01 | 1970-01-02 |" in told
    assert "| customers | 1 | 300 | 290 | 4 | 6 | 0 | – | – |" in told


def test_groups_have_figures_and_small_ones_have_none() -> None:
    told = section("How good it is")
    assert "### By orders so far" in told
    assert re.search(r"\| bought once \| (\d+) \| ", told)
    gold = next(line for line in told.splitlines() if line.startswith("| gold |"))
    assert cells(gold) == ["gold", "10", "too few to say", "–", "–", "–"]
    assert "never bought" not in told


def test_fairness_compares_groups_that_are_large_enough() -> None:
    told = section("Fairness")
    assert "fewer than two groups are large enough to be compared" in told
    tiers = {"is_tier_gold": 0.0, "is_tier_unlisted": 1.0}
    test = trained().rolled.newest.test
    many = test.features.assign(**tiers)
    many.loc[:119, list(tiers)] = [1.0, 0.0]
    divided = divide(
        card().business,
        replace(test, features=many),
        trained().rolled.newest.probabilities["model"],
        0.3,
    )
    told = section("Fairness", divided=divided)
    assert "demographic parity difference" in told
    assert "equal opportunity difference" in told
    gold = next(line for line in told.splitlines() if line.startswith("| gold |"))
    assert len(cells(gold)) == 6
    assert cells(gold)[1] == "120"


def test_without_attributes_fairness_is_not_claimed() -> None:
    divided = tuple(each for each in card().divided if not each.division.is_attribute)
    assert "That is no sign that they are treated alike." in section("Fairness", divided=divided)


def test_without_economics_nothing_is_said_of_money_and_a_tenth_is_contacted() -> None:
    shop = business(economics=None)
    told = section("What it earns", profits=None, business=shop)
    assert told.strip() == "churn.economics is not set: nothing is said of money."
    assert contacted_share(None) == 0.1


def test_without_refits_nothing_is_said_of_stability() -> None:
    insight = replace(card().insight, stability=None)
    told = section("Would it give the same reasons again", insight=insight)
    assert "Not measured: churn.stability\\_refits is 0" in told


def test_without_causes_no_table_of_causes_is_there() -> None:
    found = card().insight
    assert found.stability is not None
    insight = replace(
        found, causes={None: Estimate(1, 1, 1)}, stability=replace(found.stability, by_cause=())
    )
    assert "By cause of leaving" not in section("What it looks at", insight=insight)
    told = section("Would it give the same reasons again", insight=insight)
    assert "Causes that stay" not in told
    assert "first cause the same" not in told


def stable(overlap: Estimate) -> Stability:
    one = Estimate(0.9, 0.8, 1.0)
    kept = (
        Kept("habit fading", 900, Estimate(0.9, 0.85, 0.95)),
        Kept("rival", 80, Estimate(0.5, 0.4, 0.6)),
        Kept("novelty", 3, None),
    )
    return Stability(5, 1000, one, overlap, one, 0.6, kept)


@pytest.mark.parametrize(
    ("low", "value", "high", "begins"),
    [
        (0.61, 0.7, 0.8, "Reasons are stable:"),
        (0.59, 0.7, 0.8, "Reasons are stable in part:"),
        (0.1, 0.2, 0.26, "Reasons are stable in part:"),
        (0.1, 0.2, 0.24, "Reasons are not stable, do not act on single ones:"),
    ],
)
def test_the_verdict_follows_the_whole_interval(
    low: float, value: float, high: float, begins: str
) -> None:
    told = plain(verdict(stable(Estimate(value, low, high))))
    assert told.startswith(begins)
    assert "from .60 on, where sets share 75 %" in told
    assert "below .25, where they share 40 %" in told


def test_causes_that_do_not_stay_are_named() -> None:
    insight = replace(card().insight, stability=stable(Estimate(0.5, 0.4, 0.6)))
    told = section("Would it give the same reasons again", insight=insight)
    assert "Do not take at their word: rival." in told
    assert "Lead too few customers to say: novelty." in told


def beside(other: np.ndarray[tuple[int], np.dtype[np.float64]] | None) -> Rolled:
    """The training with a rule that gives these chances, or those of the model."""
    stages = tuple(
        replace(
            stage,
            probabilities={
                "model": stage.probabilities["model"],
                "recency": stage.probabilities["model"] if other is None else other,
            },
        )
        for stage in trained().rolled.stages
    )
    return Rolled(business(economics=None), stages)


def test_a_model_that_is_not_clearly_better_than_another_says_so() -> None:
    alike, poor = beside(None), beside(np.full(240, 0.5))
    assert "is not clearly better than recency: the paired difference is .000" in section(
        "Limits", rolled=alike
    )
    assert "is not clearly better" not in section("Limits", rolled=poor)


def test_evil_text_is_told_as_it_is() -> None:
    assert marked(EVIL).startswith("\\<script\\>alert('流失')\\</script\\> \\| \\*b\\* \\& \\`c\\`")
