import re
from datetime import date

import pytest

from models.metrics import METRICS
from pipelines.findings import MEASURES, ReviewInconsistent, no_purchase
from tests.reviews import FAILED, PASSED, contestant, review


def test_a_review_is_promotable_when_all_gates_passed() -> None:
    assert review(gates=(PASSED, PASSED)).is_promotable
    assert not review(gates=(PASSED, FAILED)).is_promotable


def test_a_review_without_gates_promotes_nothing() -> None:
    assert not review(gates=()).is_promotable


def test_the_challenger_comes_first() -> None:
    message = (
        "a review needs one challenger, named first, but found the roles ['champion', 'challenger']"
    )
    with pytest.raises(ReviewInconsistent, match=f"^{re.escape(message)}$"):
        review(contestants=(contestant("a", "champion"), contestant("b", "challenger")))


def test_names_of_contestants_are_distinct() -> None:
    message = "a review needs contestants with distinct names, but found ['a', 'a']"
    with pytest.raises(ReviewInconsistent, match=f"^{re.escape(message)}$"):
        review(contestants=(contestant("a", "challenger"), contestant("a", "baseline")))


def test_the_incumbent_is_one_of_the_others() -> None:
    message = (
        "a review needs its incumbent 'champion 2' among the other contestants, "
        "but found ['champion 3', 'recency']"
    )
    with pytest.raises(ReviewInconsistent, match=f"^{re.escape(message)}$"):
        review(incumbent="champion 2")


def test_the_days_of_silence_begin_after_the_gap_and_include_both_ends() -> None:
    words = no_purchase(date(2017, 11, 16), gap_days=7, horizon_days=28).replace("\xa0", " ")
    assert words == "no purchase from 23 November 2017 to 20 December 2017 (28 days)"


def test_every_metric_has_its_place_in_the_table() -> None:
    assert sorted(measure.key for measure in MEASURES) == sorted(METRICS)
