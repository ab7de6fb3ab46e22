"""Section ``value.worth:`` of a config: how what customers were worth so far is told.

Kept beside `value:` because it is long; that section holds it.
"""

from typing import Literal, Self

import pandas as pd
from pydantic import Field, model_validator

from features.errors import RegularsError
from features.settings import Setting
from models.worth.loyalty import LoyaltySpec
from models.worth.profitability import CostsAssumed
from models.worth.rfm import CELLS, RfmSpec, require_cells
from models.worth.stages import StageRule, default_rules
from models.worth.tiers import TIERS, tiers_of

_SIDES = ("recency", "frequency", "monetary")


class Cell(Setting):
    """A named cell of scores: bounds ``[from, to)`` of ``(score - 0.5) / bins`` of each."""

    cell: str = Field(min_length=1, description="Name; several rows may have one.")
    recency_from: float = Field(0.0, ge=0, le=1, description="Lowest position of the score.")
    recency_to: float = Field(1.0, ge=0, le=1, description="Positions stay under this.")
    frequency_from: float = Field(0.0, ge=0, le=1, description="As of recency.")
    frequency_to: float = Field(1.0, ge=0, le=1, description="As of recency.")
    monetary_from: float = Field(0.0, ge=0, le=1, description="As of recency.")
    monetary_to: float = Field(1.0, ge=0, le=1, description="As of recency.")


class Tier(Setting):
    """A tier of customers by what they are worth, and what is done for them."""

    tier: str = Field(min_length=1, description="Name.")
    share: float | None = Field(
        None,
        gt=0,
        le=1,
        description="Down to this share of all customers, the most valuable first; rising to 1.",
    )
    least: float | None = Field(
        None,
        description="Instead of share, for all tiers: from this much money on, falling; that of "
        "the last does not matter.",
    )
    policy: str = Field(min_length=1, description="What is done for customers of the tier.")


class Stages(Setting):
    """Stages of the relationship, and the days on which they are looked at."""

    quiet_days: int | None = Field(
        None,
        ge=2,
        le=3650,
        description="Days without an order after which a relationship counts as over; null: two "
        "horizons of value.horizon_days.",
    )
    repeats: int = Field(3, ge=2, description="Orders from which on buying is a habit: expansion.")
    committed: int = Field(
        6, ge=2, description="Orders, and twice quiet_days since the first: commitment."
    )
    rules: tuple[StageRule, ...] = Field(
        (),
        description="Rules of your own, the first that holds names the stage; empty: those made of "
        "quiet_days, repeats and committed.",
    )
    step_days: int | None = Field(
        None, ge=1, le=366, description="Days of a step; null: one horizon of value.horizon_days."
    )
    steps_most: int = Field(
        8, ge=1, le=120, description="Steps back from as_of, as many as the history has room for."
    )

    def ruled(self, horizon_days: int) -> tuple[StageRule, ...]:
        """The rules in their order."""
        if self.rules:
            return self.rules
        quiet = self.quiet(horizon_days)
        return default_rules(quiet, repeats=self.repeats, committed=self.committed)

    def quiet(self, horizon_days: int) -> int:
        """Days of silence after which a relationship counts as over."""
        return 2 * horizon_days if self.quiet_days is None else self.quiet_days

    def step(self, horizon_days: int) -> int:
        """Days of a step."""
        return horizon_days if self.step_days is None else self.step_days


class WorthSettings(Setting):
    """What customers were worth so far: cells, profit, tiers, cohorts, loyalty, stages.

    Money is in whole units of the currency, as people write it; `in_minor_units` makes them fit
    tables in minor units.
    """

    rfm: RfmSpec = Field(RfmSpec(), description="Bins or cut points of recency, orders and money.")
    cells: tuple[Cell, ...] = Field(
        (),
        description="Names of cells of the scores, the first that holds a customer names it; "
        "empty: those of models.worth.rfm.CELLS.",
    )
    migration_days: int | None = Field(
        None,
        ge=1,
        le=3650,
        description="Days before as_of that cells are compared with, and length of the two periods "
        "whose revenue moved; null: value.horizon_days.",
    )
    tiers: tuple[Tier, ...] = Field(
        (),
        description="Tiers from the highest down, each with share or each with least, and a "
        "policy; empty: those of models.worth.tiers.TIERS.",
    )
    costs: CostsAssumed = Field(
        CostsAssumed(),
        description="What stands for costs that were not recorded, in whole units of currency.code;"
        " an order is a day on which a customer ordered. null: they stay unknown.",
    )
    discount_rate: float = Field(
        0.1, gt=-1, le=10, description="Yearly rate of the net present value of profit so far."
    )
    profit_days: int = Field(
        364, ge=1, le=36500, description="Days before as_of whose profit is told, if there are."
    )
    profit_period_days: int = Field(
        91, ge=1, le=3650, description="Length of the periods that profit is told of."
    )
    pareto_share: float = Field(
        0.8,
        gt=0,
        lt=1,
        description="Share of the profit of which it is told how few customers make it.",
    )
    cohorts: Literal["months"] | int = Field(
        "months",
        description="Periods of first orders and of customers won and kept: calendar months, or so "
        "many days.",
    )
    loyalty: LoyaltySpec = Field(
        LoyaltySpec(), description="Where frequency is middle or high, and attitude positive."
    )
    repurchase_days: int = Field(
        90, ge=1, le=3650, description="Days within which a customer may have bought again."
    )
    active_days: int = Field(
        365,
        ge=2,
        le=36500,
        description="Days before as_of that tell who is still active, beside profit in quadrants.",
    )
    stages: Stages = Field(Stages(), description="Stages of the relationship and their rules.")

    @property
    def named_cells(self) -> pd.DataFrame:
        """Table of cells for `models.worth.rfm.rfm_scores`."""
        if not self.cells:
            return CELLS
        columns = ["cell", *(f"{side}_{end}" for side in _SIDES for end in ("from", "to"))]
        return pd.DataFrame([each.model_dump() for each in self.cells], columns=columns)

    @property
    def tier_rows(self) -> pd.DataFrame:
        """Table of tiers for `models.worth.tiers.tiers_of`."""
        if not self.tiers:
            return TIERS
        by = "share" if any(each.share is not None for each in self.tiers) else "least"
        rows = [(each.tier, getattr(each, by), each.policy) for each in self.tiers]
        return pd.DataFrame(rows, columns=["tier", by, "policy"])

    def moved_days(self, horizon_days: int) -> int:
        """Days between the two days of a migration."""
        return horizon_days if self.migration_days is None else self.migration_days

    def in_minor_units(self, digits: int) -> "WorthSettings":
        """The same settings with all their money in minor units of a currency of so many digits."""
        scale = 10.0**digits
        monetary = self.rfm.monetary
        if not isinstance(monetary, int):
            monetary = tuple(scale * cut for cut in monetary)
        tiers = [
            each if each.least is None else each.model_copy(update={"least": scale * each.least})
            for each in self.tiers
        ]
        costs = {
            name: None if (cost := getattr(self.costs, name)) is None else scale * cost
            for name in ("serving_cost_per_order", "marketing_cost_per_contact")
        }
        changed = {
            "rfm": self.rfm.model_copy(update={"monetary": monetary}),
            "tiers": tuple(tiers),
            "costs": self.costs.model_copy(update=costs),
        }
        return self.model_copy(update=changed)

    @model_validator(mode="after")
    def _tables_are_right(self) -> Self:
        shares = [each.share is not None for each in self.tiers]
        leasts = [each.least is not None for each in self.tiers]
        if self.tiers and (any(shares) == any(leasts) or (any(shares) and not all(shares))):
            message = "needs share in all tiers, or least in all of them but the last"
            raise ValueError(message)
        try:
            require_cells(self.named_cells)
            tiers_of(pd.Series(dtype="float64"), self.tier_rows)
        except RegularsError as error:
            raise ValueError(str(error)) from error
        if self.cohorts != "months" and self.cohorts < 1:
            raise ValueError(f"needs cohorts of 1 day or more, or months, but found {self.cohorts}")
        return self
