"""Findings of a mining of rules, made up."""

from collections.abc import Sequence
from datetime import date

import pandas as pd

from features.clock import Window
from pipelines.rules_changes import no_changes
from pipelines.rules_found import (
    BUNDLE_COLUMNS,
    EVERYTHING,
    RULE_COLUMNS,
    GroupFound,
    RulesFound,
)

AS_OF = date(2023, 6, 1)
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
) -> RulesFound:
    """Findings of these rules; their numbers are those of the group of all baskets."""
    told = [each for each in rules if each["group"] == EVERYTHING]
    held = sum(bool(each["held"]) for each in told)
    return RulesFound(
        business="corner shop",
        as_of=AS_OF,
        mined=Window(date(2023, 1, 1), AS_OF),
        confirmed=Window(AS_OF, date(2023, 7, 1)),
        groups=(group(kept=len(told), held=held), *groups),
        rules=pd.DataFrame(list(rules), columns=list(RULE_COLUMNS)),
        bundles=pd.DataFrame(list(bundles), columns=list(BUNDLE_COLUMNS)),
        changes=no_changes(),
        periods=None,
    )
