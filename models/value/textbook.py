"""The customer lifetime value of textbooks, for those who report it."""

import numpy as np

from models.spec import FiguresUnfit, FloatArray


def textbook_value(
    margin: FloatArray, cost: FloatArray, retention: FloatArray, rate: float, periods: int | None
) -> FloatArray:
    r"""Value of each customer, shape (n,), in the unit of the margin.

    .. math:: CLV = \sum_{t = 0}^{N - 1} \frac{(m - c)\, \rho^t}{(1 + r)^t}, \quad
              CLV_\infty = (m - c) \frac{1 + r}{1 + r - \rho}

    The first period is sure and not discounted. Source: Gupta, Lehmann and Stuart 2004, "Valuing
    customers", Journal of Marketing Research 41; Berger and Nasr 1998, "Customer lifetime value:
    marketing models and applications", case 1. One retention rate for all times says that nobody
    gets more loyal; where customers differ, it undervalues who stayed (Fader and Hardie 2010).
    Prefer the other models of this folder.

    Parameters
    ----------
    margin, cost
        Shape (n,): margin of a period, and what it costs to serve and keep the customer.
    retention
        Shape (n,), 0..1: chance to stay for another period.
    rate
        Discount rate of a period, from 0 on.
    periods
        N, from 1 on; None: for ever, where the rate is above 0 or retention below 1.

    Raises
    ------
    FiguresUnfit
        When a figure is out of its bounds.
    """
    is_bounded = bool(np.all((retention >= 0) & (retention <= 1)))
    if not is_bounded or not rate >= 0 or (periods is not None and periods < 1):
        raise FiguresUnfit(
            "the value of a customer needs retention in 0..1, a rate from 0 on and one period or "
            f"more, but got retention from {np.min(retention):g} to {np.max(retention):g}, rate "
            f"{rate:g} and periods {periods}"
        )
    kept = np.asarray(retention / (1 + rate), dtype=np.float64)
    if periods is None and not np.all(kept < 1):
        raise FiguresUnfit(
            "customers who never leave, undiscounted, are worth infinitely much; give a rate above "
            "0, a retention below 1, or a number of periods"
        )
    if periods is None:
        return np.asarray((margin - cost) / (1 - kept), dtype=np.float64)
    worth = np.ones_like(kept)
    for _ in range(periods - 1):  # not all powers at once: those of a million customers need room
        worth = 1 + kept * worth
    return np.asarray((margin - cost) * worth, dtype=np.float64)
