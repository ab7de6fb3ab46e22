"""Known elasticities and lifts are found again, within intervals that say how sure they are."""

import numpy as np
import pandas as pd
import pytest

from models.prices.elasticity import Elasticities, elasticities
from models.prices.evidence import Wanted
from models.prices.out_of_time import out_of_time
from models.prices.panel import panel_of
from models.spec import FloatArray
from tests.price_panels import MadeUp, Market, made_up

MANY = Market(items=400, categories=20, noise=0.5)


def found_in(market: MadeUp, rows: pd.DataFrame | None = None) -> Elasticities:
    return elasticities(panel_of(market.rows if rows is None else rows), market.belongs, Wanted())


@pytest.fixture(scope="module")
def market() -> MadeUp:
    return made_up(MANY)


@pytest.fixture(scope="module")
def found(market: MadeUp) -> Elasticities:
    return found_in(market)


def covered(found: Elasticities, effect: str, ends: tuple[str, str], true: FloatArray) -> float:
    low, high = (found.values(effect, end) for end in ends)
    return float(((low <= true) & (true <= high)).mean())


@pytest.mark.parametrize("ends", [("own_low", "own_high"), ("low", "high")])
def test_intervals_hold_the_truth_in_95_of_100_items(
    market: MadeUp, found: Elasticities, ends: tuple[str, str]
) -> None:
    assert covered(found, "price", ends, market.elasticity) == pytest.approx(0.95, abs=0.03)
    assert covered(found, "promotion", ends, market.lift) == pytest.approx(0.95, abs=0.03)


def test_pooled_figures_are_nearer_to_the_truth(market: MadeUp, found: Elasticities) -> None:
    for effect, true in (("price", market.elasticity), ("promotion", market.lift)):
        own, drawn = (found.values(effect, column) - true for column in ("own", "value"))
        assert np.mean(drawn**2) < 0.8 * np.mean(own**2)
        assert abs(np.mean(own)) < 0.05


def test_a_promotion_with_its_price_cut_brings_more_than_apart_from_it(
    market: MadeUp, found: Elasticities
) -> None:
    cut = np.log(1 - 0.215)
    expected = market.lift.mean() + market.elasticity.mean() * cut
    assert found.values("promotion_whole").mean() == pytest.approx(expected, abs=0.05)


def test_groups_say_how_their_items_spread(market: MadeUp, found: Elasticities) -> None:
    told = found.groups[found.groups["effect"] == "price"]
    item, top, *_ = told.to_dict("records")
    assert (item["level"], item["group"], item["members"]) == ("items", "items", 400)
    assert (top["level"], top["group"], top["members"]) == ("everything", "everything", 400)
    for each in (item, top):
        assert each["low"] < market.elasticity.mean() < each["high"]
    assert item["between"] == pytest.approx(np.hypot(0.4, 0.4), abs=0.15)
    assert told["between"].tolist()[1:] == pytest.approx([0.4] * 21, abs=0.2)
    assert told["members"].tolist()[2:] == [20] * 20


def test_an_item_that_is_refused_has_the_figure_of_its_category_and_says_so(
    market: MadeUp,
) -> None:
    rows = market.rows
    is_flat = rows["item"] == "item 0000"
    flat = rows.assign(
        price_paid=rows["price_paid"].where(~is_flat, 100.0),
        promoted_share=rows["promoted_share"].where(~is_flat, 0.0),
    )
    found = found_in(market, flat)
    price, promotion, whole = found.rows[found.rows["item"] == "item 0000"].to_dict("records")
    assert (price["basis"], price["reason"], price["weight"]) == ("category", "never_varied", 0)
    assert np.isnan(price["own"])
    assert (promotion["reason"], whole["reason"]) == ("never_promoted", "never_promoted")
    groups = found.groups[found.groups["effect"] == "price"].set_index("group")
    of_category = groups.loc["c0"]
    assert price["value"] == pytest.approx(of_category["value"])
    assert price["high"] - price["low"] > of_category["high"] - of_category["low"]


def test_the_only_promotion_of_an_item_does_not_count_as_an_effect_of_its_price() -> None:
    made = made_up(Market(items=40, categories=4, lift=0.0, between=(0.0, 0.0), noise=0.05))
    is_own = made.rows["item"] == "item 0000"
    is_once = is_own & (made.rows["week"] == 20)
    once = made.rows.assign(
        promoted_share=made.rows["promoted_share"].where(~is_own, is_once.astype(float)),
        price_paid=made.rows["price_paid"].where(~is_once, 100.0),
        units=made.rows["units"].where(~is_once, 1e6),
    )
    price, promotion, _ = found_in(made, once).rows.query("item == 'item 0000'").to_dict("records")
    assert price["own"] == pytest.approx(-1.5, abs=0.3)
    assert price["own_error"] < 0.5
    assert promotion["reason"] == "lone_weeks"


def test_items_that_began_later_are_told_as_well_whatever_the_season() -> None:
    made = made_up(Market(items=60, between=(0.1, 0.1), noise=0.1))
    season = np.exp(0.1 * made.rows["week"])
    rows = made.rows.assign(units=made.rows["units"] * season)
    is_new = (rows["item"] >= "item 0030") & (rows["week"] < 15)
    told = out_of_time(panel_of(rows[~is_new]), made.belongs, Wanted(), 44, seed=1, resamples=9)
    assert told is not None
    assert told.items == 60
    assert told.error["price"].value == pytest.approx(0.1**2, rel=0.25)


def test_nothing_is_said_where_no_price_varied(market: MadeUp) -> None:
    found = found_in(market, market.rows.assign(price_paid=100.0, promoted_share=0.0))
    assert found.rows["value"].isna().all()
    assert found.rows["basis"].isna().all()
    assert not len(found.groups)


def test_the_order_of_rows_changes_nothing(market: MadeUp, found: Elasticities) -> None:
    shuffled = market.rows.sample(frac=1, random_state=1)
    again = found_in(market, shuffled)
    pd.testing.assert_frame_equal(again.rows, found.rows)


def test_price_tells_of_later_weeks_where_it_matters(market: MadeUp) -> None:
    told = out_of_time(panel_of(market.rows), market.belongs, Wanted(), 44, seed=1, resamples=200)
    assert told is not None
    assert told.is_better
    assert (told.items, told.rows, told.weeks) == (400, 3200, 8)
    assert told.error["price"].value < told.error["own_price"].value < told.error["level"].value
    assert told.error["price"].value == pytest.approx(0.5**2, rel=0.1)


def test_price_tells_nothing_where_units_do_not_follow_it() -> None:
    deaf = made_up(Market(items=150, elasticity=0.0, lift=0.0, between=(0.0, 0.0)))
    told = out_of_time(panel_of(deaf.rows), deaf.belongs, Wanted(), 44, seed=1, resamples=200)
    assert told is not None
    assert not told.is_better
    assert abs(told.gain["level"].value) < 0.01


def test_later_weeks_are_what_is_told_and_not_what_is_fitted() -> None:
    market = made_up(Market())
    rows = market.rows
    is_late = rows["week"] >= 44
    doubled = rows.assign(units=rows["units"].where(~is_late, 1000.0))
    late = [
        out_of_time(panel_of(each), market.belongs, Wanted(), 44, seed=1, resamples=2)
        for each in (rows[~is_late], rows, doubled)
    ]
    assert late[0] is None
    assert late[1] is not None
    assert late[2] is not None
    assert late[2].error["level"].value > 10 * late[1].error["level"].value
    early, again = (found_in(market, each[each["week"] < 44]) for each in (rows, doubled))
    pd.testing.assert_frame_equal(early.rows, again.rows)


@pytest.mark.parametrize("promoted", [0, 1, 4])
def test_a_few_promoted_items_are_told_without_the_season_that_all_items_share(
    promoted: int,
) -> None:
    made = made_up(Market(items=60, between=(0.1, 0.1), noise=0.1))
    season = np.exp(0.1 * made.rows["week"])
    kept = made.rows["promoted_share"].where(made.rows["item"] < f"item {promoted:04}", 0.0)
    rows = made.rows.assign(units=made.rows["units"] * season, promoted_share=kept)
    found = found_in(made, rows)
    np.testing.assert_array_equal(found.without_price.week_effects, found.with_price.week_effects)
    whole = found.rows[found.rows["effect"] == "promotion_whole"]
    assert whole["own"].notna().sum() == promoted
    assert (whole["own_error"].dropna() < 0.1).all()
