"""Settings of up-sell: how tiers are cut, which pairs count, and the learner."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class TiersWanted(BaseModel):
    """How the products of a need are put into tiers, and what a tier must show."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by: Literal["price", "size", "level"] = Field(
        default="price",
        description="Tiers by price (of a pack of equal size, where sizes are known), by pack "
        "size, or by a level that is given with each product.",
    )
    tiers: int = Field(default=3, ge=2, le=6, description="Tiers by price, at most.")
    levels: tuple[str, ...] = Field(
        default=(), description="Names of the given levels, the lowest first; for tiers by level."
    )
    products_least: int = Field(default=2, ge=1, description="Products of a tier, at least.")
    purchases_least: int = Field(
        default=50, ge=0, description="Purchases of a tier, at least, where they are told."
    )
    ratio_least: float = Field(
        default=1.1, ge=1.0, le=10.0, description="Price of a tier over that of the one below."
    )
    size_step: float = Field(
        default=1.25, ge=1.0, le=10.0, description="Sizes within this factor are one tier."
    )
    size_slope_least: float = Field(
        default=0.2,
        ge=0.0,
        le=1.0,
        description="Per cent of price for a per cent of size, at least, for tiers by size.",
    )
    sized_share_least: float = Field(
        default=0.5,
        ge=0.0,
        le=1.0,
        description="Share of a need's purchases with a comparable size from which on sizes count.",
    )
    weighed_share_most: float = Field(
        default=0.25,
        ge=0.0,
        le=1.0,
        description="Share of a need's purchases that may be of products sold by weight.",
    )


class PairsWanted(BaseModel):
    """Which customers and needs are looked at, and what counts as usual and as new."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    half_life_days: float = Field(
        default=90.0,
        gt=0.0,
        description="Days after which a purchase counts half for what is usual.",
    )
    days_least: int = Field(
        default=2, ge=1, description="Days with a purchase in the need, at least."
    )
    active_days: int = Field(
        default=182, ge=1, description="The last purchase in the need is no older, in days."
    )
    new_days: int = Field(
        default=180,
        ge=1,
        description="A purchase above the usual tier is new if there was none for so many days.",
    )


class UpSellSpec(BaseModel):
    """Boosted trees by LightGBM on customers and needs, and the rates they have to beat."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trees: int = Field(default=150, ge=10, le=1000, description="Boosting rounds.")
    leaves: int = Field(default=15, ge=2, le=63, description="Most leaves of one tree.")
    learning_rate: float = Field(default=0.05, ge=0.005, le=0.3, description="Weight of a tree.")
    rows_per_leaf: int = Field(default=200, ge=1, le=10_000, description="Least rows in a leaf.")
    column_share: float = Field(
        default=0.5, ge=0.1, le=1.0, description="Share of the columns that each tree may use."
    )
    l2: float = Field(default=10.0, ge=0.0, le=1000.0, description="L2 penalty on leaf values.")
    prior_pairs: float = Field(
        default=50.0,
        gt=0.0,
        description="Pairs that the overall rate counts for when a need's own rate is drawn to it.",
    )
    threads: int = Field(default=1, ge=1, description="Threads of a fit; changes no result.")
    seed: int = Field(default=0, ge=0, description="Of all draws.")
