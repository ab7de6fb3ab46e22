"""Slow and obvious forms of what `models.profile` computes by shorter ways."""

from collections.abc import Callable

import numpy as np

from models.spec import FloatArray


def cliffs_delta(one: FloatArray, other: FloatArray) -> tuple[float, float]:
    """Cliff's delta and his unbiased variance, from the matrix of all pairs."""
    pairs = np.sign(one[:, None] - other[None, :])
    m, n = pairs.shape
    delta = float(pairs.mean())
    rows = float(((pairs.mean(axis=1) - delta) ** 2).sum())
    columns = float(((pairs.mean(axis=0) - delta) ** 2).sum())
    cells = float(((pairs - delta) ** 2).sum())
    variance = (n**2 * rows + m**2 * columns - cells) / (m * n * (m - 1) * (n - 1))
    return delta, variance


def mardia(rows: FloatArray) -> tuple[float, float]:
    """Multivariate skewness and kurtosis from the matrix of all pairs of customers."""
    covariance = rows.T @ rows / len(rows)
    pairs = rows @ np.linalg.inv(covariance) @ rows.T
    return float((pairs**3).mean()), float((np.diag(pairs) ** 2).mean())


def bisected(falling: Callable[[float], float], wanted: float, top: float = 1e6) -> float:
    """Where a falling function reaches a value; 0 where it begins below."""
    if falling(0.0) <= wanted:
        return 0.0
    low, high = 0.0, top
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > wanted else (low, middle)
    return low


def within(distances: FloatArray, code: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    """Sum over groups of the squared distances of their pairs, each over the group's size."""
    total = 0.0
    for group in np.unique(code):
        own = np.flatnonzero(code == group)
        pairs = [distances[a, b] ** 2 for at, a in enumerate(own) for b in own[at + 1 :]]
        total += sum(pairs) / len(own)
    return total
