"""The money around a retention offer: one set for all customers, or one per customer."""

from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from models.spec import FiguresUnfit, FloatArray, numbers, require_figures, require_shares


class Economics(BaseModel):
    """What a retention offer costs and brings, the same for every customer but for their worth.

    All money is in units of the currency of the config.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    clv: float = Field(
        default=200.0,
        gt=0,
        description="Worth of a customer who is retained; on average, where clv_column is set.",
    )
    clv_column: str | None = Field(
        default=None,
        description="Column of the behaviour table, in minor units, by which customers differ in "
        "worth; null, or where it is null: clv.",
    )
    clv_multiple: float = Field(
        default=1.0, gt=0, description="Worth of a customer as a multiple of clv_column."
    )
    incentive: float = Field(
        default=10.0, ge=0, description="Cost of the offer, paid to those who take it; below clv."
    )
    contact_cost: float = Field(
        default=1.0, ge=0, description="Cost of contacting one customer; below clv."
    )
    accept_alpha: float = Field(
        default=6.0,
        gt=0,
        le=1e6,
        description="Alpha of the beta distribution of the share of would-be churners who accept.",
    )
    accept_beta: float = Field(
        default=14.0,
        gt=0,
        le=1e6,
        description="Beta of the beta distribution of the share of would-be churners who accept.",
    )

    @property
    def acceptance(self) -> float:
        """Mean share (0..1) of would-be churners who accept the offer and stay."""
        return self.accept_alpha / (self.accept_alpha + self.accept_beta)

    @model_validator(mode="after")
    def _an_offer_can_pay(self) -> Self:
        for name in ("incentive", "contact_cost"):
            cost: float = getattr(self, name)
            if cost >= self.clv:
                message = (
                    f"{name} must be less than clv, but {name} is {cost} and clv is {self.clv}: "
                    f"it would cost as much as the customer is worth; lower {name} or raise clv"
                )
                raise ValueError(message)
        return self


@dataclass(frozen=True, eq=False)
class CustomerEconomics:
    """What a retention offer costs and brings, customer by customer.

    Attributes
    ----------
    clv
        Shape (n,), currency: worth of the customer when retained; 0 or more.
    incentive
        Shape (n,), currency: cost of the offer, paid when it is taken; 0 or more.
    contact_cost
        Shape (n,), currency: cost of the contact; 0 or more.
    acceptance
        Shape (n,), 0..1: chance that the customer accepts and stays, who would leave otherwise.

    Raises
    ------
    FiguresUnfit
        When the shapes differ, nobody is there, or a figure is out of its bounds.
    """

    clv: FloatArray
    incentive: FloatArray
    contact_cost: FloatArray
    acceptance: FloatArray

    def __post_init__(self) -> None:
        purpose = "the economics of customers"
        figures = {name: getattr(self, name) for name in ("clv", "incentive", "contact_cost")}
        require_figures(purpose, figures | {"acceptance": self.acceptance})
        require_shares(purpose, "acceptance", self.acceptance)
        for name, amounts in figures.items():
            wrong = np.count_nonzero(amounts < 0)
            if wrong:
                message = (
                    f"{purpose} need {name} of 0 or more, but {wrong} of {len(amounts)} customers "
                    f"have less; mend them or leave these customers out"
                )
                raise FiguresUnfit(message)

    @classmethod
    def of(cls, economics: Economics, features: pd.DataFrame, digits: int) -> "CustomerEconomics":
        """Economics of the customers of a table, with the mean acceptance.

        Parameters
        ----------
        economics
            What is the same for all, and which column says what differs.
        features
            A row of the behaviour table for each customer. Who is worth less than nothing by it,
            as after many returns, is worth nothing.
        digits
            Minor units are ``10 ** -digits`` of the currency.
        """
        customers = len(features)
        return cls(
            clv=_worth(economics, features, digits),
            incentive=np.full(customers, economics.incentive),
            contact_cost=np.full(customers, economics.contact_cost),
            acceptance=np.full(customers, economics.acceptance),
        )


def _worth(economics: Economics, features: pd.DataFrame, digits: int) -> FloatArray:
    """Currency, shape (n,)."""
    if economics.clv_column is None:
        return np.full(len(features), economics.clv)
    amounts = numbers(features, [economics.clv_column])[:, 0]
    worth = np.maximum(amounts * economics.clv_multiple / 10**digits, 0.0)
    return np.where(np.isnan(amounts), economics.clv, worth)
