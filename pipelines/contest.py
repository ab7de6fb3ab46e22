"""Models and simple rules judged on the same customers: estimates, curves, differences."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from models.baselines import WINDOWED_RFM, Baseline, WindowedRfm, restored_rfm
from models.calibration import ScoresUncalibrated, require_calibrated
from models.contacts import worth_contacting
from models.economics import CustomerEconomics, Economics
from models.metrics import METRICS, Estimate, Metric
from models.profit import profit_metrics
from models.rolling import Measured, Outcomes, measure
from models.savings import NothingToSave, retention_costs, savings_estimate
from models.spec import BoolArray, FloatArray
from models.splits import DayArray
from pipelines.config import Business
from pipelines.frames import Frame

MODEL: Final = "model"
"""Name of the config's model among the contestants of its own test."""

SEED = 20_260
"""Of every bootstrap, so that a rerun gives the same intervals."""

CALIBRATED = "yes"
"""What is said of chances that may be taken at their word."""

SAVINGS = "savings"
"""Name of `models.savings.savings` among the metrics of a contest with stakes."""


@dataclass(frozen=True)
class Contest:
    """Probabilities of several contestants for the same customers, and what happened.

    Attributes
    ----------
    churned
        What happened, shape (n,).
    probabilities
        Contestant to its probabilities, each of shape (n,).
    metrics
        What is measured, by name; see `metrics_with`.
    stakes
        What each customer costs and brings; None where nothing is to be said of savings.
    as_of
        Test day of each row, shape (n,); None where all are of one.
    customers
        Customer of each row, shape (n,); None where each has one row.
    """

    churned: BoolArray
    probabilities: Mapping[str, FloatArray]
    metrics: Mapping[str, Metric]
    stakes: CustomerEconomics | None = None
    as_of: DayArray | None = None
    customers: npt.NDArray[np.object_] | None = None

    @cached_property
    def outcomes(self) -> Outcomes:
        """What happened, by test day and customer."""
        return Outcomes(self.churned, self.as_of, self.customers)

    @cached_property
    def measured(self) -> Mapping[str, Measured]:
        """Contestant to its metrics on every test day, all on the same resamples of customers."""
        return measure(self.outcomes, self.probabilities, SEED, metrics=self.metrics)

    def estimates(self) -> dict[str, dict[str, Estimate]]:
        """Contestant to metric to the mean over the test days, with its 95 % interval.

        Savings are those of all days together. They follow from the size of the chances: only those
        of calibrated ones are there.
        """
        return {
            name: measured.means() | self._savings(self.probabilities[name])
            for name, measured in self.measured.items()
        }

    def _savings(self, probability: FloatArray) -> dict[str, Estimate]:
        if self.stakes is None or self._calibrated(probability) != CALIBRATED:
            return {}
        contacted = worth_contacting(probability, self.stakes)
        costs = retention_costs(self.stakes)
        try:
            saved = savings_estimate(
                self.churned, contacted, costs, SEED, groups=self.outcomes.groups
            )
        except NothingToSave:
            return {}
        return {SAVINGS: saved}

    def calibrated(self, name: str) -> str:
        """`CALIBRATED`, or why nothing may be built on the size of a contestant's chances."""
        return self._calibrated(self.probabilities[name])

    def _calibrated(self, probability: FloatArray) -> str:
        groups = self.outcomes.groups
        try:
            require_calibrated(self.churned, probability, "expected profits", groups=groups)
        except ScoresUncalibrated as error:
            return str(error)
        return CALIBRATED

    def differences(self, one: str, other: str) -> dict[str, Estimate]:
        """Metric to mean paired difference, ``one`` minus ``other``, with 95 % interval."""
        return self.measured[one].minus(self.measured[other])


def metrics_with(economics: Economics | None) -> Mapping[str, Metric]:
    """Every metric of an evaluation, those in money among them where there are economics."""
    return METRICS if economics is None else {**METRICS, **profit_metrics(economics)}


def contest_of(
    business: Business, frame: Frame, probabilities: Mapping[str, FloatArray]
) -> Contest:
    """A contest over the rows of a frame, with what the config says of money."""
    economics = business.churn.economics
    stakes = (
        CustomerEconomics.of(economics, frame.features, business.currency.digits)
        if economics
        else None
    )
    return Contest(
        frame.churned,
        probabilities,
        metrics_with(economics),
        stakes,
        frame.as_of,
        frame.customers,
    )


def best_of(
    estimates: Mapping[str, Mapping[str, Estimate]],
    metric: str,
    *,
    is_higher_better: bool,
    but: Collection[str],
) -> str:
    """The contestant that is best in a metric, those in ``but`` left aside."""
    found = {name: each[metric].value for name, each in estimates.items() if name not in but}
    return (max if is_higher_better else min)(found, key=lambda name: found[name])


def said_by(
    baselines: Sequence[Baseline | WindowedRfm],
    features: pd.DataFrame,
    moved: Callable[[FloatArray], FloatArray],
) -> dict[str, FloatArray]:
    """Baseline to its chances, each of shape (n,).

    Simple rules stay as they are; the windowed-RFM model is a peer, and gets what the model's own
    chances get.

    Parameters
    ----------
    baselines
        Fitted.
    features
        Shape (n, k).
    moved
        From calibrated chances to those for the base rate of the day.
    """
    given = {each.name: each.predict(features) for each in baselines}
    if WINDOWED_RFM in given:
        given[WINDOWED_RFM] = moved(given[WINDOWED_RFM])
    return given


def baselines_table(baselines: Sequence[Baseline | WindowedRfm]) -> pd.DataFrame:
    """Baselines as a table that is registered with a model."""
    rows = [
        {"name": each.name, "trees": each.text} if isinstance(each, WindowedRfm) else asdict(each)
        for each in baselines
    ]
    return pd.DataFrame(rows)


def restored_baselines(table: pd.DataFrame) -> tuple[Baseline | WindowedRfm, ...]:
    """Baselines that `baselines_table` wrote."""
    rows = table.astype(object).where(table.notna(), None).to_dict(orient="records")
    return tuple(_restored({str(key): value for key, value in row.items()}) for row in rows)


def _restored(row: dict[str, Any]) -> Baseline | WindowedRfm:
    trees = row.pop("trees", None)
    return restored_rfm(trees) if trees else Baseline(**row)
