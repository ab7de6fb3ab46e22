"""What became of rules between two periods and under a promotion, as sentences and rows."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from models.rules.changes import CHANGES
from pipelines.proposal_words import Rows
from pipelines.rounding import Write, count, percent, times
from pipelines.rules_changes import STEADY
from pipelines.rules_found import COMPARISONS, NOT_COMPARED, PERIODS, PROMOTION, RulesFound
from pipelines.rules_told import fair_share
from pipelines.rules_words import DASH, chance, days, names

TURNED: Final = CHANGES[0]
_OF_CONFIDENCE: Final = "confidence_adjusted_p"

MOST_OF_KIND: Final = 5
"""Rules of each kind of change in a table of the page."""

HEADINGS: Final[Mapping[str, str]] = {
    PERIODS: "Between two periods",
    PROMOTION: "Without and with a promotion",
}

KINDS: Final[Mapping[str, Mapping[str, str]]] = {
    PERIODS: {change: change for change in CHANGES},
    PROMOTION: {
        "turned": "turned",
        "appeared": "only with one",
        "faded": "only without one",
        "strengthened": "stronger with one",
        "weakened": "weaker with one",
        STEADY: "no difference shown",
    },
}
"""What kinds of change are called in each comparison."""

WORDS: Final[Mapping[str, str]] = {
    "Turned": "clearly more than chance on one side and clearly less on the other, and the tie "
    "changed.",
    "Appeared, faded": "the confidence rose above, or fell below, the least that was asked for "
    "(rules.confidence); with a promotion: only with one, only without one.",
    "Strengthened, weakened": "it rose, or fell, and is above that least on both sides.",
    "The tie": "the odds ratio: how the odds of the second items differ between baskets with and "
    "without the first. It stays as it was where the second items alone are bought more or less, "
    "by everybody, as in a season.",
    "Steady": "no test finds a change; a small one may be there.",
}
"""What the words of a change mean, a sentence each."""


@dataclass(frozen=True)
class Changed:
    """One comparison: its heading, sentences, and a table of rules; None where none changed."""

    heading: str
    sentences: tuple[str, ...]
    rows: Rows | None


def changed(found: RulesFound) -> list[Changed]:
    """Each comparison that was made, in words and numbers."""
    return [_changed(found, each) for each in COMPARISONS if each in found.groups[0].changes]


def _changed(found: RulesFound, comparison: str) -> Changed:
    own = found.changes[found.changes["comparison"] == comparison]
    differs = own[own["change"].isin(CHANGES[:-1])]
    told = _largest(differs[~differs["is_implied"]], [each.name for each in found.groups])
    sentences = [_sides(found, comparison), _numbers(found, comparison)]
    if len(differs):
        sentences.append(_extent(len(told), differs))
        sentences.append(_meaning(comparison))
    rows = _rows(told, comparison, several=len(found.groups) > 1) if len(told) else None
    return Changed(HEADINGS[comparison], tuple(sentences), rows)


def _largest(differs: pd.DataFrame, groups: Sequence[str]) -> pd.DataFrame:
    """The largest differences of each kind, as many of each group as fit."""
    kinds = [differs[differs["change"] == kind] for kind in CHANGES]
    return pd.concat([fair_share(rows, groups, MOST_OF_KIND) for rows in kinds])


def _sides(found: RulesFound, comparison: str) -> str:
    """What is compared."""
    if comparison == PERIODS and found.periods is not None:
        older, newer = days(found.periods.older), days(found.periods.newer)
        return f"Each rule in the baskets of {older}, and in those of {newer}."
    return (
        "Each rule in the baskets where everything that leads (“who buys”) was bought at full "
        "price, and in those where something of it was discounted."
    )


def _numbers(found: RulesFound, comparison: str) -> str:
    """How many rules changed in which way, of the first group."""
    numbers = found.groups[0].changes[comparison]
    called = KINDS[comparison]
    told = ", ".join(f"{count(numbers[kind])} {called[kind]}" for kind in CHANGES if numbers[kind])
    total = sum(numbers[kind] for kind in CHANGES)
    of = "" if len(found.groups) == 1 else f" (group “{found.groups[0].name}”)"
    asked = "the confidence that was asked for (rules.confidence), on one side at least"
    several = f"Rules with {asked}{of}: {count(total)}{'; ' if told else ''}{told}."
    apart = numbers[NOT_COMPARED]
    rest = f" Not compared, for what leads is on one side only: {count(apart)}." if apart else ""
    return f"{several}{rest}"


def _extent(told: int, differs: pd.DataFrame) -> str:
    implied = int(differs["is_implied"].sum())
    rest = f"; {count(implied)} only say what a shorter rule says, too" if implied else ""
    return (
        f"Below are {count(told)} of {count(len(differs))} rules that changed, of each kind those "
        f"whose confidence differs most{rest}. All are in changes.parquet, a file of the same run."
    )


def _meaning(comparison: str) -> str:
    """What a difference says, and what it does not."""
    if comparison == PERIODS:
        return (
            "A confidence changes, too, when everybody buys more or less of what follows, as in "
            "another season; where the tie is not shown to have changed, that may be all there is."
        )
    return (
        "This is what was seen, not what a promotion does: who buys at a discount, when, and how "
        "much else, may differ. Discounts on what follows are left aside, since they are known of "
        "baskets that hold it only. Try it out before you pay for it."
    )


def _rows(told: pd.DataFrame, comparison: str, *, several: bool) -> Rows:
    """The rules with the figures of both sides."""
    by_period = comparison == PERIODS
    columns = (
        "Rule",
        *(("group",) if several else ()),
        "what became of it" if by_period else "with a promotion",
        *("confidence", "lift", "baskets that lead", "adjusted p"),
        *(("tie changed",) if by_period else ()),
    )
    cells = tuple(
        (
            f"{names(each['antecedents'])} → {names(each['consequents'])}",
            *((each["group"],) if several else ()),
            KINDS[comparison][each["change"]],
            _both(each["before_confidence"], each["after_confidence"], percent),
            _both(each["before_lift"], each["after_lift"], times),
            _both(each["before_antecedent_count"], each["after_antecedent_count"], count),
            chance(each["odds_ratio_adjusted_p" if each["change"] == TURNED else _OF_CONFIDENCE]),
            *((("not shown", "shown")[each["is_association_changed"]],) if by_period else ()),
        )
        for each in told.to_dict("records")
    )
    return Rows("", "", columns, cells)


def _both(before: float, after: float, write: Write) -> str:
    """``8 % → 26 %``: one side and the other; a dash where there is nothing to tell."""
    sides = (DASH if math.isnan(each) else write(each) for each in (before, after))
    return " → ".join(sides)
