"""What a mining of rules found: figures of each group of baskets, and its tables."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import pandas as pd

from features.clock import Window
from pipelines.rule_periods import Periods

EVERYTHING: Final = "all"
"""Name of the group of all baskets."""

RULE_COLUMNS: Final = (
    "group",
    "antecedents",
    "consequents",
    "count",
    "antecedent_count",
    "consequent_count",
    "baskets",
    "support",
    "confidence",
    "lift",
    "leverage",
    "conviction",
    "zhangs_metric",
    "p",
    "adjusted_p",
    "later_count",
    "later_antecedent_count",
    "later_confidence",
    "later_lift",
    "held",
    "antecedent_level",
    "consequent_level",
    "has_context",
)
"""Of `RulesFound.rules`, in this order."""

BUNDLE_COLUMNS: Final = ("group", "items", "count", "margin", "margin_per_basket")
"""Of `RulesFound.bundles`, in this order."""

PERIODS: Final = "periods"
PROMOTION: Final = "promotion"
COMPARISONS: Final = (PERIODS, PROMOTION)
"""What rules are compared between: an older and a newer period; without and with a promotion."""

NOT_COMPARED: Final = "not_compared"
"""Rules whose antecedent is on one side of a comparison only."""

CHANGE_COLUMNS: Final[Mapping[str, str]] = {
    "group": "str",
    "comparison": "str",
    "antecedents": "object",
    "consequents": "object",
    "change": "str",
    "before_count": "int64",
    "before_antecedent_count": "int64",
    "before_confidence": "float64",
    "before_lift": "float64",
    "after_count": "int64",
    "after_antecedent_count": "int64",
    "after_confidence": "float64",
    "after_lift": "float64",
    "confidence_p": "float64",
    "confidence_adjusted_p": "float64",
    "odds_ratio_p": "float64",
    "odds_ratio_adjusted_p": "float64",
    "is_association_changed": "bool",
    "is_implied": "bool",
    "is_kept": "bool",
}
"""Of `RulesFound.changes`, in this order, with their types."""


@dataclass(frozen=True)
class GroupFound:
    """One group of baskets: all of them, those of a segment, or those of a store.

    Attributes
    ----------
    name
        ``all``, ``segment: premium`` or ``store: 31742``.
    baskets, later_baskets
        Baskets mined, and baskets that the rules were confirmed in.
    itemsets
        Frequent itemsets.
    candidates
        Rules that were tested.
    confident
        Rules of the least confidence or more.
    lifting
        Of those, rules with a lift above 1: what a plain mining would report.
    kept
        Rules that are significant at the false discovery rate, and not redundant.
    held
        Of those, the rules that held later.
    notes
        Sentences about limits, capped baskets and rows that were left out.
    changes
        By comparison, one of `COMPARISONS`, how many of the rules that were compared changed in
        which way (`models.rules.changes.CHANGES`), and how many could not be (`NOT_COMPARED`).
    """

    name: str
    baskets: int
    later_baskets: int
    itemsets: int
    candidates: int
    confident: int
    lifting: int
    kept: int
    held: int
    notes: tuple[str, ...]
    changes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class RulesFound:
    """All that one mining found.

    Attributes
    ----------
    business
        Name.
    as_of
        Day before which all was known that rules were mined from.
    mined, confirmed
        The days that rules were mined from, before as_of, and those that they were confirmed in,
        from as_of on; half-open.
    groups
        In the order of the config: all baskets first.
    rules
        One row per group and kept rule: group (str), antecedents, consequents (lists of names),
        count, antecedent_count, consequent_count, baskets (int64), support, confidence, lift,
        leverage, conviction, zhangs_metric, p, adjusted_p (double), later_count,
        later_antecedent_count (int64), later_confidence, later_lift (double; NaN: antecedent, or
        consequent, did not come up), held (bool), antecedent_level, consequent_level (str),
        has_context (bool: the antecedent names the day, the store or the like).
    bundles
        One row per group and bundle: group (str), items (list of names), count (int64), margin
        (int64, minor units over the days mined), margin_per_basket (double, minor units). Empty
        where margins are not known.
    changes
        One row per group, comparison and rule that changed or was kept: group, comparison (str: of
        `COMPARISONS`), antecedents, consequents (lists of names), change (str), the numbers of
        baskets (int64), confidence and lift (double) of both sides, where before is the older
        period, or without a promotion, and after the newer one, or with it; p and adjusted p of
        both tests (double), is_association_changed (bool: the odds ratio's finds a change too),
        is_implied (bool: a shorter rule changed the same way), is_kept (bool: in ``rules``). Empty
        where nothing was compared.
    periods
        Days of the older and of the newer period, half-open; None where none were compared.
    """

    business: str
    as_of: date
    mined: Window
    confirmed: Window
    groups: tuple[GroupFound, ...]
    rules: pd.DataFrame
    bundles: pd.DataFrame
    changes: pd.DataFrame
    periods: Periods | None
