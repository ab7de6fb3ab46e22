"""What a review found: everything its page shows, as values that are ready to be written down."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from typing import Literal

from features.errors import RegularsError
from features.settings import Currency
from models.metrics import Estimate
from pipelines.charts import Point
from pipelines.contest import SAVINGS
from pipelines.curves import Bin
from pipelines.profits import Profits
from pipelines.rounding import Write, amount, day, fraction, percent, times

Role = Literal["challenger", "champion", "baseline"]


class ReviewInconsistent(RegularsError):
    """The pieces of a review do not describe one comparison."""


@dataclass(frozen=True)
class Question:
    """What was asked of every contestant, in words that go after a colon.

    Attributes
    ----------
    as_of
        The cutoff: features are from before this day, the outcome from this day on.
    cohort
        Who is judged: ``bought at least once in the 56 days before the cutoff``.
    leaving
        What counts as leaving: ``no purchase from … to … (28 days)``; see `no_purchase`.
    gap
        The pause between features and outcome: ``none`` or ``7 days, so that calls can be made``.
    """

    as_of: date
    cohort: str
    leaving: str
    gap: str


@dataclass(frozen=True)
class Gate:
    """One condition of promotion: what was required, what was found, and why it matters."""

    name: str
    required: str
    found: str
    is_passed: bool
    explanation: str


@dataclass(frozen=True)
class Measure:
    """How a metric of a `pipelines.contest.Contest` is named, explained and written."""

    key: str
    name: str
    meaning: str
    write: Write = fraction
    is_drawn: bool = False
    is_higher_better: bool = True


MEASURES = (
    Measure(
        "roc_auc",
        "ROC AUC",
        "how often a leaver is ranked above a stayer; .5 is a coin toss",
        is_drawn=True,
    ),
    Measure(
        "lift_at_10",
        "Lift at 10\N{NO-BREAK SPACE}%",
        "leavers in the first tenth of the list, against chance",
        write=times,
        is_drawn=True,
    ),
    Measure(
        "lift_at_5",
        "Lift at 5\N{NO-BREAK SPACE}%",
        "the same in the first twentieth",
        write=times,
    ),
    Measure(
        "average_precision",
        "Average precision",
        "share of leavers among those called, all down the list",
    ),
    Measure("log_loss", "Log loss", "penalty for being confidently wrong", is_higher_better=False),
    Measure("brier", "Brier score", "mean squared error of the chance", is_higher_better=False),
    Measure(
        "expected_calibration_error",
        "Calibration error",
        "mean distance of predicted chance and outcome",
        is_higher_better=False,
    ),
)
"""Every metric of `models.metrics.METRICS`, in the order of the page's table."""


def money_measures(currency: Currency) -> tuple[Measure, ...]:
    """The metrics of a contest with economics, in the order of the page's table."""
    write = partial(amount, digits=currency.digits)
    return (
        Measure(
            "expected_maximum_profit",
            f"Expected maximum profit, {currency.code}",
            "per customer of the list, when the best of it get the offer and how many accept "
            "is not known yet",
            write=write,
            is_drawn=True,
        ),
        Measure(
            "maximum_profit",
            f"Maximum profit, {currency.code}",
            "the same when as many accept as do on average",
            write=write,
        ),
        Measure(
            SAVINGS,
            "Savings",
            "of what leaving costs, against the better of contacting nobody and everybody, when "
            "those get the offer for whom it pays; of calibrated chances only",
            write=percent,
        ),
    )


@dataclass(frozen=True)
class Identity:
    """Which registered version a contestant is, and what it was trained on."""

    version: str
    kind: str
    run_id: str
    trained_on: tuple[date, ...]
    data_fingerprint: str
    behaviour_fingerprint: str


@dataclass(frozen=True)
class Traces:
    """A contestant's curves on the customers of the review; empty tuples where not defined.

    Attributes
    ----------
    gains
        (share of customers called, share of leavers reached), from (0, 0) to (1, 1).
    roc
        (share of stayers named by mistake, share of leavers found), from (0, 0) to (1, 1).
    reliability
        Bins of customers in order of their predicted chance.
    scores
        Customers in each of equally wide steps of the predicted chance from 0 to 1.
    """

    gains: tuple[Point, ...] = ()
    roc: tuple[Point, ...] = ()
    reliability: tuple[Bin, ...] = ()
    scores: tuple[int, ...] = ()


@dataclass(frozen=True)
class Contestant:
    """A model or a simple rule, judged on the customers of the review.

    Attributes
    ----------
    name
        Distinct short name for table and legend: ``challenger 4``, ``champion 3``, ``recency``.
    role
        The first contestant of a review is its challenger.
    about
        One line in words: ``gradient-boosted trees``, ``ranks by days since the last order``.
    estimates
        Metric key to value and 95 % interval; a metric without an estimate is shown as a dash.
    """

    name: str
    role: Role
    about: str
    estimates: Mapping[str, Estimate]
    traces: Traces = Traces()
    identity: Identity | None = None


@dataclass(frozen=True)
class Headline:
    """Leavers among the customers that each contestant put first on its list.

    Attributes
    ----------
    called
        How many customers of each list are looked at.
    by_chance
        Leavers expected among as many customers drawn at random.
    challenger, incumbent
        Leavers found, with 95 % intervals.
    money
        A sentence on what they are worth: ``They spent USD 18,432 in the 56 days before.``
    """

    called: int
    by_chance: float
    challenger: Estimate
    incumbent: Estimate
    money: str | None = None


@dataclass(frozen=True)
class Drift:
    """How far a feature moved since training, as population stability index (PSI)."""

    column: str
    meaning: str
    psi: float


@dataclass(frozen=True)
class Feature:
    """A feature's share (0..1) in all that moved a model's scores, over the customers asked."""

    column: str
    meaning: str
    share: Estimate


@dataclass(frozen=True)
class NextStep:
    """What one could do now, and the exact command line that does it."""

    what: str
    command: str


@dataclass(frozen=True)
class DataNotes:
    """The customers of the review and the rows behind them.

    Attributes
    ----------
    customers, leavers
        Customers judged, and how many of them left.
    rows_read, rows_quarantined
        Rows in the sources, and those set aside because they break the contract.
    quarantined_by_rule
        Rows for each rule that was broken.
    remarks
        Sentences on anything else the reader should know.
    """

    customers: int
    leavers: int
    rows_read: int
    rows_quarantined: int
    quarantined_by_rule: Mapping[str, int] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReviewPage:
    """All that one review page shows.

    Attributes
    ----------
    contestants
        The challenger first, then the champion if there is one, then the baselines.
    incumbent
        Name of the contestant that the challenger has to beat.
    differences
        Metric key to the paired difference, challenger minus incumbent.
    profits
        Of challenger and incumbent; None without economics.

    Raises
    ------
    ReviewInconsistent
        When the challenger is not first, a name comes twice, or the incumbent is not named.
    """

    business: str
    review_id: str
    made_at: datetime
    question: Question
    headline: Headline
    gates: tuple[Gate, ...]
    contestants: tuple[Contestant, ...]
    incumbent: str
    differences: Mapping[str, Estimate]
    drift: tuple[Drift, ...]
    drift_bound: float
    features: tuple[Feature, ...]
    next_steps: tuple[NextStep, ...]
    data: DataNotes
    measures: tuple[Measure, ...] = MEASURES
    profits: Profits | None = None

    def __post_init__(self) -> None:
        names = [each.name for each in self.contestants]
        roles = [each.role for each in self.contestants]
        if roles[:1] != ["challenger"] or roles.count("challenger") != 1:
            message = f"a review needs one challenger, named first, but found the roles {roles}"
            raise ReviewInconsistent(message)
        if len(set(names)) != len(names):
            message = f"a review needs contestants with distinct names, but found {names}"
            raise ReviewInconsistent(message)
        if self.incumbent not in names[1:]:
            message = (
                f"a review needs its incumbent {self.incumbent!r} among the other contestants, "
                f"but found {names[1:]}"
            )
            raise ReviewInconsistent(message)

    @property
    def is_promotable(self) -> bool:
        """Whether gates were checked and all of them passed."""
        return bool(self.gates) and all(gate.is_passed for gate in self.gates)


def no_purchase(as_of: date, gap_days: int, horizon_days: int) -> str:
    """``no purchase from 16 November 2017 to 13 December 2017 (28 days)``, both days included."""
    first = as_of + timedelta(days=gap_days)
    last = first + timedelta(days=horizon_days - 1)
    return f"no purchase from {day(first)} to {day(last)} ({horizon_days} days)"
