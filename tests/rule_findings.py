"""Findings of a mining of rules, made up."""

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd

from features.clock import Window
from models.rules.changes import CHANGES
from pipelines.rule_periods import Periods
from pipelines.rules_found import (
    BUNDLE_COLUMNS,
    CHANGE_COLUMNS,
    EVERYTHING,
    NOT_COMPARED,
    PERIODS,
    RULE_COLUMNS,
    GroupFound,
    RulesFound,
)

AS_OF = date(2023, 6, 1)
PERIODS_COMPARED = Periods(
    Window(date(2023, 1, 1), date(2023, 3, 16)), Window(date(2023, 3, 16), AS_OF)
)
LATER = {
    "later_count": 30,
    "later_antecedent_count": 60,
    "later_confidence": 0.5,
    "later_lift": 2.0,
}


def rule(
    antecedents: Sequence[str],
    consequents: Sequence[str],
    lift: float = 2.0,
    *,
    held: bool = True,
    **others: object,
) -> dict[str, object]:
    """A row of `RulesFound.rules`: 100 of 1,000 baskets, a confidence of one half."""
    measures = {"support": 0.1, "confidence": 0.5, "lift": lift, "leverage": 0.05}
    return {
        "group": EVERYTHING,
        "antecedents": list(antecedents),
        "consequents": list(consequents),
        "count": 100,
        "antecedent_count": 200,
        "consequent_count": 250,
        "baskets": 1000,
        **measures,
        "conviction": 1.5,
        "zhangs_metric": 0.6,
        "p": 1e-9,
        "adjusted_p": 1e-6,
        **LATER,
        "held": held,
        "antecedent_level": "product",
        "consequent_level": "product",
        "has_context": False,
        **others,
    }


def bundle(items: Sequence[str], margin: int, **others: object) -> dict[str, object]:
    """A row of `RulesFound.bundles`, of 100 baskets."""
    row = {"group": EVERYTHING, "items": list(items), "count": 100, "margin": margin}
    return row | {"margin_per_basket": margin / 100} | others


def change(
    antecedents: Sequence[str],
    consequents: Sequence[str],
    kind: str = "appeared",
    comparison: str = PERIODS,
    **others: object,
) -> dict[str, object]:
    """A row of `RulesFound.changes`: from 4 in a hundred baskets to 30 in two hundred."""
    return {
        "group": EVERYTHING,
        "comparison": comparison,
        "antecedents": list(antecedents),
        "consequents": list(consequents),
        "change": kind,
        "before_count": 4,
        "before_antecedent_count": 100,
        "before_confidence": 0.04,
        "before_lift": 0.9,
        "after_count": 30,
        "after_antecedent_count": 200,
        "after_confidence": 0.15,
        "after_lift": 2.5,
        "confidence_p": 1e-4,
        "confidence_adjusted_p": 0.012,
        "odds_ratio_p": 1e-3,
        "odds_ratio_adjusted_p": 0.034,
        "is_association_changed": True,
        "is_implied": False,
        "is_kept": False,
        **others,
    }


def numbers(**told: int) -> dict[str, int]:
    """Rules by what became of them; none of those that are not named."""
    return dict.fromkeys((*CHANGES, NOT_COMPARED), 0) | told


def group(name: str = EVERYTHING, *, kept: int = 0, held: int = 0, **others: object) -> GroupFound:
    """A group of 1,000 baskets, with 40 rules that are plainly told."""
    figures: dict[str, object] = {
        "baskets": 1000,
        "later_baskets": 120,
        "itemsets": 75,
        "candidates": 60,
        "confident": 44,
        "lifting": 40,
        "notes": (),
    }
    return GroupFound(name=name, kept=kept, held=held, **figures | others)  # type: ignore[arg-type]


def found(
    rules: Sequence[dict[str, object]] = (),
    bundles: Sequence[dict[str, object]] = (),
    groups: Sequence[GroupFound] = (),
    changes: Sequence[dict[str, object]] = (),
    counted: Mapping[str, dict[str, int]] | None = None,
) -> RulesFound:
    """Findings of these rules; their numbers are those of the group of all baskets.

    Comparisons that were ``counted`` were made.
    """
    told = [each for each in rules if each["group"] == EVERYTHING]
    held = sum(bool(each["held"]) for each in told)
    return RulesFound(
        business="corner shop",
        as_of=AS_OF,
        mined=Window(date(2023, 1, 1), AS_OF),
        confirmed=Window(AS_OF, date(2023, 7, 1)),
        groups=(group(kept=len(told), held=held, changes=counted or {}), *groups),
        rules=pd.DataFrame(list(rules), columns=list(RULE_COLUMNS)),
        bundles=pd.DataFrame(list(bundles), columns=list(BUNDLE_COLUMNS)),
        changes=pd.DataFrame(list(changes), columns=list(CHANGE_COLUMNS)).astype(
            dict(CHANGE_COLUMNS)
        ),
        periods=PERIODS_COMPARED if PERIODS in (counted or {}) else None,
    )
