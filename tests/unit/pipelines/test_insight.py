import numpy as np
import pytest

from pipelines import insight
from pipelines.frames import Frame
from pipelines.insight import insight_of, looked_at, refitted
from tests.cards import COLUMNS, business, card, frame, trained


def test_what_is_looked_at_is_told_the_largest_first_and_makes_a_whole() -> None:
    found = looked_at(trained().rolled.newest.fitted, COLUMNS, trained().rolled.newest.test)
    shares = [each.share.value for each in found]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1)
    assert {each.column for each in found} == {column.name for column in COLUMNS}
    assert found[0].column in ("days_since_order", "orders_count")


def test_more_rows_than_asked_for_are_sampled(monkeypatch: pytest.MonkeyPatch) -> None:
    assert card().insight.customers == 240
    monkeypatch.setattr(insight, "LOOKED_AT_ROWS", 50)
    newest = trained().rolled.newest
    few = insight_of(newest.fitted, COLUMNS, newest.test)
    assert few.customers == 50
    assert few.stability is None


def test_the_columns_that_move_the_scores_most_are_varied() -> None:
    found = card().insight
    varied = [each.column for each in found.dependences]
    assert varied == [each.column for each in found.features[: len(varied)]]
    recency = next(each for each in found.dependences if each.column == "days_since_order")
    assert recency.chance[0] < recency.chance[-1]


def test_as_many_models_are_refitted_as_asked_for_and_they_differ() -> None:
    churn, params = business(stability_refits=3).churn, trained().found.params
    test = trained().rolled.newest.test.features
    found = [each.predict(test) for each in refitted(churn, params, trained().parts["train"])]
    assert len(found) == 3
    assert not np.array_equal(found[0], found[1])
    assert list(refitted(business(stability_refits=0).churn, params, frame())) == []


def test_a_resample_in_which_nobody_left_has_no_model() -> None:
    rows = frame(customers=6)
    few = Frame(rows.customers, rows.as_of, rows.features, rows.customers == "c000")
    churn = business(stability_refits=20).churn
    found = list(refitted(churn, trained().found.params, few))
    assert 0 < len(found) < 20


def test_refits_on_the_same_customers_agree_better_than_chance() -> None:
    found = card().insight.stability
    assert found is not None
    assert found.refits == 2
    assert found.ranks.value > 0.5
    assert found.first_cause.value > found.by_chance
