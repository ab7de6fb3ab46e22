"""A likelihood as a surface over estimates: its height, its slope, and how it bends."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np

from models.spec import ColumnsMissing, FiguresUnfit, FloatArray
from models.value.fitted import Fitted

Score = Callable[[FloatArray], tuple[FloatArray, FloatArray]]
"""Of parameters, shape (k, 1) or (k, n): log-likelihoods, shape (n,), and their derivatives with
respect to the logarithms of the parameters, shape (k, n)."""

On = Mapping[str, Sequence[str]]
"""By parameter: the covariates that its logarithm depends on."""

_STEP: Final = 3e-5


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

    def __post_init__(self) -> None:
        unknown = [each for each in self.on if each not in self.parameters]
        if unknown:
            raise ColumnsMissing(
                f"{self.model} has the parameters {', '.join(self.parameters)}, and none named "
                f"{', '.join(unknown)} that could depend on covariates"
            )
        asked = dict.fromkeys(each for names in self.on.values() for each in names)
        missing = [each for each in asked if each not in self.names]
        if missing:
            raise ColumnsMissing(
                f"{self.model} was to depend on {', '.join(missing)}, but customers have "
                f"{', '.join(self.names) or 'no covariates'}; count them by these covariates too"
            )
        for name in asked:
            wrong = int((~np.isfinite(self.covariates[:, self.names.index(name)])).sum())
            if wrong:
                raise FiguresUnfit(
                    f"{self.model} was to depend on {name}, which is missing or infinite in "
                    f"{wrong:,} of {len(self.weight):,} rows; fill it, or leave these rows out"
                )


class Surface:
    """Minus the log-likelihood of one customer on average.

    Estimates are logarithms of the parameters and then slopes, as in `Fitted`, but of covariates
    less their mean and in multiples of their standard deviation, so that all are of one size.
    """

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
        self.columns, self.middle, self.spread = self._columns()
        self.start = np.concatenate([np.log(likelihood.start), np.zeros(len(self.links))])

    def _columns(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Covariates of the links, shape (links, n), with their means and deviations."""
        likelihood = self.likelihood
        if not self.links:
            return np.empty((0, len(likelihood.weight))), np.empty(0), np.empty(0)
        at = [likelihood.names.index(name) for _, name in self.links]
        columns = likelihood.covariates.T[at].astype(np.float64)
        share = likelihood.weight / self.total
        middle = np.einsum("cn,n->c", columns, share)
        columns = columns - middle[:, None]
        spread = np.sqrt(np.einsum("cn,cn,n->c", columns, columns, share))
        spread[spread == 0] = 1.0
        return columns / spread[:, None], middle, spread

    def __call__(self, estimates: FloatArray) -> tuple[float, FloatArray]:
        """The height there, and its derivatives."""
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

    def bend(self, estimates: FloatArray, slope: FloatArray) -> FloatArray:
        """Second derivatives where the slope is known, as differences of slopes."""
        rows = []
        for place in range(len(estimates)):
            moved = estimates.copy()
            moved[place] += _STEP
            rows.append((self(moved)[1] - slope) / _STEP)
        whole = np.array(rows)
        return np.asarray((whole + whole.T) / 2, dtype=np.float64)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of the estimates."""
        return self.fitted(self.start, np.eye(len(self.start)), 0.0).names

    def fitted(self, estimates: FloatArray, bend: FloatArray, height: float) -> Fitted:
        """The model of estimates there, in the units of the covariates."""
        count = len(self.likelihood.parameters)
        back = np.diag(np.concatenate([np.ones(count), 1 / self.spread]))
        np.subtract.at(
            back, (self.place, count + np.arange(len(self.links))), self.middle / self.spread
        )
        covariance = np.linalg.inv(bend * self.total)
        return Fitted(
            self.likelihood.model,
            self.likelihood.parameters,
            self.links,
            np.einsum("ij,j->i", back, estimates),
            np.einsum("ij,jk,lk->il", back, covariance, back),
            -height * self.total,
            round(self.total),
        )
