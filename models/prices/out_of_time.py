"""Whether price and promotion tell of later weeks what the usual level does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from models.metrics import Estimate, estimate
from models.prices.elasticity import Elasticities, elasticities
from models.prices.evidence import Wanted
from models.prices.panel import Panel
from models.spec import FloatArray, IntArray

CONTESTANTS: Final = ("level", "promotion", "own_price", "price")
"""The item's usual level alone; with promotion; with price and promotion, each item's own figures;
and with price and promotion after pooling."""

BEST: Final = "price"
"""The contestant that the others are held against."""


@dataclass(frozen=True, eq=False)
class OutOfTime:
    """How well units of later weeks are told.

    Attributes
    ----------
    items, rows, weeks
        Items, their rows, and weeks that were looked at.
    error
        Contestant (`CONTESTANTS`) to the mean squared error of the logarithm of units.
    gain
        Contestant other than `BEST` to the share of its error that the best does without: above 0
        where price helps. 95 % intervals.
    """

    items: int
    rows: int
    weeks: int
    error: Mapping[str, Estimate]
    gain: Mapping[str, Estimate]

    @property
    def is_better(self) -> bool:
        """Whether price and promotion tell more than the level and than promotion alone."""
        return all(self.gain[name].low > 0 for name in ("level", "promotion"))


def out_of_time(
    panel: Panel,
    belongs: pd.DataFrame,
    wanted: Wanted,
    since: int,
    *,
    seed: int,
    resamples: int = 1000,
) -> OutOfTime | None:
    """Errors in the weeks from ``since`` on of what was fitted on the weeks before it.

    Prices and promotions of the later weeks are taken as known, as they are to who plans them; what
    is told is how units follow them. Where week effects are asked for, what all rows of a later
    week have in common is taken off each contestant's errors: nobody knows it beforehand. Only
    items whose price elasticity is estimated are looked at, in weeks with a sale.

    Intervals resample items and weeks at once, since the rows of an item and those of a week are
    alike: the pigeonhole bootstrap (Owen 2007, "The pigeonhole bootstrap"), which is on the safe
    side.

    Parameters
    ----------
    panel
        What was sold before the as_of.
    belongs, wanted
        As of `elasticities`.
    since
        The first week that is not fitted.
    seed
        Equal seeds draw alike.
    resamples
        Bootstrap resamples.

    Returns
    -------
    OutOfTime or None
        None where no item can be looked at, or a contestant leaves no error at all that price could
        take off: the only item of its weeks, say, of which their effects take all.

    Raises
    ------
    TooFewItems
        When week effects are asked of too few items.
    """
    past = panel.where(panel.week < since)
    found = elasticities(past, belongs, wanted)
    told = past.where(~found.evidence.alone)  # what was fitted: other weeks may have no effect
    later = _comparable(panel, told, found, since)
    if not len(later):
        return None
    weeks, week = np.unique(later.week, return_inverse=True)
    items, item = np.unique(later.item, return_inverse=True)
    shape = (len(items), len(weeks))
    squares: dict[str, FloatArray] = {}
    for name in CONTESTANTS:
        errors = _errors(told, later, found, name)
        if wanted.week_effects:
            errors -= (np.bincount(week, errors) / np.bincount(week))[week]
        squares[name] = _cells(item, week, errors**2, shape)
    rows = _cells(item, week, np.ones(len(later)), shape)
    drawn = _drawn(squares, rows, seed, resamples)
    exact = {name: float(each.sum()) / len(later) for name, each in squares.items()}
    if not all(exact[name] > 0 for name in CONTESTANTS if name != BEST):
        return None
    return OutOfTime(
        *(len(items), len(later), len(weeks)),
        error={name: estimate(exact[name], drawn[name]) for name in CONTESTANTS},
        gain={
            name: estimate(1 - exact[BEST] / exact[name], _gains(drawn[BEST], drawn[name]))
            for name in CONTESTANTS
            if name != BEST
        },
    )


def _comparable(panel: Panel, told: Panel, found: Elasticities, since: int) -> Panel:
    """Later rows of items with an own elasticity, in stores with weeks that were fitted."""
    has_level = np.isin(_series(panel, panel), _series(told, panel))
    has_price = np.isfinite(found.values("price", "own"))
    return panel.where(has_level & has_price[panel.item] & (panel.week >= since))


def _series(rows: Panel, whole: Panel) -> IntArray:
    """A number for each item and store."""
    return rows.item * (int(whole.store.max(initial=0)) + 1) + rows.store


def _errors(told: Panel, later: Panel, found: Elasticities, contestant: str) -> FloatArray:
    """Logarithm of units less what the contestant says, but for the effect of the week.

    The level of an item in a store is that of the rows that were fitted, as in the regressions.
    """
    price, promotion = _coefficients(found, contestant)
    fitted = found.with_price if "price" in contestant else found.without_price

    def left(rows: Panel) -> FloatArray:
        moved: FloatArray = price[rows.item] * rows.log_price + promotion[rows.item] * rows.promoted
        return rows.log_units - moved

    series = _series(told, later)
    size = int(max(series.max(), _series(later, later).max())) + 1
    before = left(told) - fitted.week_effects[told.week]
    count = np.maximum(np.bincount(series, minlength=size), 1)
    level = np.bincount(series, before, minlength=size) / count
    return left(later) - level[_series(later, later)]


def _coefficients(found: Elasticities, contestant: str) -> tuple[FloatArray, FloatArray]:
    """Of price and of promotion, for each item; 0 where the contestant does not look at it."""
    nothing = np.zeros(len(found.evidence.frame))
    if contestant == "level":
        return nothing, nothing
    if contestant == "promotion":
        return nothing, np.nan_to_num(found.values("promotion_whole"))
    price, promotion = found.values("price"), np.nan_to_num(found.values("promotion"))
    if contestant == "own_price":
        own = found.values("promotion", "own")
        return found.values("price", "own"), np.where(np.isfinite(own), own, promotion)
    return price, promotion


def _cells(item: IntArray, week: IntArray, value: FloatArray, shape: tuple[int, int]) -> FloatArray:
    """Sums by item and week."""
    flat = np.bincount(item * shape[1] + week, value, minlength=shape[0] * shape[1])
    return flat.reshape(shape).astype(np.float64)


def _gains(best: FloatArray, other: FloatArray) -> FloatArray:
    """Share of the other's error that the best does without; NaN where there is none."""
    nothing = np.full(len(best), np.nan)
    left: FloatArray = np.divide(best, other, out=nothing, where=other > 0)
    return 1 - left


def _drawn(
    squares: Mapping[str, FloatArray], rows: FloatArray, seed: int, resamples: int
) -> dict[str, FloatArray]:
    """Mean squared error of each contestant in each resample, shape (resamples,)."""
    random = np.random.default_rng(seed)
    items, weeks = rows.shape
    found: dict[str, list[float]] = {name: [] for name in squares}
    for _ in range(resamples):
        of_item = np.bincount(random.integers(items, size=items), minlength=items)
        of_week = np.bincount(random.integers(weeks, size=weeks), minlength=weeks)
        count = float(of_item @ rows @ of_week)
        for name, each in squares.items():
            whole = float(of_item @ each @ of_week)
            found[name].append(whole / count if count > 0 else np.nan)
    return {name: np.array(each) for name, each in found.items()}
