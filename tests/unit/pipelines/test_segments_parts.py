"""Columns, names, the map and the gates of segments, each by itself."""

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from models.drift import drift, reference
from models.segments.actions import Action, Bound
from models.segments.clusters import NONE, Assigned
from models.segments.moving import segment_drift, segment_reference
from models.segments.reducing import space_of
from models.segments.settings import SegmentsSpec
from pipelines.check import load_config
from pipelines.config import Business
from pipelines.segment_settings import Segments
from pipelines.segments_columns import naming_words, segment_columns
from pipelines.segments_gates import by_chance, sizes_by_chance
from pipelines.segments_map import POINTS, segment_map


def _business(**asked: object) -> Business:
    business = load_config("complete_journey").business
    return business.model_copy(update={"segments": Segments.model_validate(asked)})


def test_of_a_family_the_columns_over_the_nearest_window_are_taken() -> None:
    found = segment_columns(_business(families=("monetary",), window_days=80))
    assert found.used == ("spend_91d", "order_value_mean_91d")
    assert "orders_count_91d" in found.others
    assert "spend_28d" not in found.others
    assert not any("halved" in name for name in found.others)


def test_a_family_without_windows_gives_its_columns_over_all_history() -> None:
    found = segment_columns(_business(families=("tenure",)))
    assert "tenure_days" in found.used


def test_the_families_of_how_customers_buy_are_the_usual_ones() -> None:
    found = segment_columns(_business())
    assert {"orders_count_91d", "spend_91d", "categories_count_91d"} <= set(found.used)
    assert not any(name.startswith("days_since") for name in found.used)


def test_where_there_are_none_of_them_all_families_are_taken() -> None:
    found = segment_columns(load_config("telco").business)
    assert "tenure_months" in found.used
    assert found.others == ()


def test_names_leave_out_a_window_that_all_columns_share() -> None:
    business = _business()
    known = segment_columns(business).known
    words = naming_words(business, known, ("orders_count_91d", "spend_91d"))
    assert words.compared("orders_count_91d", is_more=True) == "many orders"
    assert words.compared("spend_91d", is_more=False) == "low spend"
    words = naming_words(business, known, ("orders_count_91d", "spend_28d"))
    assert words.compared("spend_28d", is_more=True) == "high spend in the last 28 days"


def test_an_action_for_all_others_is_required_before_anything_is_learnt() -> None:
    with pytest.raises(ValidationError, match="actions need a last line without bounds"):
        Segments(actions=(Action(do="Call.", when=(Bound(figure="value", least=1.0),)),))
    strange = Action(do="Call.", when=(Bound(figure="vlaue", least=1.0),))
    with pytest.raises(ValidationError, match="bounds on value, churn, offers, but found vlaue"):
        Segments(actions=(strange, Action(do="Wait.")))


def test_one_index_of_twenty_exceeds_what_chance_reaches() -> None:
    draws = np.random.default_rng(4)
    found = []
    for _ in range(200):
        then = reference(pd.DataFrame({"far": draws.normal(size=400)}))
        now = pd.DataFrame({"far": draws.normal(size=200)})
        found.append(float(drift(then, now)["psi"].iloc[0]))
    share = float(np.mean(np.array(found) > by_chance(10, 400, 200)))
    assert share == pytest.approx(0.05, abs=0.04)
    assert by_chance(10, 0, 200) == 0.0


def test_nobody_in_none_is_no_group_that_chance_could_have_moved() -> None:
    segment = np.repeat(np.array([0, 1]), 30)
    then = Assigned(segment, np.ones(60), np.ones(60))
    drift_told = segment_drift(segment_reference(then, 2), then)
    assert drift_told.rows["segment"].tolist() == [0, 1, NONE]
    assert sizes_by_chance(drift_told) == pytest.approx(2 / 60 * 3.841, abs=1e-4)


def test_axes_of_the_map_point_to_where_their_strongest_column_grows() -> None:
    draws = np.random.default_rng(5)
    much = draws.normal(size=300) * 3
    rows = {"spend": much, "orders": much + draws.normal(size=300), "age": draws.normal(size=300)}
    table = pd.DataFrame(rows)
    space = space_of(table, SegmentsSpec(reduce="none"))
    found = segment_map(space, None, table, 0)
    strongest = found.axes.drop_duplicates("axis").set_index("axis")
    assert (strongest["correlation"] > 0).all()
    assert strongest.loc["x", "column"] in {"spend", "orders"}
    assert strongest.loc["y", "column"] == "age"
    assert found.shares[0] > found.shares[1] > 0
    assert len(found.points) == 300
    assert (found.points["segment"] == -1).all()
    assert len(found.centres) == 0


def test_one_setting_of_the_split_leaves_the_others_as_they_are() -> None:
    assert Segments.model_validate({"split": {"seed": 3}}).split.reduce == "factors"


def test_the_points_of_the_map_are_drawn_from_the_whole_table() -> None:
    """By name, customers of one kind may stand behind all others."""
    table = pd.DataFrame({"orders": np.arange(5000.0), "age": np.arange(5000.0) % 7})
    found = segment_map(space_of(table, SegmentsSpec(reduce="none")), None, table, 0)
    assert len(found.points) == POINTS
    assert (found.points["x"] > 0).mean() == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("setting", ["families", "columns"])
def test_a_name_that_is_there_again_is_refused_with_the_config(setting: str) -> None:
    message = "each name is needed once, but spend_28d is there again; leave one"
    with pytest.raises(ValidationError, match=message):
        Segments.model_validate({setting: ["spend_28d", "orders_count_28d", "spend_28d"]})
