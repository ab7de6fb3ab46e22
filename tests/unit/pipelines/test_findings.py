import re
from datetime import date

import pytest

from features.settings import Currency
from models.economics import Economics
from models.metrics import METRICS
from pipelines.contest import SAVINGS, metrics_with
from pipelines.findings import MEASURES, ReviewInconsistent, money_measures, no_purchase
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


def test_every_metric_has_its_place_in_the_table_and_its_direction() -> None:
    money = money_measures(Currency(code="TWD", digits=0))
    metrics = metrics_with(Economics())
    told = {measure.key: measure.is_higher_better for measure in MEASURES + money}
    assert told.pop(SAVINGS)
    assert told == {key: metric.higher_is_better for key, metric in metrics.items()}
    assert {measure.key for measure in MEASURES} == set(METRICS) == set(metrics_with(None))


def test_metrics_in_money_name_their_currency_and_have_its_decimals() -> None:
    expected, best, savings = money_measures(Currency(code="TWD", digits=0))
    assert (expected.name, expected.write(12.6)) == ("Expected maximum profit, TWD", "13")
    assert (best.name, best.write(-0.4)) == ("Maximum profit, TWD", "0")
    assert savings.write(0.25) == "25\N{NO-BREAK SPACE}%"
    assert money_measures(Currency())[0].write(1.666) == "1.67"
