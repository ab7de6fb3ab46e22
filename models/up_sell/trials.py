"""Is the propensity better than the rates it has to beat? On pairs that nothing was learnt from."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.levels import Levels, Ranking
from models.metrics import METRICS, Estimate, Metric, estimate, resampled_weights
from models.spec import BoolArray, FloatArray
from models.up_sell.candidates import UpPairs
from models.up_sell.propensity import OURS, UpSell

DECIDES: Final = "average_precision"
"""The measure that decides."""


class TrialUnfair(RegularsError):
    """Pairs to be tried on have no outcome, or were seen by what is tried."""


class OneOutcome(RegularsError):
    """All pairs that something is tried on have the same outcome."""


def _precision(share: float, levels: Levels) -> FloatArray:
    """Share that bought among the highest probabilities; an edge inside a tie counts in part."""
    rows = np.arange(len(levels.left))
    wanted = share * levels.everyone_so_far[:, -1]
    edge = np.argmax(levels.everyone_so_far >= wanted[:, None], axis=1)
    beyond = levels.everyone_so_far[rows, edge] - wanted
    part = beyond / np.maximum(levels.everyone[rows, edge], 1e-300)
    caught = levels.left_so_far[rows, edge] - part * levels.left[rows, edge]
    return np.asarray(caught / np.maximum(wanted, 1e-300), dtype=np.float64)


MEASURES: Final[Mapping[str, Metric]] = {
    "average_precision": METRICS["average_precision"],
    "roc_auc": METRICS["roc_auc"],
    "precision_at_1": Metric(partial(_precision, 0.01), higher_is_better=True),
    "precision_at_5": Metric(partial(_precision, 0.05), higher_is_better=True),
    "log_loss": METRICS["log_loss"],
    "expected_calibration_error": METRICS["expected_calibration_error"],
}
"""Measures of a trial, in order of its table; precision is that of the first 1 and 5 % of pairs."""


@dataclass(frozen=True)
class Verdict:
    """What is used, and what that rests on.

    Attributes
    ----------
    chosen
        `OURS`, or the better of the baselines.
    gains
        Average precision of the learner over each baseline by name, paired, with 95 % interval.
    """

    chosen: str
    gains: Mapping[str, Estimate]

    @property
    def reason(self) -> str:
        """In words."""
        told = ", ".join(
            f"{each.value:+.4f} ({each.low:+.4f} to {each.high:+.4f}) over {name}"
            for name, each in self.gains.items()
        )
        if self.chosen == OURS:
            return f"the learner beats every baseline in average precision: {told}"
        return (
            f"the learner does not beat every baseline in average precision by its interval: "
            f"{told}; {self.chosen} is used instead"
        )


@dataclass(frozen=True, eq=False)
class Trial:
    """How the learner and the baselines fare.

    Attributes
    ----------
    table
        A row per population, measure and name, in that order: population (``all`` pairs, or
        ``new``: those that bought nothing above lately, see `UpPairs.is_new`); measure; name; value
        with 95 % interval low and high; gain with gain_low and gain_high (of the learner over this
        baseline, paired; above 0 is better, whatever the measure; NaN for the learner).
    pairs, bought
        By population.
    verdicts
        By population.
    """

    table: pd.DataFrame
    pairs: Mapping[str, int]
    bought: Mapping[str, int]
    verdicts: Mapping[str, Verdict]


def trial(model: UpSell, held_out: UpPairs, seed: int = 0, resamples: int = 500) -> Trial:
    """The learner against both baselines, on all pairs and on those without a recent one above.

    Intervals are percentiles of a bootstrap over customers (Efron and Tibshirani 1993, chapter 13):
    all pairs of a customer are drawn together, and the same ones for all that are compared.

    Parameters
    ----------
    model
        Fitted to what was known before ``held_out``.
    held_out
        Pairs with an outcome.
    seed
        Of the bootstrap.
    resamples
        Of the bootstrap.

    Raises
    ------
    TrialUnfair
        When the pairs have no outcome, or outcomes learnt from reach beyond their day.
    OneOutcome
        When all pairs have the same outcome.
    """
    if held_out.bought is None:
        message = (
            f"a trial needs pairs with an outcome, but those of as_of={held_out.as_of} have none; "
            f"make their snapshot with a horizon"
        )
        raise TrialUnfair(message)
    if held_out.as_of < model.known_until:
        message = (
            f"a trial needs pairs of a day that nothing learnt from reaches, but the model knows "
            f"outcomes up to day {model.known_until} and the pairs are of as_of={held_out.as_of}; "
            f"learn from earlier days"
        )
        raise TrialUnfair(message)
    said = {OURS: model.propensity(held_out), **model.rates.of(held_out)}
    return compared(held_out, said, seed, resamples)


def compared(
    held_out: UpPairs, said: Mapping[str, FloatArray], seed: int = 0, resamples: int = 500
) -> Trial:
    """A trial of probabilities by name, `OURS` first; see `trial`.

    Parameters
    ----------
    held_out
        Pairs with an outcome.
    said
        Shape (pairs,) each.
    seed, resamples
        Of the bootstrap.

    Raises
    ------
    OneOutcome
        When all pairs have the same outcome. New pairs of one outcome are left out of the trial.
    """
    bought = np.zeros(len(held_out), dtype=np.bool_) if held_out.bought is None else held_out.bought
    if not 0 < bought.sum() < len(bought):
        message = (
            f"a trial needs pairs that bought above their usual tier and others that did not, but "
            f"of {len(bought):,} pairs {int(bought.sum()):,} did; use another day or a longer "
            f"horizon"
        )
        raise OneOutcome(message)
    customer = held_out.keys["customer"].to_numpy()
    tables, verdicts = [], {}
    counts: dict[str, tuple[int, int]] = {}
    for population, mask in {"all": np.ones(len(bought), np.bool_), "new": held_out.is_new}.items():
        told = bought[mask]
        counts[population] = (len(told), int(told.sum()))
        if not 0 < told.sum() < len(told):
            continue
        part = {name: each[mask] for name, each in said.items()}
        table = _measured(told, part, customer[mask], seed, resamples)
        verdicts[population] = _verdict(table)
        table.insert(0, "population", population)
        tables.append(table)
    return Trial(
        pd.concat(tables, ignore_index=True),
        {name: each[0] for name, each in counts.items()},
        {name: each[1] for name, each in counts.items()},
        verdicts,
    )


def _measured(
    bought: BoolArray,
    said: Mapping[str, FloatArray],
    customer: np.ndarray[tuple[int, ...], np.dtype[np.generic]],
    seed: int,
    resamples: int,
) -> pd.DataFrame:
    rankings = {name: Ranking.of(bought, each) for name, each in said.items()}
    sampled: dict[tuple[str, str], list[FloatArray]] = {}
    for weights in resampled_weights(len(bought), seed, resamples, customer):
        for name, ranking in rankings.items():
            levels = ranking.levels(weights)
            for measure, metric in MEASURES.items():
                sampled.setdefault((measure, name), []).append(metric.kernel(levels))
    draws = {key: np.concatenate(parts) for key, parts in sampled.items()}
    ones = np.ones((1, len(bought)))
    exact = {name: ranking.levels(ones) for name, ranking in rankings.items()}
    rows = []
    for measure, metric in MEASURES.items():
        sign = 1.0 if metric.higher_is_better else -1.0
        ours = float(metric.kernel(exact[OURS])[0])
        for name, levels in exact.items():
            value = float(metric.kernel(levels)[0])
            found = estimate(value, draws[measure, name])
            gain = Estimate(np.nan, np.nan, np.nan)
            if name != OURS:
                more = sign * (draws[measure, OURS] - draws[measure, name])
                gain = estimate(sign * (ours - value), more)
            row = (measure, name, found.value, found.low, found.high)
            rows.append((*row, gain.value, gain.low, gain.high))
    columns = ["measure", "name", "value", "low", "high", "gain", "gain_low", "gain_high"]
    return pd.DataFrame(rows, columns=columns)


def _verdict(table: pd.DataFrame) -> Verdict:
    decides = table[table["measure"] == DECIDES].set_index("name")
    baselines = decides.drop(index=OURS)
    gains = {
        str(name): Estimate(float(row["gain"]), float(row["gain_low"]), float(row["gain_high"]))
        for name, row in baselines.iterrows()
    }
    if all(each.low > 0 for each in gains.values()):
        return Verdict(OURS, gains)
    return Verdict(str(baselines["value"].idxmax()), gains)
