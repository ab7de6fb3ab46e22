"""Association rules as one HTML page that needs nothing but itself: no network and no fonts.

It is read without scripts, too; a script of its own only searches and sorts the table, and no other
may run: the page's policy names its hash.
"""

import base64
import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

import pandas as pd

from features.settings import Currency
from pipelines.bars import Bar, bar_chart
from pipelines.card_parts import Shown
from pipelines.page import Figure
from pipelines.proposal_words import Rows
from pipelines.rounding import count, day, money, percent, times
from pipelines.rules_changes_words import WORDS as CHANGE_WORDS
from pipelines.rules_changes_words import changed
from pipelines.rules_charts import frequent_items, matrix_chart, measures_chart, pairs_of
from pipelines.rules_found import RulesFound
from pipelines.rules_graph import drawn_rules, rule_graph
from pipelines.rules_told import (
    Rule,
    by_category,
    evenly,
    fair_share,
    of_group,
    strongest_first,
    told,
)
from pipelines.rules_words import (
    DASH,
    WORDS,
    best_bundles,
    bundle_rows,
    chance,
    group_rows,
    headline,
    held,
    is_seen_later,
    names,
    notes,
    pair_rows,
    reading,
    rule_rows,
)
from pipelines.templating import environment

MOST_ROWS: Final = 500
"""Rules in the table of the page."""

MOST_MARKS: Final = 400
"""Rules in the chart of measures."""

MOST_BARS: Final = 10


@dataclass(frozen=True)
class Cell:
    """Text of a cell and what it is sorted by; text alone is sorted as it is."""

    label: str
    text: str
    key: str = ""
    css: str = ""


def rules_page(
    found: RulesFound, currency: Currency, categories: Mapping[str, str] | None = None
) -> str:
    """The whole page as HTML; the same text for the same findings.

    Parameters
    ----------
    found
        What was mined; at least one group, all baskets first.
    currency
        Of the margins of bundles.
    categories
        What items belong to, by name, see `categories_of`: the matrix is by category. None: it is
        by item.
    """
    rules = strongest_first(found.rules)
    several, drawn = len(found.groups) > 1, _drawn(found)
    script = files("pipelines").joinpath("templates", "rules.js").read_text(encoding="utf-8")
    changes = changed(found)
    rows = fair_share(rules, [each.name for each in found.groups], MOST_ROWS)
    page = {
        "business": found.business,
        "as_of": day(found.as_of),
        "is_good": found.groups[0].kept > 0,
        "label": "Rules" if found.groups[0].kept else "Nothing kept",
        "headline": headline(found),
        "reading": reading(found),
        "tiles": _tiles(found),
        "shown": _charts(of_group(rules, drawn), categories or {}),
        "drawn": drawn if several else "",
        "groups": group_rows(found, rules) if several else None,
        "rows": [_row(each, several=several) for each in told(rows)],
        "told": _extent(len(rows), len(rules)),
        "bundles": _bundles(found, currency),
        "notes": notes(found),
        "changes": changes,
        "words": {**WORDS, **(CHANGE_WORDS if changes else {})},
        "script": script,
        "script_hash": f"sha256-{base64.b64encode(_sha256(script)).decode()}",
    }
    return environment().get_template("rules.html.j2").render(page)


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _tiles(found: RulesFound) -> list[tuple[str, str, str]]:
    """What is counted, how many, and the share of the number before."""
    group = found.groups[0]
    return [
        ("plain rules, by confidence and lift", count(group.lifting), ""),
        ("kept: more than chance explains", count(group.kept), _share(group.kept, group.lifting)),
        ("held in later baskets", count(group.held), _share(group.held, group.kept)),
    ]


def _share(part: int, whole: int) -> str:
    return percent(part / whole) if whole else ""


def _extent(shown: int, total: int) -> str:
    """How much of the rules the table has, and where the others are."""
    if shown == total:
        return f"All {count(total)} rules that were kept." if total else ""
    return (
        f"The {count(shown)} strongest of {count(total)} rules, as many of each group as fit: "
        "those that held first, then by lift. All of them are in rules.parquet, a file of the "
        "same run."
    )


def _drawn(found: RulesFound) -> str:
    """Name of the first group that has a rule; of the first where none has."""
    return next((each.name for each in found.groups if each.kept), found.groups[0].name)


def _charts(own: pd.DataFrame, categories: Mapping[str, str]) -> list[Shown]:
    """Charts of a group's rules, each with its table; none where it has no rule."""
    if own.empty:
        return []
    return [_measures(own), _graph(told(own.head(MOST_ROWS))), _matrix(told(own), categories)]


def _measures(own: pd.DataFrame) -> Shown:
    heading = "Support, confidence and lift"
    marks = told(evenly(own, MOST_MARKS))
    part = "Each mark is a rule"
    if len(marks) < len(own):
        part = f"{count(len(marks))} of {count(len(own))} rules, evenly from strong to weak"
    text = f"{part}. Right: frequent; high: reliable; large: far above chance."
    return Shown(Figure(heading, text, measures_chart(heading, marks)), rule_rows(marks))


def _graph(rules: Sequence[Rule]) -> Shown:
    heading = "What leads to what"
    drawn = drawn_rules(rules)
    text = (
        f"The {count(len(drawn))} strongest rules that can be drawn together, those that held "
        "first, then by lift. Several items that lead together meet in a dot."
    )
    return Shown(Figure(heading, text, rule_graph(heading, drawn)), rule_rows(drawn))


def _matrix(own: Sequence[Rule], categories: Mapping[str, str]) -> Shown:
    called = "categories" if categories else "items"
    one = "category" if categories else "item"
    heading = f"Which {called} lead to which"
    rules = by_category(own, categories)
    items = frequent_items(rules)
    pairs = [each for each in pairs_of(rules) if {each.antecedent, each.consequent} <= set(items)]
    text = (
        f"The {count(len(items))} {called} that the most rules name. The shade is the highest "
        f"lift of the rules that lead from the {one} of the row to that of the column."
    )
    return Shown(Figure(heading, text, matrix_chart(heading, items, pairs)), pair_rows(pairs))


def _row(rule: Rule, *, several: bool) -> tuple[Cell, ...]:
    """A rule as the searchable table shows it."""
    later = (
        ("later confidence", rule.later_confidence, percent),
        ("later lift", rule.later_lift, times),
    )
    return (
        Cell("who buys", names(rule.antecedents)),
        Cell("also buys", names(rule.consequents)),
        *((Cell("group", rule.group),) if several else ()),
        Cell("baskets", count(rule.count), str(rule.count)),
        Cell("confidence", percent(rule.confidence), repr(rule.confidence)),
        Cell("lift", times(rule.lift), repr(rule.lift)),
        Cell("adjusted p", chance(rule.adjusted_p), repr(rule.adjusted_p)),
        *(
            Cell(label, DASH, "-1") if math.isnan(value) else Cell(label, write(value), repr(value))
            for label, value, write in later
        ),
        Cell("later", held(rule), str(int(rule.held)), _mark(rule)),
    )


def _mark(rule: Rule) -> str:
    """Class of what became of a rule; none where the later baskets cannot say."""
    if rule.held:
        return "passed"
    return "failed" if is_seen_later(rule) else ""


def _bundles(found: RulesFound, currency: Currency) -> tuple[Figure, Rows] | None:
    """The bundles as bars and as a table; None where there are none."""
    if found.bundles.empty:
        return None
    heading = "Margin of the first bundles"
    best = best_bundles(found).head(MOST_BARS)
    bars = [
        Bar(names(list(map(str, items))), margin)
        for items, margin in zip(best["items"], best["margin"], strict=True)
    ]

    def write(value: float) -> str:
        return money(value, currency.code, currency.digits)

    chart = bar_chart(heading, bars, write)
    return Figure(heading, "Over the days that were mined.", chart), bundle_rows(found, currency)
