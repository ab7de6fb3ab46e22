"""The share of false ones among hypotheses that are kept, however many there are."""

from typing import Final, Literal

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

Adjustment = Literal["benjamini_hochberg", "benjamini_yekutieli"]

_TERMS: Final = 10_000
"""Terms of the harmonic series that are added one by one; behind them its expansion is exact."""


def false_discovery_rate(p: FloatArray, hypotheses: int, adjustment: Adjustment) -> FloatArray:
    r"""Adjusted chances, shape of ``p``: :math:`\min_{j \ge i} m c p_{(j)} / j`, at most 1.

    c is 1, or :math:`\sum_{k \le m} 1/k` where any dependence is allowed (Yekutieli).

    Parameters
    ----------
    p
        Chances of hypotheses.
    hypotheses
        m: how many there are, at least as many as chances; the others have a chance of 1.
    adjustment
        Benjamini and Hochberg's or Benjamini and Yekutieli's.
    """
    order = np.argsort(p, kind="stable")
    scaled = p[order] * weight(hypotheses, adjustment) / np.arange(1, len(p) + 1)
    found = np.empty_like(p)
    found[order] = np.minimum(1.0, np.minimum.accumulate(scaled[::-1])[::-1])
    return found


def weight(hypotheses: int, adjustment: Adjustment) -> float:
    """The factor m c of `false_discovery_rate`."""
    factor = _harmonic(hypotheses) if adjustment == "benjamini_yekutieli" else 1.0
    return hypotheses * factor


def _harmonic(n: int) -> float:
    if n <= _TERMS:
        return float((1.0 / np.arange(1, n + 1)).sum())
    return float(np.log(n) + np.euler_gamma + 1 / (2 * n) - 1 / (12 * n**2))
