"""What became of the rules of a group: between two periods, and under a promotion."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from features.items import Items
from models.rules.association import Rules, objects, rules_of
from models.rules.baskets import Baskets
from models.rules.changes import CHANGES, compared, counts_in
from models.rules.fundamental import is_implied
from models.rules.measures import Counts
from models.rules.promotions import promoted_counts
from pipelines import rule_settings
from pipelines.rules_found import CHANGE_COLUMNS, NOT_COMPARED, PERIODS, PROMOTION
from pipelines.rules_tables import texts

STEADY: Final = CHANGES[-1]
_ORDER: Final = {change: place for place, change in enumerate((*CHANGES, NOT_COMPARED))}


@dataclass(frozen=True)
class Compared:
    """Baskets that the rules of a group are compared between.

    Attributes
    ----------
    periods
        Baskets of the older and of the newer period, capped; None where none are compared.
    promotion
        The baskets to mine, and of each, in their order, the items that were discounted; None where
        that is not asked for, or not known.
    """

    periods: tuple[Baskets, Baskets] | None = None
    promotion: tuple[Baskets, Baskets] | None = None


@dataclass(frozen=True, eq=False)
class ChangesFound:
    """Rows of `RulesFound.changes`, and numbers and notes of `GroupFound`."""

    table: pd.DataFrame
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def changes_of(
    name: str, baskets: Compared, kept: Rules, items: Items, asked: rule_settings.Rules
) -> ChangesFound:
    """What became of every rule that has the least confidence on one side of a comparison.

    Rules are mined from all baskets of the group with half the least confidence: so what has it in
    one of two equal periods only is among them, and the choice favours neither side.

    Parameters
    ----------
    name
        Of the group.
    baskets
        To compare between.
    kept
        Rules of the group that are told.
    items
        Of the baskets that were mined.
    asked
        Section of the config.

    Raises
    ------
    RulesTooMany
        When not even the rules of confidence 1 fit the limits.
    """
    if baskets == Compared():
        return ChangesFound(no_changes())
    wanted = replace(kept.wanted, confidence=asked.confidence / 2)
    rules = rules_of(kept.itemsets, wanted)
    notes = () if rules.cut is None else (f"compared between baskets: {rules.cut}",)
    rules = rules.where(rules.itemsets.lengths[rules.itemset] >= asked.length_least)
    tables, counts = [], {}
    for comparison, pair in _pairs(baskets, rules):
        table = _changes(rules, pair, asked, has_common=comparison == PROMOTION)
        counts[comparison] = _counts(table)
        table["is_kept"] = np.isin(_keys(rules), _keys(kept))
        is_told = table["is_kept"] | ~table["change"].isin([STEADY, NOT_COMPARED])
        tables.append(_told(name, comparison, table[is_told], items))
    return ChangesFound(pd.concat(tables, ignore_index=True), counts, notes)


def no_changes() -> pd.DataFrame:
    """`RulesFound.changes` without a row."""
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in CHANGE_COLUMNS.items()})


def _pairs(baskets: Compared, rules: Rules) -> Iterator[tuple[str, tuple[Counts, Counts]]]:
    """Each comparison with the numbers of both its sides."""
    if baskets.periods is not None:
        older, newer = baskets.periods
        yield PERIODS, (counts_in(rules, older), counts_in(rules, newer))
    if baskets.promotion is not None:
        yield PROMOTION, promoted_counts(rules, *baskets.promotion)


def _changes(
    rules: Rules, counts: tuple[Counts, Counts], asked: rule_settings.Rules, *, has_common: bool
) -> pd.DataFrame:
    """A row per rule, see `models.rules.changes.compared`; and what is said of each beside it."""
    table = compared(
        rules,
        counts,
        least=asked.confidence,
        share=asked.fdr,
        adjustment=asked.correction,
        has_common=has_common,
    )
    before, after = (table[f"{side}_confidence"] for side in ("earlier", "later"))
    table["is_asked"] = (before >= asked.confidence) | (after >= asked.confidence)
    table["is_implied"] = is_implied(rules, table)
    table["is_association_changed"] = table["odds_ratio_adjusted"] <= asked.fdr
    is_apart = before.isna() | after.isna()
    table["change"] = table["change"].where(~is_apart, NOT_COMPARED)
    return table


def _counts(table: pd.DataFrame) -> dict[str, int]:
    """Rules by what became of them, of those that have the least confidence on one side."""
    found = table.loc[table["is_asked"], "change"].value_counts()
    return {change: int(found.get(change, 0)) for change in _ORDER}


def _keys(rules: Rules) -> npt.NDArray[np.int64]:
    """A number for each rule between nodes of the same itemsets."""
    return rules.antecedent.astype(np.int64) * len(rules.itemsets.parent) + rules.itemset


_FIGURES: Final = ("count", "antecedent_count", "confidence", "lift")
_OF_SIDES: Final = {
    f"{word}_{figure}": f"{told}_{figure}"
    for word, told in (("earlier", "before"), ("later", "after"))
    for figure in _FIGURES
}
"""Columns of `compared` by what the table calls them; later is after as_of there."""

_OF_TESTS: Final = {
    "confidence_p": "confidence_p",
    "confidence_adjusted": "confidence_adjusted_p",
    "odds_ratio_p": "odds_ratio_p",
    "odds_ratio_adjusted": "odds_ratio_adjusted_p",
}


def _told(name: str, comparison: str, table: pd.DataFrame, items: Items) -> pd.DataFrame:
    """Rows of `RulesFound.changes`: by change, the largest difference of confidence first."""
    known = items.table.to_pandas()
    title = dict(zip(known["label"], known["title"], strict=True))
    size = (table["later_confidence"] - table["earlier_confidence"]).abs()
    place = table["change"].map(_ORDER)
    order = np.lexsort((-size.to_numpy(), place.to_numpy()))
    ordered = table.iloc[order].reset_index(drop=True)
    found = ordered.rename(columns=_OF_SIDES | _OF_TESTS).assign(
        group=texts([name] * len(table)),
        comparison=texts([comparison] * len(table)),
        antecedents=objects([[title[label] for label in each] for each in ordered["antecedent"]]),
        consequents=objects([[title[label] for label in each] for each in ordered["consequent"]]),
        change=texts(ordered["change"].tolist()),
    )
    return found[list(CHANGE_COLUMNS)]
