"""Settings of the learner of the next basket."""

from pydantic import BaseModel, ConfigDict, Field


class NextBasketSpec(BaseModel):
    """Boosted trees by LightGBM that rank candidates; these values are a search's first trial.

    What is searched, see `models.next_basket.tuning`, has the bounds of the search, so that a
    hand-set value can be its first trial; ``trees``, ``l2``, ``kept_share``, ``rankers`` and
    ``customers_most`` are not searched.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    trees: int = Field(default=100, ge=20, le=1000, description="Boosting rounds.")
    leaves: int = Field(default=31, ge=4, le=63, description="Most leaves of one tree.")
    learning_rate: float = Field(default=0.08, ge=0.02, le=0.2, description="Weight of a tree.")
    rows_per_leaf: int = Field(default=100, ge=5, le=500, description="Least rows in a leaf.")
    column_share: float = Field(
        default=0.4, ge=0.1, le=1.0, description="Share of the columns that each tree may use."
    )
    l2: float = Field(default=5.0, ge=0.0, le=100.0, description="L2 penalty on leaf values.")
    size_power: float = Field(
        default=0.75,
        ge=0.0,
        le=1.0,
        description="A target weighs by its size to minus this power: recall counts a hit in a "
        "small basket for more.",
    )
    ranking_share: float = Field(
        default=0.2, ge=0.0, le=0.8, description="Part of LambdaMART beside the chance of buying."
    )
    kept_share: float = Field(
        default=0.15, gt=0.0, le=1.0, description="Candidates not bought that are learnt from."
    )
    rankers: int = Field(
        default=3,
        ge=1,
        le=20,
        description="Fits with seeds of their own, whose scores are averaged.",
    )
    customers_most: int = Field(
        default=5_000,
        ge=10,
        description="Targets of each set that are learnt from; of more, a sample drawn by seed. "
        "A target takes about 20 kB, and 100 kB in the newest set while settings are searched.",
    )
    threads: int = Field(default=1, ge=1, description="Threads of a fit; changes no result.")
    seed: int = Field(default=0, ge=0, description="Of all draws.")
