"""Policies of offers: what may be offered to whom, how often, and what comes first."""

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal["repeat", "cross", "up"]
KINDS: Final[tuple[Kind, ...]] = ("repeat", "cross", "up")
"""What the customer buys anyway, what would be new, and the next tier of what is bought."""

RankedBy = Literal["probability", "expected_margin", "expected_revenue"]
RANKED_BY: Final[tuple[RankedBy, ...]] = ("probability", "expected_margin", "expected_revenue")

LEFT_OUT: Final = (
    "given_twice",
    "excluded",
    "out_of_stock",
    "unit_margin_unknown",
    "unit_margin",
    "cycle",
    "cycle_unknown",
    "probability",
    "expected_margin_unknown",
    "expected_margin",
    "most_per",
    "most_per_kind",
    "most",
)
"""Why a candidate is no offer: the first of these that applies to it counts."""

Share = Annotated[float, Field(ge=0.0, le=1.0)]


class Policies(BaseModel):
    """Policies of offers; money is in the unit of the items' prices and margins."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    most: int = Field(default=10, ge=1, le=1000, description="Offers of a customer, at most.")
    rank_by: RankedBy = Field(
        default="probability",
        description="What the best offer has most of: the probability that it is bought, the "
        "margin or the revenue that is expected. What is unknown comes last.",
    )
    cycle_share: float | None = Field(
        default=1.0,
        gt=0.0,
        description="Share of its own cycle that must have passed since the customer last bought "
        "an item before it is offered; null: no such rule.",
    )
    unknown_cycle_days: float | None = Field(
        default=None,
        gt=0.0,
        description="Cycle in days of an item whose cycle nobody shows; null: who has bought it "
        "is not offered it again, unless cycle_share is null.",
    )
    most_per: dict[str, Annotated[int, Field(ge=1)]] = Field(
        default={},
        description="Most offers of a customer with the same value of a column of the items, such "
        "as a level: {category: 2}. Items without a value are not limited.",
    )
    most_per_kind: dict[Kind, Annotated[int, Field(ge=0)]] = Field(
        default={}, description="Most offers of a customer of a kind: repeat, cross or up."
    )
    least_per_kind: dict[Kind, Annotated[int, Field(ge=0)]] = Field(
        default={},
        description="Places of a customer kept for offers of a kind, as long as there is one that "
        "all other policies allow: {cross: 1, up: 1}. By probability alone, what is new to the "
        "customer hardly ever gets a place.",
    )
    exclude: dict[str, tuple[str, ...]] = Field(
        default={},
        description="Values never offered, by column of the items (a level, or a group such as "
        "brand) or item: {brand: [Acme], item: [GIFT CARD]}.",
    )
    diversity: Share = Field(
        default=0.0,
        description="0 to 1: an offer is worth 1 - diversity as much for each better one that "
        "shares its value of diversity_by; at 1, a second one comes after all other values.",
    )
    diversity_by: str | None = Field(
        default=None, description="Column of the items that offers should differ in."
    )
    unit_margin_least: float | None = Field(
        default=None, description="Margin of one unit, at least; unknown ones are left out."
    )
    expected_margin_least: float | None = Field(
        default=None,
        description="Probability times units times margin of a unit, at least; unknown ones are "
        "left out.",
    )
    probability_least: Share = Field(
        default=0.0, description="Probability that the item is bought, at least."
    )

    @model_validator(mode="after")
    def _diversity_says_of_what(self) -> Self:
        if self.diversity > 0 and self.diversity_by is None:
            message = (
                f"diversity needs a column that offers should differ in, but diversity is "
                f"{self.diversity:g} and diversity_by is null; name one, or set diversity to 0"
            )
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _places_kept_are_there(self) -> Self:
        kept = sum(self.least_per_kind.values())
        if kept > self.most:
            message = (
                f"least_per_kind keeps {kept} places, but most is {self.most}; keep fewer, or "
                "allow more"
            )
            raise ValueError(message)
        for kind, least in self.least_per_kind.items():
            limit = self.most_per_kind.get(kind, least)
            if least > limit:
                message = (
                    f"least_per_kind keeps {least} places for {kind}, but most_per_kind allows "
                    f"{limit}; keep fewer, or allow more"
                )
                raise ValueError(message)
        return self
