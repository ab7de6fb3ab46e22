"""What was sent, what came back, and how tired of it the customer may be."""

from tests.builders import AS_OF, DAY, Campaign, Response, Shop, features_in, noon, order


def values_of(
    sent: dict[str, int], answered: dict[str, int], who: str = "ann"
) -> dict[str, float | None]:
    """Features of a customer by campaign and how many days ago it was sent and answered."""
    shop = Shop(
        (order(AS_OF - 90 * DAY), order(AS_OF - 90 * DAY, "bob")),
        campaigns=tuple(Campaign("ann", noon(AS_OF - d * DAY), name) for name, d in sent.items()),
        responses=(
            *(Response("ann", noon(AS_OF - d * DAY), name) for name, d in answered.items()),
            Response("somebody", noon(AS_OF - DAY), "other"),
        ),
    )
    return features_in(shop, who)


def test_campaigns_are_counted_by_the_day_of_sending_and_responses_by_their_own() -> None:
    values = values_of({"spring": 20, "summer": 3}, {"spring": 5})
    assert values["campaigns_count_7d"] == 1
    assert values["campaigns_count_28d"] == 2
    assert values["responses_count_7d"] == 1
    assert values["days_since_campaign"] == 3
    assert values["days_since_response"] == 5


def test_fatigue_is_what_was_sent_beyond_what_was_answered() -> None:
    values = values_of({"spring": 20, "summer": 3, "autumn": 2}, {"spring": 15})
    assert values["campaigns_unanswered_count_28d"] == 2
    assert values["campaigns_unanswered_count_7d"] == 2


def test_more_answers_than_campaigns_in_a_window_are_no_fatigue() -> None:
    values = values_of({"spring": 20}, {"spring": 5})
    assert values["campaigns_unanswered_count_7d"] == 0


def test_a_response_on_as_of_to_a_campaign_of_the_past_is_not_seen() -> None:
    values = values_of({"spring": 20}, {"spring": 0})
    assert values["days_since_response"] is None
    assert values["campaigns_unanswered_count_28d"] == 1


def test_a_response_before_its_campaign_answers_nothing() -> None:
    assert values_of({"spring": 20}, {"spring": 25})["days_since_response"] is None


def test_a_response_to_what_was_not_sent_answers_nothing() -> None:
    assert values_of({"spring": 20}, {"other": 5})["responses_count_28d"] is None


def test_who_was_sent_nothing_has_no_campaigns() -> None:
    values = values_of({"spring": 20}, {"spring": 5}, who="bob")
    names = ("days_since_campaign", "campaigns_count_28d", "campaigns_unanswered_count_28d")
    assert [values[name] for name in names] == [None] * 3
