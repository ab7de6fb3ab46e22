"""Settings of a blend, which holds the settings of other models."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from models.spec import ChurnEbm, ChurnGbm, ChurnLogit, ChurnRules, ChurnTree

BlendMember = Annotated[
    ChurnLogit | ChurnGbm | ChurnTree | ChurnRules | ChurnEbm, Field(discriminator="kind")
]
"""Kinds that are trees, or a sum of curves of one column each, which trees can say."""


class ChurnBlend(BaseModel):
    """A weighted sum of models of other kinds, written down as one: what smooth ones and trees see.

    Weights are 0 or more, and found on customers that the members had not seen.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["churn_blend"] = Field(default="churn_blend", description="A sum of models.")
    members: tuple[BlendMember, ...] = Field(
        default=(ChurnLogit(), ChurnGbm()), min_length=2, description="Models of different kinds."
    )
    bins: int = Field(
        default=255,
        ge=8,
        le=255,
        description="Most values of a column's curve, as which a churn_logit is written down.",
    )

    @field_validator("members")
    @classmethod
    def _differ(cls, members: tuple[BlendMember, ...]) -> tuple[BlendMember, ...]:
        kinds = [member.kind for member in members]
        if len(set(kinds)) < len(kinds):
            raise ValueError(f"needs members of different kinds, but found {', '.join(kinds)}")
        return members
