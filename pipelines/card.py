"""What a model card is made of: everything that one training knows, and figures of groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from features.contract import Column
from models.calibration import Reliability, reliability
from models.metrics import Estimate
from models.parity import Parity, first_on_the_list, parity
from models.search import Found
from models.spec import FloatArray
from pipelines.config import Business
from pipelines.contest import SEED
from pipelines.frames import Frame
from pipelines.groups import Division, groups_of
from pipelines.insight import Insight
from pipelines.plan import Part, Plan
from pipelines.profits import Profits
from pipelines.provenance import Provenance
from pipelines.rolling import Rolled
from pipelines.writeup import Recipe, Writeup

MODEL: Final = "model"
"""Name of the trained model among the contestants of its test."""

CONTACTED_SHARE: Final = 0.1
"""Share of the customers who count as contacted where there are no economics to say it."""


@dataclass(frozen=True, eq=False)
class Divided:
    """A division of the test's customers and the figures of its groups, in one order."""

    division: Division
    parity: Parity


@dataclass(frozen=True)
class Sizes:
    """Rows of a part of the plan, and those of customers who left."""

    rows: int
    leavers: int


@dataclass(frozen=True, eq=False)
class Card:
    """All that one model card says.

    Attributes
    ----------
    business
        The config.
    made_at
        When, in UTC.
    recipe
        Data, columns, settings and code.
    plan
        Days of each part.
    sizes
        Rows of each part of the newest origin.
    in_cohort
        Customers of the newest test day who have a row and a label, whatever their part.
    provenance
        Where the rows come from.
    columns
        Of the model.
    found
        The search.
    rolled
        The test: `MODEL`, its rivals and the simple rules on every test day.
    estimates
        Contestant to metric to the mean over the test days, with interval.
    flattered
        The model's metrics when rows are split at random; None where that was not tried.
    comes_true
        Ratio and slope of the model's chances, all test days together.
    profits
        None without economics.
    contacted
        Share (0..1) of the customers who count as contacted in figures of groups.
    divided
        Figures of groups on the newest test day, those by attributes last.
    insight
        Why the model says what it says.
    """

    business: Business
    made_at: datetime
    recipe: Recipe
    plan: Plan
    sizes: Mapping[Part, Sizes]
    in_cohort: int
    provenance: Provenance
    columns: Sequence[Column]
    found: Found
    rolled: Rolled
    estimates: Mapping[str, Mapping[str, Estimate]]
    flattered: Mapping[str, Estimate] | None
    comes_true: Reliability
    profits: Profits | None
    contacted: float
    divided: tuple[Divided, ...]
    insight: Insight

    @property
    def best_rule(self) -> str | None:
        """The contestant that comes nearest to the model, or beats it, in the config's metric."""
        metric = self.business.review.metric
        others = {
            name: found[metric].value
            for name, found in self.estimates.items()
            if name != MODEL and metric in found
        }
        if not others:
            return None
        is_higher_better = self.rolled.contest.metrics[metric].higher_is_better
        return (max if is_higher_better else min)(others, key=lambda name: others[name])


def card_of(
    writeup: Writeup,
    found: Found,
    *,
    plan: Plan,
    parts: Mapping[Part, Frame],
    recipe: Recipe,
    provenance: Provenance,
) -> Card:
    """The card of a finished training.

    Parameters
    ----------
    writeup
        Its test, figures and insight.
    found
        Its search.
    plan, parts
        All days, and the rows of the newest origin.
    recipe, provenance
        What it followed, and where its rows come from.
    """
    business, contest = writeup.rolled.business, writeup.rolled.contest
    newest, share = writeup.rolled.newest, contacted_share(writeup.profits)
    return Card(
        business=business,
        made_at=writeup.job.now,
        recipe=recipe,
        plan=plan,
        sizes={
            part: Sizes(len(frame.churned), int(frame.churned.sum()))
            for part, frame in parts.items()
        },
        in_cohort=sum(len(frame.on([provenance.as_of]).churned) for frame in parts.values()),
        provenance=provenance,
        columns=writeup.columns,
        found=found,
        rolled=writeup.rolled,
        estimates=writeup.estimates,
        flattered=writeup.flattered,
        comes_true=reliability(
            contest.churned, contest.probabilities[MODEL], contest.outcomes.groups
        ),
        profits=writeup.profits,
        contacted=share,
        divided=divide(business, newest.test, newest.probabilities[MODEL], share),
        insight=writeup.insight,
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
