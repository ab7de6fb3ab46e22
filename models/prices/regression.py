"""Log-log regressions of items with fixed effects of items, stores and weeks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from statsmodels.regression.linear_model import OLS

from features.errors import RegularsError
from models.prices.panel import Panel
from models.spec import BoolArray, FloatArray, IntArray

ITEMS_LEAST: Final = 5
"""Rows of a week, on average, before its effect can be told from its items' own ups and downs."""


class TooFewItems(RegularsError):
    """There are too few items to see what they have in common in a week."""


@dataclass(frozen=True, eq=False)
class Slopes:
    """What one regressor does to the logarithm of the units of each item.

    Attributes
    ----------
    value, error
        Shape (i,): coefficient and standard error; NaN for items without one.
    freedom
        Shape (i,): degrees of freedom of Student's t; NaN likewise.
    """

    value: FloatArray
    error: FloatArray
    freedom: FloatArray


@dataclass(frozen=True, eq=False)
class Fit:
    """Regressions of all items.

    Attributes
    ----------
    slopes
        By regressor.
    week_effects
        Shape (weeks,): what all items have in common, in logarithms of units; 0 where it was not
        asked for, and in weeks without a row.
    share_left
        Degrees of freedom that the week effects leave, as a share (0..1) of the rows that they were
        estimated on; 1 where there are none.
    """

    slopes: Mapping[str, Slopes]
    week_effects: FloatArray
    share_left: float


@dataclass(frozen=True, eq=False)
class _Design:
    """An item's rows, their stores (from 0 on), and its regressors less their store's mean."""

    item: int
    rows: slice
    store: IntArray
    names: tuple[str, ...]
    matrix: FloatArray

    @property
    def stores(self) -> int:
        """Number of them."""
        return int(self.store.max()) + 1

    def within(self, column: FloatArray) -> FloatArray:
        """A column less its mean in each store."""
        means = np.bincount(self.store, column) / np.bincount(self.store)
        found: FloatArray = column - means[self.store]
        return found


def fit(
    panel: Panel,
    uses: Mapping[str, BoolArray],
    *,
    week_effects: bool,
    other: Fit | None = None,
) -> Fit:
    r"""Coefficients of the regressors of each item, by ordinary least squares.

    .. math:: \ln q_{ist} = \alpha_{is} + \gamma_t + \eta_i \ln p_{ist} + \beta_i m_{ist}
              + \varepsilon_{ist}

    for item i in store s and week t, with units q, price p and promoted share m: the log-log model
    of Wittink et al. 1988 ("SCAN*PRO: the estimation, validation and use of promotional effects
    based on scanner data") without the competitors' prices. The week effects, which all items
    share, are those of the joint least squares over all items: their normal equations after each
    item's own regressors are taken out (Frisch and Waugh 1933, Lovell 1963).

    Errors: one row per week has White's heteroscedasticity-consistent ones in the form HC3
    (MacKinnon and White 1985), which is the jackknife over weeks; with several stores they are
    clustered by week (Liang and Zeger 1986), since the stores of a week share its demand and its
    promotions. They take week effects as known, but for a correction of the degrees of freedom,
    and weeks as independent of each other.

    Parameters
    ----------
    panel
        What was sold.
    uses
        Regressor (price, promotion) to whether each item has it, shape (i,). Items with none are
        not looked at.
    week_effects
        Whether there are any.
    other
        Another regression of the same panel: where there are fewer than `ITEMS_LEAST` rows in a
        week, on average, its week effects are taken, if it has any.

    Raises
    ------
    TooFewItems
        When there are so few, and no other.
    """
    designs = list(_designs(panel, uses))
    weeks = int(panel.week.max(initial=-1)) + 1
    effects, share_left = np.zeros(weeks), 1.0
    if week_effects:
        effects, share_left = _shared(panel, designs, weeks, other)
    shape = len(panel.items)
    found = {name: np.full((3, shape), np.nan) for name in uses}
    for each in designs:
        units = panel.log_units[each.rows] - effects[panel.week[each.rows]]
        told = _one(each, each.within(units), panel.week[each.rows])
        for name, value, error in zip(each.names, told.value, told.error, strict=True):
            found[name][:, each.item] = (value, error / np.sqrt(share_left), told.freedom)
    return Fit({name: Slopes(*each) for name, each in found.items()}, effects, share_left)


def _designs(panel: Panel, uses: Mapping[str, BoolArray]) -> Iterator[_Design]:
    columns = {"price": panel.log_price, "promotion": panel.promoted}
    for item in np.flatnonzero(np.any(list(uses.values()), axis=0)):
        rows = panel.rows_of(int(item))
        store = np.unique(panel.store[rows], return_inverse=True)[1].astype(np.int64)
        names = tuple(name for name, has in uses.items() if has[item])
        empty = _Design(int(item), rows, store, names, np.empty((len(store), 0)))
        matrix = np.column_stack([empty.within(columns[name][rows]) for name in names])
        yield replace(empty, matrix=matrix)


def _shared(
    panel: Panel, designs: list[_Design], weeks: int, other: Fit | None
) -> tuple[FloatArray, float]:
    """Week effects, of the designs or of the other; and the share that they leave, see `Fit`."""
    used = sum(each.rows.stop - each.rows.start for each in designs)
    weeks_of = [panel.week[each.rows] for each in designs]
    seen = len(np.unique(np.concatenate(weeks_of))) if designs else 0
    is_told = used > 0 and used >= ITEMS_LEAST * seen
    if not is_told and other is not None and other.share_left < 1:
        return other.week_effects, other.share_left
    if not used:
        return np.zeros(weeks), 1.0
    _require_items(used, seen, len(designs))
    return _week_effects(panel, designs, weeks), 1 - (seen - 1) / used


def _week_effects(panel: Panel, designs: list[_Design], weeks: int) -> FloatArray:
    """Shape (weeks,): of mean 0 over the rows; 0 in weeks without one."""
    square, right = np.zeros((weeks, weeks)), np.zeros(weeks)
    count = np.zeros(weeks)
    for each in designs:
        week, units = panel.week[each.rows], panel.log_units[each.rows]
        basis = np.linalg.qr(each.matrix)[0]
        length = np.sqrt(np.bincount(each.store))
        stores = np.bincount(each.store * weeks + week, minlength=len(length) * weeks)
        held = np.zeros((basis.shape[1], weeks))
        np.add.at(held.T, week, basis)
        held = np.vstack([stores.reshape(-1, weeks) / length[:, None], held])
        known = np.concatenate([np.bincount(each.store, units) / length, basis.T @ units])
        own = np.bincount(week, minlength=weeks).astype(np.float64)
        count += own
        square += np.diag(own) - held.T @ held
        right += np.bincount(week, units, minlength=weeks) - held.T @ known
    effects = np.asarray(np.linalg.lstsq(square, right, rcond=None)[0], dtype=np.float64)
    seen = count > 0
    effects[seen] -= np.average(effects[seen], weights=count[seen])
    effects[~seen] = 0.0
    return effects


@dataclass(frozen=True, eq=False)
class _Told:
    """Coefficients and errors of one item's regressors, and the degrees of freedom."""

    value: FloatArray
    error: FloatArray
    freedom: float


def _one(each: _Design, units: FloatArray, week: IntArray) -> _Told:
    """Regression of one item; of several stores within them, at the price of a mean for each."""
    if each.stores == 1:
        model = OLS(units, np.column_stack([np.ones(len(units)), each.matrix]))
        done = model.fit(cov_type="HC3", use_t=True)
        return _Told(done.params[1:], _errors(done.cov_params())[1:], done.df_resid)
    clusters = {"groups": week}
    done = OLS(units, each.matrix).fit(cov_type="cluster", cov_kwds=clusters, use_t=True)
    scale = np.sqrt(done.df_resid / (done.df_resid - each.stores))
    return _Told(done.params, scale * _errors(done.cov_params()), done.df_resid_inference)


def _errors(covariance: FloatArray) -> FloatArray:
    """Standard errors; 0 where rounding leaves less than nothing of a variance."""
    found: FloatArray = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    return found


def _require_items(used: int, weeks: int, items: int) -> None:
    if used < ITEMS_LEAST * weeks:
        message = (
            f"effects of weeks that all items share need {ITEMS_LEAST} items a week or more, but "
            f"the price or promotion of {items} varied, in {used / weeks:.1f} rows a week; do "
            f"without them (week_effects: false)"
        )
        raise TooFewItems(message)
