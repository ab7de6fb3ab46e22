"""Settings of ``rules.changes``: which baskets rules are compared between."""

from typing import Literal

from pydantic import Field, model_validator

from features.settings import Setting

YEAR: int = 364
"""Days after which a period comes again, with the same weekdays."""


class Changes(Setting):
    """Two periods of the days mined, and baskets without and with a promotion."""

    against: Literal["days_before", "year_before", "nothing"] = Field(
        "days_before",
        description="What the newest of the days mined are compared with: the days right before "
        "them; the same days a year before (364 days, so that weekdays and the season are the "
        "same); nothing.",
    )
    newer_days: int | None = Field(
        None,
        ge=1,
        le=36_500,
        description="Days of the newer period, which ends with the last day mined; null: half of "
        "the days mined, and with year_before those that have a year before them, up to 364.",
    )
    older_days: int | None = Field(
        None, ge=1, le=36_500, description="Days of the older period; null: as many as newer_days."
    )
    promotion: bool = Field(
        default=True,
        description="Whether rules are compared between baskets with their antecedent at full "
        "price and at a discount; needs sources.orders.columns.discount, and nothing is said "
        "without it.",
    )

    @model_validator(mode="after")
    def _periods_are_apart(self) -> "Changes":
        older = self.older_days or self.newer_days or 1
        if self.against == "year_before" and older > YEAR:
            message = (
                f"needs an older period of up to {YEAR} days, so that it ends before the newer one "
                f"begins, but found {older}"
            )
            raise ValueError(message)
        return self
