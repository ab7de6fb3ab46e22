"""One config per business: the class is the schema, the default and the documentation."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, model_validator

from features.schemas import Sources
from features.settings import Behaviour, ChurnDefinition, Currency, Engine, Setting, TimeZone
from models.catalogue import ChurnSpec
from models.economics import Economics
from models.hazard import HazardGbm
from models.spec import ChurnGbm, Search
from pipelines.offer_settings import Offers
from pipelines.plays import Plays
from pipelines.price_settings import Prices
from pipelines.profile_settings import Profiling
from pipelines.rule_settings import Rules
from pipelines.segment_settings import Segments
from pipelines.value_settings import ValueSettings

MetricName = Literal[
    "roc_auc",
    "average_precision",
    "lift_at_5",
    "lift_at_10",
    "log_loss",
    "brier",
    "expected_calibration_error",
    "expected_maximum_profit",
    "maximum_profit",
]
Recalibration = Literal["season", "none"]
"""Whether chances are shifted to the base rate that a day is expected to have."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]


MOST_EXPLAINED = 100_000
"""Customers who can be kept aside with all their columns; beyond that everybody is explained."""


def _explained(given: object) -> object:
    is_count = type(given) is int and 0 <= given <= MOST_EXPLAINED
    if given == "all" or is_count:
        return given
    raise ValueError(f"needs all or a whole number from 0 to {MOST_EXPLAINED:,}")


Explained = Annotated[int | Literal["all"], BeforeValidator(_explained)]


class Instants(Setting):
    """Instants outside are taken for mistakes and quarantined."""

    earliest: date = Field(
        date(1990, 1, 1),
        ge=date(1900, 1, 1),
        le=date(9000, 1, 1),
        description="First plausible day.",
    )
    latest: date | None = Field(
        None,
        ge=date(1900, 1, 1),
        le=date(9000, 1, 1),
        description="First implausible day; null: the day after the build.",
    )


class Churn(ChurnDefinition):
    """What churn is, how the model is trained, and on which days it is judged."""

    test_as_of: date | None = Field(
        None,
        description="Day on which the model is tested. Calibration and training lie one label "
        "window each before it. Labelled tables with one as_of leave it null.",
    )
    test_cutoffs: int = Field(
        3,
        ge=1,
        le=60,
        description="Test days, as many as the history has room for; churn.step_days apart, the "
        "newest churn.test_as_of. For each the model is fitted anew on what was known by then.",
    )
    train_cutoffs: int = Field(8, ge=1, le=60, description="Training days, at most.")
    step_days: int = Field(28, ge=1, le=366, description="Days between training days.")
    model: ChurnSpec = Field(
        ChurnGbm(kind="churn_gbm"), description="Kind of model and its settings."
    )
    columns: tuple[str, ...] = Field(
        (),
        description="Columns of the behaviour table that churn.model heeds; empty: all of them.",
    )
    candidates: tuple[ChurnSpec, ...] = Field(
        (),
        description="Models of other kinds, searched on the same folds as churn.model. Of those "
        "within one standard error of the best, the simplest is trained.",
    )
    search: Search = Field(Search(), description="How hyperparameters are looked for.")
    recalibrate: Recalibration = Field(
        "season",
        description="season: chances of a day are shifted, for everybody alike, to the base rate "
        "of a year before, once orders reach as far back as its cohort looks; none: they stay at "
        "the level of the day of calibration.",
    )
    economics: Economics | None = Field(
        None,
        description="What a retention offer costs and brings; null: nothing is said about profit.",
    )
    leak_bound: float = Field(
        0.98, gt=0.5, le=1, description="A single column that ranks churn this well is a leak."
    )
    plays: Plays = Field(
        Plays(), description="Retention play that answers each cause of leaving; advice."
    )
    fairness: tuple[Name, ...] = Field(
        (),
        description="Categories of sources.customers.attributes, such as gender, by which the "
        "model card compares how customers are treated.",
    )
    stability_refits: int = Field(
        5,
        ge=0,
        le=50,
        description="Models on resampled customers that the model card compares reasons with; 0: "
        "none, and nothing is said of stability.",
    )


class Lifetime(Setting):
    """When customers leave: weeks until they are silent as ``churn`` says, and their test."""

    weeks: int = Field(26, ge=2, le=260, description="Weeks from as_of on that are told apart.")
    horizons_weeks: tuple[Annotated[int, Field(ge=1, le=260)], ...] = Field(
        (4, 13, 26),
        min_length=1,
        description="Weeks by which the chance to be gone is written and must come true; "
        "ascending, the last at most weeks.",
    )
    test_as_of: date | None = Field(
        None, description="Day of the test; null: the newest with so many weeks that are over."
    )
    train_cutoffs: int = Field(20, ge=1, le=120, description="Days to learn from, at most.")
    step_days: int = Field(14, ge=1, le=366, description="Days between them.")
    model: HazardGbm = Field(HazardGbm(), description="Trees on the hazard of each week.")
    seed: int = Field(7, ge=0, description="Equal seeds give equal models.")

    @model_validator(mode="after")
    def _horizons_within_weeks(self) -> "Lifetime":
        horizons = self.horizons_weeks
        if list(horizons) != sorted(set(horizons)) or horizons[-1] > self.weeks:
            message = f"needs horizons_weeks that ascend, the last at most weeks={self.weeks}"
            raise ValueError(message)
        return self


class Gates(Setting):
    """What a challenger must show before it may go live."""

    metric: MetricName = Field("roc_auc", description="Headline metric of the comparison.")
    calibration_error_most: float = Field(
        0.05, gt=0, le=1, description="Expected calibration error, at most."
    )
    drift_most: float = Field(
        0.25,
        gt=0,
        description="Population stability index of any settled column, at most; above .25 a "
        "column counts as shifted (Siddiqi 2006).",
    )


class Budget(Setting):
    """The most that a campaign may take; one of both."""

    money: float | None = Field(
        None, gt=0, description="Currency that contacts and offers are expected to cost, at most."
    )
    customers: int | None = Field(None, ge=1, description="Customers who get an offer, at most.")


class Proposing(Setting):
    """What `regulars propose` asks of a definition of churn."""

    back_within_days: int = Field(
        91, ge=1, le=3650, description="Days in which a customer called lost may still come back."
    )
    back_most: float = Field(
        0.5, gt=0, lt=1, description="Share of those called lost who come back in them, at most."
    )
    rate_least: float = Field(0.05, ge=0, lt=1, description="Label rate, at the least.")
    rate_most: float = Field(0.6, gt=0, le=1, description="Label rate, at most.")
    spread_most: float = Field(
        0.25,
        gt=0,
        description="Standard deviation of the label rate over the days, in parts of its mean, at "
        "most.",
    )
    cohort_share: float = Field(
        0.9, gt=0, lt=1, description="Share of the gaps that the cohort's window should hold."
    )


class Scoring(Setting):
    """Nightly scores."""

    as_of: date | None = Field(
        None, description="Day that `regulars run` scores; `regulars score` has --as-of."
    )
    reasons_for: Explained = Field(
        "all",
        description="Who gets reasons in words, a cause and a play: all, or so many of the most "
        "endangered, up to 100,000.",
    )
    budget: Budget | None = Field(
        None, description="Limit of offers; null: everybody gets one for whom it is worth it."
    )
    batch_rows: int = Field(65_536, ge=1, description="Customers in memory at a time.")


class Tracking(Setting):
    """Where runs and models are kept."""

    uri: SecretStr | None = Field(
        None, description="MLflow server, never shown; null: a SQLite file in the home."
    )

    @property
    def address(self) -> str | None:
        """Where MLflow is asked; may hold a password."""
        return self.uri.get_secret_value() if self.uri else None


class Business(Setting):
    """Everything that differs from one business to the next."""

    name: Name = Field(description="Short name; part of every output's path.")
    currency: Currency = Field(Currency(), description="Of every amount of money.")
    time_zone: TimeZone = Field("UTC", description="IANA zone in which days begin.")
    instants: Instants = Field(Instants(), description="Which instants are plausible.")
    engine: Engine = Field(Engine(), description="Limits of the embedded engine.")
    sources: Sources = Field(description="Where the raw rows are, and which column is which.")
    behaviour: Behaviour = Field(Behaviour(), description="What is known of a customer at a time.")
    churn: Churn = Field(Churn(), description="What churn is and how its model is trained.")
    lifetime: Lifetime = Field(Lifetime(), description="When customers leave, week by week.")
    rules: Rules = Field(Rules(), description="What is bought together, and what follows.")
    prices: Prices = Field(Prices(), description="What prices and promotions do to sales.")
    offers: Offers = Field(Offers(), description="What to offer next to whom.")
    segments: Segments = Field(Segments(), description="Which groups of customers there are.")
    value: ValueSettings = Field(
        ValueSettings(), description="What customers will spend, and what they are worth."
    )
    profile: Profiling = Field(Profiling(), description="How groups of customers are compared.")
    review: Gates = Field(Gates(), description="What a new model must show.")
    propose: Proposing = Field(Proposing(), description="What a definition of churn must show.")
    score: Scoring = Field(Scoring(), description="What is written about customers.")
    tracking: Tracking = Field(Tracking(), description="Where runs and models are kept.")

    def with_model(self, model: ChurnSpec, columns: tuple[str, ...]) -> "Business":
        """The same business whose model of churn is another one, or heeds other columns."""
        churn = self.churn.model_copy(update={"model": model, "columns": columns})
        return self.model_copy(update={"churn": churn})


class Config(Setting):
    """A business's config and the folder in which its relative paths start."""

    business: Business = Field(description="What the file says.")
    folder: Path = Field(description="Where its relative paths start.")
    path: Path = Field(description="The file itself.")
    is_default: bool = Field(default=False, description="Whether nobody named one.")
    assignments: tuple[str, ...] = Field((), description="What --set replaced.")
