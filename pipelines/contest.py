"""Models and simple rules judged on the same customers: estimates, curves, differences."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import pandas as pd

from models.baselines import Baseline
from models.calibration import ScoresUncalibrated, require_calibrated
from models.contacts import worth_contacting
from models.economics import CustomerEconomics, Economics
from models.metrics import METRICS, Estimate, Metric, evaluate, paired_difference
from models.profit import profit_metrics
from models.savings import NothingToSave, retention_costs, savings_estimate
from models.spec import BoolArray, FloatArray
from pipelines.config import Business
from pipelines.frames import Frame

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
    """

    churned: BoolArray
    probabilities: Mapping[str, FloatArray]
    metrics: Mapping[str, Metric]
    stakes: CustomerEconomics | None = None

    def estimates(self) -> dict[str, dict[str, Estimate]]:
        """Contestant to metric to value with 95 % interval, each by the same resamples.

        Savings follow from the size of the chances: only those of calibrated ones are there.
        """
        return {
            name: evaluate(self.churned, probability, SEED, metrics=self.metrics)
            | self._savings(probability)
            for name, probability in self.probabilities.items()
        }

    def _savings(self, probability: FloatArray) -> dict[str, Estimate]:
        if self.stakes is None:
            return {}
        if _calibrated(self.churned, probability) != CALIBRATED:
            return {}
        contacted = worth_contacting(probability, self.stakes)
        costs = retention_costs(self.stakes)
        try:
            return {SAVINGS: savings_estimate(self.churned, contacted, costs, SEED)}
        except NothingToSave:
            return {}

    def calibrated(self, name: str) -> str:
        """`CALIBRATED`, or why nothing may be built on the size of a contestant's chances."""
        return _calibrated(self.churned, self.probabilities[name])

    def differences(self, one: str, other: str) -> dict[str, Estimate]:
        """Metric to paired difference, ``one`` minus ``other``, with 95 % interval."""
        a, b = self.probabilities[one], self.probabilities[other]
        return {
            key: paired_difference(metric, self.churned, a, b, SEED)
            for key, metric in self.metrics.items()
        }


def _calibrated(churned: BoolArray, probability: FloatArray) -> str:
    try:
        require_calibrated(churned, probability, "expected profits")
    except ScoresUncalibrated as error:
        return str(error)
    return CALIBRATED


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
    return Contest(frame.churned, probabilities, metrics_with(economics), stakes)


def baselines_table(baselines: tuple[Baseline, ...]) -> pd.DataFrame:
    """Baselines as a table that is registered with a model."""
    return pd.DataFrame([asdict(baseline) for baseline in baselines])


def restored_baselines(table: pd.DataFrame) -> tuple[Baseline, ...]:
    """Baselines that `baselines_table` wrote."""
    rows = table.astype(object).where(table.notna(), None).to_dict(orient="records")
    return tuple(Baseline(**{str(key): value for key, value in row.items()}) for row in rows)
