"""Section ``segments:`` of a config: which groups of customers are looked for, and how."""

from datetime import date
from typing import Literal, Self, get_args

from pydantic import Field, field_validator, model_validator

from features.settings import Setting
from models.segments.actions import ACTIONS, Action
from models.segments.describing import RuleSpec
from models.segments.settings import SplitSpec

FigureName = Literal["value", "churn", "offers"]
"""What is told of each segment, and what actions speak of."""


class Split(SplitSpec):
    """How customers are split, and what a split must show to be kept."""

    reduce: Literal["none", "pca", "factors"] = Field(
        default="factors",
        description="What numbers are reduced to: components, factors, or not. Factors weigh each "
        "theme alike; components weigh a theme by the number of its columns.",
    )


class Segments(Setting):
    """Which groups of customers there are, what each is called, and what to do with it."""

    families: tuple[str, ...] = Field(
        (),
        description="Families of the behaviour table whose columns segments are made of, see: "
        "regulars features list; empty: frequency, monetary and breadth, or all "
        "where there are none of these.",
    )
    window_days: int = Field(
        91,
        ge=1,
        le=3650,
        description="Of a family, the columns over the window nearest to it are taken, or, where "
        "it has none, those over all history.",
    )
    columns: tuple[str, ...] = Field(
        (), description="Columns that segments are made of, in the place of those of families."
    )
    split: Split = Field(
        Split(),
        description="How customers are split, and what a split must show to be kept.",
    )
    rules: RuleSpec = Field(RuleSpec(), description="How short the rule of a segment is.")
    as_of: date | None = Field(
        None,
        description="Day before which all is known that segments are made of; null: the newest "
        "whose churn is known.",
    )
    earlier_days: int = Field(
        91,
        ge=1,
        le=3650,
        description="Days before as_of of the earlier day, from which on moves between segments "
        "are told; the segment of a customer so many days ago stands with the scores.",
    )
    figures: tuple[FigureName, ...] = Field(
        ("value", "churn", "offers"),
        description="What is told of each segment: value (spend within the horizon of churn), "
        "churn (as the config defines it), offers (how likely the best offer of a night of "
        "regulars score offers is taken, or whether a campaign was responded to).",
    )
    actions: tuple[Action, ...] = Field(
        ACTIONS,
        description="What to do with a segment: the first line all of whose bounds hold. A "
        "convention, not measured.",
    )
    drift_most: float = Field(
        0.25,
        gt=0,
        description="Population stability index of the sizes of segments, and of distances to "
        "their middles, at most, before a version may go live; above .25 they count as shifted "
        "(Siddiqi 2006).",
    )
    age_most: int = Field(
        182,
        ge=1,
        le=3650,
        description="Days from as_of to the last order, at most, before a version may go live.",
    )

    @field_validator("families", "columns")
    @classmethod
    def _names_each_once(cls, named: tuple[str, ...]) -> tuple[str, ...]:
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            message = f"each name is needed once, but {', '.join(twice)} is there again; leave one"
            raise ValueError(message)
        return named

    @model_validator(mode="after")
    def _has_an_action_for_all(self) -> Self:
        known = get_args(FigureName)
        named = {bound.figure for action in self.actions for bound in action.when}
        strange = sorted(named - set(known))
        if strange:
            message = f"actions need bounds on {', '.join(known)}, but found {', '.join(strange)}"
            raise ValueError(message)
        if not self.actions or self.actions[-1].when:
            message = (
                "actions need a last line without bounds, for segments that no other fits, but "
                "there is none; add one"
            )
            raise ValueError(message)
        return self
