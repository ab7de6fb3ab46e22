"""Days and rows that a model of lifetimes learns from, and what it may know of them."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from random import Random

import numpy as np
import pytest

from features.clock import CutoffsTooEarly
from features.settings import Behaviour, ChurnDefinition
from features.star import History
from pipelines.config import Business, Lifetime
from pipelines.lifetime_frames import (
    LifetimeParts,
    LifetimePlan,
    NoLifetimes,
    judged_day,
    lifetime_parts,
    lifetime_plan,
)
from tests.builders import AS_OF, DAY, Order, Shop, built, order

FIRST, LAST = date(2023, 1, 1), date(2023, 12, 31)
KNOWN = History(FIRST, LAST, 1000, 50, 10, 0)
SILENT = ChurnDefinition(horizon_days=28)
ASKED = Lifetime(weeks=12, horizons_weeks=(4, 12), train_cutoffs=30, step_days=14)


def test_nothing_of_a_plan_is_known_later_than_its_test() -> None:
    """The last week of 12 ends 83 days after as_of, its last horizon 28 days later."""
    chosen = lifetime_plan(SILENT, ASKED, KNOWN)
    assert chosen.judged_until == date(2024, 1, 1)
    assert chosen.test == date(2024, 1, 1) - timedelta(days=7 * 12 - 1 + 28)
    assert chosen.fitted_until == chosen.test - timedelta(days=28)
    assert chosen.as_ofs[-1] == chosen.test - timedelta(days=6 + 28)
    steps = {later - day for day, later in zip(chosen.as_ofs, chosen.as_ofs[1:], strict=False)}
    assert steps == {timedelta(days=14)}
    assert FIRST + timedelta(days=28) <= chosen.as_ofs[0] < FIRST + timedelta(days=42)


def test_a_test_day_may_be_chosen() -> None:
    asked = ASKED.model_copy(update={"test_as_of": date(2023, 8, 1)})
    assert lifetime_plan(SILENT, asked, KNOWN).test == date(2023, 8, 1)
    newest, until = judged_day(SILENT, asked, KNOWN)
    assert (newest, until) == (date(2023, 9, 12), date(2024, 1, 1))


def test_a_test_day_whose_weeks_are_not_over_is_refused() -> None:
    asked = ASKED.model_copy(update={"test_as_of": date(2023, 9, 13)})
    text = (
        "a test of 12 weeks needs 111 days of orders from lifetime.test_as_of on, but 2023-09-13 "
        "leaves fewer before 2024-01-01; use a day up to 2023-09-12 or fewer lifetime.weeks"
    )
    with pytest.raises(CutoffsTooEarly, match=f"^{re.escape(text)}$"):
        lifetime_plan(SILENT, asked, KNOWN)


def test_a_history_that_is_too_short_for_the_weeks_is_refused() -> None:
    asked = ASKED.model_copy(update={"train_cutoffs": 3})
    text = (
        "training needs a day that was watched for 12 weeks by 2023-08-15, but the oldest usable "
        "of lifetime.train_cutoffs=3 days 14 apart, 2023-07-12, was for 1, and orders begin on "
        "2023-01-01; use fewer lifetime.weeks, more cutoffs or a later lifetime.test_as_of"
    )
    with pytest.raises(CutoffsTooEarly, match=f"^{re.escape(text)}$"):
        lifetime_plan(SILENT, asked, KNOWN)
    with pytest.raises(CutoffsTooEarly, match="2023-08-09, was for 0, and orders begin on 2023-09"):
        lifetime_plan(SILENT, ASKED, replace(KNOWN, first_on=date(2023, 9, 1)))


def test_labels_do_not_say_when() -> None:
    text = (
        "lifetimes need orders and churn.kind: silent, whose day of leaving the orders tell, but "
        "the config has labels, which say whether and not when; use regulars train churn"
    )
    with pytest.raises(NoLifetimes, match=f"^{re.escape(text)}$"):
        lifetime_plan(ChurnDefinition(kind="labelled"), ASKED, KNOWN)


def purchases(seed: int, days: Sequence[int]) -> list[Order]:
    """Some of thirty customers buy on each of the days after `AS_OF`."""
    random = Random(seed)
    return [
        order(AS_OF + day * DAY, f"c{customer:02}", number=f"{customer} {day}")
        for day in days
        for customer in random.sample(range(30), 6)
    ]


CHOSEN = LifetimePlan(
    tuple(AS_OF + day * DAY for day in (30, 44, 71)),
    AS_OF + 70 * DAY,
    AS_OF + 84 * DAY,
    AS_OF + 119 * DAY,
)


@cache
def first() -> LifetimeParts:
    """Parts of a shop like any other."""
    return parts_of([*PAST, *BETWEEN, *purchases(3, range(84, 119))])


def parts_of(rows: list[Order]) -> LifetimeParts:
    """Parts of a shop whose customers are silent after a week without a purchase."""
    with built(Shop((*rows, order(AS_OF + 130 * DAY, "last")))) as (con, sources):
        business = Business(
            name="shop",
            sources=sources,
            behaviour=Behaviour(windows_days=(7, 28)),
            churn={"horizon_days": 7},  # type: ignore[arg-type]
            lifetime={"weeks": 4, "horizons_weeks": [2, 4]},  # type: ignore[arg-type]
        )
        return lifetime_parts(con, business, CHOSEN)


PAST, BETWEEN = purchases(1, range(69)), purchases(2, range(70, 84))


def test_what_is_learnt_was_known_by_the_test_and_each_part_by_its_own_day() -> None:
    """Purchases from the test day on change nothing that is learnt, those before do."""
    again = parts_of([*PAST, *BETWEEN, *purchases(4, range(84, 119))])
    other = parts_of([*PAST, *purchases(5, range(70, 84))])
    for part in ("train", "later"):
        one, two = getattr(first(), part), getattr(again, part)
        assert one.features.equals(two.features)
        assert one.lifetimes.weeks.tolist() == two.lifetimes.weeks.tolist()
        assert one.lifetimes.ended.tolist() == two.lifetimes.ended.tolist()
    assert first().test.features.equals(again.test.features)
    assert first().test.lifetimes.weeks.tolist() != again.test.lifetimes.weeks.tolist()
    early = first().train.as_of < np.datetime64(AS_OF + 70 * DAY)
    others = other.train.lifetimes.where(other.train.as_of < np.datetime64(AS_OF + 70 * DAY))
    assert first().train.lifetimes.where(early).weeks.tolist() == others.weeks.tolist()


def test_the_calibration_goes_on_where_the_fit_has_stopped() -> None:
    parts = first()
    before, after = parts.train.lifetimes, parts.later.lifetimes
    assert after.entered.tolist() == before.weeks.tolist()
    assert np.all(after.weeks[before.ended] == before.weeks[before.ended])
    assert np.any(after.weeks > before.weeks)
    late = parts.train.as_of == np.datetime64(CHOSEN.as_ofs[-1])
    assert late.any()
    assert not before.weeks[late].any()
    assert after.weeks[late].all()
    assert len(parts.train.watched().customers) == np.count_nonzero(before.weeks)
    assert parts.known().entered.sum() == 0
    assert set(parts.test.lifetimes.weeks) <= {1, 2, 3, 4}
