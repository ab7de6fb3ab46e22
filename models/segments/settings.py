"""Settings of segments: what is grouped, how, and what a split must show to be kept."""

from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Kind = Literal["kmeans", "mini_batch", "gaussian_mixture", "hdbscan"]
Criterion = Literal["vote", "silhouette", "bic", "gap", "stability"]


class SplitSpec(BaseModel):
    """How customers are split into segments, whatever columns tell them apart.

    All samples are drawn without replacement by ``seed``; tables below their size are used whole.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind = Field(
        default="kmeans",
        description="k-means; mini_batch: its last fit on batches, for millions; gaussian_mixture: "
        "groups of different shape and overlap; hdbscan: dense groups, others belong to none.",
    )
    category_weight: float = Field(
        default=1.0,
        ge=0.0,
        le=100.0,
        description="Squared distance of two customers who differ in a category or a flag, where "
        "one spread of a number is 1 (the gamma of k-prototypes).",
    )
    missing_flag_least: float = Field(
        default=0.05,
        gt=0.0,
        le=1.0,
        description="Share of customers from which on it counts whether a number is missing.",
    )
    reduce: Literal["none", "pca", "factors"] = Field(
        default="pca", description="What numbers are reduced to: components, factors, or not."
    )
    variance_share: float = Field(
        default=0.9, gt=0.0, le=1.0, description="Variance that components keep, unless too many."
    )
    components_most: int = Field(
        default=12, ge=1, le=100, description="Components or factors, at most."
    )
    fewest: int = Field(default=2, ge=2, le=50, description="Segments, at least.")
    most: int = Field(default=8, ge=2, le=50, description="Segments, at most.")
    least_share: float = Field(
        default=0.03,
        gt=0.0,
        lt=0.5,
        description="Share of the customers in each segment, at least.",
    )
    neighbours: int = Field(
        default=10, ge=2, le=1000, description="hdbscan: neighbours that make a place dense."
    )
    anchors_most: int = Field(
        default=2000, ge=100, le=100_000, description="hdbscan: customers kept to assign others by."
    )
    by: Criterion = Field(
        default="vote",
        description="What chooses among the splits that are kept; vote: what most of silhouette, "
        "BIC and gap choose.",
    )
    rand_least: float = Field(
        default=0.8,
        ge=0.0,
        le=1.0,
        description="Adjusted Rand index between a split and those of resamples, mean, at least.",
    )
    jaccard_least: float = Field(
        default=0.75,
        ge=0.0,
        le=1.0,
        description="Jaccard overlap of each segment with its like in resamples, mean, at least.",
    )
    groups_only: bool = Field(
        default=True,
        description="Refuse stable cuts through one group; off: keep them, and say that they are.",
    )
    resamples: int = Field(default=30, ge=2, le=1000, description="Resamples of the customers.")
    references: int = Field(
        default=12, ge=5, le=1000, description="Made-up tables of one group, of each sort."
    )
    sample: int = Field(
        default=5000,
        ge=100,
        le=1_000_000,
        description="Customers that splits are compared on, at most; hdbscan is fitted to them.",
    )
    fit_most: int = Field(
        default=50_000,
        ge=1000,
        description="Customers that the chosen split is fitted to, at most (mini_batch: all).",
    )
    seed: int = Field(default=0, ge=0, description="Of all draws.")

    @model_validator(mode="after")
    def _has_a_range(self) -> Self:
        if self.fewest > self.most:
            message = f"needs fewest <= most, but found {self.fewest} > {self.most}; lower fewest"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _can_be_chosen_by(self) -> Self:
        if self.by == "gap" and self.kind == "gaussian_mixture":
            message = "by: gap needs sums of squares, which gaussian_mixture has not; use bic"
            raise ValueError(message)
        return self


class SegmentsSpec(SplitSpec):
    """How customers are split into segments, and by which columns."""

    columns: tuple[str, ...] = Field(
        default=(), description="Numbers and flags that are used; none named: all that are numeric."
    )
    categories: tuple[str, ...] = Field(default=(), description="Columns of text that are used.")

    @model_validator(mode="after")
    def _names_each_column_once(self) -> Self:
        named = [*self.columns, *self.categories]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            message = f"columns and categories need each name once, but {twice} are there again"
            raise ValueError(message)
        return self
