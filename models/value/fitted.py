"""A model of greatest likelihood: its estimates, their intervals, and what is made of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd

from models.metrics import Z_95, Estimate
from models.spec import ColumnsMissing, FloatArray

_STEP: Final = 1e-4


@dataclass(frozen=True, eq=False)
class Fitted:
    """A model of greatest likelihood; plain numbers that can be stored and put together again.

    Attributes
    ----------
    model
        Name of the model.
    parameters
        Names of its k parameters.
    links
        Parameter and covariate of each coefficient.
    estimates
        Shape (k + c,): natural logarithms of the parameters, where all covariates are 0, and then
        coefficients: what a parameter's logarithm grows by when the covariate does by one.
    covariance
        Shape (k + c, k + c), of the estimates: the inverse of the observed information.
    log_likelihood
        At the estimates.
    customers
        How many it was fitted on.
    """

    model: str
    parameters: tuple[str, ...]
    links: tuple[tuple[str, str], ...]
    estimates: FloatArray
    covariance: FloatArray
    log_likelihood: float
    customers: int

    @property
    def names(self) -> tuple[str, ...]:
        """Of the estimates: parameters, then ``parameter × covariate``."""
        return (*self.parameters, *(f"{name} × {covariate}" for name, covariate in self.links))

    @property
    def bayesian_information(self) -> float:
        """Schwarz's criterion, less is better: of models of equal customers."""
        return float(len(self.estimates) * np.log(self.customers) - 2 * self.log_likelihood)

    def value(self, parameter: str) -> float:
        """A parameter where all covariates are 0."""
        return float(np.exp(self.estimates[self.parameters.index(parameter)]))

    def at(self, covariates: FloatArray, names: Sequence[str]) -> FloatArray:
        """Parameters of rows with these covariates, shape (k, n); (k, 1) when there are no links.

        Parameters
        ----------
        covariates, names
            Shape (n, c) and their names, among them those of the links.

        Raises
        ------
        ColumnsMissing
            When a covariate of a link is not among the names.
        """
        count = len(self.parameters)
        logs = np.repeat(self.estimates[:count, None], len(covariates) if self.links else 1, axis=1)
        for (parameter, covariate), slope in zip(self.links, self.estimates[count:], strict=True):
            if covariate not in names:
                raise ColumnsMissing(
                    f"{self.model} was fitted with the covariate {covariate}, but the cells have "
                    f"{', '.join(names) or 'none'}; count the cells by it too"
                )
            logs[self.parameters.index(parameter)] += slope * covariates[:, names.index(covariate)]
        return np.exp(logs)

    def record(self) -> dict[str, object]:
        """Plain numbers, lists and names, of which `restored` makes the model again."""
        return {
            "model": self.model,
            "parameters": list(self.parameters),
            "links": [list(each) for each in self.links],
            "estimates": self.estimates.tolist(),
            "covariance": self.covariance.tolist(),
            "log_likelihood": self.log_likelihood,
            "customers": self.customers,
        }

    def table(self) -> pd.DataFrame:
        """A row per estimate: name, value, low, high (95 %), and error.

        Values are parameters and coefficients as they are; errors those of the logarithm of a
        parameter and of a coefficient. Intervals of parameters are symmetric in the logarithm.
        """
        error = np.sqrt(np.diag(self.covariance))
        ends = [self.estimates + side * Z_95 * error for side in (0, -1, 1)]
        is_log = np.arange(len(error)) < len(self.parameters)
        value, low, high = (np.where(is_log, np.exp(each), each) for each in ends)
        return pd.DataFrame(
            {"name": self.names, "value": value, "low": low, "high": high, "error": error}
        )


def restored(record: Mapping[str, Any]) -> Fitted:
    """A model of what `Fitted.record` gave, also after it was written as JSON and read."""
    return Fitted(
        record["model"],
        tuple(record["parameters"]),
        tuple((parameter, covariate) for parameter, covariate in record["links"]),
        np.array(record["estimates"], dtype=np.float64),
        np.array(record["covariance"], dtype=np.float64),
        float(record["log_likelihood"]),
        int(record["customers"]),
    )


def derived(fitted: Fitted, quantity: Callable[[Fitted], float]) -> Estimate:
    r"""A figure made of the parameters, with its 95 % interval by the delta method.

    .. math:: Var\, g(\hat\theta) \approx \nabla g^\top \Sigma\, \nabla g

    with the gradient by central differences in the estimates. Only what is not known of the
    parameters is in the interval, not what chance does to customers to come.

    Parameters
    ----------
    quantity
        The figure, of a fitted model: of this one, and of some whose estimates differ slightly.
    """
    slopes = np.empty(len(fitted.estimates))
    for place in range(len(slopes)):
        ends = []
        for side in (1.0, -1.0):
            moved = fitted.estimates.copy()
            moved[place] += side * _STEP
            ends.append(quantity(replace(fitted, estimates=moved)))
        slopes[place] = (ends[0] - ends[1]) / (2 * _STEP)
    value = quantity(fitted)
    half = Z_95 * float(np.sqrt(max(float(slopes @ fitted.covariance @ slopes), 0.0)))
    return Estimate(value, value - half, value + half)
