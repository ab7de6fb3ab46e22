"""Section ``value:`` of a config: what customers will spend and are worth, and how it is learnt.

Kept beside the other sections because it is long; `pipelines.config` holds it.
"""

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from features.settings import Setting
from models.value.two_part import TwoPartSpec
from pipelines.worth_settings import WorthSettings

ValueModel = Literal["learner", "bg_nbd", "pareto_nbd", "mbg_nbd"]


class ValueSettings(Setting):
    """What customers will spend within a horizon and are worth beyond it, and its test."""

    horizon_days: int = Field(
        28,
        ge=7,
        le=364,
        description="Days from as_of on whose spend is told and tested.",
    )
    test_as_of: date | None = Field(
        None,
        description="Day on which the predictors are tested; which model is used is chosen one "
        "horizon before it. null: one horizon before the end of the orders.",
    )
    train_cutoffs: int = Field(
        24, ge=2, le=120, description="Days whose customers the learner learns from, at most."
    )
    step_days: int = Field(28, ge=1, le=366, description="Days between them.")
    models: tuple[ValueModel, ...] = Field(
        ("learner", "bg_nbd", "pareto_nbd"),
        min_length=1,
        description="Models that are held against the naive predictors: the learner (trees on the "
        "behaviour table), and models of repeat buying; mbg_nbd is another of these.",
    )
    learner: TwoPartSpec = Field(
        TwoPartSpec(), description="Trees that say whether a customer spends, and how much then."
    )
    clv_days: int = Field(
        364, ge=7, le=36_500, description="Days from as_of on that count in a customer's value."
    )
    discount_rate: float = Field(
        0.1, ge=0, le=10, description="Interest of a year at which money to come is worth less."
    )
    margin_share: float | None = Field(
        None,
        gt=0,
        le=1,
        description="Share of the spend that is left as margin; null: that of the goods whose "
        "costs are known, and where none is, all of it, so that value is revenue.",
    )
    resamples: int = Field(
        500, ge=50, le=10_000, description="Resamples of the customers behind every interval."
    )
    seed: int = Field(7, ge=0, description="Of resamples; learner.seed is that of the trees.")
    calibration_error_most: float = Field(
        0.05,
        gt=0,
        le=1,
        description="Expected calibration error of the chances to buy, at most, before a version "
        "may go live.",
    )
    drift_most: float = Field(
        0.25,
        gt=0,
        description="Population stability index of any settled column, at most, before a version "
        "may go live; above .25 a column counts as shifted (Siddiqi 2006).",
    )
    age_most: int = Field(
        182,
        ge=1,
        le=3650,
        description="Days from the last one learnt from to the last order, at most, before a "
        "version may go live.",
    )

    worth: WorthSettings = Field(
        WorthSettings(), description="What customers were worth so far, and their tiers."
    )

    @model_validator(mode="after")
    def _settings_agree(self) -> "ValueSettings":
        named = {"models": self.models, "learner.behaviour": self.learner.behaviour}
        for what, names in named.items():
            if len(set(names)) != len(names):
                message = f"needs each of {what} once, but they are {', '.join(names)}"
                raise ValueError(message)
        if self.clv_days < self.horizon_days:
            message = (
                f"needs clv_days of horizon_days={self.horizon_days} or more, but they are "
                f"{self.clv_days}"
            )
            raise ValueError(message)
        if self.age_most < self.horizon_days:
            message = (
                f"needs age_most of horizon_days={self.horizon_days} or more, as old is a version "
                f"that was just trained, but it is {self.age_most}"
            )
            raise ValueError(message)
        return self
