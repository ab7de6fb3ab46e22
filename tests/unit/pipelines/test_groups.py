from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.behaviour import columns, shape_of
from pipelines.config import Business
from pipelines.frames import Frame
from pipelines.groups import Division, groups_of
from tests.loading import orders

TIER = {"column": "t", "levels": ["gold", "unknown", "A+"], "meaning": "tier of the club"}
CUSTOMERS = {"path": "c", "columns": {"customer": "c"}, "attributes": {"tier": TIER}}
NAN = float("nan")


def shop(*, has_customers: bool = True, fairness: tuple[str, ...] = ("tier",)) -> Business:
    sources: dict[str, Any] = {"orders": orders()}
    if has_customers:
        sources["customers"] = CUSTOMERS
    churn = {"test_as_of": "2024-01-01", "fairness": fairness}
    return Business.model_validate({"name": "x", "sources": sources, "churn": churn})


def frame(**features: list[float]) -> Frame:
    rows = len(next(iter(features.values())))
    return Frame(
        np.array([f"c{row}" for row in range(rows)], dtype=object),
        np.full(rows, np.datetime64(date(2024, 1, 1), "D")),
        pd.DataFrame(features, dtype=np.float64),
        np.zeros(rows, dtype=bool),
    )


def tiers(*levels: str | None) -> dict[str, list[float]]:
    """Flags of the tier as the profile family makes them."""
    flags = {"gold": "is_tier_gold", "unknown": "is_tier_unknown", "A+": "is_tier_a"}
    found = {
        column: [NAN if level is None else float(level == name) for level in levels]
        for name, column in flags.items()
    }
    rest = [NAN if level is None else float(level not in flags) for level in levels]
    return {**found, "is_tier_unlisted": rest}


def members(division: Division) -> dict[str, list[int]]:
    return {each.label: np.flatnonzero(each.mask).tolist() for each in division.groups}


def test_one_time_buyers_are_a_group_of_their_own() -> None:
    found = frame(orders_count=[1, 2, NAN, 1, 40], tenure_days=[5, 5, NAN, 5, 5])
    by_orders, _ = groups_of(found, shop(fairness=()))
    assert members(by_orders) == {
        "bought once": [0, 3],
        "bought more than once": [1, 4],
        "never bought": [2],
    }


def test_bands_of_tenure_begin_on_their_first_day() -> None:
    found = frame(orders_count=[1, 1, 1, 1, NAN], tenure_days=[90, 91, 364, 365, NAN])
    _, by_tenure = groups_of(found, shop(fairness=()))
    assert members(by_tenure) == {
        "under 91 days": [0],
        "91 to 364 days": [1, 2],
        "365 days or more": [3],
        "never bought": [4],
    }


def test_an_attribute_divides_by_its_levels_and_whoever_has_none_is_unknown() -> None:
    found = frame(**tiers("gold", "A+", None, "bronze", "unknown"))
    (by_tier,) = groups_of(found, shop())
    assert (by_tier.name, by_tier.meaning, by_tier.is_attribute) == (
        "tier",
        "tier of the club",
        True,
    )
    names = {each.name: np.flatnonzero(each.mask).tolist() for each in by_tier.groups}
    assert names == {
        "is_tier_gold": [0],
        "is_tier_unknown": [4],
        "is_tier_a": [1],
        "is_tier_unlisted": [3],
        "unknown": [2],
    }


def test_without_a_customers_table_nobody_is_divided_by_attributes() -> None:
    found = frame(orders_count=[1, 2], tenure_days=[5, 400])
    divisions = groups_of(found, shop(has_customers=False))
    assert [each.name for each in divisions] == ["orders", "tenure"]


def test_the_columns_that_divide_are_columns_of_the_behaviour_table() -> None:
    business = shop()
    promised = {each.name for each in columns(shape_of(business.sources, business.behaviour))}
    assert {"orders_count", "tenure_days", *tiers("gold")} <= promised


COUNTS = st.sampled_from([NAN, 1.0, 2.0, 9.0])
TENURES = st.sampled_from([NAN, 0.0, 1.0, 90.0, 91.0, 364.0, 365.0, 4000.0])
LEVELS = st.sampled_from(["gold", "unknown", "A+", "bronze", None])


@pytest.mark.parametrize("rows", [1, 7])
@given(data=st.data())
def test_every_row_is_in_exactly_one_group_of_each_division(data: st.DataObject, rows: int) -> None:
    drawn = [data.draw(st.tuples(COUNTS, TENURES, LEVELS)) for _ in range(rows)]
    count, tenure, level = zip(*drawn, strict=True)
    found = frame(orders_count=list(count), tenure_days=list(tenure), **tiers(*level))
    for division in groups_of(found, shop()):
        masks = np.stack([each.mask for each in division.groups])
        assert masks.sum(axis=0).tolist() == [1] * rows
