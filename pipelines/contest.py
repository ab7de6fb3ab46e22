"""Models and simple rules judged on the same customers: estimates, curves, differences."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import pandas as pd

from models.baselines import Baseline
from models.metrics import METRICS, Estimate, evaluate, paired_difference
from models.spec import BoolArray, FloatArray

METRIC_KEYS = tuple(METRICS)
SEED = 20_260
"""Of every bootstrap, so that a rerun gives the same intervals."""


@dataclass(frozen=True)
class Contest:
    """Probabilities of several contestants for the same customers, and what happened.

    Attributes
    ----------
    churned
        What happened, shape (n,).
    probabilities
        Contestant to its probabilities, each of shape (n,).
    """

    churned: BoolArray
    probabilities: Mapping[str, FloatArray]

    def estimates(self) -> dict[str, dict[str, Estimate]]:
        """Contestant to metric to value with 95 % interval, each by the same resamples."""
        return {
            name: evaluate(self.churned, probability, SEED)
            for name, probability in self.probabilities.items()
        }

    def differences(self, one: str, other: str) -> dict[str, Estimate]:
        """Metric to paired difference, ``one`` minus ``other``, with 95 % interval."""
        a, b = self.probabilities[one], self.probabilities[other]
        return {key: paired_difference(key, self.churned, a, b, SEED) for key in METRIC_KEYS}


def baselines_table(baselines: tuple[Baseline, ...]) -> pd.DataFrame:
    """Baselines as a table that is registered with a model."""
    return pd.DataFrame([asdict(baseline) for baseline in baselines])


def restored_baselines(table: pd.DataFrame) -> tuple[Baseline, ...]:
    """Baselines that `baselines_table` wrote."""
    rows = table.astype(object).where(table.notna(), None).to_dict(orient="records")
    return tuple(Baseline(**{str(key): value for key, value in row.items()}) for row in rows)
