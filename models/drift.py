"""How far the customers of today have moved from those a model was trained on."""

from typing import Final

import numpy as np
import pandas as pd

from models.spec import FloatArray, numbers

_BINS: Final = 10
_HALF: Final = 0.5
NULL_BIN: Final = -1


def reference(features: pd.DataFrame) -> pd.DataFrame:
    """Shares of the training rows per column and bin: grain (column, bin).

    Columns: ``column``; ``bin`` (-1 holds the missing values, 0.. the deciles, of which equal ones
    are one); ``upper``, the bin's inclusive upper edge (infinite for the last, null for -1);
    ``share`` of all rows in the bin (0..1); ``rows`` in all; ``median`` of the known values.
    """
    columns = [str(name) for name in features.columns]
    values = numbers(features, columns)
    parts = [_bins_of(name, values[:, index]) for index, name in enumerate(columns)]
    return pd.concat(parts, ignore_index=True)


def drift(reference: pd.DataFrame, features: pd.DataFrame) -> pd.DataFrame:
    r"""Population stability index per column of the reference: grain column.

    .. math:: PSI = \sum_b (a_b - e_b) \ln \frac{a_b}{e_b}

    over the bins, missing values among them, with half a row added to every bin of both sides so
    that an empty one stays finite. Source: Siddiqi 2006, "Credit risk scorecards", with its rule
    of thumb: below 0.1 stable, above 0.25 shifted. Without any drift its mean is about
    (bins - 1) (1/n + 1/m) for n and m rows (Yurdakul 2018).

    Columns: ``column``; ``psi``; ``missing_share_then``, ``missing_share_now`` (0..1);
    ``median_then``, ``median_now``. Columns that the reference does not know are left out.

    Raises
    ------
    ColumnsMissing
        When the table lacks a column of the reference.
    """
    columns = list(dict.fromkeys(reference["column"].astype(str)))
    values = numbers(features, columns)
    known_bins = dict(iter(reference.groupby("column", sort=False)))
    compared = [
        _compare(name, known_bins[name], values[:, index]) for index, name in enumerate(columns)
    ]
    return pd.DataFrame(compared)


def stability_index(then: FloatArray, now: FloatArray) -> float:
    """Population stability index of counts per bin, shape (b,), as of `drift`; 0 is no change."""
    expected = (then + _HALF) / (then.sum() + _HALF * len(then))
    actual = (now + _HALF) / (now.sum() + _HALF * len(now))
    return float(((actual - expected) * np.log(actual / expected)).sum())


def medians(reference: pd.DataFrame) -> dict[str, float]:
    """Median of each column of a reference; NaN where every training value was missing."""
    first = reference.drop_duplicates("column")
    return dict(zip(first["column"].astype(str), first["median"].astype(float), strict=True))


def _bins_of(name: str, values: FloatArray) -> pd.DataFrame:
    known = values[~np.isnan(values)]
    upper = np.append(_deciles(known), np.inf)
    counts = _counts(values, upper)
    return pd.DataFrame(
        {
            "column": name,
            "bin": np.arange(NULL_BIN, len(upper), dtype=np.int64),
            "upper": np.append(np.nan, upper),
            "share": counts / max(1, len(values)),
            "rows": len(values),
            "median": _median(values),
        }
    )


def _deciles(known: FloatArray) -> FloatArray:
    """Different deciles between the ends, each a value that occurs."""
    if len(known) == 0:
        return known
    inner = np.linspace(0, 1, _BINS + 1)[1:-1]
    return np.unique(np.quantile(known, inner, method="inverted_cdf"))


def _compare(name: str, bins: pd.DataFrame, values: FloatArray) -> dict[str, str | float]:
    then = bins["share"].to_numpy(dtype=np.float64)
    now = _counts(values, bins["upper"].to_numpy(dtype=np.float64)[1:])
    rows_then, rows_now = int(bins["rows"].iloc[0]), len(values)
    return {
        "column": name,
        "psi": stability_index(then * rows_then, now),
        "missing_share_then": float(then[0]),
        "missing_share_now": float(now[0]) / max(1, rows_now),
        "median_then": float(bins["median"].iloc[0]),
        "median_now": _median(values),
    }


def _counts(values: FloatArray, upper: FloatArray) -> FloatArray:
    """Missing values, then values at or below each upper edge and above the one before."""
    missing = np.isnan(values)
    bins = np.searchsorted(upper, values[~missing], side="left")
    inside = np.bincount(bins, minlength=len(upper))
    return np.append(np.count_nonzero(missing), inside).astype(np.float64)


def _median(values: FloatArray) -> float:
    known = values[~np.isnan(values)]
    # half and twice: exact, and the mean of two huge middle values does not overflow
    return float(2 * np.median(known / 2)) if len(known) else float("nan")
