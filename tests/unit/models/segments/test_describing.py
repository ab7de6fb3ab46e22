"""Rules are short, round, and as pure as customers show who they were not learnt from."""

import re

import numpy as np
import pandas as pd
import pytest

from features.contract import Column
from models.metrics import Estimate
from models.phrases import Money
from models.segments.clusters import NONE
from models.segments.conditions import Condition, Rule
from models.segments.describing import RuleSpec, _most_frequent, describe, measured, roundest
from models.segments.preparing import NothingToGroup, texts
from models.segments.wording import Words
from models.spec import IntArray

SPEND = Column("spend_91d", "minor units", 91, "never ordered", "spend in the last 91 days", "")
WORDS = Words({"spend_91d": SPEND}, Money("USD"))
CALM = RuleSpec(rows_least=5)


def shop(rows: int = 600, seed: int = 1) -> tuple[pd.DataFrame, IntArray]:
    """Segment 1: large spenders of the north; 0: all others."""
    draws = np.random.default_rng(seed)
    table = pd.DataFrame(
        {
            "spend_91d": draws.integers(0, 100_000, rows).astype(float),
            "is_member": draws.integers(0, 2, rows).astype(float),
            "region": draws.choice(["north", "south"], rows),
        }
    )
    segment = ((table["spend_91d"] > 50_000) & (table["region"] == "north")).to_numpy()
    return table, segment.astype(np.int64)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(3.0, 4.0, 3.0), (3.2, 3.9, 3.6), (49_812.0, 50_199.0, 50_000.0), (-0.4, 0.3, 0.0)],
)
def test_a_threshold_is_the_roundest_number_between_two(
    low: float, high: float, expected: float
) -> None:
    found = roundest(low, high)
    assert low <= found < high
    assert len(f"{found:g}") <= len(f"{expected:g}")


def test_a_threshold_between_neighbours_of_floats_is_the_lower_one() -> None:
    high = float(np.nextafter(1.0, 2.0))
    assert roundest(1.0, high) == 1.0


def test_the_rule_that_made_a_segment_is_found() -> None:
    table, segment = shop()
    other, one = describe(table, segment, ["spend_91d", "is_member"], ["region"], CALM)
    told = r"region is not south and spend in the last 91 days above USD (49|50)\d"
    assert re.fullmatch(told, one.told(WORDS))
    assert one.is_pure
    assert one.purity.value > 0.97
    assert one.purity.low < one.purity.value <= one.purity.high
    assert one.coverage.value > 0.97
    assert len(other.ways) == 2  # too little spent; or of the south
    assert other.coverage.value > 0.97
    described = one.holds(table)
    assert (described == (segment == 1)).mean() > 0.98


def test_noise_has_a_rule_that_is_not_pure() -> None:
    table, _ = shop()
    segment = np.random.default_rng(9).choice([0, 1, 2], len(table), p=[0.4, 0.3, 0.3])
    rules = describe(table, segment, ["spend_91d", "is_member"], ["region"], CALM)
    assert [rule.segment for rule in rules] == [0, 1, 2]
    assert not any(rule.is_pure for rule in rules)
    assert all(len(rule.ways) == 1 for rule in rules)


def test_missing_numbers_meet_a_condition_where_they_did_in_training() -> None:
    table, _ = shop()
    table.loc[::3, "spend_91d"] = np.nan
    segment = (table["spend_91d"].isna() | (table["spend_91d"] <= 30_000)).to_numpy()
    _, one = describe(table, segment.astype(np.int64), ["spend_91d"], (), CALM)
    assert one.told(WORDS) == "spend in the last 91 days up to USD 300 (or not known)"
    assert one.purity.value > 0.97


@pytest.mark.parametrize("column", ["spend_91d", "is_member"])
def test_a_segment_of_those_of_whom_nothing_is_known_is_said_so(column: str) -> None:
    table, _ = shop()
    table.loc[::3, column] = np.nan
    segment = table[column].isna().to_numpy().astype(np.int64)
    known, unknown = describe(table, segment, [column], (), CALM)
    name = WORDS.name(column)
    assert known.told(WORDS) == f"{name} is known"
    assert unknown.told(WORDS) == f"{name} is not known"
    assert known.purity.value == unknown.purity.value == unknown.coverage.value == 1.0


def test_rules_speak_of_the_most_frequent_levels_alone() -> None:
    draws = np.random.default_rng(1)
    rare = np.array([f"level {number}" for number in range(400)])
    table = pd.DataFrame(
        {"street": np.where(np.arange(900) < 500, "main", draws.choice(rare, 900))}
    )
    segment = (table["street"] == "main").to_numpy().astype(np.int64)
    found = _most_frequent(np.array(texts(table, "street"), dtype=object))
    assert (len(found), found[0]) == (50, "main")
    assert describe(table, segment, (), ["street"], CALM)[1].told(WORDS) == "street is main"


def test_a_table_is_described_by_the_columns_of_the_rules_and_no_others() -> None:
    table, segment = shop()
    wide = table.assign(**{f"text{number}": "a" for number in range(5)})
    one, other = (describe(each, segment, ["spend_91d"], (), CALM) for each in (table, wide))
    assert one == other


def test_segments_without_any_column_to_speak_of_are_refused() -> None:
    table, segment = shop()
    expected = (
        "segments are described by columns, but neither columns nor categories are named; name "
        "those that rules may speak of"
    )
    with pytest.raises(NothingToGroup, match=re.escape(expected)):
        describe(table, segment, ())


def test_flags_are_said_as_yes_or_no() -> None:
    table, _ = shop()
    segment = table["is_member"].to_numpy(dtype=np.int64)
    rules = describe(table, segment, ["spend_91d", "is_member"], (), CALM)
    assert [rule.told(WORDS) for rule in rules] == ["is member: no", "is member: yes"]


def test_customers_of_no_segment_have_no_rule_but_make_others_less_pure() -> None:
    table, segment = shop()
    segment = np.where(np.arange(len(table)) % 2 == 0, segment, NONE)
    rules = describe(table, segment, ["spend_91d"], ["region"], CALM)
    assert [rule.segment for rule in rules] == [0, 1]
    assert not rules[1].is_pure


def test_one_segment_of_all_is_every_customer() -> None:
    table, segment = shop(100)
    (rule,) = describe(table, np.zeros_like(segment), ["spend_91d"], (), CALM)
    assert rule.told(WORDS) == "every customer"
    assert rule.holds(table).all()
    assert rule.purity.value == 1.0


def test_purity_and_coverage_by_hand() -> None:
    table = pd.DataFrame({"orders": [1.0, 2.0, 3.0, 4.0, 5.0]})
    ways = ((Condition("orders", above=1.5, upto=4.0),),)
    inside = np.array([True, True, True, False, False])
    rule = measured(7, ways, table, inside, 0.5)
    assert (rule.segment, rule.purity.value, rule.coverage.value) == (7, 2 / 3, 2 / 3)
    assert rule.is_pure
    assert not measured(7, ways, table, inside, 0.7).is_pure


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Condition("orders", above=1.0, upto=4.5), "orders above 1, up to 4.5"),
        (Condition("orders", above=-3.0), "orders above −3"),
        (Condition("orders"), "orders is known"),
        (Condition("region", level="north", is_level=False), "region is not north"),
        (Condition("region", level="north"), "region is north"),
    ],
)
def test_conditions_in_words(condition: Condition, expected: str) -> None:
    assert condition.told(Words()) == expected


def test_ways_are_joined_by_or() -> None:
    unknown = Estimate(0.9, 0.8, 1.0)
    ways = (
        (Condition("orders", above=1.0), Condition("spend_91d", upto=1200.0)),
        (Condition("region", level="north"),),
    )
    rule = Rule(0, ways, unknown, unknown, is_pure=True)
    expected = "orders above 1 and spend in the last 91 days up to USD 12; or region is north"
    assert rule.told(WORDS) == expected
    table = pd.DataFrame(
        {
            "orders": [2.0, 2.0, np.nan],
            "spend_91d": [1200.0, 1201.0, 0.0],
            "region": ["south", "south", "north"],
        }
    )
    assert rule.holds(table).tolist() == [True, False, True]
