"""How much of the cost of churn a decision saves, with costs that differ by customer.

A decision that was made is judged by what happened, so no probability is needed here; making one
from probabilities (`models.contacts.worth_contacting`) needs calibrated ones.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from features.errors import RegularsError
from models.economics import CustomerEconomics
from models.metrics import Estimate, estimate, resampled_weights
from models.spec import BoolArray, FiguresUnfit, FloatArray, require_figures

_PURPOSE: Final = "savings"


class NothingToSave(RegularsError):
    """Contacting nobody, or everybody, costs nothing, so that no share of it can be saved."""


@dataclass(frozen=True, eq=False)
class CostMatrix:
    """What each customer costs by what was decided and what happened, shape (n,), currency.

    Attributes
    ----------
    true_positive
        Contacted, and would leave.
    false_positive
        Contacted, but would stay.
    false_negative
        Not contacted, and leaves.
    true_negative
        Not contacted, and stays.

    Raises
    ------
    FiguresUnfit
        When the shapes differ, nobody is there, or a cost is negative or not finite.
    """

    true_positive: FloatArray
    false_positive: FloatArray
    false_negative: FloatArray
    true_negative: FloatArray

    def __post_init__(self) -> None:
        require_figures(_PURPOSE, vars(self))
        for name, costs in vars(self).items():
            wrong = np.count_nonzero(costs < 0)
            if wrong:
                message = (
                    f"{_PURPOSE} need costs of 0 or more, but {wrong} of {len(costs)} in {name} "
                    f"are negative; count what is earned as less cost, not as negative cost"
                )
                raise FiguresUnfit(message)


def retention_costs(economics: CustomerEconomics) -> CostMatrix:
    r"""The costs of a retention offer, customer by customer.

    .. math:: C_{TP} = contact\_cost + g\, incentive + (1 - g)\, clv, \quad
              C_{FP} = contact\_cost + incentive, \quad C_{FN} = clv, \quad C_{TN} = 0

    with g the acceptance. Source: Bahnsen, Aouada and Ottersten 2015, "Example-dependent
    cost-sensitive decision trees", and, for churn, "A novel cost-sensitive framework for customer
    churn predictive modeling" of the same year. Unlike theirs, the contact is paid for also when
    the offer is accepted, which makes :math:`C_{FN} - C_{TP}` what a leaver earns in
    `models.profit`.
    """
    declined = (1 - economics.acceptance) * economics.clv
    return CostMatrix(
        true_positive=(
            economics.contact_cost + economics.acceptance * economics.incentive + declined
        ),
        false_positive=economics.contact_cost + economics.incentive,
        false_negative=economics.clv,
        true_negative=np.zeros(len(economics.clv)),
    )


def cost_of(churned: BoolArray, contacted: BoolArray, costs: CostMatrix) -> float:
    """Cost of a decision for all customers together, currency.

    Parameters
    ----------
    churned, contacted
        Shape (n,): whether each would leave if left alone, and whether each is contacted.
    costs
        Cost of each customer.

    Raises
    ------
    FiguresUnfit
        When the shapes differ.
    """
    figures = {"churned": churned, "contacted": contacted, "costs": costs.true_positive}
    require_figures(_PURPOSE, figures)
    return float(_costs(churned, contacted, costs).sum())


def savings_estimate(
    churned: BoolArray,
    contacted: BoolArray,
    costs: CostMatrix,
    seed: int,
    *,
    resamples: int = 1000,
    groups: npt.NDArray[np.generic] | None = None,
) -> Estimate:
    """`savings` with the 95 % interval of its percentile bootstrap, the decisions being given.

    Parameters
    ----------
    churned, contacted, costs
        As for `savings`.
    seed
        Equal seeds give equal intervals.
    resamples
        Number of bootstrap resamples; those in which nothing costs anything are left out.
    groups
        Shape (n,): the customer of each row, where customers repeat; whole customers are drawn.

    Raises
    ------
    FiguresUnfit
        When the shapes differ.
    NothingToSave
        When contacting nobody or everybody costs nothing.
    """
    value = savings(churned, contacted, costs)
    trivial = np.zeros_like(contacted), np.ones_like(contacted)
    each = [_costs(churned, decision, costs) for decision in (contacted, *trivial)]
    sampled = []
    for weights in resampled_weights(len(churned), seed, resamples, groups):
        decided, nobody, everybody = (np.einsum("bn,n->b", weights, cost) for cost in each)
        least = np.minimum(nobody, everybody)
        share = np.divide(decided, least, out=np.full(len(least), np.nan), where=least > 0)
        sampled.append(1 - share)
    return estimate(value, np.concatenate(sampled))


def savings(churned: BoolArray, contacted: BoolArray, costs: CostMatrix) -> float:
    r"""Share of the cost of the better trivial decision that a decision saves; at most 1.

    .. math:: S = 1 - \frac{C(\text{decision})}{\min(C(\text{nobody}), C(\text{everybody}))}

    0 is as good as contacting nobody or everybody, whichever is cheaper; negative is worse.
    Source: Bahnsen et al. 2015, "Example-dependent cost-sensitive decision trees".

    Parameters
    ----------
    churned, contacted
        Shape (n,): whether each would leave if left alone, and whether each is contacted.
    costs
        Cost of each customer.

    Raises
    ------
    FiguresUnfit
        When the shapes differ.
    NothingToSave
        When contacting nobody or everybody costs nothing, as when nobody left.
    """
    decided = cost_of(churned, contacted, costs)
    nobody = cost_of(churned, np.zeros_like(contacted), costs)
    everybody = cost_of(churned, np.ones_like(contacted), costs)
    if min(nobody, everybody) <= 0:
        message = (
            f"savings need a cost to save from, but contacting nobody costs {nobody:g} and "
            f"everybody {everybody:g}; use customers of whom some left, and costs above 0"
        )
        raise NothingToSave(message)
    return 1 - decided / min(nobody, everybody)


def _costs(churned: BoolArray, contacted: BoolArray, costs: CostMatrix) -> FloatArray:
    """Cost of each customer, shape (n,)."""
    if_contacted = np.where(churned, costs.true_positive, costs.false_positive)
    if_left_alone = np.where(churned, costs.false_negative, costs.true_negative)
    return np.where(contacted, if_contacted, if_left_alone)
