"""Later weeks are compared where something was fitted to hold them against, and only there."""

import numpy as np
import pytest

from models.prices.evidence import Wanted
from models.prices.out_of_time import out_of_time
from models.prices.panel import panel_of
from tests.price_panels import Market, made_up

SINCE = 44
STEADY = made_up(Market(items=12, categories=2, between=(0.1, 0.1), noise=0.1))
IS_FIRST = STEADY.rows["item"] == "item 0000"


def test_a_last_week_with_nothing_but_a_lone_promotion_is_of_no_level() -> None:
    is_last = STEADY.rows["week"] == SINCE - 1
    share = STEADY.rows["promoted_share"].where(~IS_FIRST, is_last.astype(float))
    rows = STEADY.rows.assign(
        promoted_share=share, units=STEADY.rows["units"].where(~(IS_FIRST & is_last), 1e9)
    )
    panel = panel_of(rows[IS_FIRST | ~is_last])
    told = out_of_time(panel, STEADY.belongs, Wanted(), SINCE, seed=1, resamples=9)
    assert told is not None
    assert told.items == 12
    assert told.error["price"].value == pytest.approx(0.1**2, rel=0.5)


def test_an_item_that_rounding_leaves_without_an_error_is_not_looked_at() -> None:
    rows = STEADY.rows.assign(
        units=STEADY.rows["units"].where(~IS_FIRST, 1.0),
        promoted_share=STEADY.rows["promoted_share"].where(~IS_FIRST, 0.0),
    )
    told = out_of_time(
        panel_of(rows), STEADY.belongs, Wanted(week_effects=False), SINCE, seed=1, resamples=9
    )
    assert told is not None
    assert told.items == 11
    assert all(np.isfinite(each.value) for each in told.error.values())


def test_nothing_is_said_of_weeks_whose_effects_take_all_there_is() -> None:
    rows = STEADY.rows[IS_FIRST | (STEADY.rows["week"] < SINCE)]
    assert out_of_time(panel_of(rows), STEADY.belongs, Wanted(), SINCE, seed=1, resamples=9) is None


def test_resamples_without_an_error_say_nothing() -> None:
    rows = STEADY.rows[IS_FIRST | (STEADY.rows["week"] < SINCE + 1)]
    told = out_of_time(panel_of(rows), STEADY.belongs, Wanted(), SINCE, seed=1, resamples=50)
    assert told is not None
    assert told.gain["level"].low <= told.gain["level"].value <= 1
