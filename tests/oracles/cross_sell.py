"""Affinity and lists of first purchases, one customer and one category at a time."""

from math import log, log2, sqrt

import numpy as np
import numpy.typing as npt

Doubles = npt.NDArray[np.float64]


def regression(values: Doubles, ridge: float) -> Doubles:
    """Weights of each column's ridge regression on all others, column by column."""
    count = values.shape[1]
    found = np.zeros((count, count))
    for column in range(count):
        others = [other for other in range(count) if other != column]
        x, y = values[:, others], values[:, column]
        weights = np.linalg.solve(x.T @ x + ridge * np.eye(len(others)), x.T @ y)
        found[others, column] = weights
    return found


def alike_share(has: npt.NDArray[np.bool_], customer: int, category: int) -> float:
    """Share of the other customers who have a category, by likeness to the power of 4."""
    rarity = [log((len(has) + 1) / (int(column.sum()) + 1)) for column in has.T]
    worth = [[one * each for one, each in zip(row, rarity, strict=True)] for row in has]
    total = weighted = 0.0
    for other, theirs in enumerate(worth):
        lengths = sqrt(sum(v * v for v in worth[customer])) * sqrt(sum(v * v for v in theirs))
        if other == customer or lengths == 0:
            continue
        weight = (sum(a * b for a, b in zip(worth[customer], theirs, strict=True)) / lengths) ** 4
        total += weight
        weighted += weight * bool(has[other, category])
    return weighted / total if total else 0.0


def recall(scores: list[float], bought: list[bool], depth: int) -> float:
    """Share of what was bought that is among the best."""
    first = sorted(range(len(scores)), key=lambda place: (-scores[place], place))[:depth]
    return sum(bought[place] for place in first) / sum(bought)


def ndcg(scores: list[float], bought: list[bool], depth: int) -> float:
    """Discounted gain over the best possible."""
    first = sorted(range(len(scores)), key=lambda place: (-scores[place], place))[:depth]
    gain = sum(1 / log2(rank + 2) for rank, place in enumerate(first) if bought[place])
    return gain / sum(1 / log2(rank + 2) for rank in range(min(depth, sum(bought))))
