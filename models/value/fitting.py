"""Greatest likelihood over logarithms of parameters, with intervals, or a sentence why not."""

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from scipy.optimize import minimize
from threadpoolctl import ThreadpoolController

from features.errors import RegularsError
from models.spec import FloatArray
from models.value.fitted import Fitted
from models.value.surface import Likelihood, Surface

FARTHEST: Final = 12.0
"""How far the logarithm of a parameter may move from where the search begins."""

WIDEST: Final = 2.5
"""Largest standard error of the logarithm of a parameter: beyond it nothing is known of it."""

_UNMET: Final = 1e-3  # log-likelihood that another Newton step would still gain, at most
_MET: Final = 1e-8
_SAME: Final = 1e-3  # how far a step may go without the surface bending otherwise there
_NEWTON_STEPS: Final = 8
_SPREADS: Final = (0.0, 1.5, -1.5)
_ADVICE: Final = (
    "use more customers, a longer time of purchases, fewer covariates, or a simpler model"
)


class NotConverged(RegularsError):
    """No parameters were found of which the likelihood is the greatest."""


class _End(NamedTuple):
    """Where a climb ends: estimates, height, slope, and second derivatives."""

    estimates: FloatArray
    height: float
    slope: FloatArray
    bend: FloatArray

    @property
    def is_peak(self) -> bool:
        """Whether the surface bends down on all sides."""
        return bool(np.all(np.isfinite(self.bend)) and np.linalg.eigvalsh(self.bend)[0] > 0)

    @property
    def step(self) -> FloatArray:
        """Newton's step from there."""
        return np.asarray(np.linalg.solve(self.bend, -self.slope), dtype=np.float64)


def maximised(likelihood: Likelihood, rough: Likelihood | None = None) -> Fitted:
    """The parameters of greatest likelihood, with the inverse of the observed information.

    By L-BFGS-B on logarithms with the analytic gradient, and then by Newton's steps, with second
    derivatives as differences of the gradient. Where that fails, from two other starts.

    Parameters
    ----------
    likelihood
        What is maximised.
    rough
        Nearly the same of fewer rows: its maximum is the first start.

    Raises
    ------
    NotConverged
        When no start leads to a maximum, or when it tells nearly nothing of a parameter.
    """
    surface = Surface(likelihood)
    sides = np.zeros(len(surface.start))
    sides[: len(likelihood.parameters)] = (-1.0) ** np.arange(len(likelihood.parameters))
    reason = ""
    with _libraries().limit(limits=1, user_api="blas"):  # to wake a thread takes longer than a step
        if rough is not None:
            near = Surface(rough)
            top = _stepped(near, _searched(near, near.start))
            end = _stepped(surface, top.estimates, top.bend)
            if not _fault(surface, end):
                return surface.fitted(end.estimates, end.bend, end.height)
        for spread in _SPREADS:
            end = _stepped(surface, _searched(surface, surface.start + spread * sides))
            reason = _fault(surface, end)
            if not reason:
                return surface.fitted(end.estimates, end.bend, end.height)
    raise NotConverged(f"{likelihood.model} did not converge on {surface.customers}: {reason}")


@cache
def _libraries() -> ThreadpoolController:
    """Libraries with threads that are loaded; to look for them takes longer than a fit may."""
    return ThreadpoolController()


def _searched(surface: Surface, start: FloatArray) -> FloatArray:
    """Estimates near the peak."""
    bounds = [(each - FARTHEST, each + FARTHEST) for each in surface.start]
    options = {"maxiter": 1000, "maxfun": 2000, "ftol": 1e-11, "gtol": 1e-7}
    found = minimize(surface, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return np.asarray(found.x, dtype=np.float64)


def _stepped(surface: Surface, start: FloatArray, bend: FloatArray | None = None) -> _End:
    """Where Newton's steps from a start end: at the peak, if they begin near it.

    The first may be one by the bend of a surface nearby.
    """
    height, slope = surface(start)
    end = _End(start, height, slope, surface.bend(start, slope) if bend is None else bend)
    for _ in range(_NEWTON_STEPS):
        if not end.is_peak or -surface.total * float(end.slope @ end.step) / 2 < _MET:
            break
        step = end.step
        there = end.estimates + step
        height, slope = surface(there)
        if not height <= end.height + 1e-12 * abs(end.height):
            break
        is_same = bool(np.abs(step).max() < _SAME)
        end = _End(there, height, slope, end.bend if is_same else surface.bend(there, slope))
    return end


def _fault(surface: Surface, end: _End) -> str:
    """Why the end of a climb is no maximum that tells the parameters; nothing where it is one."""
    away = np.abs(end.estimates - surface.start) > FARTHEST - 0.1
    if away.any():
        name = surface.names[int(np.flatnonzero(away)[0])]
        return f"the likelihood keeps rising while {name} goes to its bound; {_ADVICE}"
    if not end.is_peak:
        return f"the likelihood has no peak there; {_ADVICE}"
    error = np.sqrt(np.diag(np.asarray(np.linalg.inv(end.bend * surface.total), dtype=np.float64)))
    if error.max() > WIDEST:
        name = surface.names[int(error.argmax())]
        return f"the purchases tell next to nothing of {name}; {_ADVICE}"
    if -surface.total * float(end.slope @ end.step) / 2 > _UNMET:
        return f"the search ended on a slope; {_ADVICE}"
    return ""
