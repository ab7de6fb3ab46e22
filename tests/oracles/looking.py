"""What a model looks at, and whether it would again, with plain loops."""

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import correlation, mean

from features.contract import Column
from tests.oracles.reasons import groups, raising

Rows = Sequence[Sequence[float]]


def importance(contributions: Rows) -> list[float]:
    """Share of each column in all that moved the scores."""
    sizes = [
        sum(abs(row[column]) for row in contributions) for column in range(len(contributions[0]))
    ]
    return [size / sum(sizes) if sum(sizes) else 0.0 for size in sizes]


def importance_by_cause(
    contributions: Rows, columns: Sequence[Column]
) -> Mapping[str | None, float]:
    """Share of each cause, windows of one figure taken together."""
    moved: dict[str | None, float] = {}
    for row in contributions:
        for cause in {column.cause for column in columns}:
            pairs = [(m, c) for m, c in zip(row, columns, strict=True) if c.cause == cause]
            figures = groups([m for m, _ in pairs], [c for _, c in pairs])
            moved[cause] = moved.get(cause, 0.0) + sum(abs(total) for total, _ in figures)
    whole = sum(moved.values())
    return {cause: each / whole if whole else 0.0 for cause, each in moved.items()}


def dependence(
    predict: Callable[[Mapping[str, float]], float],
    rows: Sequence[Mapping[str, float]],
    column: str,
    value: float,
) -> float:
    """Mean chance of all customers when each has the value."""
    return mean(predict({**row, column: value}) for row in rows)


def overlap(one: Sequence[float], other: Sequence[float], columns: Sequence[Column]) -> float:
    """Jaccard's overlap of the three strongest reasons of a customer by two models."""
    sets = [
        {columns[speaker].name.rsplit("_", 1)[0] for speaker in raising(moved, columns)[:3]}
        for moved in (one, other)
    ]
    either = sets[0] | sets[1]
    return len(sets[0] & sets[1]) / len(either) if either else 1.0


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """Correlation of mean ranks."""
    ranks = [[mean_rank(value, values) for value in values] for values in (one, other)]
    if any(len(set(each)) == 1 for each in ranks):
        return math.nan
    return correlation(*ranks)


def mean_rank(value: float, values: Sequence[float]) -> float:
    """The rank of a value; equal values share the mean of theirs."""
    smaller = sum(each < value for each in values)
    equal = sum(each == value for each in values)
    return smaller + (equal + 1) / 2
