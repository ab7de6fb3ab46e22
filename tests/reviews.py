"""A small, complete review that a test changes where its sentence needs it."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from models.metrics import Estimate
from pipelines.curves import Bin
from pipelines.findings import (
    Contestant,
    DataNotes,
    Drift,
    Feature,
    Gate,
    Headline,
    Identity,
    NextStep,
    Question,
    ReviewPage,
    Role,
    Traces,
    no_purchase,
)

AS_OF = date(2017, 11, 16)
PASSED = Gate(
    name="Beats the champion",
    required="difference in ROC AUC above 0",
    found="+.012 (+.004 to +.021)",
    is_passed=True,
    explanation="otherwise the change could be luck",
)
FAILED = Gate(
    name="Calibrated",
    required="calibration error at most .030",
    found=".041 (.029 to .052)",
    is_passed=False,
    explanation="an expected value needs honest chances",
)
TRACES = Traces(
    gains=((0.0, 0.0), (0.1, 0.4), (1.0, 1.0)),
    roc=((0.0, 0.0), (0.2, 0.7), (1.0, 1.0)),
    reliability=(Bin(0.1, 0.12, 90), Bin(0.6, 0.5, 10)),
    scores=(60, 30, 10),
)


def estimate(value: float, half: float = 0.02) -> Estimate:
    return Estimate(value=value, low=value - half, high=value + half)


def contestant(name: str, role: Role, auc: float = 0.8, calibration: float = 0.02) -> Contestant:
    identity = Identity(
        version="4",
        kind="churn_gbm",
        run_id="3f9c1b7a2d4e4f0c9a8b7c6d5e4f3a2b",
        trained_on=(date(2017, 9, 21), date(2017, 10, 19)),
        data_fingerprint="9b1d4f2e7a8c" + "0" * 52,
        behaviour_fingerprint="77aa04c1e9f2" + "0" * 52,
    )
    return Contestant(
        name=name,
        role=role,
        about="gradient-boosted trees",
        estimates={
            "roc_auc": estimate(auc),
            "expected_calibration_error": estimate(calibration, 0.005),
        },
        traces=TRACES,
        identity=None if role == "baseline" else identity,
    )


def review(**changes: Any) -> ReviewPage:
    page = ReviewPage(
        business="Complete Journey",
        review_id="20261121T093000Z-4f1c",
        made_at=datetime(2026, 11, 21, 9, 30, tzinfo=UTC),
        question=Question(
            as_of=AS_OF,
            cohort="bought at least once in the 56 days before the cutoff",
            leaving=no_purchase(AS_OF, gap_days=0, horizon_days=28),
            gap="none",
        ),
        headline=Headline(250, 31.2, estimate(97, 10), estimate(85, 9)),
        gates=(PASSED,),
        contestants=(
            contestant("challenger 4", "challenger", auc=0.848, calibration=0.014),
            contestant("champion 3", "champion", auc=0.836, calibration=0.012),
            contestant("recency", "baseline", auc=0.767, calibration=0.009),
        ),
        incumbent="champion 3",
        differences={"roc_auc": estimate(0.012, 0.008)},
        drift=(Drift("days_since_order", "days since the last order", 0.08),),
        drift_bound=0.25,
        features=(Feature("days_since_order", "days since the last order", estimate(0.21)),),
        next_steps=(NextStep("Make it the champion:", "regulars promote churn --review 4f1c"),),
        data=DataNotes(
            customers=2500,
            leavers=312,
            rows_read=1_469_307,
            rows_quarantined=2114,
            quarantined_by_rule={"amount is negative": 2114},
            remarks=("Two products have no place in the hierarchy.",),
        ),
    )
    return replace(page, **changes)
