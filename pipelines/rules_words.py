"""What a mining of rules found, as sentences and rows of text for its page."""

import math
from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from features.clock import DAY, Window
from features.settings import Currency
from pipelines.proposal_words import Rows
from pipelines.rounding import LEAST_SHARE, amount, count, day, fraction, percent, times
from pipelines.rules_charts import Pair
from pipelines.rules_found import EVERYTHING, GroupFound, RulesFound
from pipelines.rules_told import Rule, of_group, short_names, told

DASH: Final = "–"
MOST_BUNDLES: Final = 25
MOST_GROUPS: Final = 60
"""Groups in a table of groups."""

STRONGEST: Final = 3
"""Rules that are told of each group beside its figures."""

WORDS: Final[Mapping[str, str]] = {
    "Support": "share of all baskets that hold everything a rule names.",
    "Confidence": "of the baskets with the first items, the share that hold the second, too.",
    "Lift": "confidence in multiples of the share of all baskets with the second items; 1 is what "
    "chance gives, 3 is three times as many.",
    "Adjusted p": "share of rules due to chance, at most and by expectation, if this rule and all "
    "with a smaller one are believed.",
    "Kept": "significant by an exact test at the false discovery rate of the config (rules.fdr), "
    "and not told as well by a shorter rule.",
    "Held": "the later baskets, which nothing was mined from, show the association once more and "
    "do not show that its confidence is below what was asked for.",
}
"""What a page's words mean, a sentence each."""


def headline(found: RulesFound) -> str:
    """The answer in one sentence."""
    group, *others = found.groups
    of = "" if group.name == EVERYTHING else f"{group.name}: "
    if not group.kept:
        elsewhere = sum(each.kept for each in others)
        none = f"{of}No rule is more than chance explains"
        return f"{none}, but in other groups: {count(elsewhere)}" if elsewhere else none
    kept = f"{of}{_rules(group.kept)} more than chance explains"
    return f"{kept}, {count(group.held)} of them held later"


def reading(found: RulesFound) -> str:
    """What was mined, from which days, and what became of its rules."""
    group, *others = found.groups
    below = "; other groups below" if others else ""
    where = "" if (group.name, below) == (EVERYTHING, "") else f" (group “{group.name}”{below})"
    mined = (
        f"Mined from {count(group.baskets)} baskets of {days(found.mined)}{where}, all before "
        f"{day(found.as_of)}: {count(group.itemsets)} itemsets are frequent and "
        f"{_rules(group.candidates)} tested. Confidence and lift alone would tell "
        f"{count(group.lifting)}"
    )
    if not group.kept:
        return f"{mined}; none survives the test at the false discovery rate."
    survive = f"{mined}; {count(group.kept)} survive the test at the false discovery rate."
    if not group.later_baskets:
        return f"{survive} There are no later baskets yet that they could be confirmed in."
    return (
        f"{survive} Of these {count(group.held)} ({percent(group.held / group.kept)}) held in the "
        f"{count(group.later_baskets)} baskets of {days(found.confirmed)}."
    )


def days(window: Window) -> str:
    """``1 January 2017 to 31 October 2017``: a half-open window by its first and last day."""
    last = window.end - DAY
    return day(last) if last <= window.start else f"{day(window.start)} to {day(last)}"


def chance(p: float) -> str:
    """``.012``, and ``under .001`` below that."""
    return f"under {fraction(LEAST_SHARE)}" if p < LEAST_SHARE else fraction(p)


def names(items: Sequence[str]) -> str:
    """``bread + milk``."""
    return " + ".join(items)


def group_rows(found: RulesFound, rules: pd.DataFrame) -> Rows:
    """Figures of each group, and its strongest rules.

    Parameters
    ----------
    found
        All.
    rules
        Its rules, the strongest first.
    """
    shown = found.groups[:MOST_GROUPS]
    rest = len(found.groups) - len(shown)
    by_group = {each.name: told(of_group(rules, each.name).head(STRONGEST)) for each in shown}
    more = f" The first {count(len(shown))} of {count(len(found.groups))} groups." if rest else ""
    return Rows(
        "By group",
        "Each group was mined and tested by itself. Plain: rules with a lift above 1, which "
        f"confidence and lift alone would tell.{more}",
        ("", "baskets", "itemsets", "tested", "plain", "kept", "held", "strongest rules"),
        tuple(_group_row(each, by_group[each.name]) for each in shown),
    )


def _group_row(each: GroupFound, strongest: Sequence[Rule]) -> tuple[str, ...]:
    numbers = (each.baskets, each.itemsets, each.candidates, each.lifting, each.kept)
    held = f"{count(each.held)} ({percent(each.held / each.kept)})" if each.kept else DASH
    rules = "; ".join(f"{_short(rule)} ({times(rule.lift)})" for rule in strongest)
    return (each.name, *map(count, numbers), held, rules or "none was kept")


def _short(rule: Rule) -> str:
    called = short_names({*rule.antecedents, *rule.consequents})
    left, right = (
        names([called[item] for item in side]) for side in (rule.antecedents, rule.consequents)
    )
    return f"{left} → {right}"


def rule_rows(rules: Sequence[Rule]) -> Rows:
    """Rules with their measures, as the table below a chart."""
    return Rows(
        "",
        "",
        ("Rule", "support", "confidence", "lift", "later"),
        tuple(
            (
                f"{names(each.antecedents)} → {names(each.consequents)}",
                percent(each.support),
                percent(each.confidence),
                times(each.lift),
                held(each),
            )
            for each in rules
        ),
    )


def pair_rows(pairs: Sequence[Pair]) -> Rows:
    """Pairs of items with a rule between them, as the table below the matrix."""
    return Rows(
        "",
        "",
        ("From → to", "highest lift", "rules"),
        tuple(
            (f"{each.antecedent} → {each.consequent}", times(each.lift), count(each.rules))
            for each in pairs
        ),
    )


def held(rule: Rule) -> str:
    """``✓ held``, ``✗ did not hold``, or that the later baskets cannot say."""
    if rule.held:
        return "✓ held"
    return "✗ did not hold" if is_seen_later(rule) else "did not come up"


def is_seen_later(rule: Rule) -> bool:
    """Whether the later baskets have the antecedents at all."""
    return math.isfinite(rule.later_confidence)


def bundle_rows(found: RulesFound, currency: Currency) -> Rows:
    """Bundles with what they bring, the most first."""
    best = best_bundles(found)
    total = len(found.bundles)
    all_of_them = f"All {count(total)}" if total == len(best) else f"The first {count(len(best))}"
    more = "" if total == len(best) else f" of {count(total)}"
    several = len(found.groups) > 1
    return Rows(
        "Bundles and their expected margin",
        f"{all_of_them}{more} by margin, {currency.code}. Margin: of the bundle's items in the "
        f"baskets of {days(found.mined)} that hold all of them. Per basket: what one more basket "
        "with the bundle is expected to bring, if it is like those.",
        ("Bundle", *(("group",) if several else ()), "baskets", "margin", "per basket"),
        tuple(
            (
                names(list(map(str, items))),
                *((str(group),) if several else ()),
                count(number),
                amount(margin / 10**currency.digits, currency.digits),
                amount(each / 10**currency.digits, currency.digits),
            )
            for group, items, number, margin, each in best.itertuples(index=False, name=None)
        ),
    )


def best_bundles(found: RulesFound) -> pd.DataFrame:
    """The bundles that bring the most."""
    return found.bundles.sort_values("margin", ascending=False, kind="stable").head(MOST_BUNDLES)


def notes(found: RulesFound) -> list[str]:
    """Every note of every group once, with the groups that it is about."""
    about: dict[str, list[str]] = {}
    for group in found.groups:
        for note in group.notes:
            about.setdefault(note, []).append(group.name)
    if len(found.groups) == 1:
        return list(about)
    return [f"{_listed(groups)}: {note}" for note, groups in about.items()]


def _listed(groups: Sequence[str]) -> str:
    shown = ", ".join(groups[:STRONGEST])
    rest = len(groups) - STRONGEST
    return f"{shown} and {count(rest)} more" if rest > 0 else shown


def _rules(number: int) -> str:
    return f"{count(number)} {'rule is' if number == 1 else 'rules are'}"
