from datetime import date

import pytest

from models.leaks import Leak
from models.metrics import Estimate
from pipelines.config import Gates
from pipelines.findings import Gate
from pipelines.gates import Findings, check_gates

FLAWLESS: dict[str, object] = {
    "incumbent": "recency",
    "difference": Estimate(0.02, 0.01, 0.03),
    "windowed_rfm": Estimate(0.01, -0.01, 0.03),
    "is_higher_better": True,
    "calibration_error": Estimate(0.02, 0.01, 0.04),
    "drift": {"spend_28d": 0.1},
    "unseen_since": date(2024, 3, 1),
    "as_of": date(2024, 3, 1),
    "are_customers_unseen": False,
    "leaks": (),
}


def gate(name: str, *, metric: str = "roc_auc", **found: object) -> Gate:
    """One gate of a challenger without fault, but for what a test says."""
    findings = Findings(**{**FLAWLESS, **found})  # type: ignore[arg-type]
    checked = check_gates(Gates.model_validate({"metric": metric}), findings)
    return next(each for each in checked if each.name == name)


def test_a_challenger_without_fault_passes_every_gate() -> None:
    checked = check_gates(Gates(), Findings(**FLAWLESS))  # type: ignore[arg-type]
    assert [each.is_passed for each in checked] == [True] * 7


@pytest.mark.parametrize(
    ("is_higher_better", "difference", "is_passed"),
    [
        (True, Estimate(0.02, 0.001, 0.03), True),
        (True, Estimate(0.02, -0.001, 0.03), False),
        (True, Estimate(0.0, 0.0, 0.0), False),
        (False, Estimate(-0.02, -0.03, -0.001), True),
        (False, Estimate(0.02, 0.001, 0.03), False),
    ],
)
def test_only_a_difference_that_is_better_over_its_whole_interval_beats(
    is_higher_better: bool,  # noqa: FBT001
    difference: Estimate,
    is_passed: bool,  # noqa: FBT001
) -> None:
    found = gate("beats recency", difference=difference, is_higher_better=is_higher_better)
    assert found.is_passed is is_passed


@pytest.mark.parametrize(
    ("is_higher_better", "difference", "is_passed"),
    [
        (True, Estimate(0.02, 0.01, 0.03), True),
        (True, Estimate(-0.01, -0.02, 0.001), True),
        (True, Estimate(-0.01, -0.02, -0.001), False),
        (False, Estimate(-0.02, -0.03, -0.01), True),
        (False, Estimate(0.02, 0.001, 0.03), False),
    ],
)
def test_a_challenger_that_is_surely_worse_than_windowed_rfm_fails(
    is_higher_better: bool,  # noqa: FBT001
    difference: Estimate,
    is_passed: bool,  # noqa: FBT001
) -> None:
    found = gate(
        "no worse than windowed_rfm", windowed_rfm=difference, is_higher_better=is_higher_better
    )
    assert found.is_passed is is_passed


def test_a_table_without_spend_has_no_gate_of_windowed_rfm() -> None:
    checked = check_gates(Gates(), Findings(**{**FLAWLESS, "windowed_rfm": None}))  # type: ignore[arg-type]
    assert "no worse than windowed_rfm" not in {each.name for each in checked}


def test_a_calibration_error_at_the_bound_passes_and_above_it_fails() -> None:
    assert gate("calibrated", calibration_error=Estimate(0.05, 0, 1)).is_passed
    assert not gate("calibrated", calibration_error=Estimate(0.0501, 0, 1)).is_passed


def test_the_column_that_moved_furthest_is_named() -> None:
    found = gate("no drift", drift={"spend_28d": 0.1, "orders_count_28d": 0.7})
    assert (found.found, found.is_passed) == (".700 (orders_count_28d)", False)


def test_drift_passes_where_every_column_still_grows_with_the_history() -> None:
    assert gate("no drift", drift={}).found == "no settled column"


def test_a_day_that_training_has_seen_the_outcome_of_fails() -> None:
    found = gate("unseen days", as_of=date(2024, 2, 29))
    assert (found.required, found.is_passed) == ("an as_of on or after 2024-03-01", False)


def test_new_customers_count_where_there_are_no_new_days() -> None:
    assert gate("unseen customers", are_customers_unseen=True, as_of=date(2020, 1, 1)).is_passed


def test_a_leak_fails_and_is_named() -> None:
    found = gate("no leak", leaks=(Leak("next_order_in_days", 1.0, "rank"),))
    assert (found.found, found.is_passed) == ("next_order_in_days (1.000)", False)
