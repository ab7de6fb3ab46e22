"""Small trees as a list of rules that a person can read, add up and check."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, sqrt
from typing import Final

import lightgbm as lgb
import numpy as np

from models.shapley.forest import Tree, forest
from models.shapley.kernels import CATEGORICAL, NAN_IS_MISSING, ZERO

_FARTHEST: Final = 1e300
"""What LightGBM writes for infinity: the side beyond holds missing values only."""

Bounds = tuple[float, float, bool]
"""Above, at most, and whether a missing value goes along."""


@dataclass(frozen=True)
class Condition:
    """What a rule asks of one column.

    Attributes
    ----------
    column
        Its name.
    above, at_most
        Values ``above < x <= at_most`` meet it; minus or plus infinity where there is no bound.
    or_missing
        Whether a missing value meets it too.
    """

    column: str
    above: float
    at_most: float
    or_missing: bool

    @property
    def words(self) -> str:
        """``days_since_order > 31.5 or missing``."""
        if self.above == inf:
            return f"{self.column} is missing"
        either = " or missing" if self.or_missing else ""
        if self.at_most == inf:
            known = f" > {_number(self.above)}" if self.above > -inf else " is known"
            return f"{self.column}{known}{either}"
        low = f"{_number(self.above)} < " if self.above > -inf else ""
        return f"{low}{self.column} <= {_number(self.at_most)}{either}"


@dataclass(frozen=True)
class Rule:
    """Conditions that all have to hold, and what they add.

    Attributes
    ----------
    conditions
        One per column, in the order of the columns.
    weight
        Log-odds that the rule adds for those who meet it.
    coverage
        Share of the training rows that meet it, above 0 and below 1.
    """

    conditions: tuple[Condition, ...]
    weight: float
    coverage: float

    @property
    def words(self) -> str:
        """All conditions; in brackets those with an ``or``, where there are several."""
        if len(self.conditions) == 1:
            return self.conditions[0].words
        return " and ".join(
            f"({each.words})" if " or " in each.words else each.words for each in self.conditions
        )

    @property
    def importance(self) -> float:
        """Standard deviation of what the rule adds, over the training rows, in log-odds.

        Source: Friedman and Popescu 2008, "Predictive learning via rule ensembles", equation 28.
        """
        return abs(self.weight) * sqrt(self.coverage * (1 - self.coverage))


@dataclass(frozen=True)
class Rulebook:
    """Rules, the most important first, and the log-odds of who meets none of them."""

    intercept: float
    rules: tuple[Rule, ...]


def rulebook(booster: lgb.Booster, columns: Sequence[str]) -> Rulebook:
    """The Booster as rules: intercept and weights of the rules that are met make the log-odds.

    Of each tree, the value that most leaves share (of equally many, the leaves with more training
    rows) goes into the intercept, and each other leaf is a rule; rules of equal conditions are one.
    Of a tree that stands alone, every leaf is a rule, held against the mean over training rows.

    Parameters
    ----------
    booster
        Trees without categories, one class.
    columns
        Names to write, in the order of the Booster's own.

    Raises
    ------
    ValueError
        When a decision is about categories.
    NotSupported
        See `models.shapley.forest.forest`.
    """
    told = forest(booster.model_to_string())
    intercept = float(told.base[0])
    weights: dict[tuple[Condition, ...], float] = {}
    coverage: dict[tuple[Condition, ...], float] = {}
    for _, tree in told.trees:
        usual = _usual(tree) if len(told.trees) > 1 else tree.expected
        intercept += usual
        for leaf, asked in _ways(tree, 0, {}):
            if tree.value[leaf] != usual:
                conditions = _conditions(asked, columns)
                added = float(tree.value[leaf]) - usual
                weights[conditions] = weights.get(conditions, 0.0) + added
                coverage[conditions] = float(tree.weight[leaf] / tree.node_weight[0])
    rules = [Rule(each, weight, coverage[each]) for each, weight in weights.items()]
    return Rulebook(intercept, tuple(sorted(rules, key=lambda r: (-r.importance, r.words))))


def _number(bound: float) -> str:
    """Six digits; LightGBM's bound beside zero is zero."""
    return f"{0.0 if abs(bound) <= ZERO else bound:.6g}"


def _usual(tree: Tree) -> float:
    """The value that most leaves have, then that of most rows."""
    values, group = np.unique(tree.value, return_inverse=True)
    rows = np.bincount(group, tree.weight)
    return float(values[np.lexsort((rows, np.bincount(group)))[-1]])


def _ways(
    tree: Tree, node: int, asked: Mapping[int, Bounds]
) -> Iterator[tuple[int, dict[int, Bounds]]]:
    """Each leaf below a node, and what the way to it asks of each column."""
    if node < 0:
        yield ~node, dict(asked)
        return
    column, threshold = int(tree.column[node]), float(tree.threshold[node])
    if tree.kind[node] == CATEGORICAL:
        raise ValueError(
            f"rules are about numbers, but a decision is about categories of column {column}"
        )
    missing_left = (
        bool(tree.missing_left[node]) if tree.kind[node] == NAN_IS_MISSING else threshold >= 0
    )
    if threshold >= _FARTHEST:
        threshold = inf
    above, at_most, is_met = asked.get(column, (-inf, inf, True))
    left = (above, min(at_most, threshold), is_met and missing_left)
    right = (max(above, threshold), at_most, is_met and not missing_left)
    yield from _ways(tree, int(tree.left[node]), {**asked, column: left})
    yield from _ways(tree, int(tree.right[node]), {**asked, column: right})


def _conditions(asked: Mapping[int, Bounds], columns: Sequence[str]) -> tuple[Condition, ...]:
    return tuple(
        Condition(columns[index], *bounds)
        for index, bounds in sorted(asked.items())
        if bounds != (-inf, inf, True)
    )
