"""What a model of lifetimes must show, and the page on which a person decides."""

import re
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

import numpy as np
import pytest

from models.leaks import Leak
from models.lifetimes import Lifetimes
from models.metrics import Estimate
from models.spec import FloatArray
from pipelines.config import Business, Gates, Lifetime
from pipelines.contest import MODEL
from pipelines.evidence import Evidence
from pipelines.lifetime_contest import (
    BEHIND,
    EVERYBODY,
    LifetimeContest,
    LifetimeFindings,
    check_lifetime_gates,
    curve_of_everybody,
    for_all,
)
from pipelines.lifetime_page import lifetime_page, survival_chart

DAY = date(2024, 3, 1)
FLAWLESS: dict[str, Any] = {
    "horizons": (2, 4),
    "incumbent": EVERYBODY,
    "as_of": DAY,
    "unseen_since": DAY,
    "leaks": (),
}


def estimates(behind: Estimate, *errors: float) -> dict[str, dict[str, Estimate]]:
    own = {
        f"calibration_error_{week}w": Estimate(error, error / 2, error * 2)
        for week, error in zip((2, 4), errors, strict=True)
    }
    return {MODEL: own, EVERYBODY: {BEHIND: behind}}


def passed(
    behind: Estimate = Estimate(0.02, 0.01, 0.03),  # noqa: B008  frozen
    errors: tuple[float, float] = (0.02, 0.04),
    **found: object,
) -> list[bool]:
    findings = LifetimeFindings(**{**FLAWLESS, "estimates": estimates(behind, *errors), **found})
    return [gate.is_passed for gate in check_lifetime_gates(Gates(), findings)]


def test_a_challenger_without_fault_passes_every_gate() -> None:
    assert passed() == [True] * 5


def test_a_lead_that_may_be_luck_is_no_lead() -> None:
    assert passed(behind=Estimate(0.02, -0.001, 0.04)) == [False, True, True, True, True]


def test_chances_must_come_true_at_every_horizon() -> None:
    assert passed(errors=(0.02, 0.051)) == [True, True, False, True, True]
    assert passed(errors=(0.051, 0.02)) == [True, False, True, True, True]


def test_a_day_that_the_model_has_seen_judges_nothing() -> None:
    assert passed(unseen_since=date(2024, 3, 2)) == [True, True, True, False, True]


def test_a_column_that_knows_the_outcome_is_named() -> None:
    leak = Leak("days_until_order", 0.99, "rank")
    findings = LifetimeFindings(
        **{**FLAWLESS, "leaks": (leak,)}, estimates=estimates(Estimate(1, 1, 1), 0.0, 0.0)
    )
    gate = check_lifetime_gates(Gates(), findings)[-1]
    assert (gate.found, gate.is_passed) == ("days_until_order (0.990)", False)


def test_one_curve_for_all_is_that_of_kaplan_and_meier() -> None:
    lifetimes = Lifetimes(np.array([1, 2, 2, 3]), np.array([True, False, True, False]))
    curve = curve_of_everybody(lifetimes, 3)
    assert curve["week"].tolist() == [1, 2, 3]
    assert curve["outlasting"].tolist() == pytest.approx([0.75, 0.5, 0.5])
    assert for_all(curve, 2).shape == (2, 3)


@cache
def contest() -> LifetimeContest:
    """Two kinds of customers whom the model tells apart."""
    random = np.random.default_rng(3)
    hazard = np.repeat([0.02, 0.4], 150)[:, None] * np.ones(4)
    ends = random.random((300, 4)) < hazard
    ended = np.asarray(ends.any(axis=1))
    lifetimes = Lifetimes(np.where(ended, ends.argmax(axis=1) + 1, 4), ended)
    curves: dict[str, FloatArray] = {
        MODEL: np.cumprod(1 - hazard, axis=1, dtype=np.float64),
        EVERYBODY: for_all(curve_of_everybody(lifetimes, 4), 300),
    }
    return LifetimeContest(lifetimes, curves, (2, 4))


def test_contestants_are_measured_on_the_same_resamples() -> None:
    found = contest().estimates()
    assert found[MODEL][BEHIND] == Estimate(0, 0, 0)
    behind = found[EVERYBODY]["integrated_brier"].value - found[MODEL]["integrated_brier"].value
    assert found[EVERYBODY][BEHIND].value == pytest.approx(behind)
    assert found[EVERYBODY][BEHIND].low > 0
    assert found[MODEL]["concordance"].value > 0.7 > found[EVERYBODY]["concordance"].value


def page(*, is_passed: bool) -> str:
    found = contest().estimates()
    findings = LifetimeFindings(**FLAWLESS, estimates=found)
    bounds = Gates(calibration_error_most=1 if is_passed else 1e-9)
    evidence = Evidence(
        review_id="abc",
        made_at=datetime(2024, 3, 2, tzinfo=UTC),
        as_of=DAY,
        challenger=3,
        challenger_run="run",
        champion=None,
        incumbent=EVERYBODY,
        data_fingerprint="data",
        gates=check_lifetime_gates(bounds, findings),
        estimates=found,
        differences={},
        drift={},
        settled=(),
    )
    business = Business.model_validate(
        {
            "name": "shop",
            "sources": {},
            "lifetime": Lifetime(weeks=4, horizons_weeks=(2, 4)).model_dump(),
        }
    )
    return lifetime_page(
        business, evidence, contest().curves, curve_of_everybody(contest().lifetimes, 4)
    )


def test_the_page_says_what_was_found_and_needs_nothing_but_itself() -> None:
    text = page(is_passed=True).replace("\xa0", " ")
    assert "<h1>Version 3 may be promoted</h1>" in text
    assert "All 5 gates passed" in text
    assert "what became of 300 customers of 1 March 2024 within 4 weeks" in text
    assert page(is_passed=True) == page(is_passed=True)
    assert not re.findall(r"(?:src|href)=", text)


def test_the_page_names_the_gates_that_failed() -> None:
    text = page(is_passed=False)
    assert "<h1>Version 3 may not be promoted</h1>" in text
    assert "2 of 5 gates failed: calibrated at 2 weeks, calibrated at 4 weeks" in text


def test_curves_begin_with_everybody_and_are_told_in_words() -> None:
    drawn = survival_chart("Who stays", [("all", np.array([0.5, 0.25]))])
    assert "all: 25 % after week 2." in drawn.replace("\xa0", " ")
