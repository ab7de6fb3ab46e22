"""How customers move between stages from period to period, and how long they stay in one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.stats import chi2

from features.errors import RegularsError
from models.metrics import Estimate, resampled_weights
from models.spec import FloatArray, IntArray
from models.worth.stages import STAGES

ABSORBING: Final = "dissolution"


class HistoryUnclear(RegularsError):
    """Days of stages are not equally far apart, or a customer has two stages on one or none."""


@dataclass(frozen=True, eq=False)
class StageMoves:
    """A Markov chain of stages, one step per period.

    Intervals are of 95 %, percentiles of a bootstrap over customers.

    Attributes
    ----------
    stages
        Names in order.
    period_days
        Length of a step.
    moves
        A row per pair of stages, also those that nobody moved between: source; target; count;
        probability with low and high (NaN of a source that nobody left or stayed in).
    times
        A row per stage: stage; count (customers × periods that begin in it); stay (chance to be in
        it after a period); expected_periods in it once it is entered, with low and high; periods
        until `ABSORBING` for the first time, with until_low and until_high (0 for itself).
        Infinite where nobody leaves.
    visits
        Shape by stage (rows) and stage (columns), without the absorbing one: expected periods spent
        in the column's stage before the absorbing one, of who begins in the row's.
    p_homogeneous
        Chance of periods at least so unlike one another if the same chances held in all; NaN with
        one period. A small one says that the chain is a mean over changing times.
    """

    stages: tuple[str, ...]
    period_days: int
    moves: pd.DataFrame
    times: pd.DataFrame
    visits: pd.DataFrame
    p_homogeneous: float

    def matrix(self, column: str = "probability") -> pd.DataFrame:
        """A column of the moves by source (rows) and target (columns)."""
        names = list(self.stages)
        wide = self.moves.pivot_table(index="source", columns="target", values=column, dropna=False)
        return wide.reindex(index=names, columns=names)


def stage_moves(
    history: pd.DataFrame,
    stages: Sequence[str] = STAGES,
    *,
    absorbing: str = ABSORBING,
    seed: int = 0,
    resamples: int = 500,
) -> StageMoves:
    r"""Chances to move between stages, and expected time in them.

    .. math:: \hat p_{ij} = \frac{n_{ij}}{n_i}, \qquad
              E[\text{periods in } i] = \frac{1}{1 - p_{ii}}, \qquad
              N = (I - Q)^{-1}, \quad t = N 1

    with Q the chances among the stages that are not absorbing. Source: Anderson and Goodman 1957,
    "Statistical inference about Markov chains", for the estimate and the test that it is the same
    at all times; Kemeny and Snell 1960, "Finite Markov chains", chapter 3, for the fundamental
    matrix N; for customers Pfeifer and Carraway 2000, "Modeling customer relationships as Markov
    chains". That a stage depends on the one before alone is assumed. Who is won back leaves the
    absorbing stage in the moves; ``until`` is about its first time.

    Parameters
    ----------
    history
        Rows of customer, as_of (days, equally far apart) and stage; a customer who is not there on
        one of two days in a row made no move between them.
    stages
        Names in order; of the history, those that are not named come after.
    absorbing
        The stage that an end is.
    seed
        Of the bootstrap.
    resamples
        How many.

    Raises
    ------
    HistoryUnclear
        When there are fewer than two days, they are not equally far apart, or a customer has two
        stages on one, or a row has none.
    """
    period = _require_steps(history)
    names = (*stages, *sorted(set(history["stage"]) - set(stages)))
    steps = _steps(history, names, period)
    place = names.index(absorbing) if absorbing in names else -1
    size = len(names)
    counts = _counts(np.ones((1, len(steps.cell))), steps.cell, size)[0]
    found = _figures(counts, place)
    parts = [
        _figures(each, place)
        for weights in _drawn(steps, seed, resamples)
        for each in _counts(weights, steps.cell, size)
    ]
    sampled = np.array(parts) if parts else np.full((1, len(found)), np.nan)
    low, high = (_percentile(sampled, share) for share in (0.025, 0.975))
    every = [Estimate(*each) for each in zip(found.tolist(), low, high, strict=True)]
    return StageMoves(
        names,
        period,
        _moves(names, counts, every[: size**2]),
        _times(names, counts, every[size**2 :]),
        _visits(names, _shares(counts), place),
        _homogeneous(steps, size),
    )


@dataclass(frozen=True, eq=False)
class _Steps:
    """Moves: position of the customer, the day it begins, and source × size + target."""

    customer: IntArray
    day: IntArray
    cell: IntArray


def _require_steps(history: pd.DataFrame) -> int:
    days = np.unique(history["as_of"].to_numpy(dtype=np.int64))
    gaps = np.unique(np.diff(days))
    twice = int(history.duplicated(["customer", "as_of"]).sum())
    nothing = int(history["stage"].isna().sum())
    if nothing:
        message = (
            f"moves between stages need the stage in every row, but {nothing:,} of "
            f"{len(history):,} have none; leave these rows out"
        )
        raise HistoryUnclear(message)
    if len(gaps) != 1 or twice:
        message = (
            f"moves between stages need two days or more, equally far apart, and one stage of each "
            f"customer on each, but the {len(days)} days lie {gaps.tolist()} days apart and "
            f"{twice:,} rows name a customer and day again; use equally spaced as_ofs"
        )
        raise HistoryUnclear(message)
    return int(gaps[0])


def _steps(history: pd.DataFrame, names: Sequence[str], period: int) -> _Steps:
    codes, _ = pd.factorize(history["customer"], sort=True)
    place = pd.Index(names).get_indexer(pd.Index(history["stage"]))
    rows = pd.DataFrame({"customer": codes, "day": history["as_of"].to_numpy(), "stage": place})
    rows = rows.sort_values(["customer", "day"], kind="stable", ignore_index=True)
    people, day = rows["customer"].to_numpy(), rows["day"].to_numpy(dtype=np.int64)
    stage = rows["stage"].to_numpy(dtype=np.int64)
    follows = (people[1:] == people[:-1]) & (day[1:] - day[:-1] == period)
    cell = stage[:-1] * len(names) + stage[1:]
    return _Steps(people[:-1][follows].astype(np.int64), day[:-1][follows], cell[follows])


def _drawn(steps: _Steps, seed: int, resamples: int) -> Iterator[FloatArray]:
    if len(steps.cell):
        yield from resampled_weights(len(steps.cell), seed, resamples, steps.customer)


def _counts(weights: FloatArray, cell: IntArray, size: int) -> FloatArray:
    """Shape (b, size, size)."""
    rows = [np.bincount(cell, each, minlength=size**2) for each in weights]
    return np.array(rows, dtype=np.float64).reshape(len(weights), size, size)


def _shares(counts: FloatArray) -> FloatArray:
    whole = counts.sum(axis=1, keepdims=True)
    found: FloatArray = np.divide(counts, whole, out=np.full_like(counts, np.nan), where=whole > 0)
    return found


def _figures(counts: FloatArray, absorbing: int) -> FloatArray:
    """Probabilities by row, then stay, periods and periods until the absorbing stage, by stage."""
    share = _shares(counts)
    stay = np.diag(share)
    with np.errstate(divide="ignore"):
        periods = 1 / (1 - stay)
    return np.concatenate([share.ravel(), stay, periods, periods_until(share, absorbing)])


def periods_until(share: FloatArray, absorbing: int) -> FloatArray:
    """Expected periods until a stage is first entered, shape (stages,), of a matrix of chances.

    0 for the stage itself; infinite where it may never be; NaN where chances are not known on the
    way, and when there is no such stage (-1).
    """
    size = len(share)
    if absorbing < 0:
        return np.full(size, np.nan)
    goes = np.nan_to_num(share) > 0
    goes[absorbing] = False
    leads = goes | np.eye(size, dtype=bool)
    for _ in range(size.bit_length()):  # twice as many steps each time; counts would overflow
        leads = leads @ leads
    unknown = np.isnan(share).any(axis=1) & (np.arange(size) != absorbing)
    never = ~leads[:, absorbing] & ~(leads & unknown).any(axis=1)
    found = np.zeros(size)
    found[(leads & unknown).any(axis=1)] = np.nan
    found[(leads & never).any(axis=1) & ~np.isnan(found)] = np.inf
    found[absorbing] = 0.0
    inside = np.flatnonzero((found == 0) & (np.arange(size) != absorbing))
    among = share[np.ix_(inside, inside)]
    found[inside] = np.linalg.solve(np.eye(len(inside)) - among, np.ones(len(inside)))
    return found


def _percentile(sampled: FloatArray, share: float) -> FloatArray:
    """Of each column, NaN left out; infinite ones count as such, and none is made between two."""
    found = np.full(sampled.shape[1], np.nan)
    for column, values in enumerate(sampled.T):
        known = values[~np.isnan(values)]
        if len(known):
            found[column] = np.quantile(known, share, method="inverted_cdf")
    return found


def _moves(names: Sequence[str], counts: FloatArray, shares: Sequence[Estimate]) -> pd.DataFrame:
    rows = [
        (one, other, int(counts[i, j]), *_three(shares[i * len(names) + j]))
        for i, one in enumerate(names)
        for j, other in enumerate(names)
    ]
    return pd.DataFrame(rows, columns=["source", "target", "count", "probability", "low", "high"])


def _times(names: Sequence[str], counts: FloatArray, rest: Sequence[Estimate]) -> pd.DataFrame:
    size = len(names)
    stay, periods, until = rest[:size], rest[size : 2 * size], rest[2 * size :]
    rows = [
        (
            *(name, int(counts[i].sum()), stay[i].value),
            *(*_three(periods[i]), *_three(until[i])),
        )
        for i, name in enumerate(names)
    ]
    columns = ["stage", "count", "stay", "expected_periods", "low", "high"]
    return pd.DataFrame(rows, columns=[*columns, "until", "until_low", "until_high"])


def _three(found: Estimate) -> tuple[float, float, float]:
    return found.value, found.low, found.high


def _visits(names: Sequence[str], share: FloatArray, absorbing: int) -> pd.DataFrame:
    """The fundamental matrix, of stages from which the absorbing one is surely reached."""
    until = periods_until(share, absorbing)
    inside = np.flatnonzero(np.isfinite(until) & (np.arange(len(names)) != absorbing))
    among = share[np.ix_(inside, inside)]
    kept = [names[int(each)] for each in inside]
    return pd.DataFrame(np.linalg.inv(np.eye(len(inside)) - among), index=kept, columns=kept)


def _homogeneous(steps: _Steps, size: int) -> float:
    """P-value of the chi-squared test of Anderson and Goodman 1957."""
    days = np.unique(steps.day)
    if len(days) < 2:  # noqa: PLR2004 - one period cannot differ from itself
        return float("nan")
    each = np.array([_of_day(steps, day, size) for day in days])
    pooled = each.sum(axis=0)
    statistic, freedom = 0.0, 0
    for source in range(size):
        there = each[:, source].sum(axis=1) > 0
        reached = pooled[source] > 0
        if there.sum() < 2 or reached.sum() < 2:  # noqa: PLR2004
            continue
        table = each[there, source][:, reached]
        expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / table.sum()
        statistic += float(((table - expected) ** 2 / expected).sum())
        freedom += (len(table) - 1) * (int(reached.sum()) - 1)
    return float(chi2.sf(statistic, freedom)) if freedom else float("nan")


def _of_day(steps: _Steps, day: np.int64, size: int) -> npt.NDArray[np.float64]:
    cells = steps.cell[steps.day == day]
    found = np.bincount(cells, minlength=size**2).reshape(size, size)
    return found.astype(np.float64)
