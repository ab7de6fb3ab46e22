"""Section ``offers:`` of a config: what is offered to whom, what is learnt, which policies hold.

Kept beside the other sections because it is long; `pipelines.config` holds it.
"""

from datetime import date
from typing import Literal

from pydantic import Field

from features.settings import JourneyDefinition, Setting
from models.cross_sell.settings import CrossSellSpec
from models.next_basket.settings import NextBasketSpec
from models.offers.policies import Policies
from models.up_sell.settings import PairsWanted, TiersWanted, UpSellSpec

Fact = Literal["prices", "season", "rules"]


class Reasons(Setting):
    """Rules and sequences that are told as reasons of an offer."""

    support: float = Field(
        0.001, gt=0, le=1, description="Share of the baskets that hold a rule, at least."
    )
    confidence: float = Field(
        0.05, gt=0, le=1, description="Share of those with the antecedent, at least."
    )
    sequence_support: float | None = Field(
        0.1,
        gt=0,
        le=1,
        description="Share of the customers who buy one thing and within a horizon the other, at "
        "least; null: no sequences are looked for.",
    )
    fdr: float = Field(
        0.05, gt=0, lt=1, description="Share of those told that may be due to chance, at most."
    )


class UpSell(Setting):
    """The next tier of what a customer buys in a need, offered by one product of it."""

    need: str | None = Field(
        None,
        description="Level of sources.products.hierarchy within which products have tiers; null: "
        "the finest one.",
    )
    size: str | None = Field(
        None,
        description="Name of one of sources.products.groups that tells the size of a pack, such "
        "as 12 OZ; null: none does.",
    )
    level: str | None = Field(
        None,
        description="Name of one of sources.products.groups that tells the level of a product; "
        "for tiers by level.",
    )
    tiers: TiersWanted = Field(TiersWanted(), description="How products are put into tiers.")
    pairs: PairsWanted = Field(
        PairsWanted(), description="Which customers and needs are looked at."
    )
    learner: UpSellSpec = Field(
        UpSellSpec(), description="Trees that say who buys above the usual tier."
    )


class Offers(JourneyDefinition):
    """What to offer next to whom: items, days that are learnt from, and policies."""

    cross: str | None = Field(
        None,
        description="Level of sources.products.hierarchy whose values count as categories that a "
        "customer has not bought yet; null: the level above the item, or the item itself.",
    )
    horizon_days: int = Field(
        28, ge=1, le=366, description="Days from as_of on in which an offer may be taken."
    )
    test_as_of: date | None = Field(
        None,
        description="Day on which the offers are tested; chances are calibrated one horizon before "
        "it, and the learner is trained on baskets before that. null: one horizon before the end "
        "of the orders.",
    )
    train_cutoffs: int = Field(
        6, ge=1, le=60, description="Days whose next baskets are learnt from, at most."
    )
    step_days: int = Field(14, ge=1, le=366, description="Days between them.")
    seen_least: int = Field(
        10, ge=1, description="Days and customers on which an item was bought, to be offered."
    )
    active_within_days: int | None = Field(
        182,
        ge=1,
        description="Offers are made to customers who bought within so many days before as_of, and "
        "to those in the customers table who never bought; null: to all.",
    )
    learner: NextBasketSpec = Field(
        NextBasketSpec(), description="Trees that rank what a customer may buy next."
    )
    facts: tuple[Fact, ...] = Field(
        (),
        description="What the learner is told beside the baskets: prices (of items, and discounts "
        "of late), season (the same weeks a year ago), rules (of what is bought together).",
    )
    trials: int = Field(
        0, ge=0, le=500, description="Settings of the learner that are searched; 0: as they are."
    )
    first_purchases: CrossSellSpec = Field(
        CrossSellSpec(), description="Trees that say which category is bought for the first time."
    )
    up_sell: UpSell | None = Field(
        UpSell(),
        description="Steps up to the next tier; null: none are looked for, nor where the products "
        "have no hierarchy.",
    )
    reasons: Reasons = Field(Reasons(), description="Rules and sequences that are reasons.")
    policies: Policies = Field(Policies(), description="What may be offered, and how often.")
    stock: str | None = Field(
        None,
        description="File (CSV or Parquet) with a column item: what can be offered; null: all that "
        "is sold.",
    )
    calibration_error_most: float = Field(
        0.02,
        gt=0,
        le=1,
        description="Expected calibration error of the offers made, at most, before a version may "
        "go live.",
    )
    age_most: int = Field(
        182,
        ge=1,
        le=3650,
        description="Days from the last one learnt from to the last order, at most, before a "
        "version may go live.",
    )
