"""Upgrades of plans: moves, a propensity that has to beat rates, and what it is worth."""

import re
from collections.abc import Callable
from typing import Any
from unittest.mock import Mock

import numpy as np
import pandas as pd
import pytest

from models.proportions import wilson
from models.up_sell import plan_pairs
from models.up_sell.plan_pairs import PlanDays, pairs_of
from models.up_sell.plans import PlansUnclear, plan_moves, plan_upgrades
from models.up_sell.settings import UpSellSpec

LEVELS = ("basic", "plus", "pro")
WORTH = {"basic": 1000.0, "plus": 1500.0, "pro": 2500.0}
SPEC = UpSellSpec(trees=30, leaves=4, rows_per_leaf=20)


def rows(*lines: tuple[str, int, str]) -> pd.DataFrame:
    return pd.DataFrame(list(lines), columns=["customer", "as_of", "plan"])


def contracts(customers: int = 500, dates: int = 5, seed: int = 0) -> pd.DataFrame:
    """Whoever uses nearly all of the allowance upgrades, mostly."""
    random = np.random.default_rng(seed)
    lines = []
    for customer in range(customers):
        level = int(random.integers(0, 2))
        for date in range(dates):
            usage = random.random()
            region = ("north", "south")[customer % 2]
            lines.append((customer, 30 * date, LEVELS[level], usage, region))
            if random.random() < (0.6 if usage > 0.8 else 0.02):
                level = min(level + 1, 2)
    columns = ["customer", "as_of", "plan", "usage_share", "region"]
    return pd.DataFrame(lines, columns=columns)


SOME = rows(
    *(("a", 0, "basic"), ("a", 30, "plus"), ("a", 60, "plus")),
    *(("b", 0, "basic"), ("b", 30, "basic"), ("b", 60, "basic")),
    *(("c", 0, "plus"), ("c", 60, "pro"), ("d", 30, "pro"), ("d", 60, "plus")),
)


def test_moves_are_from_one_date_to_the_next() -> None:
    days = PlanDays.of(SOME, LEVELS)
    assert days.next_level.tolist() == [1, 1, -1, 0, 0, -1, -1, -1, 1, -1]


def test_shares_of_moves_are_of_customers() -> None:
    known = pd.concat([SOME, rows(("e", 0, "basic"), ("e", 30, "plus"), ("e", 60, "plus"))])
    table = plan_moves(known, LEVELS)
    first = table.iloc[0].to_dict()
    assert (first["from_plan"], first["to_plan"], first["direction"]) == ("basic", "basic", "same")
    assert (first["moves"], first["customers"], first["customers_from"]) == (2, 1, 3)
    assert (first["low"], first["high"]) == (wilson(1, 3).low, wilson(1, 3).high)
    assert table["direction"].tolist() == ["same", "up", "same", "down"]


def test_an_outcome_is_a_higher_plan_at_the_next_date_and_leaving_is_none() -> None:
    pairs = pairs_of(PlanDays.of(SOME, LEVELS), 0)
    assert pairs.keys["customer"].tolist() == ["a", "b", "c"]
    assert pairs.bought is not None
    assert pairs.bought.tolist() == [True, False, False]
    assert (pairs.as_of, pairs.horizon) == (0, 30)
    newest = pairs_of(PlanDays.of(SOME, LEVELS), 2)
    assert newest.bought is None
    assert newest.keys["customer"].tolist() == ["a", "b", "d"]


def test_what_the_own_snapshots_tell() -> None:
    pairs = pairs_of(PlanDays.of(SOME, LEVELS), 2)
    assert pairs.columns == (
        *("level", "levels_above", "snapshots_before", "days_on_plan", "upgrades_before"),
    )
    assert pairs.figures.tolist() == [[1, 1, 2, 30, 1], [0, 2, 2, 60, 0], [1, 1, 1, 0, 0]]
    assert pairs.habit.tolist() == [0, 0, 2]


@pytest.mark.parametrize("name", ["_own", "_given"])
def test_figures_of_all_days_are_made_once(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Mock(wraps=getattr(plan_pairs, name))
    monkeypatch.setattr(plan_pairs, name, made)
    days = PlanDays.of(SOME, LEVELS)
    for place in range(3):
        pairs_of(days, place)
    assert made.call_count == 1


def test_columns_are_numbers_and_flags_of_values() -> None:
    pairs = pairs_of(PlanDays.of(contracts(4, 2), LEVELS), 0)
    assert pairs.columns[-3:] == ("usage_share", "region=north", "region=south")
    assert pairs.figures[:, -2:].sum(axis=1).tolist() == [1.0] * len(pairs)


def test_who_upgrades_is_found_and_what_it_is_worth() -> None:
    known = contracts()
    found = plan_upgrades(known, LEVELS, worth=WORTH, spec=SPEC, resamples=100)
    assert found.trial is not None
    assert found.reason.startswith("the learner beats every baseline in average precision: ")
    assert set(found.scores["by"]) == {"model"}
    newest = known[known["as_of"] == 120].set_index("customer")["usage_share"]
    usage = newest.reindex(found.scores["customer"]).to_numpy()
    said = found.scores["probability"].to_numpy()
    assert said[usage > 0.8].mean() == pytest.approx(0.6, abs=0.1)
    assert said[usage < 0.8].mean() == pytest.approx(0.02, abs=0.02)
    dearer = found.scores["to_plan"].map(WORTH) - found.scores["plan"].map(WORTH)
    np.testing.assert_allclose(found.scores["extra_margin"], said * dearer)
    assert not (found.scores["plan"] == "pro").any()


def test_two_dates_are_too_few_for_a_trial_and_the_rate_is_used() -> None:
    found = plan_upgrades(contracts(dates=2), LEVELS, spec=SPEC)
    assert found.trial is None
    assert found.reason == (
        "a trial needs 3 or more as_of dates, but there are 2; the transition rate is used"
    )
    assert set(found.scores["by"]) == {"transition_rate"}
    assert found.scores["extra_margin"].isna().all()


def test_a_trial_needs_upgrades_before_and_after() -> None:
    known = pd.concat([SOME, rows(("e", 0, "basic"), ("e", 30, "plus"), ("e", 60, "plus"))])
    found = plan_upgrades(known, LEVELS, spec=SPEC)
    assert found.reason == (
        "a trial needs upgrades both before and after the last as_of but one, but there are 2 and "
        "0; the transition rate is used"
    )
    assert found.trial is None
    assert found.scores["customer"].tolist() == ["a", "b", "d", "e"]


def test_the_future_changes_no_pair_of_an_earlier_date() -> None:
    known = contracts(dates=5)
    one, other = (
        pairs_of(PlanDays.of(known[known["as_of"] <= last], LEVELS), 2) for last in (90, 120)
    )
    np.testing.assert_array_equal(one.figures, other.figures)
    np.testing.assert_array_equal(one.bought, other.bought)


def test_the_order_of_rows_changes_nothing() -> None:
    known = contracts(200, 4)
    one, other = (
        plan_upgrades(each, LEVELS, spec=SPEC, resamples=10)
        for each in (known, known.sample(frac=1, random_state=1))
    )
    pd.testing.assert_frame_equal(one.scores, other.scores)
    pd.testing.assert_frame_equal(one.moves, other.moves)


def test_the_order_of_columns_changes_nothing() -> None:
    known = contracts(200, 4)
    turned = known[["plan", "usage_share", "as_of", "region", "customer"]]
    one, other = (plan_upgrades(each, LEVELS, spec=SPEC, resamples=10) for each in (known, turned))
    pd.testing.assert_frame_equal(one.scores, other.scores)
    assert other.model.columns == one.model.columns


def test_plans_may_be_whole_numbers() -> None:
    numbers = SOME.assign(plan=SOME["plan"].map({"basic": 1, "plus": 2, "pro": 3}))
    found = plan_moves(numbers, ("1", "2", "3"))
    assert found["moves"].tolist() == plan_moves(SOME, LEVELS)["moves"].tolist()
    assert found["from_plan"].tolist() == ["1", "1", "2", "3"]


def without(column: str) -> pd.DataFrame:
    return SOME.drop(columns=column)


@pytest.mark.parametrize(
    ("make", "asked", "message"),
    [
        (
            lambda: without("plan"),
            {},
            (
                "plan upgrades need the columns ['customer', 'as_of', 'plan'], but ['plan'] are "
                "missing; rename or add them"
            ),
        ),
        (
            lambda: SOME.assign(level=1),
            {},
            (
                "plan upgrades keep the position of each plan in a column level, but the snapshots "
                "have a column of that name; rename it"
            ),
        ),
        (
            lambda: SOME.assign(as_of=0.5),
            {},
            (
                "plan upgrades need an as_of in whole days since 1970-01-01, but the column holds "
                "float64; convert it"
            ),
        ),
        (
            lambda: SOME,
            {"levels": ("basic",)},
            (
                "plan upgrades need two or more different levels, the lowest first, but they are "
                "['basic']; name the plans in order"
            ),
        ),
        (
            lambda: SOME,
            {"levels": ("basic", "plus")},
            (
                "plan upgrades need a level for every plan, and a worth for every level, but "
                "['pro'] have none; the levels are ['basic', 'plus']"
            ),
        ),
        (
            lambda: SOME,
            {"worth": {"basic": 1.0}},
            (
                "plan upgrades need a level for every plan, and a worth for every level, but "
                "['plus', 'pro'] have none; the levels are ['basic', 'plus', 'pro']"
            ),
        ),
        (
            lambda: pd.concat([SOME, SOME.head(1)]),
            {},
            (
                "plan upgrades need one row per customer and as_of, but 1 rows are second ones; "
                "keep one of each"
            ),
        ),
        (
            lambda: SOME[SOME["as_of"] == 0],
            {},
            (
                "plan upgrades are read from two or more as_of dates, but there is 1; keep a "
                "snapshot at every date, and come back with more"
            ),
        ),
        (
            lambda: SOME.assign(as_of=SOME["as_of"] ** 2),
            {},
            (
                "plan upgrades need as_of dates about evenly apart, but gaps run from 900 to 2700 "
                "days; leave out what lies between, or add what is missing"
            ),
        ),
    ],
)
def test_snapshots_that_tell_no_upgrade_are_refused(
    make: Callable[[], pd.DataFrame], asked: dict[str, Any], message: str
) -> None:
    levels = asked.get("levels", LEVELS)
    with pytest.raises(PlansUnclear, match=f"^{re.escape(message)}$"):
        plan_upgrades(make(), levels, worth=asked.get("worth"))
