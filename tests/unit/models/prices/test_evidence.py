"""An item whose weeks cannot tell an effect is refused, and the reason is the first true one."""

import numpy as np
import pandas as pd
import pytest

from models.prices.evidence import FACTS, Evidence, Wanted, evidence
from models.prices.panel import panel_of

WEEKS = 40
PROMOTED = np.tile([0.0, 0.0, 0.0, 1.0], 10)
MOVING = np.where(np.arange(WEEKS) < 20, 100.0, 110.0) * np.where(PROMOTED > 0, 0.8, 1.0)
NOTHING = np.zeros(WEEKS)


def seen(price: np.ndarray, promoted: np.ndarray, *, weeks: np.ndarray | None = None) -> Evidence:
    rows = pd.DataFrame(
        {
            "item": "a",
            "week": np.arange(len(price)) if weeks is None else weeks,
            "units": 5.0,
            "price_paid": price,
            "promoted_share": promoted,
        }
    )
    return evidence(panel_of(rows), Wanted())


def reasons(price: np.ndarray, promoted: np.ndarray, weeks: np.ndarray | None = None) -> list[str]:
    found = seen(price, promoted, weeks=weeks).refused
    return [str(found[name][0]) for name in ("price", "promotion", "promotion_whole")]


ALTERNATING = np.tile([100.0, 90.0, 80.0, 70.0], 10)


def some(usual: float, other: float, weeks: int) -> np.ndarray:
    return np.where(np.isin(np.arange(WEEKS), (17, 28, 35)[:weeks]), other, usual)


def once(usual: float, other: float) -> np.ndarray:
    return some(usual, other, weeks=1)


@pytest.mark.parametrize(
    ("price", "promoted", "expected"),
    [
        (MOVING, PROMOTED, ["None", "None", "None"]),
        (ALTERNATING, NOTHING, ["None", "never_promoted", "never_promoted"]),
        (ALTERNATING, NOTHING + 1, ["None", "always_promoted", "always_promoted"]),
        (NOTHING + 100, PROMOTED, ["never_varied", "never_varied", "None"]),
        (100.0 + PROMOTED, NOTHING, ["never_varied", "never_promoted", "never_promoted"]),
        (100 - 20 * PROMOTED, NOTHING, ["few_prices", "never_promoted", "never_promoted"]),
        (
            np.where(PROMOTED > 0, 80.0, 100.0) + np.tile([0, 1.5, 0, 0], 10),
            PROMOTED,
            ["with_promotion", "with_promotion", "None"],
        ),
        (
            once(100, 30) + np.tile([0, 1.5], 20),
            NOTHING,
            ["lone_weeks", "never_promoted", "never_promoted"],
        ),
        (ALTERNATING, once(0, 1), ["None", "lone_weeks", "lone_weeks"]),
        (ALTERNATING, some(0, 1, weeks=2), ["None", "lone_weeks", "lone_weeks"]),
        (ALTERNATING, some(0, 1, weeks=3), ["None", "None", "None"]),
    ],
)
def test_each_refusal_has_its_reason(
    price: np.ndarray, promoted: np.ndarray, expected: list[str]
) -> None:
    assert reasons(price, promoted) == expected


def test_too_few_weeks_and_too_many_gaps_come_first() -> None:
    assert reasons(MOVING[:25], PROMOTED[:25]) == ["few_weeks"] * 3
    assert reasons(MOVING[:26], PROMOTED[:26]) == ["None"] * 3
    assert reasons(MOVING[:26], PROMOTED[:26], np.arange(26) * 2) == ["gaps"] * 3


def test_facts_are_those_of_the_weeks() -> None:
    found = seen(MOVING, PROMOTED).frame.iloc[0]
    assert list(seen(MOVING, PROMOTED).frame.columns) == ["item", *FACTS]
    assert (found["weeks"], found["weeks_share"], found["price_points"]) == (40, 1.0, 4)
    assert found["promoted_share"] == 0.25
    assert found["price_spread"] == pytest.approx(np.std(np.log(MOVING)))
    assert found["price_spread_apart"] == pytest.approx(np.log(1.1) / 2, rel=1e-3)


def of_stores(
    price: np.ndarray, weeks: np.ndarray, stores: list[str], promoted: np.ndarray | float = 0.0
) -> Evidence:
    rows = pd.DataFrame({"item": "a", "week": weeks, "units": 5.0, "price_paid": price})
    return evidence(panel_of(rows.assign(promoted_share=promoted, store=stores)), Wanted())


def test_weeks_without_a_sale_count_in_each_store() -> None:
    weeks = np.concatenate([np.arange(40), np.arange(0, 40, 2)])
    found = of_stores(80 + weeks, weeks, ["n"] * 40 + ["s"] * 20)
    assert found.frame.loc[0, "weeks_share"] == 0.75
    assert found.refused["price"] == ("gaps",)
    whole = of_stores(np.tile(ALTERNATING, 2), np.tile(np.arange(40), 2), ["n"] * 40 + ["s"] * 40)
    assert whole.refused["price"] == (None,)


def test_stores_that_sold_it_once_tell_nothing() -> None:
    found = of_stores(ALTERNATING, np.arange(40), [str(week) for week in range(40)])
    assert found.refused["price"] == ("few_weeks",)


def test_the_only_promoted_weeks_are_left_out_of_the_price() -> None:
    found = seen(ALTERNATING, once(0, 1))
    assert np.flatnonzero(found.alone).tolist() == [17]
    twice = seen(ALTERNATING, some(0, 1, weeks=2))
    assert np.flatnonzero(twice.alone).tolist() == [17, 28]
    assert found.is_marked.tolist() == [False]
    assert not seen(MOVING, PROMOTED).alone.any()


def test_one_promoted_week_in_many_stores_is_one_week() -> None:
    weeks, stores = np.tile(np.arange(WEEKS), 10), np.repeat(np.arange(10), WEEKS).astype(str)
    lone, three = (np.isin(weeks, each).astype(float) for each in ([17], [17, 28, 35]))
    lone[stores == "9"] = 0.0
    found = of_stores(np.tile(ALTERNATING, 10), weeks, stores.tolist(), lone)
    assert found.refused["promotion"] == found.refused["promotion_whole"] == ("lone_weeks",)
    assert found.refused["price"] == (None,)
    assert found.is_marked.tolist() == [False]
    assert np.flatnonzero(found.alone).tolist() == np.flatnonzero(weeks == 17).tolist()
    thrice = of_stores(np.tile(ALTERNATING, 10), weeks, stores.tolist(), three)
    assert thrice.refused["promotion_whole"] == (None,)
    assert not thrice.alone.any()


def test_prices_are_counted_by_the_nearest_step_from_the_median() -> None:
    def points(*steps: float) -> int:
        told = np.concatenate([np.zeros(30), np.repeat(steps, 2)])
        price = 100 * np.exp(0.01 * told)
        (counted,) = seen(price, np.zeros(len(price))).frame["price_points"].tolist()
        return int(counted)

    assert points(1.45, 1.55) == 3
    assert points(0.55, 1.45) == 2
    assert points(1.55, 2.6) == 3


def test_weeks_without_a_price_are_counted_and_not_seen() -> None:
    rows = pd.DataFrame(
        {
            "item": ["b", "a", "a"],
            "week": [0, 1, 0],
            "units": [1.0, 2.0, 4.0],
            "price_paid": [10.0, 0.0, 20.0],
            "promoted_share": [0.0, 1.0, 0.5],
            "store": ["n", "n", None],
        }
    )
    panel = panel_of(rows)
    assert (panel.items, panel.unpriced, len(panel)) == (("a", "b"), 1, 2)
    assert panel.log_price.tolist() == pytest.approx([np.log(20), np.log(10)])
    assert len(set(panel.store.tolist())) == 2
    assert panel.where(panel.item == 1).items == ("a", "b")
