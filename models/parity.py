"""Are groups of customers treated alike: figures of each, and the widest differences."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from models.metrics import METRICS, Estimate, evaluate
from models.proportions import difference, wilson
from models.spec import BoolArray, FloatArray

LEAST: Final = 50
"""Customers that a group needs before anything is said of it; chance alone moves a share among
fewer by up to 14 points either way."""

LEAST_RANKED: Final = 10
"""Leavers, and stayers, that a group needs for a ROC AUC: resamples of fewer hardly differ, so that
their interval would say more than they know."""

_RANKED: Final = {name: METRICS[name] for name in ("roc_auc", "expected_calibration_error")}


@dataclass(frozen=True)
class Treated:
    """How one group fares, with 95 % intervals: of shares Wilson's, else of a bootstrap.

    Attributes
    ----------
    customers, leavers
        How many they are.
    base_rate
        Share that left.
    chance
        Mean predicted chance.
    roc_auc, calibration_error
        Within the group, see `models.metrics`; the former is None of fewer than `LEAST_RANKED`
        leavers or stayers.
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
    roc_auc: Estimate | None
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
    in supervised learning"). Who is contacted is taken as given.

    Parameters
    ----------
    members
        Masks of shape (n,), one per group; nobody is in two.
    churned, probability, contacted
        Shape (n,): what happened, the chance that was given to it, who is contacted. One row per
        customer.
    seed
        Of the bootstraps; equal seeds give equal intervals.
    """
    groups = tuple(
        _treated(churned[mask], probability[mask], contacted[mask], seed) for mask in members
    )
    told = {place: found for place, found in enumerate(groups) if found is not None}
    return Parity(
        groups,
        _gap({place: found.contacted for place, found in told.items()}),
        _gap({place: found.found for place, found in told.items()}),
    )


def _treated(
    churned: BoolArray, probability: FloatArray, contacted: BoolArray, seed: int
) -> Treated | None:
    customers, leavers = len(churned), int(np.count_nonzero(churned))
    stayers = customers - leavers
    if customers < LEAST or not leavers or not stayers:
        return None
    ranked = evaluate(churned, probability, seed, metrics=_RANKED)
    found = int(np.count_nonzero(contacted & churned))
    called = int(np.count_nonzero(contacted))
    return Treated(
        customers=customers,
        leavers=leavers,
        base_rate=wilson(leavers, customers),
        chance=float(probability.mean()),
        roc_auc=ranked["roc_auc"] if min(leavers, stayers) >= LEAST_RANKED else None,
        calibration_error=ranked["expected_calibration_error"],
        contacted=wilson(called, customers),
        found=wilson(found, leavers),
        bothered=wilson(called - found, stayers),
    )


def _gap(shares: Mapping[int, Estimate]) -> Gap | None:
    """Between the groups whose shares are farthest apart; None of fewer than two."""
    if len(shares) < 2:  # noqa: PLR2004
        return None
    highest = max(shares, key=lambda place: shares[place].value)
    lowest = min(shares, key=lambda place: shares[place].value)
    return Gap(highest, lowest, difference(shares[highest], shares[lowest]))
