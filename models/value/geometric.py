r"""Purchases ahead of who buys at random times and may leave after each with the same chance.

What BG/NBD and MBG/NBD have in common once a customer is known to be there: the rate is
:math:`\lambda \sim Gamma(n, \tau)`, the chance to leave after a purchase :math:`p \sim Beta(a, c)`.
"""

import numpy as np

from models.spec import FloatArray
from models.value.quadrature import beta_mean, moments_ahead


def ahead(
    shape: FloatArray, time: FloatArray, coin: tuple[FloatArray, FloatArray], horizon: FloatArray
) -> FloatArray:
    r"""Expected purchases within a horizon, shape (n,).

    .. math:: E\left[\frac{1 - e^{-\lambda p t}}{p}\right] =
              E_p\left[\frac{1 - (1 + p t / \tau)^{-n}}{p}\right]

    The same as the formulas with a Gaussian hypergeometric function (Fader, Hardie and Lee 2005,
    equations 9 and 10; Batislam, Denizel and Filiztekin 2007), and defined where those
    are not, as at a = 1.

    Parameters
    ----------
    shape, time
        Shape (n,): n and τ of the rate.
    coin
        a and c of the chance to leave, each of shape (n,).
    horizon
        Shape (n,): time ahead, from 0 on.
    """
    reach = horizon / time

    def purchases(chance: FloatArray, rows: slice) -> FloatArray:
        power = shape[rows, None] * np.log1p(chance * reach[rows, None])
        found: FloatArray = -np.expm1(-power) / chance
        return found

    return beta_mean(*coin, (1 + shape) * reach, purchases)


def discounted(
    shape: FloatArray,
    time: FloatArray,
    coin: tuple[FloatArray, FloatArray],
    horizon: float,
    force: float,
) -> FloatArray:
    r"""Expected purchases within a horizon, each worth less the later it is, shape (n,).

    .. math:: \int_0^H e^{-\delta t} \frac{n}{\tau} E_p\left[(1 + p t / \tau)^{-(n + 1)}\right] dt

    Parameters
    ----------
    shape, time, coin
        As of `ahead`.
    horizon, force
        See `models.value.quadrature.moments_ahead`.
    """
    times, weights = moments_ahead(horizon, force, time / (shape + 1))

    def purchases(chance: FloatArray, rows: slice) -> FloatArray:
        reach = times[rows] / time[rows, None]
        power = -(shape[rows, None] + 1)
        total = np.zeros_like(chance)
        for at in range(times.shape[1]):
            total += weights[rows, at, None] * np.exp(power * np.log1p(chance * reach[:, at, None]))
        return total

    steep = (1 + shape) * times[:, -1] / time
    return shape / time * beta_mean(*coin, steep, purchases)
