"""The base rate that a day is expected to have, from what was over by then."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import numpy as np
import pytest

from features.star import history
from models.season import Rate
from pipelines.config import Business
from pipelines.rounding import percent
from pipelines.season import Season, asked_of, season_of
from pipelines.versions import Version
from tests.builders import AS_OF, DAY, Customer, Order, Shop, built, order

LIKE = date(2023, 3, 3)
"""The Friday 364 days before the Friday `AS_OF`."""

FIRST = LIKE - 28 * DAY
COHORT: dict[str, object] = {"active_within_days": 28}


def of_a_year_before() -> list[Order]:
    """Three of the cohort, of whom ann returns on the first and bob on the last day."""
    return [
        order(FIRST, "cid"),
        order(LIKE - 5 * DAY, "ann"),
        order(LIKE - DAY, "bob"),
        order(LIKE, "ann"),
        order(LIKE + 13 * DAY, "bob"),
        order(LIKE + 14 * DAY, "cid"),
        order(AS_OF - DAY, "ann"),
    ]


def season(
    rows: Sequence[Order],
    asked: str = "season",
    *,
    cohort: dict[str, object] = COHORT,
    **churn: object,
) -> Season:
    """Of `AS_OF`, with outcomes that are decided in 14 days."""
    with built(Shop(tuple(rows), (Customer("ann"),))) as (con, sources):
        business = Business.model_validate(
            {
                "name": "shop",
                "currency": {"code": "EUR", "digits": 2},
                "time_zone": "UTC",
                "sources": sources.model_dump(exclude_none=True),
                "behaviour": {"windows_days": [28], "cohort": cohort},
                "churn": {"horizon_days": 14, "test_as_of": AS_OF, "recalibrate": asked, **churn},
            }
        )
        known = history(con, sources)
        return season_of(con, business, known, AS_OF, business.churn.recalibrate)


def test_the_rate_is_that_of_the_cohort_of_the_same_weekday_a_year_before() -> None:
    assert AS_OF.isoweekday() == LIKE.isoweekday()
    assert season(of_a_year_before()) == Season(AS_OF, Rate(3, 1))


def test_what_happens_on_the_day_and_later_changes_no_rate() -> None:
    later = [order(AS_OF + days * DAY, name) for days in (0, 3, 400) for name in ("cid", "new")]
    assert season([*of_a_year_before(), *later]) == Season(AS_OF, Rate(3, 1))


@pytest.mark.parametrize(
    ("asked", "cohort", "churn", "why_not"),
    [
        ("none", COHORT, {}, "churn.recalibrate was none when the model was trained"),
        (
            "season",
            COHORT,
            {"kind": "labelled"},
            "nothing says when the labels of a year before became known",
        ),
        (
            "season",
            {},
            {},
            "without behaviour.cohort.active_within_days the cohort is another every year",
        ),
        (
            "season",
            {"active_within_days": 28, "contract": "active"},
            {},
            "without behaviour.cohort.active_within_days the cohort is another every year",
        ),
        (
            "season",
            COHORT,
            {"horizon_days": 300, "gap_days": 65},
            "outcomes of a year before, on 2023-03-03, are known from 2024-03-02 on",
        ),
        (
            "season",
            {"active_within_days": 29},
            {},
            (
                f"the cohort of a year before, on {LIKE}, looks back 29 days, "
                f"and orders begin on {FIRST}"
            ),
        ),
    ],
)
def test_a_year_before_that_says_nothing_is_not_used_and_says_why(
    asked: str, cohort: dict[str, object], churn: dict[str, object], why_not: str
) -> None:
    found = season(of_a_year_before(), asked, cohort=cohort, **churn)
    assert found == Season(AS_OF, None, why_not)


def test_outcomes_that_are_known_on_the_day_itself_count() -> None:
    assert season(of_a_year_before(), horizon_days=300, gap_days=64).why_not == ""


def test_outcomes_beyond_the_last_order_are_not_known() -> None:
    rows = of_a_year_before()[:-2]
    expected = "outcomes of a year before, on 2023-03-03, are known from 2023-03-18 on"
    assert season(rows, horizon_days=15).why_not == expected
    assert season(rows).rate == Rate(3, 1)


def test_a_year_before_in_which_everybody_left_tells_no_rate() -> None:
    rows = [order(FIRST, "ann"), order(FIRST, "bob"), order(AS_OF - DAY, "ann")]
    expected = "2 of 2 customers left a year before, on 2023-03-03, which tells no rate"
    assert season(rows).why_not == expected


def test_a_year_before_without_customers_tells_no_rate() -> None:
    rows = [order(LIKE - 60 * DAY), order(AS_OF - DAY)]
    expected = "0 of 0 customers left a year before, on 2023-03-03, which tells no rate"
    assert season(rows).why_not == expected


def test_a_shift_is_told_with_its_reason() -> None:
    given = np.array([0.2, 0.6, 0.9, 0.7])
    found = Season(AS_OF, Rate(2_000, 800)).applied(given)
    assert found.probability.mean() == pytest.approx(0.4, abs=0.01)
    assert found.told == (
        f"Chances are shifted by {found.shift:+.2f} log-odds, for everybody alike: a year before, "
        f"on 2023-03-03, {percent(0.4)} of 2,000 customers left, and the model by itself expects "
        f"{percent(0.6)}."
    )
    assert found.facts() == {"season_shift": found.shift, "season": found.told}


def test_no_shift_leaves_the_chances_and_says_why() -> None:
    given = np.array([0.35, 0.45])
    same = Season(AS_OF, Rate(20, 8)).applied(given)
    unasked = Season(AS_OF, None, "there are no orders").applied(given)
    nobody = Season(AS_OF, Rate(2_000, 800)).applied(np.empty(0))
    assert same.probability is given
    assert unasked.probability is given
    assert (same.shift, unasked.shift, nobody.shift) == (0, 0, 0)
    assert same.told == (
        f"Chances are not shifted: a year before, on 2023-03-03, {percent(0.4)} of 20 customers "
        f"left, as the model expects."
    )
    assert unasked.told == "Chances are not shifted: there are no orders."


@pytest.mark.parametrize(
    ("tags", "asked"),
    [({"recalibrate": "season"}, "season"), ({"recalibrate": "none"}, "none"), ({}, "none")],
)
def test_a_version_is_used_as_it_was_tested(tags: dict[str, str], asked: str) -> None:
    made_at = datetime(2024, 3, 1, tzinfo=UTC)
    assert asked_of(Version("shop-churn", 1, "run", "source", tags, (), made_at)) == asked
