"""Kept rules in the order in which a page tells them, and how their items are called."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from features.items import Items

BETWEEN: Final = " > "
"""Stands between a name and what it belongs to, see `features.items`."""


@dataclass(frozen=True)
class Rule:
    """A kept rule: who buys all of the antecedents buys the consequents, too."""

    group: str
    antecedents: tuple[str, ...]
    consequents: tuple[str, ...]
    count: int
    support: float
    confidence: float
    lift: float
    adjusted_p: float
    later_confidence: float
    later_lift: float
    held: bool

    def __str__(self) -> str:
        """``a, b → c``."""
        return f"{', '.join(self.antecedents)} → {', '.join(self.consequents)}"


def strongest_first(rules: pd.DataFrame) -> pd.DataFrame:
    """Rules of `RulesFound`, those that held first, then by lift, then by baskets."""
    return rules.sort_values(["held", "lift", "count"], ascending=False, kind="stable")


def of_group(rules: pd.DataFrame, name: str) -> pd.DataFrame:
    """Rules of one group, in their order."""
    return rules[rules["group"] == name]


def fair_share(rules: pd.DataFrame, groups: Sequence[str], most: int) -> pd.DataFrame:
    """The first rules of every group, as many of each as fit; by group, in their order.

    A group with fewer rules leaves its room to the others.
    """
    place = rules.groupby("group", sort=False).cumcount().to_numpy()
    taken = rules.iloc[np.argsort(place, kind="stable")[:most]]
    number = taken["group"].map({name: i for i, name in enumerate(groups)}).to_numpy()
    return taken.iloc[np.argsort(number, kind="stable")]


def evenly(rules: pd.DataFrame, most: int) -> pd.DataFrame:
    """So many rules, evenly over their order; the first among them."""
    if len(rules) <= most:
        return rules
    return rules.iloc[np.arange(most) * len(rules) // most]


def told(rules: pd.DataFrame) -> list[Rule]:
    """Rows of `RulesFound.rules` as rules."""
    names = list(Rule.__dataclass_fields__)
    return [
        Rule(str(group), tuple(map(str, left)), tuple(map(str, right)), *measures)
        for group, left, right, *measures in rules[names].itertuples(index=False, name=None)
    ]


def categories_of(items: Items) -> dict[str, str]:
    """Title of each item to what it belongs to most widely: the first name of its path.

    An item of the context belongs to its kind, one of no path to itself.
    """
    found = {}
    for row in items.table.to_pylist():
        path = row["label"].removeprefix(f"{row['level']}:").split(BETWEEN)
        own = row["level"] if row["is_context"] else row["title"]
        found[row["title"]] = path[0] if len(path) > 1 else own
    return found


def by_category(rules: Sequence[Rule], categories: Mapping[str, str]) -> list[Rule]:
    """Rules between what their items belong to, each category once on a side."""

    def called(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(categories.get(name, name) for name in names))

    return [
        replace(each, antecedents=called(each.antecedents), consequents=called(each.consequents))
        for each in rules
    ]


def short_names(names: Collection[str]) -> dict[str, str]:
    """Each name without what it belongs to; where two would be called the same, with its parent."""
    last = {name: name.rsplit(BETWEEN, 1)[-1] for name in names}
    times = Counter(last.values())
    return {
        name: short if times[short] == 1 else BETWEEN.join(name.rsplit(BETWEEN, 2)[-2:])
        for name, short in last.items()
    }
