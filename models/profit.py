r"""What a ranking of customers is worth in money, when the best of them get an offer.

Every figure here depends on the ranking and on what happened, never on the size of the
probabilities: scores need not be calibrated, and a rising transform of them changes nothing. What
does depend on their size is in `models.contacts`.

One customer contacted earns, in units of the currency,

.. math:: \gamma (clv - incentive) - contact\_cost \quad\text{if leaving}, \qquad
          -(incentive + contact\_cost) \quad\text{if staying}

where γ is the share of would-be churners who accept and stay. A loyal customer takes the offer; a
would-be churner who declines costs the contact alone.
"""

from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.optimize import isotonic_regression
from scipy.special import betaincc

from models.economics import Economics
from models.levels import Levels, Ranking
from models.metrics import Metric, estimate, resampled_weights
from models.spec import BoolArray, FloatArray, require_both_classes, require_figures

NOBODY: Final = float("inf")
"""The threshold that no probability reaches, when contacting anybody would lose money."""

_PURPOSE: Final = "profits over a ranking"


@dataclass(frozen=True)
class ExpectedMaximumProfit:
    """Profit of the best targeting when the acceptance is not known for sure.

    Attributes
    ----------
    profit
        Currency per customer of the whole base, contacted or not; 0 or more.
    target_share
        Share (0..1) of the base to contact, on average over the acceptance.
    """

    profit: float
    target_share: float


@dataclass(frozen=True)
class MaximumProfit:
    """Profit of the best targeting at the mean acceptance, and whom it contacts.

    Attributes
    ----------
    profit
        Currency per customer of the whole base, contacted or not; 0 or more.
    target_share
        Share (0..1) of the base to contact.
    customers
        Number of customers to contact.
    threshold
        Those with this probability or a greater one are contacted; `NOBODY`, which is infinity,
        when there is no profit in contacting anybody.
    """

    profit: float
    target_share: float
    customers: int
    threshold: float


@dataclass(frozen=True, eq=False)
class ProfitCurve:
    """Profit by the share of customers contacted, most endangered first.

    Attributes
    ----------
    share
        Shape (s,): 0..1, rising.
    profit, low, high
        Shape (s,), currency per customer of the whole base: the profit and the 95 % interval of
        its percentile bootstrap.
    """

    share: FloatArray
    profit: FloatArray
    low: FloatArray
    high: FloatArray


def expected_maximum_profit(
    churned: BoolArray, probability: FloatArray, economics: Economics
) -> ExpectedMaximumProfit:
    r"""Profit of the best targeting, averaged over the acceptance, and the share it contacts.

    .. math:: EMPC = \int_0^1 \max_t P(t; \gamma)\, h(\gamma)\, d\gamma, \qquad
              P(t; \gamma) = CLV\,(\gamma (1 - \delta) - \phi)\, \pi_0 F_0(t)
                           - CLV\,(\delta + \phi)\, \pi_1 F_1(t)

    with :math:`\delta = incentive / CLV`, :math:`\phi = contact\_cost / CLV`, h the density of the
    beta distribution, and class 0 those who left: :math:`\pi_0` is their share and :math:`F_0(t)`
    the share of them who are contacted.

    Source: Verbraken, Verbeke and Baesens 2013, "A novel profit maximizing metric for measuring
    classification performance of customer churn prediction models", IEEE TKDE 25(5).

    Parameters
    ----------
    churned, probability
        Shape (n,): what happened, and any finite score; ties are contacted together or not at all.
    economics
        Money and the distribution of the acceptance.

    Raises
    ------
    FiguresUnfit
        When the shapes differ, nobody is there, or a score is not finite.
    OneClassOnly
        When nobody left or nobody stayed.

    Notes
    -----
    Only vertices of the ROC curve's convex hull are ever best. Adjacent violators pooled are its
    edges (Fawcett and Niculescu-Mizil 2007, "PAV and the ROC convex hull"). An edge with L leavers
    among W customers, of whom W - L stay, pays from the acceptance

    .. math:: \gamma^* = \frac{(W - L)\, incentive + W\, contact\_cost}{L\, (clv - incentive)}

    on, which rises from edge to edge, so that the maximum is the sum over edges of the positive
    part of what each adds; its expectation is two incomplete beta functions. An edge whose break
    is above 1, or without leavers, never pays. The threshold depends on an acceptance that is not
    known, hence a share and no threshold.
    """
    levels = _ranking(churned, probability).levels(np.ones((1, len(churned))))
    return _expected(levels.everyone[0], levels.left[0], economics)


def maximum_profit(
    churned: BoolArray, probability: FloatArray, economics: Economics
) -> MaximumProfit:
    r"""Profit of the best threshold at the mean acceptance, and whom it contacts.

    .. math:: MP = \max_t P(t; \alpha / (\alpha + \beta))

    with P as in `expected_maximum_profit`, which is never less. Of thresholds that earn the same,
    the one with the fewest contacts.

    Source: Verbeke et al. 2012, "New insights into churn prediction in the telecommunication
    sector: a profit driven data mining approach", with the acceptance of Verbraken et al. 2013.

    Raises
    ------
    FiguresUnfit
        When the shapes differ, nobody is there, or a score is not finite.
    OneClassOnly
        When nobody left or nobody stayed.
    """
    levels = _ranking(churned, probability).levels(np.ones((1, len(churned))))
    contacted = np.r_[0.0, levels.everyone_so_far[0]]
    profit = _profit(contacted, np.r_[0.0, levels.left_so_far[0]], economics)
    best = int(np.argmax(profit))
    thresholds = np.r_[NOBODY, levels.probability]
    return MaximumProfit(
        profit=float(profit[best] / len(churned)),
        target_share=float(contacted[best] / len(churned)),
        customers=int(contacted[best]),
        threshold=float(thresholds[best]),
    )


def profit_curve(
    churned: BoolArray,
    probability: FloatArray,
    economics: Economics,
    seed: int,
    *,
    resamples: int = 1000,
    groups: npt.NDArray[np.generic] | None = None,
    steps: int = 100,
) -> ProfitCurve:
    """Profit per customer, at the mean acceptance, of contacting the first 0..1 of a ranking.

    Where the edge of a share falls inside a tie, the tie counts in proportion: the expectation
    over its orders. At share 0 it is 0, at share 1 the profit of contacting everybody.

    Parameters
    ----------
    churned, probability
        Shape (n,): what happened, and any finite score.
    economics
        Money; the acceptance is the mean of its distribution.
    seed
        Equal seeds give equal intervals.
    resamples
        Number of bootstrap resamples.
    groups
        Shape (n,): the customer of each row, where customers repeat; whole customers are drawn.
    steps
        Number of equal steps between share 0 and share 1.

    Raises
    ------
    FiguresUnfit
        When the shapes differ, nobody is there, or a score is not finite.
    OneClassOnly
        When nobody left or nobody stayed.

    Notes
    -----
    Percentile bootstrap, as in `models.metrics.evaluate`. An interval is that of one share; the
    greatest profit of a curve is picked among many and flatters itself.
    """
    ranking = _ranking(churned, probability)
    share = np.linspace(0.0, 1.0, steps + 1)
    exact = _profit_at(share, ranking.levels(np.ones((1, len(churned)))), economics)[0]
    drawn = resampled_weights(len(churned), seed, resamples, groups)
    parts = [_profit_at(share, ranking.levels(weights), economics) for weights in drawn]
    sampled = np.concatenate(parts)
    found = [estimate(value, sampled[:, step]) for step, value in enumerate(exact)]
    low, high = np.array([[one.low, one.high] for one in found]).T
    return ProfitCurve(share, exact, low, high)


def profit_metrics(economics: Economics) -> dict[str, Metric]:
    """The profits of this module as metrics of an evaluation, by name; currency per customer."""
    return {
        "expected_maximum_profit": Metric(
            partial(_expected_maxima, economics), higher_is_better=True
        ),
        "maximum_profit": Metric(partial(_maxima, economics), higher_is_better=True),
    }


def _expected_maxima(economics: Economics, levels: Levels) -> FloatArray:
    pairs = zip(levels.everyone, levels.left, strict=True)
    return np.array([_expected(everyone, left, economics).profit for everyone, left in pairs])


def _maxima(economics: Economics, levels: Levels) -> FloatArray:
    profit = _profit(levels.everyone_so_far, levels.left_so_far, economics)
    best: FloatArray = np.maximum(profit.max(axis=1), 0.0) / levels.everyone_so_far[:, -1]
    return best


def _expected(
    everyone: FloatArray, left: FloatArray, economics: Economics
) -> ExpectedMaximumProfit:
    """Of customers and leavers on each level, highest scores first; levels may be empty."""
    everyone, left = _hull(everyone[everyone > 0], left[everyone > 0])
    gain = left * (economics.clv - economics.incentive)
    cost = (everyone - left) * economics.incentive + everyone * economics.contact_cost
    pays_from = np.minimum(
        np.divide(cost, gain, out=np.ones_like(cost), where=gain > 0), np.ones_like(cost)
    )
    alpha, beta = economics.accept_alpha, economics.accept_beta
    chance = betaincc(alpha, beta, pays_from)
    mean_above = economics.acceptance * betaincc(alpha + 1, beta, pays_from)
    added = np.maximum(gain * mean_above - cost * chance, 0.0)
    return ExpectedMaximumProfit(
        profit=float(added.sum() / everyone.sum()),
        target_share=float((everyone * chance).sum() / everyone.sum()),
    )


def _ranking(churned: BoolArray, probability: FloatArray) -> Ranking:
    require_figures(_PURPOSE, {"churned": churned, "probability": probability})
    require_both_classes(churned, "a profit")
    return Ranking.of(churned, probability)


def _hull(everyone: FloatArray, left: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Customers and leavers on each edge of the ROC curve's convex hull, highest scores first."""
    pooled = isotonic_regression(left / everyone, weights=everyone, increasing=False)
    starts = pooled.blocks[:-1]
    return np.add.reduceat(everyone, starts), np.add.reduceat(left, starts)


def _profit(contacted: FloatArray, left: FloatArray, economics: Economics) -> FloatArray:
    """Currency earned by contacting so many, of whom so many would leave; mean acceptance."""
    gain = economics.acceptance * (economics.clv - economics.incentive) * left
    profit: FloatArray = (
        gain - economics.incentive * (contacted - left) - economics.contact_cost * contacted
    )
    return profit


def _profit_at(share: FloatArray, levels: Levels, economics: Economics) -> FloatArray:
    """Profit per customer at each share, shape (b, s)."""
    rows = []
    for everyone, left in zip(levels.everyone_so_far, levels.left_so_far, strict=True):
        wanted = share * everyone[-1]
        caught = np.interp(wanted, np.r_[0.0, everyone], np.r_[0.0, left])
        rows.append(_profit(wanted, caught, economics) / everyone[-1])
    return np.array(rows)
