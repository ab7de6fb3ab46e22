"""Chances at the base rate that a day is expected to have: what the season and drift move.

A model is calibrated on one day and used on a later one. Where the base rate swings with the
season, its chances are then too high or too low for everybody alike. A shift of all log-odds mends
that and changes no ranking.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from models.calibration import level, log_odds, sigmoid
from models.spec import FloatArray

_UNMOVED: Final = 1e-12


@dataclass(frozen=True)
class Rate:
    """A base rate that was counted.

    Attributes
    ----------
    customers, churned
        How many there were, and how many of them left.
    """

    customers: int
    churned: int

    @property
    def value(self) -> float:
        """Share that left, 0..1."""
        return self.churned / self.customers

    @property
    def is_inside(self) -> bool:
        """Whether somebody left and somebody stayed, so that the log-odds are finite."""
        return 0 < self.churned < self.customers

    @property
    def variance(self) -> float:
        """Sampling variance of the rate's log-odds."""
        return 1 / self.churned + 1 / (self.customers - self.churned)


def shift_to(probability: FloatArray, rate: Rate) -> float:
    r"""What to add to the log-odds of everybody so that their chances fit a base rate.

    .. math:: \frac1n \sum_i \sigma(z_i + s) = \pi, \qquad
              shift = s \cdot \max\left(0, 1 - \frac{v}{s^2}\right), \qquad
              v = \frac{1}{n_1} + \frac{1}{n_0}

    The first is the intercept of greatest likelihood where slopes are held and the expected rate
    :math:`\pi` stands for what is not known yet: recalibration in the large (Steyerberg et al.
    2004, "Validation and updating of predictive logistic regression models"), an adjustment to new
    priors (Saerens, Latinne and Decaestecker 2002, "Adjusting the outputs of a classifier to new a
    priori probabilities"), who add the difference of the priors' log-odds instead, which takes the
    customers for as endangered on average as those of the calibration. The second leaves out what
    the :math:`n_1 + n_0` customers of a counted rate can differ by from chance: the positive part
    of an empirical Bayes estimate (Efron and Morris 1973, "Stein's estimation rule and its
    competitors"), so that a small shop without a season is not moved by noise.

    Parameters
    ----------
    probability
        Shape (n,): chances (0..1) of everybody of the day; at least one.
    rate
        Expected of the day, with somebody who left and somebody who stayed.

    Returns
    -------
    float
        Log-odds; 0 where the difference is within chance.
    """
    whole = level(log_odds(probability), rate.value)
    if abs(whole) < _UNMOVED:
        return 0.0
    return whole * max(0.0, 1 - rate.variance / whole**2)


def shifted(probability: FloatArray, shift: float) -> FloatArray:
    """Chances with a shift (log-odds) added; exactly what they were where it is 0."""
    if shift == 0:
        return probability
    return np.asarray(sigmoid(log_odds(probability) + shift), dtype=np.float64)
