"""Later weeks are compared where something was fitted to hold them against, and only there."""

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
