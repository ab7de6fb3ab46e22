"""Baselines of up-sell: how often customers of a need and tier bought above, in earlier windows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from models.calibration import log_odds, sigmoid
from models.spec import BoolArray, FloatArray, IntArray
from models.up_sell.candidates import HABITS, UpPairs

BASELINES: Final = ("transition_rate", "own_past", "own_rate")
"""Names of the baselines, the simplest first; contracts have no ``own_rate``."""

_COUNTED: Final = ("days_above", "days_since_first")


@dataclass(frozen=True, eq=False)
class Rates:
    """Rates at which something above the usual tier was bought within the horizon.

    Attributes
    ----------
    overall
        Of all pairs, 0..1.
    by_habit
        Shape (habits,): of pairs with each of `models.up_sell.candidates.HABITS`, 0..1.
    table
        A row per need, tier and habit, by these: need; tier; habit (code); pairs; bought;
        transition_rate (of the need and tier, drawn to the overall rate); own_past (of the need,
        tier and habit, drawn to the transition rate, moved by what the habit does overall).
    prior
        Pairs that what is drawn to counts for.
    horizon
        Days in which it was bought.
    """

    overall: float
    by_habit: FloatArray
    table: pd.DataFrame
    prior: float
    horizon: int

    def of(self, pairs: UpPairs) -> dict[str, FloatArray]:
        r"""Probability of each pair by baseline, shape (pairs,); the overall rate where unseen.

        ``own_rate``, where pairs count days above, is that of a Poisson process whose rate is the
        mean of a gamma distribution, one event of the transition rate and all of the customer's:

        .. math:: p = 1 - e^{-\lambda h}, \quad \lambda = \frac{k + 1}{t + 1 / \hat\lambda},
                  \quad \hat\lambda = -\ln(1 - \hat r) / h

        with k days above in the t days since the first purchase in the need, and the horizon h that
        the rates are of (Greenwood and Yule 1920).
        """
        keys = ["need", "tier"]
        known = self.table.drop_duplicates(keys).set_index(keys)["transition_rate"]
        asked = pd.MultiIndex.from_frame(pairs.keys[keys])
        rate = known.reindex(asked).fillna(self.overall).to_numpy(dtype=np.float64)
        by_habit = self.table.set_index([*keys, "habit"])["own_past"]
        places = pd.MultiIndex.from_arrays(
            [pairs.keys["need"], pairs.keys["tier"], pairs.habit], names=[*keys, "habit"]
        )
        own = by_habit.reindex(places).to_numpy(dtype=np.float64)
        moved = _moved(rate, self.by_habit[pairs.habit], self.overall)
        found = {"transition_rate": rate, "own_past": np.where(np.isnan(own), moved, own)}
        if all(name in pairs.columns for name in _COUNTED):
            above, time = (pairs.figures[:, pairs.columns.index(name)] for name in _COUNTED)
            usual = -np.log1p(-rate) / self.horizon
            found["own_rate"] = -np.expm1(-self.horizon * (above + 1) / (time + 1 / usual))
        return found


def rates_of(earlier: Sequence[UpPairs], prior: float) -> Rates:
    r"""Rates of earlier pairs, drawn to what is known of more of them.

    .. math:: \hat r_{need, tier} = \frac{k + m \hat r}{n + m}

    with k of n pairs that bought above, and a prior of m pairs; the mean of a beta distribution
    (Efron and Morris 1975, "Data analysis using Stein's estimator"; m is set, not estimated).

    Parameters
    ----------
    earlier
        Pairs whose outcome is known.
    prior
        m, above 0.
    """
    seen = pd.concat(
        [part.keys[["need", "tier"]].assign(habit=part.habit) for part in earlier],
        ignore_index=True,
    )
    bought: BoolArray = np.concatenate([_outcome(part) for part in earlier])
    seen["bought"] = bought
    overall = float(bought.mean())
    codes = seen["habit"].to_numpy(dtype=np.int64)
    counts = np.bincount(codes, minlength=len(HABITS))
    by_habit = _drawn(np.bincount(codes, bought, minlength=len(HABITS)), counts, overall, prior)
    cells = seen.groupby(["need", "tier", "habit"], sort=True)["bought"]
    table = pd.DataFrame({"pairs": cells.size(), "bought": cells.sum()}).reset_index()
    whole = table.groupby(["need", "tier"])[["pairs", "bought"]].transform("sum")
    rate = _drawn(whole["bought"].to_numpy(), whole["pairs"].to_numpy(), overall, prior)
    table["transition_rate"] = rate
    moved = _moved(rate, by_habit[table["habit"].to_numpy()], overall)
    table["own_past"] = _drawn(table["bought"].to_numpy(), table["pairs"].to_numpy(), moved, prior)
    return Rates(overall, by_habit, table, prior, max(part.horizon or 1 for part in earlier))


def _outcome(pairs: UpPairs) -> BoolArray:
    return np.zeros(len(pairs), dtype=np.bool_) if pairs.bought is None else pairs.bought


def _drawn(
    part: FloatArray | IntArray, whole: FloatArray | IntArray, to: FloatArray | float, prior: float
) -> FloatArray:
    found: FloatArray = (part + prior * to) / (whole + prior)
    return found


def _moved(rate: FloatArray, habit: FloatArray, overall: float) -> FloatArray:
    """A rate moved by what a habit adds to the log-odds of the overall rate."""
    base = log_odds(np.array([overall]))
    return sigmoid(log_odds(rate) + log_odds(habit) - base)
