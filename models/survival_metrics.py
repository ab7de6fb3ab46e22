"""How good are survival curves of customers: who leaves first, and how far chances come true.

Durations that are still open count by inverse probability of censoring: a customer whose fate is
known stands for those who were watched for less long, with the weight 1/G, where G(w) is the
chance to be watched for week w, by Kaplan and Meier. It takes being watched to be independent of
leaving, which holds where everybody of one as_of is watched for equally long
(`features.lifetimes`). Every figure takes the weights of many bootstrap resamples at once, G
being estimated anew in each.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from models.levels import Ranking
from models.lifetimes import Lifetimes
from models.metrics import METRICS, Estimate, estimate, resampled_weights
from models.spec import FloatArray, IntArray, require_figures, require_shares

Figure = Callable[[FloatArray], FloatArray]
"""From weights of resamples, shape (b, n), to their figures, shape (b,)."""

CALIBRATION: Final = METRICS["expected_calibration_error"]


@dataclass(frozen=True, eq=False)
class Judged:
    """Curves of customers and what became of them.

    Attributes
    ----------
    lifetimes
        What happened to n customers; everybody from the first week on.
    survival
        Shape (n, w): chance to be there still after weeks 1..w.
    """

    lifetimes: Lifetimes
    survival: FloatArray

    def __post_init__(self) -> None:
        require_figures(
            "survival curves", {"weeks": self.lifetimes.weeks, "curves": self.survival[:, -1]}
        )
        require_shares("survival curves", "survival", self.survival)
        if np.any(self.lifetimes.entered > 0):
            message = "survival curves are judged from the first week on, not from a later one"
            raise ValueError(message)

    @property
    def weeks(self) -> int:
        """Weeks of the curves."""
        return int(self.survival.shape[1])


def watching(lifetimes: Lifetimes, weeks: int, weights: FloatArray) -> FloatArray:
    r"""Chance that week w is watched, G(w), shape (b, weeks), of each resample; falling from 1.

    .. math:: \hat G(w) = \prod_{u < w} \left(1 - \frac{c_u}{r_u}\right)

    with c_u customers whose watch ends after week u, of the r_u who outlast it. Source: Kaplan and
    Meier 1958, with the roles of leaving and being lost from sight exchanged.
    """
    ends = lifetimes.weeks[:, None] == np.arange(1, weeks + 1)
    lost = np.einsum("bn,nw->bw", weights, (ends & ~lifetimes.ended[:, None]).astype(np.float64))
    outlast = np.column_stack([lifetimes.outlasting(week) for week in range(1, weeks + 1)])
    there = np.einsum("bn,nw->bw", weights, outlast.astype(np.float64))
    stays = 1 - np.divide(lost, there, out=np.zeros_like(lost), where=there > 0)
    return np.cumprod(np.column_stack([np.ones(len(weights)), stays[:, :-1]]), axis=1)


def concordance(judged: Judged) -> Figure:
    r"""Harrell's C: of two customers one of whom is known to leave first, how often that one leads.

    .. math:: C = \frac{\sum_{i, j} [T_i < T_j]\, \delta_i \left([r_i > r_j] +
              \tfrac12 [r_i = r_j]\right)}{\sum_{i, j} [T_i < T_j]\, \delta_i}

    with the risk r, the chances of having left summed over the weeks: minus the restricted mean.
    Who is known to outlast the week of i's end counts as later. 0..1; NaN without such pairs.
    Source: Harrell, Califf, Pryor, Lee and Rosati 1982, "Evaluating the yield of medical tests".
    """
    return partial(_concordant, judged.lifetimes, _fixed_risk(judged), 0)


def uno_concordance(judged: Judged) -> Figure:
    r"""Harrell's C with every pair weighted by :math:`\hat G(T_i)^{-2}`, 0..1.

    It does not depend on how long customers were watched for, up to the weeks of the curves.
    Source: Uno, Cai, Pencina, D'Agostino and Wei 2011, "On the C-statistics for evaluating overall
    adequacy of risk prediction procedures with censored survival data".
    """
    return partial(_concordant, judged.lifetimes, _fixed_risk(judged), 2)


def timed_concordance(judged: Judged) -> Figure:
    r"""Harrell's C with the risk taken at the week of the earlier end, :math:`1 - S(T_i \mid x)`.

    Curves that cross may rank customers differently from week to week. Source: Antolini, Boracchi
    and Biganzoli 2005, "A time-dependent discrimination index for survival data".
    """
    return partial(_concordant, judged.lifetimes, 1 - judged.survival, 0)


def integrated_brier(judged: Judged) -> Figure:
    r"""Mean squared error of the chance to be there still, averaged over the weeks, 0..1.

    .. math:: IBS = \frac1W \sum_{w=1}^W \frac1n \sum_i \left(
              \frac{S_i(w)^2\, [T_i \le w]\, \delta_i}{\hat G(T_i)} +
              \frac{(1 - S_i(w))^2\, [T_i > w]}{\hat G(w)}\right)

    Source: Graf, Schmoor, Sauerbrei and Schumacher 1999, "Assessment and comparison of prognostic
    classification schemes for survival data"; with sums over weeks where they integrate, and
    :math:`\hat G(w)` the chance that week w is watched, which is their :math:`\hat G(w-)` for ends.
    """
    return partial(_integrated_brier, judged)


def calibration_error(judged: Judged, week: int) -> Figure:
    r"""Expected calibration error of the chance to be gone after a week, 0..1.

    `models.metrics.expected_calibration_error` over the customers whose fate by that week is known,
    each with the weight :math:`1 / \hat G`: those who left by then with that of their own week, the
    others with that of the last. To leave the unknown out without weights would be biased: who left
    early is known whatever the watch, who stayed only where it was long (Graf et al. 1999;
    Gerds, Andersen and Kattan 2014, "Calibration plots for risk prediction models in the presence
    of competing risks"). Biased upwards on few customers, like the figure without censoring.
    """
    life = judged.lifetimes
    gone, leaving = life.ending_by(week), 1 - judged.survival[:, week - 1]
    ranking = Ranking.of(gone, leaving)

    def figure(weights: FloatArray) -> FloatArray:
        known = weights * known_weight(life, week, weights)
        found = np.full(len(weights), np.nan)
        tells = known.sum(axis=1) > 0
        found[tells] = CALIBRATION.kernel(ranking.levels(known[tells]))
        return found

    return figure


def gone_ratio(judged: Judged, week: int) -> Figure:
    """Customers gone after a week, in multiples of what the curves say: 1 is perfect.

    Customers count as in `calibration_error`.
    """
    life = judged.lifetimes
    gone, leaving = life.ending_by(week), 1 - judged.survival[:, week - 1]

    def figure(weights: FloatArray) -> FloatArray:
        known = weights * known_weight(life, week, weights)
        left = np.einsum("bn,n->b", known, gone.astype(np.float64))
        return _ratio(left, np.einsum("bn,n->b", known, leaving))

    return figure


def known_weight(lifetimes: Lifetimes, week: int, weights: FloatArray) -> FloatArray:
    """What a customer stands for in a question about a week, shape (b, n); 0: fate unknown."""
    chance = watching(lifetimes, week, weights)
    last = np.minimum(lifetimes.weeks, week) - 1
    known = lifetimes.ending_by(week) | lifetimes.outlasting(week)
    each = chance[:, np.maximum(last, 0)]
    found: FloatArray = np.divide(known, each, out=np.zeros_like(each), where=known & (each > 0))
    return found


def measured(
    figures: Mapping[str, Figure],
    customers: int,
    seed: int,
    *,
    resamples: int = 200,
    groups: npt.NDArray[np.generic] | None = None,
) -> dict[str, Estimate]:
    """Every figure with its 95 % interval, by name, all on the same resamples.

    Percentile bootstrap over customers: Efron and Tibshirani 1993, chapter 13.

    Parameters
    ----------
    figures
        By name, of the same customers.
    customers
        Rows that they are about.
    seed
        Equal seeds give equal intervals.
    resamples
        How many.
    groups
        Shape (customers,): the customer of each row, where customers repeat.
    """
    parts = [
        {name: figure(weights) for name, figure in figures.items()}
        for weights in resampled_weights(customers, seed, resamples, groups)
    ]
    whole = np.ones((1, customers))
    return {
        name: estimate(figure(whole)[0], np.concatenate([part[name] for part in parts]))
        for name, figure in figures.items()
    }


def less(a: Figure, b: Figure) -> Figure:
    """Figure ``a`` minus figure ``b`` on the same resamples, so that what they share cancels."""
    return lambda weights: a(weights) - b(weights)


def every(judged: Judged, horizons: Sequence[int]) -> dict[str, Figure]:
    """All figures of the curves by name, those about calibration at each of the horizons."""
    found = {
        "concordance": concordance(judged),
        "uno_concordance": uno_concordance(judged),
        "timed_concordance": timed_concordance(judged),
        "integrated_brier": integrated_brier(judged),
    }
    for week in horizons:
        found[f"calibration_error_{week}w"] = calibration_error(judged, week)
        found[f"gone_ratio_{week}w"] = gone_ratio(judged, week)
    return found


def _fixed_risk(judged: Judged) -> FloatArray:
    risk = (1 - judged.survival).sum(axis=1)
    return np.broadcast_to(risk[:, None], judged.survival.shape)


def _concordant(
    lifetimes: Lifetimes, risk: FloatArray, power: int, weights: FloatArray
) -> FloatArray:
    """Week by week: those who leave in it against those who are known to outlast it."""
    weeks = risk.shape[1]
    chance = watching(lifetimes, weeks, weights)
    won, pairs = np.zeros(len(weights)), np.zeros(len(weights))
    for week in range(1, weeks + 1):
        leaves = lifetimes.ended & (lifetimes.weeks == week)
        rows: IntArray = np.flatnonzero(leaves | lifetimes.outlasting(week))
        if not leaves.any() or len(rows) == np.count_nonzero(leaves):
            continue
        levels = Ranking.of(leaves[rows], risk[rows, week - 1]).levels(weights[:, rows])
        stayed = levels.everyone - levels.left
        counts = _inverse(chance[:, week - 1]) ** power
        won += counts * np.einsum("bt,bt->b", stayed, levels.left_so_far - levels.left / 2)
        pairs += counts * levels.left.sum(axis=1) * stayed.sum(axis=1)
    return _ratio(won, pairs)


def _integrated_brier(judged: Judged, weights: FloatArray) -> FloatArray:
    life, curves, weeks = judged.lifetimes, judged.survival, judged.weeks
    chance = _inverse(watching(life, weeks, weights))
    total = np.zeros((len(weights), weeks))
    for week in range(1, weeks + 1):
        stays: IntArray = np.flatnonzero(life.outlasting(week))
        error = (1 - curves[stays, week - 1]) ** 2
        total[:, week - 1] += chance[:, week - 1] * np.einsum("bn,n->b", weights[:, stays], error)
        leaves: IntArray = np.flatnonzero(life.ended & (life.weeks == week))
        left = np.einsum("bn,nw->bw", weights[:, leaves], curves[leaves, week - 1 :] ** 2)
        total[:, week - 1 :] += chance[:, week - 1 : week] * left
    return _ratio(total.mean(axis=1), weights.sum(axis=1))


def _inverse(chance: FloatArray) -> FloatArray:
    """One by the chance; 0 where nobody was watched, and so nothing is counted."""
    found: FloatArray = np.divide(1.0, chance, out=np.zeros_like(chance), where=chance > 0)
    return found


def _ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    found: FloatArray = np.divide(above, below, out=np.full(len(above), np.nan), where=below > 0)
    return found
