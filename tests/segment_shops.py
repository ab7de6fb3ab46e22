"""Made-up customers of known segments, and of none, for tests of segments."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.spec import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Known:
    """Customers by columns, and the segment each was made in."""

    table: pd.DataFrame
    segment: IntArray


def known(
    rows: int, segments: int, *, columns: int = 8, seed: int = 1, apart: float = 4.0
) -> Known:
    """Customers of segments of unlike size whose middles lie so many spreads apart, about.

    The first column is money: the exponential of what the others are. A flag and a text go with
    the segment for most customers; a twelfth of the second column is missing.
    """
    draws = np.random.default_rng(seed)
    middles = draws.normal(size=(segments, columns)) * apart / np.sqrt(2 * columns) * 1.5
    weights = np.linspace(2.0, 1.0, segments)
    segment = draws.choice(segments, rows, p=weights / weights.sum())
    values = middles[segment] + draws.normal(size=(rows, columns))
    values[:, 0] = np.exp(values[:, 0] / 2 + 8)
    values[draws.random(rows) < 1 / 12, 1] = np.nan
    table = pd.DataFrame(values, columns=[f"c{place}" for place in range(columns)])
    follows = draws.random(rows) < 0.9
    table["is_odd"] = np.where(follows, segment % 2, draws.integers(0, 2, rows)).astype(float)
    regions = np.array(["north", "east", "south", "west"])
    table["region"] = np.where(follows, regions[segment % 4], draws.choice(regions, rows))
    return Known(table, segment.astype(np.int64))


def blobs(middles: FloatArray, rows_each: int, seed: int = 1) -> tuple[FloatArray, IntArray]:
    """Normal points around each of the middles, shape (k, d), and which they belong to."""
    draws = np.random.default_rng(seed)
    segment = np.repeat(np.arange(len(middles)), rows_each)
    return middles[segment] + draws.normal(size=(len(segment), middles.shape[1])), segment


def nobody_in_particular(rows: int, columns: int, correlation: float = 0.0) -> pd.DataFrame:
    """One group: normal columns that are correlated alike."""
    draws = np.random.default_rng(2)
    spread = np.full((columns, columns), correlation) + (1 - correlation) * np.eye(columns)
    values = draws.multivariate_normal(np.zeros(columns), spread, rows)
    return pd.DataFrame(values, columns=[f"c{place}" for place in range(columns)])
