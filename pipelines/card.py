"""What a model card is made of: everything that one training knows, and figures of groups."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from features.contract import Column
from models.calibration import Reliability
from models.metrics import Estimate
from models.search import Found
from pipelines.config import Business
from pipelines.contest import MODEL, best_of
from pipelines.frames import Frame
from pipelines.insight import Insight
from pipelines.judgement import Divided
from pipelines.plan import Part, Plan
from pipelines.profits import Profits
from pipelines.provenance import Provenance
from pipelines.rolling import Rolled
from pipelines.writeup import Recipe, Writeup


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
    def best_rule(self) -> str:
        """The contestant that comes nearest to the model, or beats it, in the config's metric."""
        metric = self.business.review.metric
        is_higher_better = self.rolled.contest.metrics[metric].higher_is_better
        return best_of(self.estimates, metric, is_higher_better=is_higher_better, but={MODEL})


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
    judged = writeup.judgement
    return Card(
        business=writeup.rolled.business,
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
        estimates=judged.estimates,
        flattered=writeup.flattered,
        comes_true=judged.comes_true,
        profits=judged.profits,
        contacted=judged.contacted,
        divided=judged.divided,
        insight=writeup.insight,
    )
