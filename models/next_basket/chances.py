"""From a score to a chance: how likely a customer buys a candidate within a horizon."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression

from features.errors import RegularsError
from models.calibration import Platt, sigmoid
from models.next_basket.histories import Codes, Doubles, Histories, WholeArray
from models.next_basket.pairs import Singles

RHYTHM: Final = (
    "customer_baskets",
    "customer_gap_days",
    "customer_days_since_last",
    "customer_size_mean",
    "customer_items",
)
"""Figures of a customer that shift the chances of all candidates alike, by their logarithm."""

OVERDUE: Final = "overdue"
"""Days since the last basket over the mean gap, by its logarithm."""

SCORE: Final = "score"

_LEAST_GAP: Final = 0.5
"""Days: who came once has no gap, and counts as if it were the time since."""


class OneOutcome(RegularsError):
    """All candidates were bought, or none, or those with higher scores not more often."""


@dataclass(frozen=True, eq=False)
class Chances:
    """A line from the score and the customer's rhythm to log-odds: numbers only.

    Attributes
    ----------
    names
        `SCORE`, then the logarithms of `RHYTHM`, and `OVERDUE`.
    centre, spread
        Shape (names,): what each is freed of, and divided by.
    weights
        Shape (names,): of what results; that of the score is above 0.
    intercept
        Log-odds where all are at their centre.
    """

    names: tuple[str, ...]
    centre: Doubles
    spread: Doubles
    weights: Doubles
    intercept: float

    def of(self, scores: Doubles, figures: Singles, columns: tuple[str, ...]) -> Doubles:
        """Chance of each pair, 0..1, shape (pairs,); within a customer in the order of the scores.

        Parameters
        ----------
        scores
            Shape (pairs,).
        figures
            Shape (pairs, columns), as `models.next_basket.pairs.Past.pairs` gives them.
        columns
            Their names.
        """
        drivers = (_drivers(scores, figures, columns) - self.centre) / self.spread
        return sigmoid(drivers @ self.weights + self.intercept)

    def corrected(self, line: Platt) -> "Chances":
        """The same with another line on its log-odds; the order of the chances stays."""
        return replace(
            self,
            weights=line.slope * self.weights,
            intercept=line.slope * self.intercept + line.intercept,
        )


def fit_chances(
    scores: Doubles,
    figures: Singles,
    columns: tuple[str, ...],
    is_bought: npt.NDArray[np.bool_],
) -> Chances:
    r"""The line of greatest likelihood, with a ridge of 1 on its standardised weights.

    .. math:: \text{logit } P(\text{bought within the horizon}) = a + b\,s + \sum_j w_j \ln(1 + x_j)

    Only the score :math:`s` differs between the candidates of a customer, so that the order of
    offers stays that of the ranker. Customers who bought nothing belong to the pairs, or chances
    come out too high. Source: Platt 1999, "Probabilistic outputs for support vector machines", with
    more than one input.

    Parameters
    ----------
    scores, figures, columns
        Of pairs that the ranker was not trained on, see `Chances.of`.
    is_bought
        Shape (pairs,): whether the customer bought the item within the horizon.

    Raises
    ------
    OneOutcome
        When all were bought, or none; or when those with higher scores were not bought more often.
    """
    bought = int(is_bought.sum())
    if not 0 < bought < len(is_bought):
        message = (
            f"chances need candidates that were bought and others that were not, but {bought:,} of "
            f"{len(is_bought):,} were bought; take a longer horizon, or more customers"
        )
        raise OneOutcome(message)
    drivers = _drivers(scores, figures, columns)
    centre, spread = drivers.mean(axis=0), drivers.std(axis=0)
    spread = np.where(spread > 0, spread, 1.0)
    found = LogisticRegression(C=1.0, max_iter=1000).fit((drivers - centre) / spread, is_bought)
    weights: Doubles = found.coef_[0]
    if weights[0] <= 0:
        message = (
            "chances need candidates that are bought more often the higher their score, but the "
            f"weight of the score is {weights[0]:.3f}; the ranker says nothing of these customers"
        )
        raise OneOutcome(message)
    names = (SCORE, *RHYTHM, OVERDUE)
    return Chances(names, centre, spread, weights, float(found.intercept_[0]))


def is_bought_in(
    later: Histories, customers: WholeArray, starts: WholeArray, items: Codes
) -> npt.NDArray[np.bool_]:
    """Whether pairs are in any later basket of their customer, shape (pairs,).

    Parameters
    ----------
    later
        Baskets of the horizon, over the same items.
    customers
        Shape (asked,): position in ``later`` of each customer asked of; -1 of one who is not there.
    starts, items
        Pairs of these customers, see `models.next_basket.pairs.Pairs`.
    """
    cells = later.matrix(np.ones(len(later.days))).tocoo()
    bought = cells.row.astype(np.int64) * len(later.items) + cells.col
    owner = np.repeat(customers, np.diff(starts))
    found: npt.NDArray[np.bool_] = np.isin(owner * len(later.items) + items, bought)
    return found & (owner >= 0)


def _drivers(scores: Doubles, figures: Singles, columns: tuple[str, ...]) -> Doubles:
    """Score and logarithms, shape (pairs, 2 + rhythm); nothing missing."""
    place = {name: at for at, name in enumerate(columns)}
    rhythm = np.stack([figures[:, place[name]] for name in RHYTHM], axis=1).astype(np.float64)
    since = np.nan_to_num(rhythm[:, RHYTHM.index("customer_days_since_last")])
    gap = rhythm[:, RHYTHM.index("customer_gap_days")]
    gap = np.where(np.isnan(gap), since, gap)
    rhythm[:, RHYTHM.index("customer_gap_days")] = gap
    overdue = np.log((since + _LEAST_GAP) / (gap + _LEAST_GAP))
    return np.column_stack([scores, np.log1p(np.nan_to_num(rhythm)), overdue])
