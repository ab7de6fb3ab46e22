"""What a customer under contract is still worth: expected periods, times margin, discounted.

The chance to be there still comes from a hazard model, such as ``models.hazard.HazardFitted`` and
its ``survival``: a curve per customer over equal periods, weeks there.
"""

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from features.errors import RegularsError
from models.spec import FloatArray

WEEKS_A_YEAR: Final = 365.25 / 7


class CurvesUnfit(RegularsError):
    """Curves do not fall from at most 1 to at least 0, or margins are not one per customer."""


class Discounting(BaseModel):
    """How money to come is valued."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    rate: float = Field(default=0.1, gt=-1, description="Yearly discount rate.")
    periods_a_year: float = Field(
        default=WEEKS_A_YEAR, gt=0, description="Periods of the curve in a year."
    )
    paid: Literal["start", "end"] = Field(
        default="end",
        description="Whether a period's margin comes at its start, from who was there then, or at "
        "its end, from who is there still.",
    )

    @property
    def factor(self) -> float:
        """What money is worth a period earlier."""
        return float((1 + self.rate) ** (-1 / self.periods_a_year))


@dataclass(frozen=True, eq=False)
class ContractValue:
    """Of each customer.

    Attributes
    ----------
    periods
        Shape (n,): margins to be expected within the curve, undiscounted, from 0 to its length.
    value
        Shape (n,), money: the same times the margin of a period, discounted.
    beyond
        Shape (n,), money: what would follow the curve if its last hazards went on for ever. Nothing
        that was observed speaks for it; infinite where neither hazard nor discount ends it.
    """

    periods: FloatArray
    value: FloatArray
    beyond: FloatArray


def contract_value(
    survival: FloatArray, margin: FloatArray, discounting: Discounting | None = None
) -> ContractValue:
    r"""Discounted margin that is still to be expected of customers under contract.

    .. math:: V_i = m_i \sum_{w=1}^{W} \frac{S_i(w)}{(1 + d)^w} \quad \text{(paid at the end)},
              \qquad m_i \sum_{w=0}^{W-1} \frac{S_i(w)}{(1 + d)^w} \quad \text{(at the start)}

    with S(0) = 1. Source: Gupta, Lehmann and Stuart 2004, "Valuing customers"; Fader
    and Hardie 2010, "Customer-base valuation in a contractual setting: the perils of ignoring
    heterogeneity", for the survival of each in place of one retention rate. The tail is geometric
    with the mean hazard of the last quarter of the curve, as in
    ``models.hazard.extrapolated_mean``.

    Parameters
    ----------
    survival
        Shape (n, W): chance to be there after each period, falling.
    margin
        Shape (n,): money of one period.
    discounting
        Rate, length of a period, and when it is paid; None: the defaults.

    Raises
    ------
    CurvesUnfit
        When a curve rises or leaves 0..1, or margins are not one finite number per customer.
    """
    _require(survival, margin)
    asked = discounting or Discounting()
    people, periods = survival.shape
    started = np.column_stack([np.ones(people), survival[:, :-1]])
    there = survival if asked.paid == "end" else started
    first = 1 if asked.paid == "end" else 0
    factors = asked.factor ** np.arange(first, first + periods)
    value = margin * (there * factors).sum(axis=1)
    last = survival[:, -1] if asked.paid == "start" else survival[:, -1] * _kept(survival)
    step = asked.factor * _kept(survival)
    with np.errstate(divide="ignore"):
        more = np.where(step < 1, 1 / np.maximum(1 - step, 0.0), np.inf)
    sums = np.multiply(last, more, out=np.zeros(people), where=last > 0)
    beyond = np.multiply(
        margin * asked.factor ** (first + periods), sums, out=np.zeros(people), where=margin != 0
    )
    return ContractValue(there.sum(axis=1), value, beyond)


def _kept(survival: FloatArray) -> FloatArray:
    """Chance to outlast a period after the curve, shape (n,): the mean of its last quarter."""
    periods = survival.shape[1]
    tail = -(-periods // 4)
    before = survival[:, periods - tail - 1] if tail < periods else np.ones(len(survival))
    last = survival[:, -1]
    kept: FloatArray = np.divide(last, before, out=np.zeros_like(last), where=before > 0)
    return np.asarray(kept ** (1 / tail), dtype=np.float64)


def _require(survival: FloatArray, margin: FloatArray) -> None:
    if survival.ndim != 2 or margin.shape != survival.shape[:1] or not survival.shape[1]:  # noqa: PLR2004
        message = (
            f"the value of contracts needs a curve of one period or more and a margin per "
            f"customer, but the shapes are {survival.shape} and {margin.shape}; pass them in one "
            "order"
        )
        raise CurvesUnfit(message)
    rises = np.diff(survival, axis=1, prepend=1.0) > 0
    outside = ~(survival >= 0)
    wrong = int((rises | outside).any(axis=1).sum())
    odd = int((~np.isfinite(margin)).sum())
    if wrong or odd:
        message = (
            f"the value of contracts needs curves that fall from 1 at most to 0 at least, and "
            f"finite margins, but {wrong:,} curves and {odd:,} margins of {len(margin):,} are not "
            "so; pass survival, not hazards"
        )
        raise CurvesUnfit(message)
