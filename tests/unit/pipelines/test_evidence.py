import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from models.metrics import Estimate
from pipelines.evidence import (
    Evidence,
    ReviewUnknown,
    read_evidence,
    require_sealed,
    seal,
    write_evidence,
)
from pipelines.findings import Gate

FOUND = Evidence(
    review_id="abc123",
    made_at=datetime(2024, 5, 6, 7, 8, tzinfo=UTC),
    as_of=date(2024, 4, 1),
    challenger=4,
    challenger_run="r4",
    champion=3,
    incumbent="champion 3",
    data_fingerprint="f" * 64,
    gates=(Gate("calibrated", "≤ .05", ".03", is_passed=True, explanation="客戶"),),
    estimates={"challenger 4": {"roc_auc": Estimate(0.8, 0.7, 0.9)}},
    differences={"roc_auc": Estimate(0.01, 0.0, 0.02)},
    drift={"spend_28d": 0.04},
    settled=("spend_28d",),
)


def test_evidence_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    place = write_evidence(tmp_path, FOUND, "<html></html>")
    assert read_evidence(tmp_path, "abc123") == FOUND
    assert (place / "review.html").read_text() == "<html></html>"


def test_a_review_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path) -> None:
    write_evidence(tmp_path, FOUND, "")
    expected = (
        "a promotion needs the identity of a review, but there is no '../abc123'; there is abc123"
    )
    with pytest.raises(ReviewUnknown, match=re.escape(expected)):
        read_evidence(tmp_path, "../abc123")


def test_without_any_review_the_message_says_how_to_make_one(tmp_path: Path) -> None:
    expected = "there is none yet: run regulars review"
    with pytest.raises(ReviewUnknown, match=re.escape(expected)):
        read_evidence(tmp_path, "abc123")


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"review_id": 1}'])
def test_damaged_evidence_promotes_nothing(tmp_path: Path, damaged: str) -> None:
    place = write_evidence(tmp_path, FOUND, "")
    (place / "evidence.json").write_text(damaged)
    expected = "the evidence of review abc123 is damaged; run regulars review again"
    with pytest.raises(ReviewUnknown, match=re.escape(expected)):
        read_evidence(tmp_path, "abc123")


def test_sealed_evidence_is_accepted_and_a_changed_one_is_not() -> None:
    require_sealed(FOUND, {**seal(FOUND), "kind": "churn_gbm"})
    passed = replace(FOUND, gates=())
    expected = "the evidence of review abc123 is not what its review sealed"
    with pytest.raises(ReviewUnknown, match=expected):
        require_sealed(passed, seal(FOUND))


def test_a_review_without_gates_has_not_passed() -> None:
    assert not replace(FOUND, gates=()).is_passed
