"""All that the test days say of a model: figures with intervals, chances, money, and groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from models.calibration import Reliability, reliability
from models.metrics import Estimate
from models.parity import Parity, first_on_the_list, parity
from models.spec import FloatArray
from pipelines.config import Business
from pipelines.contest import MODEL, SEED
from pipelines.frames import Frame
from pipelines.groups import Division, groups_of
from pipelines.profits import Profits, profits_of
from pipelines.rolling import Rolled

CONTACTED_SHARE: Final = 0.1
"""Share of the customers who count as contacted where there are no economics to say it."""


@dataclass(frozen=True, eq=False)
class Divided:
    """A division of the test's customers and the figures of its groups, in one order."""

    division: Division
    parity: Parity


@dataclass(frozen=True, eq=False)
class Judgement:
    """What the test days say.

    Attributes
    ----------
    estimates
        Contestant to metric to its mean over the test days, with interval.
    comes_true
        Ratio and slope of the model's chances, all test days together.
    profits
        Of the model and of the best of the others on the newest test day; None without economics.
    contacted
        Share (0..1) of the customers who count as contacted in figures of groups.
    divided
        Figures of groups on the newest test day, those by attributes last.
    """

    estimates: Mapping[str, Mapping[str, Estimate]]
    comes_true: Reliability
    profits: Profits | None
    contacted: float
    divided: tuple[Divided, ...]


def judgement_of(rolled: Rolled) -> Judgement:
    """Judge the test of every origin."""
    contest, newest, profits = rolled.contest, rolled.newest, _profits(rolled)
    share = contacted_share(profits)
    return Judgement(
        estimates=contest.estimates(),
        comes_true=reliability(
            contest.churned, contest.probabilities[MODEL], contest.outcomes.groups
        ),
        profits=profits,
        contacted=share,
        divided=divide(rolled.business, newest.test, newest.probabilities[MODEL], share),
    )


def contacted_share(profits: Profits | None) -> float:
    """Share of the list that pays best; a tenth where nothing pays or nothing is known of it."""
    share = profits.best.target_share if profits else 0.0
    return share or CONTACTED_SHARE


def divide(
    business: Business, frame: Frame, probability: FloatArray, share: float
) -> tuple[Divided, ...]:
    """Figures of every group of the test's customers, when the first share of all is contacted."""
    contacted = first_on_the_list(probability, share)
    return tuple(
        Divided(
            division,
            parity(
                [group.mask for group in division.groups],
                frame.churned,
                probability,
                contacted,
                SEED,
            ),
        )
        for division in groups_of(frame, business)
    )


def _profits(rolled: Rolled) -> Profits | None:
    economics, currency = rolled.business.churn.economics, rolled.business.currency
    if economics is None:
        return None
    earned = {
        name: measured.exact["expected_maximum_profit"][-1]
        for name, measured in rolled.contest.measured.items()
        if name != MODEL
    }
    best = max(earned, key=lambda name: earned[name])
    return profits_of(rolled.last_day, [MODEL, best], economics, currency)
