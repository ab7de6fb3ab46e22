"""Section ``prices:`` of a config: what has a price, what it must show, and how it is tested."""

from datetime import date
from typing import Literal

from pydantic import Field, model_validator

from features.settings import PriceDefinition
from models.prices.evidence import Wanted
from models.prices.panel import PriceColumn


class Prices(PriceDefinition):
    """What prices and promotions do to sales: items, their weeks, and what they must show."""

    price: Literal["paid", "list"] = Field(
        "paid",
        description="Which price units follow: paid, after discount; list, before it, which moves "
        "seldom, so that few items tell an elasticity.",
    )
    as_of: date | None = Field(
        None,
        description="Day before which all is known; null: the day after the last order.",
    )
    weeks: int | None = Field(
        None, ge=1, le=5200, description="Whole weeks before as_of to look at; null: all there are."
    )
    test_weeks: int = Field(
        8, ge=2, le=520, description="Last weeks, which a fit on those before them is tested on."
    )
    weeks_least: int = Field(
        26, ge=10, description="Weeks with a sale, at least, before an item has figures of its own."
    )
    share_least: float = Field(
        0.9,
        gt=0,
        le=1,
        description="Share of the weeks from an item's first to its last sale that have one, at "
        "least. A week without a sale has no price and is not seen.",
    )
    points_least: int = Field(
        3,
        ge=2,
        description="Different prices of an item, at least, each rounded to the nearest step of "
        "about 1 % from its median.",
    )
    spread_least: float = Field(
        0.02,
        gt=0,
        description="Standard deviation of the logarithm of an item's price, at least; also of "
        "what its promotions do not explain of it.",
    )
    week_effects: bool = Field(
        default=True,
        description="Whether what all items have in common in a week (season, closed days, "
        "inflation) is taken off.",
    )

    @property
    def column(self) -> PriceColumn:
        """Column of the price."""
        return "price_paid" if self.price == "paid" else "list_price"

    @property
    def wanted(self) -> Wanted:
        """What an item must show."""
        return Wanted(
            self.weeks_least,
            self.share_least,
            self.points_least,
            self.spread_least,
            self.week_effects,
        )

    @model_validator(mode="after")
    def _weeks_fit(self) -> "Prices":
        needed = self.weeks_least + self.test_weeks
        if self.weeks is not None and self.weeks < needed:
            message = (
                f"needs weeks from {needed} on, for weeks_least and test_weeks, but found "
                f"{self.weeks}"
            )
            raise ValueError(message)
        return self
