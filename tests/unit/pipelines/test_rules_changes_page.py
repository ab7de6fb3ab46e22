"""What changed, on the page of rules: sentences, numbers, and a table of each comparison."""

import re

import pytest

from features.settings import Currency
from pipelines.rules_changes_words import MOST_OF_KIND, changed
from pipelines.rules_found import PERIODS, PROMOTION
from pipelines.rules_page import rules_page
from tests.pages import Words
from tests.rule_findings import change, found, group, numbers, rule

RULES = (rule(["bread"], ["butter"], 3.0),)
EVIL = "<script>alert('流失')</script>"


def section(page: str) -> str:
    """Text of the section in one line; empty where there is none."""
    parts = re.findall(r'<section class="changes">.*?</section>', page, re.DOTALL)
    return " ".join(" ".join(Words("".join(parts)).text).split())


def test_the_page_says_what_changed_between_two_periods() -> None:
    shown = found(
        RULES,
        changes=[
            change(["tea"], ["lemon"], "turned", is_association_changed=True),
            change(["milk"], ["jam"], is_association_changed=False),
        ],
        counted={PERIODS: numbers(turned=1, appeared=1, steady=1200, not_compared=3)},
    )
    text = section(rules_page(shown, Currency()))
    assert (
        "Each rule in the baskets of 1 January 2023 to 15 March 2023, and in those of 16 March "
        "2023 to 31 May 2023. Rules with the confidence that was asked for (rules.confidence), on "
        "one side at least: 1,202; 1 turned, 1 appeared, 1,200 steady. Not compared, for what "
        "leads is on one side only: 3. Below are 2 of 2 rules that changed"
    ) in text
    assert "where the tie is not shown to have changed, that may be all there is." in text
    assert "tea → lemon turned 4 % → 15 % 0.9 → 2.5 100 → 200 .034 shown" in text
    assert "milk → jam appeared 4 % → 15 % 0.9 → 2.5 100 → 200 .012 not shown" in text
    assert "Without and with a promotion" not in text


def test_the_page_says_what_a_promotion_goes_with_and_that_it_may_not_be_its_doing() -> None:
    rows = [change(["crisps"], ["dip"], comparison=PROMOTION)]
    shown = found(RULES, changes=rows, counted={PROMOTION: numbers(appeared=1, steady=7)})
    text = section(rules_page(shown, Currency()))
    assert "was bought at full price, and in those where something of it was discounted." in text
    assert "on one side at least: 8; 1 only with one, 7 no difference shown." in text
    assert "This is what was seen, not what a promotion does" in text
    assert "crisps → dip only with one 4 % → 15 % 0.9 → 2.5 100 → 200 .012" in text
    assert "Between two periods" not in text


def test_where_nothing_changed_that_is_said_and_there_is_no_table() -> None:
    page = rules_page(found(RULES, counted={PERIODS: numbers(steady=5)}), Currency())
    assert "on one side at least: 5; 5 steady." in section(page)
    assert "Below are" not in section(page)
    assert "<table" not in re.findall(r'<section class="changes">.*?</section>', page, re.DOTALL)[0]


@pytest.mark.parametrize("counted", [{}, {PERIODS: numbers()}])
def test_words_of_changes_are_explained_where_there_is_a_comparison(
    counted: dict[str, dict[str, int]],
) -> None:
    page = rules_page(found(RULES, counted=counted), Currency())
    assert ("What changed" in page) is bool(counted)
    assert ("<dt>The tie</dt>" in page) is bool(counted)
    assert ("on one side at least: 0." in page) is bool(counted)


def test_a_kind_of_change_is_cut_and_what_a_shorter_rule_says_is_left_out() -> None:
    rows = [change([f"item {i}"], ["b"]) for i in range(MOST_OF_KIND + 2)]
    rows += [change(["a", "c"], ["b"], is_implied=True), change(["x"], ["y"], "faded")]
    rows += [change(["bread"], ["butter"], "steady", is_kept=True)]
    (told,) = changed(found(RULES, changes=rows, counted={PERIODS: numbers(appeared=8, faded=1)}))
    assert told.rows is not None
    rules = [row[0] for row in told.rows.cells]
    assert rules == [*(f"item {i} → b" for i in range(MOST_OF_KIND)), "x → y"]
    assert told.sentences[2] == (
        "Below are 6 of 9 rules that changed, of each kind those whose confidence differs most; 1 "
        "only say what a shorter rule says, too. All are in changes.parquet, a file of the same "
        "run."
    )


def test_every_group_has_its_share_of_the_table() -> None:
    rows = [change([f"item {i}"], ["b"]) for i in range(9)]
    rows += [change(["tea"], ["lemon"], group="store: 1")]
    shown = found(RULES, (), [group("store: 1")], rows, counted={PERIODS: numbers(appeared=9)})
    (told,) = changed(shown)
    assert told.rows is not None
    assert told.rows.columns[1] == "group"
    assert [row[1] for row in told.rows.cells] == ["all"] * 4 + ["store: 1"]
    assert "(group “all”): 9; 9 appeared." in told.sentences[1]


def test_a_side_without_a_figure_has_a_dash() -> None:
    rows = [change(["a"], ["b"], before_lift=float("nan"))]
    (told,) = changed(found(RULES, changes=rows, counted={PERIODS: numbers(appeared=1)}))
    assert told.rows is not None
    assert told.rows.cells[0][3] == "– → 2.5"


def test_names_of_rules_that_changed_are_shown_and_never_run() -> None:
    shown = found(RULES, changes=[change([EVIL], ["b"])], counted={PERIODS: numbers(appeared=1)})
    page = rules_page(shown, Currency())
    assert Words(page).tags.count("script") == 1
    assert EVIL in section(page)
