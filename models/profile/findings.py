"""What every statistical comparison gives: tests, checked assumptions, effect sizes."""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from models.metrics import Estimate

Size = Literal["negligible", "small", "medium", "large"]
"""How large an effect is, as its field calls it; see `models.profile.effects`."""

SURE: Final = 0.05
"""Chance below which a test counts, of assumptions as well."""


@dataclass(frozen=True)
class Test:
    """A statistic and how often chance alone brings one as extreme.

    Attributes
    ----------
    name
        Of the test, as its field calls it.
    statistic
        Its value.
    freedom
        Degrees of freedom, one or two; none where the chance was counted by permutations.
    p
        In 0..1.
    """

    __test__ = False  # no test of pytest's

    name: str
    statistic: float
    freedom: tuple[float, ...]
    p: float


@dataclass(frozen=True)
class Check:
    """An assumption of a method, and whether the customers bear it out.

    Attributes
    ----------
    assumption
        What has to hold: ``equal spread``.
    by
        What was looked at: ``Brown and Forsythe's test``.
    value
        What was found.
    p
        Chance of the test; NaN where a bound decides.
    is_met
        Whether it holds.
    instead
        What is done because it does not hold; empty where it does.
    """

    assumption: str
    by: str
    value: float
    p: float
    is_met: bool
    instead: str = ""


@dataclass(frozen=True)
class Effect:
    """How large a difference is, whatever the number of customers.

    Attributes
    ----------
    name
        Of the measure: ``partial eta squared``.
    estimate
        Value and 95 % interval; the ends are NaN where none is known.
    size
        In words; None where no convention says what is large.
    """

    name: str
    estimate: Estimate
    size: Size | None = None


@dataclass(frozen=True)
class Finding:
    """What one method says of one question.

    Attributes
    ----------
    method
        What was done after the assumptions were checked: ``Welch's analysis of variance``.
    subject
        What was compared: a column, or columns.
    customers
        How many were looked at.
    tests
        The first decides; the others are what other methods would have said.
    checks
        Assumptions in the order in which they were looked at.
    effects
        The first is the one that is reported.
    """

    method: str
    subject: str
    customers: int
    tests: tuple[Test, ...]
    checks: tuple[Check, ...]
    effects: tuple[Effect, ...]

    @property
    def p(self) -> float:
        """Chance of the test that decides."""
        return self.tests[0].p

    @property
    def effect(self) -> Effect:
        """The effect size that is reported."""
        return self.effects[0]

    @property
    def is_bent(self) -> bool:
        """Whether an assumption failed."""
        return not all(check.is_met for check in self.checks)


def without_interval(value: float) -> Estimate:
    """An estimate whose interval is not known."""
    return Estimate(float(value), float(np.nan), float(np.nan))
