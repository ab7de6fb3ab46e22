"""What a training leaves behind in the tracking store: parameters, metrics, plots, config."""

import hashlib
import json
import math
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from features.contract import Column
from models.catalogue import KINDS_OF_RULES
from models.metrics import Estimate
from models.spec import Fitted, Params
from pipelines.bars import bar_chart
from pipelines.charts import as_file
from pipelines.config import Business
from pipelines.contest import MODEL, Contest
from pipelines.curves import (
    Curve,
    Reliability,
    gains_chart,
    profit_chart,
    reliability_chart,
    roc_chart,
)
from pipelines.definition import definition
from pipelines.frames import Frame
from pipelines.insight import Insight
from pipelines.jobs import Job
from pipelines.judgement import Judgement
from pipelines.page import share_bars
from pipelines.plan import Plan
from pipelines.rolling import Rolled
from pipelines.rounding import percent
from pipelines.rule_table import rule_table
from pipelines.traces import traces
from pipelines.tracked import as_parquet, config_file

NOT_LEARNED_FROM = {"plays"}
"""Settings of churn that a model does not depend on, so that editing them trains nothing."""

CHECK_ROWS = 200
"""Rows of features kept with their probabilities, so that anyone can check a loaded model."""


@dataclass(frozen=True)
class Recipe:
    """What decides a training's result; equal recipes give equal models."""

    data_fingerprint: str
    behaviour_fingerprint: str
    settings: str
    code: str

    @property
    def digest(self) -> str:
        """SHA-256 (64 hex digits) over all of it."""
        parts = (self.data_fingerprint, self.behaviour_fingerprint, self.settings, self.code)
        return hashlib.sha256("|".join(parts).encode()).hexdigest()


def recipe_of(business: Business, behaviour_fingerprint: str, data: str) -> Recipe:
    """The recipe that a training with this config and these data follows."""
    settings = json.dumps(
        [
            business.churn.model_dump(mode="json", exclude=NOT_LEARNED_FROM),
            business.behaviour.model_dump(mode="json"),
            definition(business),
        ]
    )
    return Recipe(data, behaviour_fingerprint, settings, f"{version('regulars')}+{git_commit()}")


def git_commit() -> str:
    """Commit of the checkout that runs, or ``unknown`` outside one."""
    try:
        found = subprocess.run(
            ["git", "rev-parse", "HEAD"],  # noqa: S607  # git as the user's PATH has it
            cwd=Path(__file__).parent,
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return found.stdout.strip()


def model_tags(job: Job, recipe: Recipe, chosen: Plan) -> dict[str, str]:
    """What a run and its version say of themselves."""
    return {
        "business": job.business.name,
        "recipe": recipe.digest,
        "data_fingerprint": recipe.data_fingerprint,
        "behaviour_fingerprint": recipe.behaviour_fingerprint,
        "code": recipe.code,
        "definition": json.dumps(definition(job.business)),
        "trained_on": json.dumps([str(day) for day in chosen.newest.train]),
        "calibrated_on": json.dumps([str(day) for day in chosen.newest.calibration]),
        "tested_on": json.dumps([str(day) for day in chosen.test]),
        "by_customer": str(chosen.by_customer).lower(),
        "recalibrate": job.business.churn.recalibrate,
    }


@dataclass(frozen=True)
class Writeup:
    """A finished training, ready to be logged.

    Attributes
    ----------
    job
        The training.
    rolled
        Every origin; curves and money are those of the newest test day.
    columns
        Of the behaviour table.
    judgement
        What the test days say.
    flattered
        The model's metrics when rows are split at random; None where that was not tried.
    insight
        Why the registered model says what it says.
    """

    job: Job
    rolled: Rolled
    columns: Sequence[Column]
    judgement: Judgement
    flattered: Mapping[str, Estimate] | None
    insight: Insight

    @property
    def fitted(self) -> Fitted:
        """The registered model."""
        return self.rolled.newest.fitted

    @property
    def contest(self) -> Contest:
        """On the newest test day."""
        return self.rolled.last_day

    def params(self, params: Params) -> dict[str, object]:
        """Hyperparameters, calibration and the settings that define the task."""
        churn, line = self.job.business.churn, self.rolled.newest.line
        settings = churn.model_dump(mode="json", exclude={"model", *NOT_LEARNED_FROM})
        return {
            **{f"model.{name}": value for name, value in params.items()},
            "model.kind": self.rolled.business.churn.model.kind,
            "calibration.slope": line.slope,
            "calibration.intercept": line.intercept,
            "calibration.fallback": line.fallback or "none",
            **{f"churn.{name}": value for name, value in settings.items()},
            "columns": len(self.columns),
        }

    def metrics(self) -> dict[str, float | Mapping[int, float]]:
        """Means over the test days with intervals, and the days themselves as series."""
        flat: dict[str, float | Mapping[int, float]] = {}
        told = {f"test.{name}": figures for name, figures in self.judgement.estimates.items()}
        if self.flattered is not None:
            told["random_split.model"] = self.flattered
        for name, estimates in told.items():
            for key, estimate in estimates.items():
                flat[f"{name}.{key}"] = estimate.value
                flat[f"{name}.{key}.low"] = estimate.low
                flat[f"{name}.{key}.high"] = estimate.high
        profits = self.judgement.profits
        if profits:
            flat["test.model.profit_target_share"] = profits.best.target_share
            if profits.best.customers:
                flat["test.model.profit_threshold"] = profits.best.threshold
        for name, measured in self.rolled.contest.measured.items():
            for key, by_day in measured.exact.items():
                flat[f"day.{name}.{key}"] = {
                    number: float(figure)
                    for number, figure in enumerate(by_day)
                    if math.isfinite(figure)
                }
        return flat

    def files(self) -> dict[str, str | bytes | Path]:
        """Plots, figures, the config with every default and no secrets, check rows, and rules."""
        test = self.rolled.newest.test
        return {
            **self._plots(),
            **config_file(self.job.business),
            "estimates.json": json.dumps(
                {
                    name: {key: vars(estimate) for key, estimate in estimates.items()}
                    for name, estimates in self.judgement.estimates.items()
                },
                indent=2,
            ),
            "test_days.csv": self.rolled.by_day().to_csv(index=False),
            "check/rows.parquet": self._check_rows(test),
            **self._rules(),
        }

    def _plots(self) -> dict[str, str]:
        drawn = {
            name: traces(self.contest.churned, probability)
            for name, probability in self.contest.probabilities.items()
        }
        slots = {name: slot for slot, name in enumerate(drawn, start=1)}
        gains = [Curve(name, slots[name], trace.gains) for name, trace in drawn.items()]
        roc = [Curve(name, slots[name], trace.roc) for name, trace in drawn.items()]
        by_day = self.rolled.contest.measured[MODEL].by_day()
        error = by_day[-1]["expected_calibration_error"]
        reliability = [Reliability(MODEL, 1, drawn[MODEL].reliability, error)]
        bars = share_bars(self.insight.features[:15])
        profits = self.judgement.profits
        profit = {"plots/profit.svg": as_file(profit_chart(profits.curves))} if profits else {}
        return profit | {
            "plots/gains.svg": as_file(gains_chart(gains)),
            "plots/roc.svg": as_file(roc_chart(roc)),
            "plots/reliability.svg": as_file(reliability_chart(reliability)),
            "plots/importance.svg": as_file(bar_chart("What moved the scores", bars, percent)),
        }

    def _rules(self) -> dict[str, str]:
        """What a model of rules says, for people; nothing of other kinds."""
        if self.rolled.business.churn.model.kind not in KINDS_OF_RULES:
            return {}
        table = rule_table(self.fitted.library_object, self.columns)
        return {"rules.csv": table.to_csv(index=False)}

    def _check_rows(self, test: Frame) -> bytes:
        rows = test.features.head(CHECK_ROWS)
        return as_parquet(rows.assign(probability=self.fitted.predict(rows)))
