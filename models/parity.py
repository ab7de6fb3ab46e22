"""Are groups of customers treated alike: figures of each, and the widest differences."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.metrics import METRICS, Estimate, estimate, evaluate
from models.spec import BoolArray, FloatArray

LEAST: Final = 50
"""Customers that a group needs before anything is said of it; chance alone moves a share among
fewer by up to 14 points either way."""

_RANKED: Final = {name: METRICS[name] for name in ("roc_auc", "expected_calibration_error")}


@dataclass(frozen=True)
class Treated:
    """How one group fares, with 95 % intervals.

    Attributes
    ----------
    customers, leavers
        How many they are.
    base_rate
        Share that left.
    chance
        Mean predicted chance.
    roc_auc, calibration_error
        Within the group, see `models.metrics`.
    contacted
        Share among those who are contacted first.
    found
        Of the group's leavers, the share contacted: the true positive rate.
    bothered
        Of the group's stayers, the share contacted: the false positive rate.
    """

    customers: int
    leavers: int
    base_rate: Estimate
    chance: float
    roc_auc: Estimate
    calibration_error: Estimate
    contacted: Estimate
    found: Estimate
    bothered: Estimate


@dataclass(frozen=True)
class Gap:
    """The widest difference of a share between two groups.

    Attributes
    ----------
    highest, lowest
        Positions of the two groups.
    difference
        The highest share less the lowest, with the 95 % interval of the difference between these
        two; that they were picked as the farthest apart is not in it.
    """

    highest: int
    lowest: int
    difference: Estimate


@dataclass(frozen=True)
class Parity:
    """Figures of all groups of a division.

    Attributes
    ----------
    groups
        One per group; None where the group is too small, or of one outcome only.
    demographic
        Of the share contacted; None where fewer than two groups have figures.
    opportunity
        Of the share of leavers contacted; likewise.
    """

    groups: tuple[Treated | None, ...]
    demographic: Gap | None
    opportunity: Gap | None


def first_on_the_list(probability: FloatArray, share: float) -> BoolArray:
    """Who is contacted when the most endangered share (0..1) of all customers is, shape (n,).

    At least one customer; of equal chances those who come first.
    """
    count = max(1, round(share * len(probability)))
    chosen = np.zeros(len(probability), dtype=bool)
    chosen[np.argsort(-probability, kind="stable")[:count]] = True
    return chosen


def parity(
    members: Sequence[BoolArray],
    churned: BoolArray,
    probability: FloatArray,
    contacted: BoolArray,
    seed: int,
) -> Parity:
    """Figures of each group, and how far apart the groups are.

    The demographic parity difference is of the share that is contacted (Calders and Verwer 2010,
    "Three naive Bayes approaches for discrimination-free classification"), the equal opportunity
    difference of that share among leavers (Hardt, Price and Srebro 2016, "Equality of opportunity
    in supervised learning").

    Parameters
    ----------
    members
        Masks of shape (n,), one per group; nobody is in two.
    churned, probability, contacted
        Shape (n,): what happened, the chance that was given to it, who is contacted. One row per
        customer.
    seed
        Equal seeds give equal intervals.
    """
    resamples = 1000
    counts = _counts(members, churned, contacted)
    drawn = _redrawn(counts, len(churned), seed, resamples)
    enough = [
        int(cells.sum()) >= LEAST and 0 < cells[1].sum() < cells.sum() for cells in counts[:-1]
    ]
    exact, sampled = _shares(counts[None]), _shares(drawn)
    groups = tuple(
        _treated(
            (churned[mask], probability[mask]),
            [estimate(exact[name][0, place], sampled[name][:, place]) for name in _SHARES],
            seed,
        )
        if enough[place]
        else None
        for place, mask in enumerate(members)
    )
    told = [place for place, is_enough in enumerate(enough) if is_enough]
    return Parity(
        groups,
        _gap(exact["contacted"][0], sampled["contacted"], told),
        _gap(exact["found"][0], sampled["found"], told),
    )


_SHARES: Final = ("base_rate", "contacted", "found", "bothered")


def _treated(
    outcome: tuple[BoolArray, FloatArray], shares: Sequence[Estimate], seed: int
) -> Treated:
    churned, probability = outcome
    ranked = evaluate(churned, probability, seed, metrics=_RANKED)
    base_rate, contacted, found, bothered = shares
    return Treated(
        customers=len(churned),
        leavers=int(np.count_nonzero(churned)),
        base_rate=base_rate,
        chance=float(probability.mean()),
        roc_auc=ranked["roc_auc"],
        calibration_error=ranked["expected_calibration_error"],
        contacted=contacted,
        found=found,
        bothered=bothered,
    )


def _counts(members: Sequence[BoolArray], churned: BoolArray, contacted: BoolArray) -> FloatArray:
    """Customers by group, outcome and contact, shape (groups + 1, 2, 2); last those of no group."""
    group = np.full(len(churned), len(members))
    for place, mask in enumerate(members):
        group[mask] = place
    cells = 4 * group + 2 * churned + contacted
    counts = np.bincount(cells, minlength=4 * (len(members) + 1)).astype(np.float64)
    return counts.reshape(-1, 2, 2)


def _redrawn(counts: FloatArray, customers: int, seed: int, resamples: int) -> FloatArray:
    """The same counts among customers drawn with replacement, shape (resamples, …).

    Drawing customers and counting them is drawing the counts, from a multinomial distribution.
    """
    random = np.random.default_rng(seed)
    drawn = random.multinomial(customers, counts.ravel() / customers, size=resamples)
    return drawn.reshape(resamples, *counts.shape).astype(np.float64)


def _shares(counts: FloatArray) -> dict[str, FloatArray]:
    """Shares by name, shape (resamples, groups + 1), of counts (resamples, groups + 1, 2, 2)."""
    by_outcome, by_contact = counts.sum(axis=3), counts.sum(axis=2)
    whole = counts.sum(axis=(2, 3))
    return {
        "base_rate": _ratio(by_outcome[:, :, 1], whole),
        "contacted": _ratio(by_contact[:, :, 1], whole),
        "found": _ratio(counts[:, :, 1, 1], by_outcome[:, :, 1]),
        "bothered": _ratio(counts[:, :, 0, 1], by_outcome[:, :, 0]),
    }


def _ratio(part: FloatArray, whole: FloatArray) -> FloatArray:
    shares: FloatArray = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole > 0)
    return shares


def _gap(exact: FloatArray, sampled: FloatArray, told: Sequence[int]) -> Gap | None:
    if len(told) < 2:  # noqa: PLR2004
        return None
    highest = max(told, key=lambda place: exact[place])
    lowest = min(told, key=lambda place: exact[place])
    between = sampled[:, highest] - sampled[:, lowest]
    return Gap(highest, lowest, estimate(exact[highest] - exact[lowest], between))
