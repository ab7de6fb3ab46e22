"""How long it takes until something happens, where some is not over yet: Kaplan and Meier.

A duration that is still open when the data end says "longer than this" and nothing more. Leaving it
out, or counting it as "never", is wrong in opposite directions; the estimate here does neither.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from models.metrics import Z_95, Estimate
from models.spec import FloatArray, IntArray

UNKNOWN: Final = Estimate(math.nan, math.nan, math.nan)
"""What cannot be said from durations so short."""


@dataclass(frozen=True, eq=False)
class Survival:
    """Durations counted by their length: whose end was seen, and who was still waiting.

    Attributes
    ----------
    times
        Shape (t,), ascending, above 0: every length at which a duration ended or was left open.
    ended
        Shape (t,): durations that ended at this length.
    at_risk
        Shape (t,): durations of this length or longer; those left open at it count among them, as
        they were seen to outlast it.
    """

    times: IntArray
    ended: IntArray
    at_risk: IntArray

    @property
    def durations(self) -> int:
        """How many durations there are, open ones too."""
        return int(self.at_risk[0]) if len(self.at_risk) else 0

    @property
    def longest(self) -> int:
        """The longest time that any duration was watched for; beyond it nothing is known."""
        return int(self.times[-1]) if len(self.times) else 0

    def watched(self, time: float) -> int:
        """Durations that were watched for longer than a time."""
        after = int(np.searchsorted(self.times, time, side="right"))
        return int(self.at_risk[after]) if after < len(self.at_risk) else 0

    def outlasting(self, time: float, given: float = 0) -> Estimate:
        r"""Chance that a duration outlasts a time, given that it outlasts an earlier one.

        .. math:: \hat S(t \mid s) = \prod_{s < t_i \le t} \left(1 - \frac{d_i}{n_i}\right),
                  \quad \widehat{Var} \ln \hat S = \sum_{s < t_i \le t} \frac{d_i}{n_i (n_i - d_i)}

        with d ends among n durations at risk. Sources: Kaplan and Meier 1958, "Nonparametric
        estimation from incomplete observations", JASA 53; the variance is Greenwood's 1926, "The
        natural duration of cancer". The 95 % interval is that of ln(-ln S), which stays within
        0..1 (Kalbfleisch and Prentice 1980, "The statistical analysis of failure time data"). It
        takes durations for independent; several of one customer are not quite, so that it is then
        somewhat too narrow.

        Parameters
        ----------
        time, given
            0 <= given <= time.

        Returns
        -------
        Estimate
            In 0..1; NaN beyond the longest time watched, and where nothing outlasts ``given``.
        """
        if time > self.longest and not self._is_over:
            return UNKNOWN
        first, last = np.searchsorted(self.times, [given, time], side="right")
        if first >= len(self.times):
            return Estimate(1.0, 1.0, 1.0) if time == given and not self._is_over else UNKNOWN
        share = float(np.prod(self._staying[first:last]))
        spread = math.sqrt(float(np.sum(self._greenwood[first:last])))
        return _with_interval(share, spread)

    def ending(self, within: float, given: float = 0) -> Estimate:
        """Chance that a duration ends within so much more time, given that it outlasts ``given``.

        Returns
        -------
        Estimate
            In 0..1; NaN as in `outlasting`.
        """
        left = self.outlasting(given + within, given)
        return Estimate(1 - left.value, 1 - left.high, 1 - left.low)

    def curve(self) -> tuple[IntArray, FloatArray]:
        """Times and the chance to outlast each of them, both of shape (t,)."""
        outlasting = np.cumprod(self._staying, dtype=np.float64)
        return self.times, outlasting

    def quantile(self, share: float) -> int | None:
        """The least time by which at least such a share (0..1) has ended; None: never seen to."""
        times, outlasting = self.curve()
        reached = np.flatnonzero(outlasting <= 1 - share + 1e-12)
        return int(times[reached[0]]) if len(reached) else None

    @cached_property
    def _staying(self) -> FloatArray:
        return 1 - self.ended / self.at_risk

    @cached_property
    def _greenwood(self) -> FloatArray:
        """Terms of the variance of the logarithm; infinite where nothing stays."""
        staying = self.at_risk - self.ended
        terms = np.full(len(self.times), np.inf)
        np.divide(self.ended, self.at_risk * staying, out=terms, where=staying > 0)
        return terms

    @property
    def _is_over(self) -> bool:
        """Whether the longest duration was seen to end, so that nothing outlasts it."""
        return len(self.ended) > 0 and self.ended[-1] == self.at_risk[-1]


def kaplan_meier(
    durations: npt.ArrayLike, is_open: npt.ArrayLike, counts: npt.ArrayLike | None = None
) -> Survival:
    """Durations sorted and counted, ready to be asked.

    Parameters
    ----------
    durations
        Shape (n,): whole numbers, such as days. Those of 0 say nothing and are left out.
    is_open
        Shape (n,): whether its end was not seen.
    counts
        Shape (n,): how many durations a row stands for; None: one each.

    Raises
    ------
    ValueError
        When shapes differ, or a duration or count is negative.
    """
    lengths = np.asarray(durations, dtype=np.int64)
    opened = np.asarray(is_open, dtype=np.bool_)
    weights = np.ones_like(lengths) if counts is None else np.asarray(counts, dtype=np.int64)
    if not lengths.shape == opened.shape == weights.shape or lengths.ndim != 1:
        message = f"one row per duration, not {lengths.shape}, {opened.shape}, {weights.shape}"
        raise ValueError(message)
    if len(lengths) and (lengths.min() < 0 or weights.min() < 0):
        message = "durations and their counts cannot be negative"
        raise ValueError(message)
    says = (lengths > 0) & (weights > 0)
    times, place = np.unique(lengths[says], return_inverse=True)
    everyone, ended = np.zeros(len(times), dtype=np.int64), np.zeros(len(times), dtype=np.int64)
    np.add.at(everyone, place, weights[says])
    np.add.at(ended, place, weights[says] * ~opened[says])
    return Survival(times, ended, np.cumsum(everyone[::-1])[::-1])


def _with_interval(share: float, spread: float) -> Estimate:
    """The share with its interval, from the standard deviation of its logarithm."""
    if share <= 0 or share >= 1 or spread == 0:
        return Estimate(share, share, share)
    half = Z_95 * spread / -math.log(share)
    low, high = (share ** math.exp(by) for by in (half, -half))
    return Estimate(share, low, high)
