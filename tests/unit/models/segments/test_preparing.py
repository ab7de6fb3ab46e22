"""Columns become points by rules that a person can follow, and differ as Huang's customers do."""

import re

import numpy as np
import pandas as pd
import pytest

from models.segments.clusters import Centres
from models.segments.preparing import NULL_LEVEL, NothingToGroup, prepare, texts
from models.segments.settings import SegmentsSpec
from models.spec import ColumnsMissing, ColumnsNotNumbers
from tests.oracles import segments as oracle

NOTHING = np.nan


def test_a_number_is_counted_in_spreads_from_its_median() -> None:
    table = pd.DataFrame({"age": [10.0, 20.0, 30.0, 40.0, 50.0]})
    (rule,) = prepare(table, SegmentsSpec()).numbers.to_dict("records")
    assert (rule["column"], rule["unit"], rule["centre"]) == ("age", 0.0, 30.0)
    # a fifth have the same age: the standard deviation, ages cut at 10.4 and 49.6
    assert rule["spread"] == pytest.approx(np.std([10.4, 20, 30, 40, 49.6]))
    scaled = prepare(table, SegmentsSpec()).scaled(table)[:, 0]
    np.testing.assert_allclose(scaled, np.array([-20, -10, 0, 10, 20]) / rule["spread"])


def test_the_spread_of_even_numbers_is_made_of_their_differences() -> None:
    table = pd.DataFrame({"age": np.arange(1000.0)})
    (rule,) = prepare(table, SegmentsSpec()).numbers.to_dict("records")
    # a quarter of the pairs of even numbers lie at most 1 - sqrt(.75) of their range apart
    assert rule["spread"] == pytest.approx(1000 * (1 - 0.75**0.5) * 2.2219, rel=0.01)


def test_the_spread_of_a_normal_column_is_its_standard_deviation() -> None:
    table = pd.DataFrame({"age": np.random.default_rng(1).normal(40, 7, 5000)})
    assert prepare(table, SegmentsSpec()).numbers["spread"].iloc[0] == pytest.approx(7, rel=0.03)


def test_the_spread_of_two_groups_is_nearer_to_that_of_one() -> None:
    draws = np.random.default_rng(1)
    apart = np.where(draws.random(5000) < 0.5, 0.0, 8.0) + draws.normal(size=5000)
    spread = prepare(pd.DataFrame({"age": apart}), SegmentsSpec()).numbers["spread"].iloc[0]
    assert spread < 0.6 * apart.std()


def test_a_heavy_tail_is_drawn_in_by_a_sine_of_the_size_that_leaves_least_skewness() -> None:
    spend = np.exp(np.random.default_rng(1).normal(5, 1.5, 1999))
    table = pd.DataFrame({"spend": spend})
    found = prepare(table, SegmentsSpec())
    (rule,) = found.numbers.to_dict("records")
    assert rule["unit"] == np.sort(spend)[99]  # 5 % of them: nearly a logarithm
    assert rule["centre"] == pytest.approx(np.arcsinh(np.median(spend) / rule["unit"]))
    told = found.scaled(table)[:, 0]
    assert abs(((told - told.mean()) ** 3).mean() / told.std() ** 3) < 0.4


def test_a_column_that_is_mostly_0_has_a_spread_too() -> None:
    table = pd.DataFrame({"returns": [0.0] * 90 + [1.0, 2.0] * 5})
    spread = prepare(table, SegmentsSpec()).numbers["spread"].iloc[0]
    assert spread > 0


def test_an_extreme_number_counts_as_three_standard_deviations() -> None:
    table = pd.DataFrame({"age": np.random.default_rng(1).normal(40, 7, 5000)})
    found = prepare(table, SegmentsSpec()).scaled(pd.DataFrame({"age": [1e9, -1e9]}))
    assert found[:, 0].tolist() == pytest.approx([3.0, -3.0], rel=0.05)


def test_a_missing_number_is_at_the_median_and_often_missing_is_a_flag() -> None:
    table = pd.DataFrame(
        {
            "gap": [1.0, 2.0, NOTHING, 4.0, 5.0],
            "other": [5.0, 4.0, NOTHING, 2.0, 9.0],  # missing for the same customers
            "third": [NOTHING, 4.0, 3.0, 2.0, 9.0],
        }
    )
    found = prepare(table, SegmentsSpec(category_weight=4.0))
    assert found.flags.to_dict("list") == {
        "column": ["gap", "third"],
        "fill": [0.0, 0.0],
        "is_missing": [True, True],
    }
    assert found.scaled(table)[2, :2].tolist() == [0.0, 0.0]
    assert found.marked(table).tolist() == [[0, 2], [0, 0], [2, 0], [0, 0], [0, 0]]
    rarely = prepare(table, SegmentsSpec(missing_flag_least=0.5))
    assert len(rarely.flags) == 0


def test_a_missing_flag_is_what_most_are() -> None:
    table = pd.DataFrame({"is_member": [1.0, 1.0, NOTHING, 0.0]})
    found = prepare(table, SegmentsSpec(missing_flag_least=1.0))
    assert found.marked(table)[:, 0].tolist() == [1.0, 1.0, 1.0, 0.0]


def test_the_distance_of_categories_is_that_of_huang() -> None:
    draws = np.random.default_rng(3)
    table = pd.DataFrame(
        {
            "is_member": draws.integers(0, 2, 30).astype(float),
            "region": draws.choice(["north", "south", "east"], 30),
            "size": draws.choice(["small", "large"], 30),
        }
    )
    spec = SegmentsSpec(categories=("region", "size"), category_weight=1.7)
    points = prepare(table, spec).marked(table)
    rows = list(table.itertuples(index=False, name=None))
    for one in range(30):
        for other in range(30):
            squared = float(((points[one] - points[other]) ** 2).sum())
            assert squared == pytest.approx(1.7 * oracle.differences(rows[one], rows[other]))


def test_the_nearest_centre_is_that_of_k_prototypes_where_segments_are_clear() -> None:
    draws = np.random.default_rng(4)
    truth = draws.integers(0, 2, 200)
    columns = {
        f"taste{place}": np.where(draws.random(200) < 0.85, np.array(["tea", "rum"])[truth], "gin")
        for place in range(6)
    }
    table = pd.DataFrame(columns)
    points = prepare(table, SegmentsSpec(categories=tuple(columns))).marked(table)
    centres = np.array([points[truth == number].mean(axis=0) for number in (0, 1)])
    rows = [list(map(str, row)) for row in table.itertuples(index=False, name=None)]
    theirs = oracle.k_prototypes(rows, [["tea"] * 6, ["rum"] * 6])
    assert Centres(centres).assign(points).segment.tolist() == theirs


def test_a_level_that_was_never_seen_counts_as_the_mode_and_null_is_a_level() -> None:
    table = pd.DataFrame({"region": ["north", "north", "south", None]})
    found = prepare(table, SegmentsSpec(categories=("region",), category_weight=2.0))
    assert found.levels.to_dict("list") == {
        "column": ["region"] * 3,
        "level": [NULL_LEVEL, "north", "south"],
        "is_mode": [False, True, False],
    }
    new = pd.DataFrame({"region": ["west", None, "south"]})
    assert found.marked(new).tolist() == [[0, 1, 0], [1, 0, 0], [0, 0, 1]]
    assert found.blocks == (3,)
    assert found.columns == ("region",)


def test_codes_are_the_same_levels_where_a_null_makes_floats_of_them() -> None:
    then, now = pd.DataFrame({"shop": [12, 7, 12]}), pd.DataFrame({"shop": [12, None, 7]})
    assert now["shop"].dtype == np.float64
    assert texts(now, "shop") == ["12", NULL_LEVEL, "7"]
    found = prepare(then, SegmentsSpec(columns=(), categories=("shop",), category_weight=2.0))
    assert found.marked(now).tolist() == [[1, 0], [1, 0], [0, 1]]
    assert texts(pd.DataFrame({"size": [0.5, 2.0]}), "size") == ["0.5", "2"]


def test_columns_that_are_the_same_for_everybody_are_left_out_and_named() -> None:
    table = pd.DataFrame({"age": [1.0, 2.0], "shop": [3.0, 3.0], "void": [NOTHING, NOTHING]})
    found = prepare(table, SegmentsSpec(missing_flag_least=1.0))
    assert found.columns == ("age",)
    assert found.left_out == dict.fromkeys(
        ("shop", "void"), "the same for everybody it is known of"
    )


def test_a_table_where_nothing_differs_is_refused() -> None:
    table = pd.DataFrame({"shop": [3.0, 3.0], "region": ["north", "north"]})
    expected = (
        "segments need a column that differs between customers, but the 1 columns and 1 "
        "categories of 2 customers do not; name others in segments.columns"
    )
    with pytest.raises(NothingToGroup, match=re.escape(expected)):
        prepare(table, SegmentsSpec(categories=("region",)))


def test_a_category_of_very_many_levels_is_refused() -> None:
    table = pd.DataFrame({"email": [f"{number}@example.org" for number in range(51)]})
    expected = (
        "a category of segments needs at most 50 levels, but 'email' has 51; group them into "
        "fewer, or leave the column out"
    )
    with pytest.raises(NothingToGroup, match=re.escape(expected)):
        prepare(table, SegmentsSpec(categories=("email",)))


def test_missing_columns_and_text_are_refused_by_name() -> None:
    table = pd.DataFrame({"age": [1.0, 2.0], "region": ["north", "south"]})
    with pytest.raises(ColumnsMissing, match=re.escape("the table lacks ['spend']")):
        prepare(table, SegmentsSpec(columns=("spend",)))
    with pytest.raises(ColumnsNotNumbers, match=re.escape("not numeric are ['region']")):
        prepare(table, SegmentsSpec(columns=("region",)))
    expected = (
        "segments need the category 'size', but the table lacks it; build the behaviour table "
        "with the config that the model was trained with"
    )
    with pytest.raises(ColumnsMissing, match=re.escape(expected)):
        texts(table, "size")
