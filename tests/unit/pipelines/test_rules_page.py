"""The page of rules: words at the top, charts with tables, the table that can be searched."""

import base64
import hashlib
import re

import pandas as pd
import pytest

from features.clock import Window
from features.settings import Currency
from pipelines.rules_found import RulesFound
from pipelines.rules_page import MOST_ROWS, rules_page
from pipelines.rules_words import MOST_BUNDLES, chance, days, notes
from tests.pages import Words
from tests.rule_findings import AS_OF, bundle, found, group, rule

EVIL = "<script>alert('流失')</script> & \x00"
READ = "<script>alert('流失')</script> & \N{REPLACEMENT CHARACTER}"
USD = Currency()
RULES = (
    rule(["bread"], ["butter"], 3.0),
    rule(["milk", "bread"], ["jam"], 2.0, held=False, adjusted_p=0.03),
)


def page_of(shown: RulesFound) -> Words:
    return Words(rules_page(shown, USD))


def text_of(shown: RulesFound) -> str:
    """All text of the page but its style and its script, in one line."""
    page = re.sub(r"<(style|script)>.*?</\1>", "", rules_page(shown, USD), flags=re.DOTALL)
    return " ".join(" ".join(Words(page).text).split())


def cells(shown: RulesFound) -> list[list[str]]:
    """The table that can be searched, without its head."""
    (table,) = re.findall(r'id="rules-table">.*?</table>', rules_page(shown, USD), re.DOTALL)
    rows = re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)[1:]
    return [["".join(Words(cell).text) for cell in re.split(r"</t[hd]>", row)[:-1]] for row in rows]


def test_the_page_says_first_what_was_mined_what_was_kept_and_what_held() -> None:
    text = text_of(found(RULES))
    assert "2 rules are more than chance explains, 1 of them held later" in text
    assert (
        "Mined from 1,000 baskets of 1 January 2023 to 31 May 2023, all before 1 June 2023: 75 "
        "itemsets are frequent and 60 rules are tested. Confidence and lift alone would tell 40; "
        "2 survive the test at the false discovery rate. Of these 1 (50 %) held in the 120 "
        "baskets of 1 June 2023 to 30 June 2023."
    ) in text


def test_every_chart_has_a_table_beside_it() -> None:
    page = page_of(found(RULES, [bundle(["bread", "butter"], 4200)]))
    assert page.tags.count("svg") == 4
    assert page.tags.count("details") == 3
    assert page.tags.count("table") == 3 + 2


def test_a_rule_is_told_with_both_figures_and_what_became_of_it() -> None:
    assert cells(found(RULES)) == [
        ["bread", "butter", "100", "50 %", "3.0", "under .001", "50 %", "2.0", "✓ held"],
        ["milk + bread", "jam", "100", "50 %", "2.0", ".030", "50 %", "2.0", "✗ did not hold"],
    ]


def test_a_rule_whose_items_did_not_come_up_later_is_not_called_refuted() -> None:
    nan = float("nan")
    unseen = rule(["a"], ["b"], held=False, later_confidence=nan, later_lift=nan)
    ((*_, confidence, lift, later),) = cells(found([unseen]))
    assert (confidence, lift, later) == ("–", "–", "did not come up")
    assert '<span class="mark failed">' not in rules_page(found([unseen]), USD)
    assert '<span class="mark failed">✗ did not hold' in rules_page(found(RULES), USD)


def test_the_page_needs_nothing_but_itself_and_runs_its_own_script_alone() -> None:
    page = rules_page(found(RULES), USD)
    assert not {"link", "img", "iframe", "form"} & set(Words(page).tags)
    assert "http:" not in page
    assert "https:" not in page
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'" in page


def test_without_scripts_the_table_is_whole_and_has_no_controls_that_do_nothing() -> None:
    page = rules_page(found(RULES), USD)
    assert re.findall(r"<tr[^>]*hidden", page) == []
    assert re.search(r'<div class="tools"[^>]* hidden>', page)
    assert re.search(r'<button class="more"[^>]* hidden>', page)


def test_names_are_shown_and_never_run() -> None:
    shown = found(
        [rule([EVIL], ["b"]), rule(["b"], ["c"], group=EVIL)],
        [bundle([EVIL], 100)],
        [group(EVIL, kept=1, held=1, notes=(EVIL,))],
    )
    page = page_of(shown)
    assert page.tags.count("script") == 1
    assert sum(READ in text for text in page.text) >= 6


def test_a_cell_is_sorted_by_its_number_and_not_by_its_text() -> None:
    page = rules_page(found([rule(["a"], ["b"], 12.25, adjusted_p=1e-12)]), USD)
    assert 'data-label="lift" data-key="12.25"' in page
    assert 'data-label="adjusted p" data-key="1e-12"' in page


def test_a_long_table_is_cut_and_says_where_the_rest_is() -> None:
    shown = found([rule(["a"], [f"b{i}"]) for i in range(MOST_ROWS + 1)])
    assert len(cells(shown)) == MOST_ROWS
    assert (
        "The 500 strongest of 501 rules, as many of each group as fit: those that held first, "
        "then by lift. All of them are in rules.parquet, a file of the same run."
    ) in text_of(shown)
    assert "400 of 501 rules, evenly from strong to weak" in text_of(shown)


def test_without_a_rule_the_page_says_so_and_draws_nothing() -> None:
    text = text_of(found())
    assert "Nothing kept No rule is more than chance explains" in text
    assert "none survives the test at the false discovery rate." in text
    assert "No rule was kept. Longer history" in text
    assert "No bundle is told" in text
    assert "Nothing was cut and nothing was left out." in text
    assert not {"svg", "table"} & set(page_of(found()).tags)


def test_rules_without_later_baskets_are_said_to_be_unconfirmed() -> None:
    shown = found(RULES)
    early = RulesFound(
        **{**vars(shown), "groups": (group(kept=2, held=0, later_baskets=0),)},
    )
    assert "There are no later baskets yet that they could be confirmed in." in text_of(early)


def test_groups_have_their_figures_and_their_strongest_rules() -> None:
    others = [rule(["tea"], ["milk"], 4.0, group="store: 1")]
    text = text_of(found([*RULES, *others], groups=[group("store: 1", kept=1, held=1)]))
    assert "The rules in pictures: all" in text
    assert (
        "all 1,000 75 60 40 2 1 (50 %) bread → butter (3.0); milk + bread → jam (2.0) "
        "store: 1 1,000 75 60 40 1 1 (100 %) tea → milk (4.0)"
    ) in text
    assert "By group" not in text_of(found(RULES))


def test_where_groups_alone_have_rules_the_first_of_them_is_drawn() -> None:
    others = [rule(["tea"], ["milk"], group="store: 1")]
    text = text_of(found(others, groups=[group("store: 1", kept=1, held=1)]))
    assert "No rule is more than chance explains, but in other groups: 1" in text
    assert "The rules in pictures: store: 1" in text


def test_where_not_all_baskets_were_mined_the_words_name_the_group() -> None:
    others = [rule(["tea"], ["milk"], group="store: 1")]
    shown = found(others)
    text = text_of(
        RulesFound(**{**vars(shown), "groups": (group("store: 1", kept=1, held=0),)}),
    )
    assert "store: 1: 1 rule is more than chance explains, 0 of them held later" in text
    assert "1 January 2023 to 31 May 2023 (group “store: 1”), all before" in text


def test_bundles_are_told_by_margin_in_the_currency() -> None:
    rows = [bundle(["tea"], 300), bundle(["bread", "jam"], 250_000)]
    text = text_of(found(RULES, rows))
    assert text.index("bread + jam 100 2,500.00 25.00") < text.index("tea 100 3.00 0.03")
    assert "All 2 by margin, USD." in text
    many = found(RULES, [bundle([f"item {i}"], i) for i in range(MOST_BUNDLES + 1)])
    assert f"The first {MOST_BUNDLES} of {MOST_BUNDLES + 1} by margin" in text_of(many)


def test_a_note_of_several_groups_is_told_once_with_their_names() -> None:
    names = [f"store: {i}" for i in range(4)]
    shown = found(groups=[group(name, notes=("one basket was capped",)) for name in names])
    assert notes(shown) == ["store: 0, store: 1, store: 2 and 1 more: one basket was capped"]


def test_the_matrix_is_by_category_where_categories_are_known() -> None:
    of = {"bread": "bakery", "milk": "dairy", "butter": "dairy", "jam": "spreads"}
    page = rules_page(found(RULES), USD, of)
    assert "Which categories lead to which" in page
    assert "bakery → dairy" in page
    assert "Which items lead to which" in rules_page(found(RULES), USD)


def test_the_same_findings_give_the_same_page() -> None:
    assert rules_page(found(RULES), USD) == rules_page(found(RULES), USD)


@pytest.mark.parametrize(
    ("p", "written"), [(0.0, "under .001"), (0.0009, "under .001"), (0.05, ".050")]
)
def test_a_small_chance_is_not_called_nothing(p: float, written: str) -> None:
    assert chance(p) == written


def test_a_window_is_told_by_its_first_and_last_day() -> None:
    assert days(Window(AS_OF, pd.Timestamp("2023-06-02").date())) == "1\xa0June\xa02023"
