"""Section ``profile:`` of a config: what groups of customers are compared by."""

from pydantic import Field

from features.settings import Setting
from models.false_discoveries import Adjustment


class Profiling(Setting):
    """How `regulars profile` compares groups of customers."""

    outcome: str | None = Field(
        None,
        description="Number of the behaviour table that two-way comparisons, comparisons at equal "
        "values and the regression are of; null: spend in about 91 days, or the first number among "
        "the attributes.",
    )
    covariate: str | None = Field(
        None,
        description="Number that groups are made equal in; null: days since the first order, or "
        "the second number among the attributes.",
    )
    factor: str | None = Field(
        None,
        description="Category of sources.customers.attributes beside the groups in two-way "
        "comparisons; null: the first that is not compared itself.",
    )
    columns: tuple[str, ...] = Field(
        (),
        description="Numbers that are looked at together, the most wanted first; empty: of each "
        "family its first ones over about 91 days.",
    )
    columns_most: int = Field(
        12, ge=2, le=60, description="Columns that are looked at together, at most."
    )
    map_most: int = Field(
        300, ge=10, le=2000, description="Customers on the map, drawn at random, at most."
    )
    group_least: int = Field(
        20, ge=5, description="Customers that a group needs; smaller ones are left out."
    )
    sent_days: int = Field(
        28, ge=1, le=3650, description="Days from as_of on whose campaigns count."
    )
    response_days: int = Field(
        28, ge=1, le=3650, description="Days after a sending in which a response counts."
    )
    adjustment: Adjustment = Field(
        "benjamini_hochberg",
        description="How chances are corrected for the number of questions: Benjamini and "
        "Hochberg's, or Benjamini and Yekutieli's, which holds however columns depend on each "
        "other and finds less.",
    )
    seed: int = Field(7, ge=0, description="Of all that is drawn at random.")
