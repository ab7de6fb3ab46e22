r"""When a customer leaves: boosted trees on the chance to leave in each week, if not gone before.

A discrete-time hazard model (Singer and Willett 1993, "It's about time: using discrete-time
survival analysis to study duration and the timing of events"; Tutz and Schmid 2016, "Modeling
discrete time-to-event data", chapters 3 and 6):

.. math:: h(w \mid x) = P(T = w \mid T \ge w, x), \quad
          S(w \mid x) = \prod_{u \le w} (1 - h(u \mid x))

The week is a column of the trees like any other, so that hazards need not be proportional.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, SupportsIndex, cast

import lightgbm as lgb
import numpy as np
import numpy.typing as npt
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field

from models.calibration import Platt, fit_platt, log_odds
from models.churn.booster import BoosterFitted, booster_names, restore
from models.lifetimes import Lifetimes, PersonWeeks, person_weeks
from models.spec import BoolArray, FloatArray, IntArray, numbers, require_both_classes

WEEK_COLUMN: Final = "week_at_risk"
"""The last column of a model: 1 asks for the hazard of the first week after as_of."""

_ROWS_AT_ONCE: Final = 65_536


class HazardGbm(BaseModel):
    """Boosted trees by LightGBM on the hazard of each week."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trees: int = Field(default=200, ge=10, le=1000, description="Boosting rounds.")
    leaves: int = Field(default=7, ge=2, le=63, description="Most leaves of one tree.")
    learning_rate: float = Field(default=0.04, ge=0.005, le=0.3, description="Weight of a tree.")
    rows_per_leaf: int = Field(
        default=200, ge=1, le=10_000, description="Least customers × weeks in a leaf."
    )
    column_share: float = Field(
        default=0.5, ge=0.1, le=1.0, description="Share of the columns that each tree may use."
    )
    l2: float = Field(default=10.0, ge=0.0, le=1000.0, description="L2 penalty on leaf values.")
    rows_most: int = Field(
        default=300_000,
        ge=1_000,
        description="Customers × weeks to learn from, at most: all ends are kept, and of the "
        "other weeks a sample, weighted.",
    )
    threads: int = Field(default=1, ge=1, description="Threads of the fit; changes no result.")


@dataclass(frozen=True, eq=False)
class HazardFitted:
    """A Booster over the columns and `WEEK_COLUMN`, and how many weeks it may be asked for.

    Attributes
    ----------
    booster
        The Booster with its column names, the week last.
    weeks
        Weeks from as_of on that were learnt.
    """

    booster: BoosterFitted
    weeks: int

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that describe a customer."""
        return self.booster.columns[:-1]

    @property
    def library_object(self) -> lgb.Booster:
        """The whole model: ``predict`` of columns and week gives hazards."""
        return self.booster.library_object

    def hazards(self, features: pd.DataFrame) -> FloatArray:
        """Chance to leave in each week if not gone before, shape (n, weeks).

        Memory holds the rows once more, and not once for each week.

        Raises
        ------
        ColumnsMissing, ColumnsNotNumbers
            See `models.spec.numbers`.
        """
        return self._hazards(numbers(features, self.columns))

    def survival(self, features: pd.DataFrame) -> FloatArray:
        """Chance to be there still after each week, shape (n, weeks), falling along weeks."""
        return np.cumprod(1 - self.hazards(features), axis=1, dtype=np.float64)

    def calibrated(self, slope: float, intercept: float) -> "HazardFitted":
        """The same model with log-odds ``slope * z + intercept``, folded into its object."""
        return HazardFitted(self.booster.calibrated(slope, intercept), self.weeks)

    def _hazards(self, values: FloatArray) -> FloatArray:
        found = np.empty((len(values), self.weeks))
        for first in range(0, len(values), _ROWS_AT_ONCE):
            rows = slice(first, min(first + _ROWS_AT_ONCE, len(values)))
            asked = np.column_stack([values[rows], np.zeros(rows.stop - first)])
            for week in range(1, self.weeks + 1):
                asked[:, -1] = week
                found[rows, week - 1] = self.library_object.predict(
                    asked, num_threads=self.booster.threads
                )
        return found


class _Rows(lgb.Sequence):
    """Rows of customers and weeks, put together as LightGBM asks for them and never all at once."""

    batch_size = 4096

    def __init__(self, values: FloatArray, found: PersonWeeks) -> None:
        self._values, self._found = values, found

    def __len__(self) -> int:
        return len(self._found.row)

    def __getitem__(self, at: SupportsIndex | slice | list[int]) -> npt.NDArray[Any]:
        where = cast("Any", at)
        row, week = self._found.row[where], self._found.week[where]
        return np.concatenate([self._values[row], np.expand_dims(week, -1)], axis=-1)


def fit(
    spec: HazardGbm, features: pd.DataFrame, lifetimes: Lifetimes, weeks: int, seed: int
) -> HazardFitted:
    """Boosted trees fitted to all weeks at risk, or to a weighted sample of them.

    Equal arguments give an equal model, at any number of threads.

    Parameters
    ----------
    spec
        Settings.
    features
        Shape (n, k): customers at their as_of.
    lifetimes
        Of the same n rows, watched for ``weeks`` at most.
    weeks
        Weeks that the model will be asked for.
    seed
        Of the sample and of the trees.

    Raises
    ------
    OneClassOnly
        When nobody left, or everybody left in the first week that was watched.
    ColumnsMissing, ColumnsNotNumbers
        See `models.spec.numbers`.
    """
    columns = (*(str(name) for name in features.columns), WEEK_COLUMN)
    values = numbers(features, columns[:-1])
    found = person_weeks(lifetimes, spec.rows_most, seed)
    require_both_classes(found.ended, "training on weeks at risk")
    settings = {
        "objective": "binary",
        "seed": seed,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": spec.threads,
        "verbosity": -1,
        "num_leaves": spec.leaves,
        "learning_rate": spec.learning_rate,
        "min_data_in_leaf": spec.rows_per_leaf,
        "feature_fraction": spec.column_share,
        "lambda_l2": spec.l2,
    }
    rows = lgb.Dataset(
        _Rows(values, found),
        label=found.ended.astype(np.float64),
        weight=found.weight,
        feature_name=booster_names(columns),
        params=settings,
    )
    grown = lgb.train(settings, rows, num_boost_round=spec.trees)
    read_back = lgb.Booster(model_str=grown.model_to_string())
    return HazardFitted(BoosterFitted(columns, read_back, spec.threads), weeks)


def calibrate(
    fitted: HazardFitted, features: pd.DataFrame, later: Lifetimes, most: int, seed: int
) -> tuple[HazardFitted, Platt]:
    """The model with the log-odds of its hazards calibrated on later weeks, and the line.

    Parameters
    ----------
    fitted
        The model.
    features, later
        Customers at their as_of, and their weeks that the model was not fitted on: who was watched
        before is at risk from ``since`` on.
    most
        Customers × weeks to look at; beyond that whole customers are left out.
    seed
        Of who is left out.
    """
    at_risk = later.weeks - later.entered
    share = min(1.0, most / max(int(at_risk.sum()), 1))
    kept = (at_risk > 0) & (np.random.default_rng(seed).random(len(at_risk)) < share)
    chosen = later.where(kept)
    found = person_weeks(chosen, int(chosen.weeks.sum()), seed)
    odds = log_odds(_of_weeks(fitted, features[kept], found))
    line = fit_platt(found.ended, odds)
    return fitted.calibrated(line.slope, line.intercept), line


def _of_weeks(fitted: HazardFitted, features: pd.DataFrame, found: PersonWeeks) -> FloatArray:
    """Hazards of the rows of customers and weeks, shape (m,), by batches of customers."""
    parts = [np.empty(0)]
    for first in range(0, len(features), _ROWS_AT_ONCE):
        last = first + _ROWS_AT_ONCE
        here = (found.row >= first) & (found.row < last)
        hazards = fitted.hazards(features.iloc[first:last])
        parts.append(hazards[found.row[here] - first, found.week[here] - 1])
    return np.concatenate(parts)


def restored(
    library_object: Any,  # noqa: ANN401 - whatever the registry loaded; checked inside
    columns: Sequence[str],
    weeks: int,
) -> HazardFitted:
    """A fitted model around a Booster that was registered with these columns, the week last.

    Raises
    ------
    ColumnsMissing
        When the object is no Booster of these columns in this order.
    """
    return HazardFitted(restore(library_object, columns), weeks)


def leaving_within(survival: FloatArray, horizons: Sequence[int]) -> FloatArray:
    """Chance to be gone after each of the horizons (weeks, from 1 on), shape (n, horizons)."""
    return 1 - survival[:, np.asarray(horizons, dtype=np.int64) - 1]


def restricted_mean(survival: FloatArray) -> FloatArray:
    r"""Expected weeks until the end within the weeks of the curve, shape (n,), in 0..weeks.

    .. math:: RMST = \int_0^W S(t)\,dt

    with S straight between weeks: who leaves in a week leaves in its middle, who outlasts all W
    counts as W. It is no whole expected lifetime and grows with W. Source: Royston and Parmar
    2013, "Restricted mean survival time: an alternative to the hazard ratio".
    """
    return np.asarray(survival.sum(axis=1) + (1 - survival[:, -1]) / 2, dtype=np.float64)


def extrapolated_mean(survival: FloatArray) -> FloatArray:
    r"""Expected weeks until the end, shape (n,), if the last hazards went on for ever.

    .. math:: RMST + S(W) \left(\frac{1}{\bar h} - \frac12\right), \quad
              \bar h = 1 - \left(\frac{S(W)}{S(W - m)}\right)^{1/m}

    with m a quarter of the weeks, rounded up: a geometric tail. Nothing that was observed speaks
    for it; infinite where nobody leaves in those weeks.
    """
    weeks = survival.shape[1]
    tail = -(-weeks // 4)
    before = survival[:, weeks - tail - 1] if tail < weeks else np.ones(len(survival))
    last = survival[:, -1]
    kept = np.divide(last, before, out=np.zeros_like(last), where=before > 0) ** (1 / tail)
    with np.errstate(divide="ignore"):
        beyond = 1 / (1 - kept) - 0.5
    more = np.multiply(last, beyond, out=np.zeros_like(last), where=last > 0)
    mean: FloatArray = restricted_mean(survival) + more
    return mean


def median_weeks(survival: FloatArray) -> IntArray:
    """First week by whose end half are gone, shape (n,); 0: not within the curve."""
    reached: BoolArray = survival <= 1 / 2
    return np.where(reached.any(axis=1), reached.argmax(axis=1) + 1, 0)
