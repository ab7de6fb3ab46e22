"""A short rule for each segment, from a shallow tree, with its purity and coverage."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field
from sklearn.tree import DecisionTreeClassifier

from models.proportions import wilson
from models.segments.clusters import NONE
from models.segments.conditions import Condition, Rule, any_way
from models.segments.preparing import NothingToGroup, texts
from models.spec import BoolArray, FloatArray, IntArray, numbers

_DIGITS: Final = 17
_LEVELS_MOST: Final = 50
_HALF: Final = 0.5


class RuleSpec(BaseModel):
    """How short a rule is, and what it must show."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    conditions: int = Field(default=3, ge=1, le=6, description="Conditions of one way, at most.")
    ways: int = Field(default=2, ge=1, le=5, description="Ways of a rule, at most.")
    purity: float = Field(
        default=0.8, gt=0.0, le=1.0, description="Share of the described who are in the segment."
    )
    rows_least: int = Field(default=20, ge=1, description="Customers that a way describes.")
    sample: int = Field(
        default=20_000, ge=100, description="Customers that rules are learnt from, at most."
    )
    seed: int = Field(default=0, ge=0, description="Of the draw of these customers.")


@dataclass(frozen=True, eq=False)
class _Questions:
    """What a tree may ask: answers of shape (n, q), and the column (and level) of each."""

    answers: FloatArray
    columns: tuple[str, ...]
    levels: tuple[str | None, ...]


def describe(
    table: pd.DataFrame,
    segment: IntArray,
    columns: Sequence[str],
    categories: Sequence[str] = (),
    spec: RuleSpec | None = None,
) -> tuple[Rule, ...]:
    """A rule for each segment, in order of their numbers.

    A tree of as many levels as a way has conditions (Breiman, Friedman, Olshen and Stone 1984,
    "Classification and regression trees", Gini) tells one segment from all other customers, on a
    half of them. Its leaves that are as pure as asked become ways, those that cover most first; if
    there is none, the purest leaf does. Thresholds are the roundest numbers that divide these
    customers alike. Purity and coverage are counted on the other half.

    Parameters
    ----------
    table
        One row per customer.
    segment
        Shape (n,): number of the segment, `NONE` of those of no segment.
    columns
        Numbers and flags that rules may speak of.
    categories
        Columns of text that rules may speak of, of each its 50 most frequent levels.
    spec
        Lengths and bounds; None: those of `RuleSpec`.

    Raises
    ------
    ColumnsMissing, ColumnsNotNumbers
        When the table lacks a column or one holds what it must not.
    NothingToGroup
        When no column is named.
    """
    spec = spec or RuleSpec()
    if len(columns) + len(categories) == 0:
        message = (
            "segments are described by columns, but neither columns nor categories are named; "
            "name those that rules may speak of"
        )
        raise NothingToGroup(message)
    drawn = np.random.default_rng(spec.seed).permutation(len(table))
    learn = np.sort(drawn[: min(spec.sample, (len(table) + 1) // 2)])
    test = np.setdiff1d(np.arange(len(table)), learn)
    asked = _questions(table.iloc[learn], columns, categories)
    found: list[Rule] = []
    for number in (int(each) for each in np.unique(segment) if each != NONE):
        ways = _ways(asked, segment[learn] == number, spec)
        spoken_of = list(dict.fromkeys(each.column for way in ways for each in way))
        held_out, inside = table[spoken_of].iloc[test], segment[test] == number
        found.append(measured(number, ways, held_out, inside, spec.purity))
    return tuple(found)


def measured(
    number: int,
    ways: tuple[tuple[Condition, ...], ...],
    table: pd.DataFrame,
    inside: BoolArray,
    purity: float,
) -> Rule:
    """A rule of such ways, with what it shows of customers of whom ``inside``, shape (n,), are."""
    described = any_way(ways, table)
    both = float(np.count_nonzero(described & inside))
    pure = wilson(both, float(np.count_nonzero(described)))
    cover = wilson(both, float(np.count_nonzero(inside)))
    return Rule(number, ways, pure, cover, bool(pure.value >= purity))


def _questions(
    table: pd.DataFrame, columns: Sequence[str], categories: Sequence[str]
) -> _Questions:
    values = [numbers(table, list(columns))]
    names, levels = list(columns), [None for _ in columns]
    all_levels: list[str | None] = list(levels)
    for name in categories:
        told = np.array(texts(table, name), dtype=object)
        for level in sorted(_most_frequent(told)):
            values.append((told == level).astype(np.float64)[:, None])
            names.append(name)
            all_levels.append(str(level))
    return _Questions(np.hstack(values), tuple(map(str, names)), tuple(all_levels))


def _most_frequent(told: np.ndarray[tuple[int, ...], np.dtype[np.object_]]) -> list[str]:
    """Levels that a rule may speak of: a rare one describes few, and each is a column."""
    levels, counts = np.unique(told.astype(str), return_counts=True)
    return [str(each) for each in levels[np.argsort(-counts, kind="stable")][:_LEVELS_MOST]]


def _ways(
    asked: _Questions, inside: BoolArray, spec: RuleSpec
) -> tuple[tuple[Condition, ...], ...]:
    values = asked.answers
    tree = DecisionTreeClassifier(
        max_depth=spec.conditions, min_samples_leaf=spec.rows_least, random_state=spec.seed
    ).fit(values, inside)
    if not inside.any() or inside.all():
        return ((),)
    found = sorted(_paths(tree.tree_, asked, values, spec.purity), key=_by_cover)
    pure = [each for each in found if each.purity >= spec.purity][: spec.ways]
    kept = pure or [max(found, key=lambda each: each.purity)]
    return tuple(each.conditions for each in kept)


@dataclass(frozen=True)
class _Path:
    """The conditions that lead to a node of a tree: its purity, and how many of the segment."""

    conditions: tuple[Condition, ...]
    purity: float
    ours: float


def _by_cover(path: _Path) -> float:
    return -path.ours


def _paths(
    tree: Any,  # noqa: ANN401 - scikit-learn's arrays of a tree
    asked: _Questions,
    values: FloatArray,
    purity: float,
) -> Iterator[_Path]:
    """What leads to each leaf, or to a node above it that is pure already."""
    waiting: list[tuple[int, dict[tuple[str, str | None], Condition]]] = [(0, {})]
    while waiting:
        node, so_far = waiting.pop()
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        share = float(tree.value[node, 0, 1])
        if left == right or (share >= purity and so_far):
            yield _Path(tuple(so_far.values()), share, share * float(tree.n_node_samples[node]))
            continue
        split = _Split.of(tree, node, asked, values)
        for child, goes_left in ((left, True), (right, False)):
            key = (split.column, split.level)
            before = so_far.get(key, split.anything)
            waiting.append((child, {**so_far, key: split.narrowed(before, goes_left=goes_left)}))


@dataclass(frozen=True, eq=False)
class _Split:
    """The question of one node."""

    column: str
    level: str | None
    threshold: float
    missing_left: bool
    has_missing: bool
    is_flag: bool

    @property
    def anything(self) -> Condition:
        """A condition that everybody meets, to be narrowed."""
        return Condition(
            self.column, level=self.level, with_missing=self.has_missing, is_flag=self.is_flag
        )

    @classmethod
    def of(
        cls,
        tree: Any,  # noqa: ANN401 - scikit-learn's arrays of a tree
        node: int,
        asked: _Questions,
        values: FloatArray,
    ) -> "_Split":
        """The question of a node, its threshold as round as it can be."""
        place = int(tree.feature[node])
        column = values[:, place]
        known = column[~np.isnan(column)]
        threshold = float(tree.threshold[node])
        below, above = known[known <= threshold], known[known > threshold]
        if len(below) and len(above):
            threshold = roundest(float(below.max()), float(above.min()))
        return cls(
            asked.columns[place],
            asked.levels[place],
            threshold,
            bool(tree.missing_go_to_left[node]),
            len(known) < len(column),
            bool(np.isin(known, (0.0, 1.0)).all()),
        )

    def narrowed(self, before: Condition, *, goes_left: bool) -> Condition:
        """A condition after this question was answered."""
        if self.level is not None:
            return replace(before, is_level=not goes_left)
        with_missing = before.with_missing and self.missing_left == goes_left
        if goes_left and self.threshold == np.inf:  # asks only whether the number is known
            return replace(before, with_missing=with_missing)
        if goes_left:
            upto = self.threshold if before.upto is None else min(before.upto, self.threshold)
            return replace(before, upto=upto, with_missing=with_missing)
        above = self.threshold if before.above is None else max(before.above, self.threshold)
        return replace(before, above=above, with_missing=with_missing)


def roundest(low: float, high: float) -> float:
    """A number t of the fewest digits with low <= t < high; of several the nearest to the middle.

    0 has the fewest digits of all.
    """
    if low <= 0 < high:
        return 0.0
    middle = low / 2 + high / 2
    for digits in range(_DIGITS):
        tried = [float(f"{value:.{digits}e}") for value in (middle, low, high)]
        fits = [each for each in tried if low <= each < high]
        if fits:
            return min(fits, key=lambda each: abs(each - middle))
    return low
