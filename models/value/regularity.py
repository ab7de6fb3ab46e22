"""How regular customers buy: MBG/CNBD-k with the k of greatest likelihood."""

from dataclasses import dataclass, replace
from typing import Final

import pandas as pd

from models.value.catalogue import mbg_cnbd_k
from models.value.cells import Cells
from models.value.fitted import Fitted
from models.value.fitting import NotConverged
from models.value.process import Process, fit
from models.value.surface import On

MOST: Final = 12
"""Largest k that is tried: beyond it times between purchases hardly vary."""

_WORSE: Final = 2


@dataclass(frozen=True, eq=False)
class Regular:
    """The best of some regularities.

    Attributes
    ----------
    process, fitted
        The model of it. Its log-likelihood holds the times between purchases.
    tried
        One row per regularity: k, log_likelihood.
    """

    process: Process
    fitted: Fitted
    tried: pd.DataFrame


def fit_regular(
    cells: Cells, log_intervals: float, on: On | None = None, most: int = MOST
) -> Regular:
    """MBG/CNBD-k with k chosen by the greatest likelihood (Reutterer, Platzer and Schröder 2021).

    From 1 on, until two in a row are worse.

    Parameters
    ----------
    cells
        Customers.
    log_intervals
        Sum of the natural logarithms of all times between purchases of a customer, in the unit of
        the cells (`models.value.summary.summarised` has it by customer).
    on
        See `models.value.process.fit`.
    most
        Largest k, from 1 on.

    Raises
    ------
    NobodyBoughtAgain, NotConverged
        See `models.value.process.fit`; the latter when no k converges.
    """
    found: dict[int, Fitted] = {}
    worse, reason = 0, ""
    for k in range(1, most + 1):
        try:
            fitted = fit(mbg_cnbd_k(k), cells, on)
        except NotConverged as error:
            worse, reason = worse + 1, str(error)
        else:
            whole = fitted.log_likelihood + (k - 1) * log_intervals
            is_worse = any(each.log_likelihood >= whole for each in found.values())
            worse = worse + 1 if is_worse else 0
            found[k] = replace(fitted, log_likelihood=whole)
        if worse == _WORSE:
            break
    if not found:
        raise NotConverged(reason)
    best = max(found, key=lambda k: found[k].log_likelihood)
    tried = pd.DataFrame(
        {"k": list(found), "log_likelihood": [each.log_likelihood for each in found.values()]}
    )
    return Regular(mbg_cnbd_k(best), found[best], tried)
