"""Settings of the learner of first purchases."""

from pydantic import BaseModel, ConfigDict, Field


class CrossSellSpec(BaseModel):
    """How first purchases of a category are learnt."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    trees: int = Field(default=250, ge=5, le=2000, description="Boosting rounds.")
    leaves: int = Field(default=7, ge=2, le=127, description="Most leaves of one tree.")
    learning_rate: float = Field(default=0.06, gt=0.0, le=0.5, description="Weight of a tree.")
    rows_per_leaf: int = Field(default=100, ge=1, le=10_000, description="Least pairs in a leaf.")
    column_share: float = Field(
        default=0.5, gt=0.0, le=1.0, description="Share of the columns that each tree may use."
    )
    l2: float = Field(default=10.0, ge=0.0, le=1000.0, description="L2 penalty on leaf values.")
    kept_share: float = Field(
        default=0.05,
        gt=0.0,
        le=1.0,
        description="Share of the pairs without a purchase that are learnt from; the odds are "
        "corrected for it.",
    )
    behaviour: tuple[str, ...] = Field(
        default=(), description="Columns of the behaviour table that are used; none named: all."
    )
    threads: int = Field(default=1, ge=1, description="Threads of a fit; changes no result.")
    seed: int = Field(default=0, ge=0, description="Of all draws.")
