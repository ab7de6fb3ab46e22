"""Greatest likelihood over logarithms of parameters, with intervals, or a sentence why not."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import numpy as np
from scipy.optimize import minimize
from threadpoolctl import ThreadpoolController

from features.errors import RegularsError
from models.spec import FloatArray
from models.value.fitted import Fitted

Score = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
"""Of parameters, shape (k, 1) or (k, n): log-likelihoods, shape (n,), and their derivatives with
respect to the logarithms of the parameters, shape (k, n)."""

On = Mapping[str, Sequence[str]]
"""By parameter: the covariates that its logarithm depends on."""

FARTHEST: Final = 12.0
"""How far the logarithm of a parameter may move from where the search begins."""

WIDEST: Final = 2.5
"""Largest standard error of the logarithm of a parameter: beyond it nothing is known of it."""

_STEP: Final = 1e-4
_UNMET: Final = 1e-3  # log-likelihood that another Newton step would still gain
_NEWTON_STEPS: Final = 8
_SPREADS: Final = (0.0, 1.5, -1.5)


class NotConverged(RegularsError):
    """No parameters were found of which the likelihood is the greatest."""


@dataclass(frozen=True, eq=False)
class Likelihood:
    """What is maximised.

    Attributes
    ----------
    model
        Name of the model, for the result and for errors.
    parameters
        Names of the k parameters, all above 0.
    score
        See `Score`.
    start
        Shape (k,): parameters to begin with.
    weight
        Shape (n,): how many customers each row stands for.
    covariates, names
        Shape (n, c) and their names.
    on
        See `On`.
    summed
        Of parameters, shape (k, 1): the weighted sums of ``score``, where they come quicker. Not
        with covariates.
    """

    model: str
    parameters: tuple[str, ...]
    score: Score
    start: FloatArray
    weight: FloatArray
    covariates: FloatArray = field(default_factory=lambda: np.empty((0, 0)))
    names: tuple[str, ...] = ()
    on: On = field(default_factory=dict)
    summed: Callable[[FloatArray], tuple[float, FloatArray]] | None = None


def maximised(likelihood: Likelihood) -> Fitted:
    """The parameters of greatest likelihood, with the inverse of the observed information.

    By L-BFGS-B on logarithms with the analytic gradient, and then by Newton's steps, with second
    derivatives as central differences of the gradient. Where that fails, from two other starts.

    Raises
    ------
    NotConverged
        When no start leads to a maximum, or when it tells nearly nothing of a parameter.
    """
    surface = _Surface(likelihood)
    reason = ""
    sides = (-1.0) ** np.arange(len(likelihood.parameters))
    with _libraries().limit(limits=1, user_api="blas"):  # to wake a thread takes longer than a step
        for spread in _SPREADS:
            start = surface.start.copy()
            start[: len(sides)] += spread * sides
            found, information = _climbed(surface, start)
            reason = _fault(surface, found, information)
            if not reason:
                covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
                return surface.fitted(found, covariance)
    raise NotConverged(f"{likelihood.model} did not converge on {surface.customers}: {reason}")


@cache
def _libraries() -> ThreadpoolController:
    """Libraries with threads that are loaded; to look for them takes longer than a fit may."""
    return ThreadpoolController()


class _Surface:
    """Minus the log-likelihood of one customer on average, over estimates."""

    def __init__(self, likelihood: Likelihood) -> None:
        self.likelihood = likelihood
        self.links = tuple(
            (parameter, covariate)
            for parameter in likelihood.parameters
            for covariate in likelihood.on.get(parameter, ())
        )
        self.total = float(likelihood.weight.sum())
        self.customers = f"{round(self.total):,} customers"
        place = [likelihood.parameters.index(name) for name, _ in self.links]
        self.place = np.array(place, dtype=np.int64)
        self.columns = (
            likelihood.covariates.T[[likelihood.names.index(name) for _, name in self.links]]
            if self.links
            else np.empty((0, len(likelihood.weight)))
        )
        self.start = np.concatenate([np.log(likelihood.start), np.zeros(len(self.links))])

    def __call__(self, estimates: FloatArray) -> tuple[float, FloatArray]:
        count = len(self.likelihood.parameters)
        logs = estimates[:count, None]
        if self.links:
            logs = np.repeat(logs, self.columns.shape[1], axis=1)
            np.add.at(logs, self.place, estimates[count:, None] * self.columns)
        if self.likelihood.summed is not None:
            whole, slope = self.likelihood.summed(np.exp(logs))
            return -whole / self.total, -slope / self.total
        value, slopes = self.likelihood.score(np.exp(logs))
        weight = self.likelihood.weight  # einsum: the last digit of BLAS depends on its threads
        own = np.einsum("kn,n->k", slopes, weight)
        linked = np.einsum("cn,cn,n->c", slopes[self.place], self.columns, weight)
        return (
            -float(np.einsum("n,n->", value, weight)) / self.total,
            -np.concatenate([own, linked]) / self.total,
        )

    def information(self, estimates: FloatArray) -> FloatArray:
        """Second derivatives of minus the log-likelihood of all customers."""
        rows = []
        for place in range(len(estimates)):
            step = np.zeros(len(estimates))
            step[place] = _STEP
            rows.append((self(estimates + step)[1] - self(estimates - step)[1]) / (2 * _STEP))
        whole = np.array(rows) * self.total
        return (whole + whole.T) / 2

    def fitted(self, estimates: FloatArray, covariance: FloatArray) -> Fitted:
        """The result."""
        likelihood = self.likelihood
        return Fitted(
            likelihood.model,
            likelihood.parameters,
            self.links,
            estimates,
            covariance,
            -self(estimates)[0] * self.total,
            round(self.total),
        )


def _climbed(surface: _Surface, start: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Where the climb from a start ends, and the information there."""
    bounds = [(each - FARTHEST, each + FARTHEST) for each in surface.start]
    options = {"maxiter": 1000, "maxfun": 2000, "ftol": 1e-13, "gtol": 1e-8}
    found = minimize(surface, start, jac=True, method="L-BFGS-B", bounds=bounds, options=options).x
    information = surface.information(found)
    for _ in range(_NEWTON_STEPS):
        value, slope = surface(found)
        if not np.all(np.isfinite(information)) or np.linalg.eigvalsh(information)[0] <= 0:
            break
        step = np.linalg.solve(information, slope * surface.total)
        if surface.total * float(slope @ step) / 2 < _UNMET / 1000:
            break
        if surface(found - step)[0] > value:
            break
        found = found - step
        information = surface.information(found)
    return found, information


def _fault(surface: _Surface, found: FloatArray, information: FloatArray) -> str:
    """Why the end of a climb is no maximum that tells the parameters; nothing where it is one."""
    names = surface.fitted(found, information).names
    away = np.abs(found - surface.start) > FARTHEST - 0.1
    if away.any():
        name = names[int(np.flatnonzero(away)[0])]
        return f"the likelihood keeps rising while {name} goes to its bound; {_ADVICE}"
    if not np.all(np.isfinite(information)) or np.linalg.eigvalsh(information)[0] <= 0:
        return f"the likelihood has no peak there; {_ADVICE}"
    error = np.sqrt(np.diag(np.asarray(np.linalg.inv(information), dtype=np.float64)))
    if error.max() > WIDEST:
        name = names[int(error.argmax())]
        return f"the purchases tell next to nothing of {name}; {_ADVICE}"
    slope = surface(found)[1] * surface.total
    if float(slope @ np.linalg.solve(information, slope)) / 2 > _UNMET:
        return f"the search ended on a slope; {_ADVICE}"
    return ""


_ADVICE: Final = (
    "use more customers, a longer time of purchases, fewer covariates, or a simpler model"
)
