"""Log-log regressions of items with fixed effects of items, stores and weeks."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from statsmodels.regression.linear_model import OLS

from features.errors import RegularsError
from models.prices.panel import Panel
from models.spec import BoolArray, FloatArray

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
    """

    slopes: Mapping[str, Slopes]
    week_effects: FloatArray


@dataclass(frozen=True, eq=False)
class _Design:
    """Dummies of the item's stores, then its regressors."""

    item: int
    rows: slice
    stores: int
    names: tuple[str, ...]
    matrix: FloatArray


def fit(panel: Panel, uses: Mapping[str, BoolArray], *, week_effects: bool) -> Fit:
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

    Raises
    ------
    TooFewItems
        When there are fewer than `ITEMS_LEAST` rows in a week, on average.
    """
    designs = list(_designs(panel, uses))
    used = sum(each.rows.stop - each.rows.start for each in designs)
    weeks = int(panel.week.max(initial=-1)) + 1
    effects, share_left = np.zeros(weeks), 1.0
    if week_effects and designs:
        seen = len(np.unique(np.concatenate([panel.week[each.rows] for each in designs])))
        _require_items(used, seen, len(designs))
        effects, share_left = _week_effects(panel, designs, weeks), 1 - (seen - 1) / used
    shape = len(panel.items)
    found = {name: np.full((3, shape), np.nan) for name in uses}
    for each in designs:
        done = _one(panel, each, panel.log_units[each.rows] - effects[panel.week[each.rows]])
        for place, name in enumerate(each.names, start=each.stores):
            error = float(done.bse[place]) / np.sqrt(share_left)
            freedom = getattr(done, "df_resid_inference", done.df_resid)  # weeks, less one
            found[name][:, each.item] = (done.params[place], error, freedom)
    return Fit({name: Slopes(*each) for name, each in found.items()}, effects)


def _designs(panel: Panel, uses: Mapping[str, BoolArray]) -> Iterator[_Design]:
    columns = {"price": panel.log_price, "promotion": panel.promoted}
    for item in np.flatnonzero(np.any(list(uses.values()), axis=0)):
        rows = panel.rows_of(int(item))
        stores, store = np.unique(panel.store[rows], return_inverse=True)
        names = tuple(name for name, has in uses.items() if has[item])
        dummies = (store[:, None] == np.arange(len(stores))).astype(np.float64)
        matrix = np.column_stack([dummies, *(columns[name][rows] for name in names)])
        yield _Design(int(item), rows, len(stores), names, matrix)


def _week_effects(panel: Panel, designs: list[_Design], weeks: int) -> FloatArray:
    """Shape (weeks,): of mean 0 over the rows; 0 in weeks without one."""
    square, right = np.zeros((weeks, weeks)), np.zeros(weeks)
    count = np.zeros(weeks)
    for each in designs:
        basis = np.linalg.qr(each.matrix)[0]
        week, units = panel.week[each.rows], panel.log_units[each.rows]
        held = np.zeros((basis.shape[1], weeks))
        np.add.at(held.T, week, basis)
        own = np.bincount(week, minlength=weeks).astype(np.float64)
        count += own
        square += np.diag(own) - held.T @ held
        right += np.bincount(week, units, minlength=weeks) - held.T @ (basis.T @ units)
    effects = np.asarray(np.linalg.lstsq(square, right, rcond=None)[0], dtype=np.float64)
    seen = count > 0
    effects[seen] -= np.average(effects[seen], weights=count[seen])
    effects[~seen] = 0.0
    return effects


def _one(panel: Panel, each: _Design, units: FloatArray) -> Any:  # noqa: ANN401  # no types
    """Regression of one item."""
    model = OLS(units, each.matrix)
    if each.stores == 1:
        return model.fit(cov_type="HC3", use_t=True)
    groups = panel.week[each.rows]
    return model.fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)


def _require_items(used: int, weeks: int, items: int) -> None:
    if used < ITEMS_LEAST * weeks:
        message = (
            f"effects of weeks that all items share need {ITEMS_LEAST} items a week or more, but "
            f"the price or promotion of {items} varied, in {used / weeks:.1f} rows a week; do "
            f"without them (week_effects: false)"
        )
        raise TooFewItems(message)
