"""Section ``rules:`` of a config: which baskets, which itemsets and rules, and how they are tested.

Kept beside the other sections because it is the longest; `pipelines.config` holds it.
"""

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from features.settings import BasketDefinition, Setting
from pipelines.change_settings import Changes


class RuleLimits(Setting):
    """What a job may make, at most; what was cut, and where it would have fitted, is told."""

    itemsets: int = Field(2_000_000, ge=1, description="Frequent itemsets of a group of baskets.")
    rules: int = Field(1_000_000, ge=1, description="Rules that are tested, of a group of baskets.")
    megabytes: int = Field(
        1024, ge=16, description="Memory (MB of a million bytes) that mining a group may take."
    )


class Rules(BasketDefinition):
    """What is bought together: baskets, thresholds of itemsets and rules, tests and their days."""

    support: float = Field(
        0.001, gt=0, le=1, description="Share of all baskets that hold an itemset, at least."
    )
    length_least: int = Field(1, ge=1, le=64, description="Items of an itemset, at least.")
    length_most: int | None = Field(
        None, ge=1, le=64, description="Items of an itemset, at most; null: of the longest rule."
    )
    confidence: float = Field(
        0.1,
        gt=0,
        le=1,
        description="Share of the baskets with the antecedent that hold the consequent too, at "
        "least.",
    )
    antecedent_least: int = Field(1, ge=1, le=63, description="Items of an antecedent, at least.")
    antecedent_most: int = Field(2, ge=1, le=63, description="Items of an antecedent, at most.")
    consequent_least: int = Field(1, ge=1, le=63, description="Items of a consequent, at least.")
    consequent_most: int = Field(1, ge=1, le=63, description="Items of a consequent, at most.")
    antecedent_levels: tuple[str, ...] = Field(
        (), description="Some of rules.items that antecedents are made of; empty: all of them."
    )
    consequent_levels: tuple[str, ...] = Field(
        (), description="Some of rules.items that consequents are made of; empty: all of them."
    )
    consequents: tuple[str, ...] = Field(
        (), description="Labels of items that consequents are made of; empty: any."
    )
    fdr: float = Field(
        0.05,
        gt=0,
        lt=1,
        description="Share of the rules that are told which may be due to chance, at most, by "
        "expectation (false discovery rate).",
    )
    correction: Literal["benjamini_hochberg", "benjamini_yekutieli"] = Field(
        "benjamini_hochberg",
        description="How the rate is kept over all rules that were tested; benjamini_yekutieli "
        "holds under any dependence between them, and tells fewer.",
    )
    test_as_of: date | None = Field(
        None,
        description="Rules are mined from baskets before this day and confirmed on those from it "
        "on; null: confirm_days before the end of the orders.",
    )
    mine_days: int | None = Field(
        None, ge=1, le=36_500, description="Days before test_as_of to mine; null: all there are."
    )
    confirm_days: int = Field(
        56, ge=1, le=3650, description="Days from test_as_of on that rules are confirmed on."
    )
    group_least: int = Field(
        1000, ge=1, description="Baskets of a segment or store, at least; smaller ones are named."
    )
    bundles: int = Field(
        100,
        ge=1,
        le=10_000,
        description="Bundles of a group that bring most margin, at most; where rules.weights has "
        "margin.",
    )
    hold_least: float = Field(
        0.5,
        gt=0,
        lt=1,
        description="Share of the rules that hold in the newest baskets, at least, before a "
        "version may go live; the lower end of its 95 % interval is asked.",
    )
    age_most: int = Field(
        182,
        ge=1,
        le=3650,
        description="Days from the last one that rules were mined from to the last order, at most, "
        "before a version may go live.",
    )
    engine: Literal["regulars", "mlxtend", "spark"] = Field(
        "regulars",
        description="What mines itemsets, all with equal results: mlxtend for comparison; it is "
        "slower by orders of magnitude and keeps no limits. spark: MLlib on the cluster of "
        "engine.spark (needs the extra regulars[spark] and Java 17), where the search outgrows "
        "this machine. Baskets are made by the embedded engine, and rules tested here, whichever "
        "mines.",
    )
    limits: RuleLimits = Field(RuleLimits(), description="What a job may make, at most.")
    changes: Changes = Field(Changes(), description="Which baskets rules are compared between.")

    @property
    def longest(self) -> int:
        """Items of an itemset, at most."""
        return self.length_most or self.antecedent_most + self.consequent_most

    @model_validator(mode="after")
    def _lengths_fit(self) -> "Rules":
        for side in ("length", "antecedent", "consequent"):
            least, most = getattr(self, f"{side}_least"), getattr(self, f"{side}_most")
            if most is not None and least > most:
                message = f"needs {side}_least up to {side}_most, but found {least} and {most}"
                raise ValueError(message)
        shortest = self.antecedent_least + self.consequent_least
        if self.longest < max(shortest, self.length_least):
            message = (
                f"needs itemsets of {max(shortest, self.length_least)} items for the shortest "
                f"rule, but they have {self.longest} at most"
            )
            raise ValueError(message)
        return self
