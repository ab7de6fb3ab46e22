"""Whether the learner is better than popularity on a snapshot that nothing was learnt from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import pandas as pd

from features.errors import RegularsError
from models.cross_sell.affinity import affinities
from models.cross_sell.learner import CrossSell
from models.cross_sell.measures import LOWER_IS_BETTER, Sampled, ranked, sampled
from models.cross_sell.popularity import Popularity
from models.cross_sell.snapshots import Snapshot
from models.metrics import Estimate
from models.spec import FloatArray

DECIDING: Final = "average_precision"
"""The measure whose paired gain must lie above 0."""
NOT_WORSE: Final = "recall@5"
"""The measure whose paired gain must not lie below 0."""
RESAMPLES: Final = 300

_NOT_OF_RANKS: Final = ("log_loss", "expected_calibration_error", "bought_to_promised")


class NothingToTry(RegularsError):
    """No customer of the held-out snapshot took up a category, or each took up all."""


@dataclass(frozen=True, eq=False)
class Trial:
    """What was measured, and which model is used.

    Attributes
    ----------
    figures
        Row per ``model`` and ``measure``: ``value`` with ``low`` and ``high``; and ``gain`` over
        popularity, positive where better, with ``gain_low`` and ``gain_high``. All intervals are of
        95 %, by a bootstrap over customers; null where a measure does not apply.
    chosen
        ``learner`` or ``popularity``.
    reason
        In words.
    pairs, taken_up, customers
        Customers and categories never bought, those of them bought within the horizon, and the
        customers who bought one.
    is_seen
        Whether the learner knows days from the snapshot's as_of on, such as that it was calibrated
        on: its probabilities are then no test, its ranks only if it was not boosted on it.
    """

    figures: pd.DataFrame
    chosen: Literal["learner", "popularity"]
    reason: str
    pairs: int
    taken_up: int
    customers: int
    is_seen: bool = False

    def gain(self, measure: str, model: str = "learner") -> Estimate:
        """What a model is better by than popularity, with its 95 % interval."""
        rows = self.figures[["model", "measure"]].eq([model, measure]).all(axis=1)
        (row,) = self.figures.loc[rows, ["gain", "gain_low", "gain_high"]].to_numpy(dtype=float)
        return Estimate(*map(float, row))

    def value(self, measure: str, model: str = "learner") -> Estimate:
        """A measure of a model, with its 95 % interval."""
        rows = self.figures[["model", "measure"]].eq([model, measure]).all(axis=1)
        (row,) = self.figures.loc[rows, ["value", "low", "high"]].to_numpy(dtype=float)
        return Estimate(*map(float, row))


def trial(
    held_out: Snapshot,
    model: CrossSell,
    popular: Popularity,
    *,
    seed: int,
    resamples: int = RESAMPLES,
    threads: int = 1,
) -> Trial:
    """The learner beside popularity and beside affinity alone.

    ``affinity`` ranks by `models.cross_sell.affinity.Affinity.by_category`, without learning from
    what came after any day; it has no probability, and so no figure of those.

    Parameters
    ----------
    held_out
        A snapshot with its outcome, later than all that the two learnt from; where it is not, the
        trial says so, see `Trial.is_seen`.
    model, popular
        What is compared.
    seed
        Of the bootstrap.
    resamples
        How many.
    threads
        Threads of the learner; change no result.

    Raises
    ------
    NothingToTry
        When all pairs share one outcome.
    SnapshotUnclear
        When what came after the snapshot is not known.
    """
    given = {
        "learner": model.propensities(held_out, threads),
        "popularity": np.broadcast_to(popular.rates, held_out.counts.shape),
        "affinity": _affinity(held_out, model.seed),
    }
    found = compared(held_out, given, seed=seed, resamples=resamples)
    if model.known_until is None or held_out.as_of is None or held_out.as_of >= model.known_until:
        return found
    first, last = (str(np.datetime64(day, "D")) for day in (held_out.as_of, model.known_until - 1))
    told = (
        f"{found.reason}; the learner knows days up to {last}, and the snapshot is of {first}, so "
        "that this is no test of its probabilities"
    )
    return replace(found, reason=told, is_seen=True)


def compared(
    held_out: Snapshot,
    given: Mapping[str, FloatArray],
    *,
    seed: int,
    resamples: int = RESAMPLES,
) -> Trial:
    """Several models beside popularity.

    Parameters
    ----------
    held_out
        A snapshot with its outcome.
    given
        Propensities of shape (customers, categories) by the name of a model; ``learner`` and
        ``popularity`` are among them. Those of categories bought before do not matter.
    seed
        Of the bootstrap.
    resamples
        How many.

    Raises
    ------
    NothingToTry
        When all pairs share one outcome.
    SnapshotUnclear
        When what came after the snapshot is not known.
    """
    free = ~held_out.has
    bought = held_out.outcome("a trial") & free
    pairs, taken_up = int(free.sum()), int(bought.sum())
    if not 0 < taken_up < pairs:
        message = (
            f"a trial needs categories that customers took up and others that they did not, but "
            f"{taken_up:,} of {pairs:,} pairs were; hold out another snapshot"
        )
        raise NothingToTry(message)
    found = {name: sampled(ranked(held_out, each), seed, resamples) for name, each in given.items()}
    gains = {
        name: _gains(found["learner"], found["popularity"], name) for name in (DECIDING, NOT_WORSE)
    }
    is_better = gains[DECIDING].low > 0 and gains[NOT_WORSE].high >= 0
    return Trial(
        figures=_table(found),
        chosen="learner" if is_better else "popularity",
        reason=_reason(gains, is_better=is_better),
        pairs=pairs,
        taken_up=taken_up,
        customers=int(bought.any(axis=1).sum()),
    )


def _affinity(held_out: Snapshot, seed: int) -> FloatArray:
    found: FloatArray = held_out.has @ affinities(held_out, seed).by_category
    return found


def _gains(one: Mapping[str, Sampled], other: Mapping[str, Sampled], measure: str) -> Estimate:
    return one[measure].gain(other[measure], -1.0 if measure in LOWER_IS_BETTER else 1.0)


def _table(found: Mapping[str, Mapping[str, Sampled]]) -> pd.DataFrame:
    rows = []
    for model, measures in found.items():
        for measure, each in measures.items():
            if model == "affinity" and measure in _NOT_OF_RANKS:
                continue
            value = each.estimate()
            row: dict[str, str | float] = {"model": model, "measure": measure}
            row |= {"value": value.value, "low": value.low, "high": value.high}
            if model != "popularity" and measure != "bought_to_promised":
                gain = _gains(measures, found["popularity"], measure)
                row |= {"gain": gain.value, "gain_low": gain.low, "gain_high": gain.high}
            rows.append(row)
    return pd.DataFrame(rows)


def _reason(gains: Mapping[str, Estimate], *, is_better: bool) -> str:
    told = " and ".join(
        f"{name} by {each.value:+.4f} ({each.low:+.4f} to {each.high:+.4f})"
        for name, each in gains.items()
    )
    if is_better:
        return f"the learner is better than popularity in {DECIDING}: it changes {told}"
    return (
        f"the learner is not better than popularity by its interval: it changes {told}; popularity "
        "is used instead"
    )
