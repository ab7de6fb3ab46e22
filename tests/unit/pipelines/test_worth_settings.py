"""Settings of what customers were worth: defaults that fit, tables of one's own, errors in full."""

import pytest
from pydantic import ValidationError

from models.worth.profitability import CostsAssumed
from models.worth.rfm import CELLS, RfmSpec
from models.worth.tiers import TIERS
from pipelines.worth_settings import Stages, Tier, WorthSettings

TOP_AND_REST = [
    {"tier": "top", "least": 500, "policy": "call them"},
    {"tier": "rest", "policy": "mail them"},
]


def refused(**given: object) -> str:
    with pytest.raises(ValidationError) as caught:
        WorthSettings.model_validate(given)
    (error,) = caught.value.errors()
    return error["msg"].removeprefix("Value error, ")


def test_without_settings_the_tables_are_the_customary_ones() -> None:
    settings = WorthSettings()
    assert settings.named_cells is CELLS
    assert settings.tier_rows is TIERS
    assert settings.moved_days(28) == 28


def test_days_follow_the_horizon_unless_they_are_given() -> None:
    free, fixed = Stages(), Stages(quiet_days=60, step_days=7)
    assert (free.quiet(28), free.step(28)) == (56, 28)
    assert (fixed.quiet(28), fixed.step(28)) == (60, 7)
    assert WorthSettings(migration_days=91).moved_days(28) == 91


def test_rules_are_made_of_days_and_orders_or_are_ones_own() -> None:
    made = Stages(repeats=2, committed=4).ruled(28)
    assert [each.told for each in made] == [
        "awareness: orders_count < 1",
        "dissolution: days_since_order ≥ 56",
        "dissolution: days_since_order ≥ 28 and silence_ratio ≥ 4",
        "commitment: orders_count ≥ 4 and tenure_days ≥ 112",
        "expansion: orders_count ≥ 2",
        "exploration: everybody else",
    ]
    own = Stages.model_validate({"rules": [{"stage": "one for all"}]})
    assert [each.told for each in own.ruled(28)] == ["one for all: everybody else"]


def test_tiers_of_ones_own_are_by_share_or_by_money() -> None:
    by_money = WorthSettings.model_validate({"tiers": TOP_AND_REST}).tier_rows
    assert by_money.columns.tolist() == ["tier", "least", "policy"]
    assert by_money["least"].tolist()[0] == 500
    by_share = WorthSettings(
        tiers=(Tier(tier="a", share=0.2, policy="p"), Tier(tier="b", share=1.0, policy="q"))
    ).tier_rows
    assert by_share["share"].tolist() == [0.2, 1.0]


def test_cells_of_ones_own_leave_out_what_does_not_matter() -> None:
    settings = WorthSettings.model_validate({"cells": [{"cell": "late", "recency_from": 0.5}]})
    assert settings.named_cells.to_numpy().tolist() == [["late", 0.5, 1.0, 0.0, 1.0, 0.0, 1.0]]


def test_tiers_of_both_kinds_are_refused() -> None:
    mixed = [TOP_AND_REST[0], {"tier": "rest", "share": 1.0, "policy": "p"}]
    assert refused(tiers=mixed) == (
        "needs share in all tiers, or least in all of them but the last"
    )


def test_tiers_that_do_not_end_with_everybody_are_refused() -> None:
    assert refused(tiers=[{"tier": "a", "share": 0.5, "policy": "p"}]) == (
        "tiers need names of their own, and share to rise to 1, but it is 0.5; order the table "
        "from the highest tier down"
    )


def test_cells_with_turned_bounds_are_refused() -> None:
    wrong = [{"cell": "a", "recency_from": 0.5, "recency_to": 0.4}]
    assert refused(cells=wrong) == (
        "cells need bounds from < to within 0..1, but not so are those of a; a bound is a position "
        "(score - 0.5) / bins"
    )


def test_cohorts_of_no_day_are_refused() -> None:
    assert refused(cohorts=0) == "needs cohorts of 1 day or more, or months, but found 0"


def test_money_of_the_settings_is_scaled_to_minor_units() -> None:
    settings = WorthSettings(
        rfm=RfmSpec(monetary=(10.0, 20.5)),
        tiers=(Tier(tier="top", least=500, policy="p"), Tier(tier="rest", policy="q")),
        costs=CostsAssumed(product_cost_share=0.6, serving_cost_per_order=3.25),
    )
    minor = settings.in_minor_units(2)
    assert minor.rfm.monetary == (1000.0, 2050.0)
    assert minor.tier_rows["least"].tolist()[0] == 50_000
    assert minor.costs == CostsAssumed(product_cost_share=0.6, serving_cost_per_order=325.0)
    assert settings.in_minor_units(0) == settings
    assert WorthSettings().in_minor_units(2) == WorthSettings()
