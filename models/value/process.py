"""What every model of repeat buying can do, and how one is fitted."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np

from features.errors import RegularsError
from models.spec import FloatArray
from models.value.cells import Cells, roughly
from models.value.fitted import Fitted
from models.value.fitting import maximised
from models.value.grid import Grid, gridded
from models.value.surface import Likelihood, On

_MANY: Final = 4_000
"""Cells from which on a search among fewer comes first."""
_PARTS: Final = 16

OfCells = Callable[[Cells, FloatArray], FloatArray]


class NobodyBoughtAgain(RegularsError):
    """Purchases without repeats do not say how often anybody buys."""


@dataclass(frozen=True, eq=False)
class Process:
    """A model of repeat buying: functions of cells and of parameters, shape (k, 1) or (k, n).

    Attributes
    ----------
    name, title
        What settings and stored models call it, and what people do.
    parameters
        Names of the k parameters.
    is_timed
        By parameter: whether it grows with the unit of time.
    score
        Log-likelihood of each cell and its derivatives by the logarithms of the parameters.
    alive
        Chance to be there still.
    ahead, discounted
        Expected purchases within a horizon of who is there; the latter at a force of interest.
    newcomer
        Expected repeat purchases within times since the first purchase.
    summed
        The sums of ``score`` over all customers with the same parameters, where there is a quicker
        way to them.
    judges_one_time
        Whether it can hold that who bought once has left.
    minds_last
        Whether the purchases ahead of who is there depend on when the last one was.
    """

    name: str
    title: str
    parameters: tuple[str, ...]
    is_timed: tuple[bool, ...]
    score: Callable[[Cells, FloatArray], tuple[FloatArray, FloatArray]]
    alive: OfCells
    ahead: Callable[[Cells, FloatArray, float], FloatArray]
    discounted: Callable[[Cells, FloatArray, float, float], FloatArray]
    newcomer: Callable[[FloatArray, FloatArray], FloatArray]
    summed: Callable[[Grid, FloatArray], tuple[float, FloatArray]] | None = None
    judges_one_time: bool = True
    minds_last: bool = False

    def start(self, cells: Cells) -> FloatArray:
        """Parameters to begin the search with, shape (k,)."""
        usual = max(float(np.average(cells.age, weights=cells.customers)), 1e-3)
        return np.where(self.is_timed, usual / 2, 0.7)


def fit(process: Process, cells: Cells, on: On | None = None) -> Fitted:
    """The model of greatest likelihood.

    Parameters
    ----------
    process
        The model, of `models.value.catalogue`.
    cells
        Customers.
    on
        By parameter: covariates of the cells that its logarithm depends on (Fader and Hardie 2007,
        "Incorporating time-invariant covariates into the Pareto/NBD and BG/NBD models"). A
        coefficient of ``alpha`` is one of buying more slowly: the mean rate is r / alpha.

    Raises
    ------
    NobodyBoughtAgain
        When no customer has a repeat purchase.
    NotConverged
        See `models.value.fitting.maximised`.
    """
    if not (cells.repeats > 0).any():
        raise NobodyBoughtAgain(
            f"{process.title} learns from repeat purchases, but none of {cells.total:,.0f} "
            "customers has one; use purchases of a longer time"
        )
    rough = None
    if len(cells) > _MANY and any(process.is_timed):
        rough = _likelihood(process, roughly(cells, _PARTS), on or {})
    return maximised(_likelihood(process, cells, on or {}), rough)


def _likelihood(process: Process, cells: Cells, on: On) -> Likelihood:
    summed = None
    if process.summed is not None and not on:
        summed = partial(process.summed, gridded(cells))
    return Likelihood(
        process.name,
        process.parameters,
        partial(process.score, cells),
        process.start(cells),
        cells.customers,
        cells.covariates,
        cells.names,
        on,
        summed,
    )
