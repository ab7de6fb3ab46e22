"""Complaints and other talk with the business, and how it ended."""

import pytest

from tests.builders import AS_OF, DAY, Contact, Shop, features_in, noon, order


def contact(
    days_ago: int,
    kind: str = "call",
    outcome: str | None = None,
    *,
    seconds: float | None = None,
    points: float | None = None,
) -> Contact:
    return Contact("ann", noon(AS_OF - days_ago * DAY), kind, outcome, seconds, points)


def values_of(*rows: Contact, who: str = "ann") -> dict[str, float | None]:
    orders = (order(AS_OF - 90 * DAY), order(AS_OF - 90 * DAY, "bob"))
    return features_in(Shop(orders, conversations=rows), who)


def test_contacts_are_counted_by_window_and_kind() -> None:
    values = values_of(contact(2), contact(3, "complaint"), contact(9, "complaint"), contact(0))
    assert values["contacts_count_7d"] == 2
    assert values["contacts_count_28d"] == 3
    assert values["complaint_contacts_count_7d"] == 1
    assert values["complaint_contacts_count_28d"] == 2
    assert values["days_since_contact"] == 2
    assert values["days_since_complaint"] == 3


def test_a_kind_is_written_as_the_config_writes_it() -> None:
    values = values_of(contact(2, "Complaint"))
    assert values["complaint_contacts_count_7d"] == 0
    assert values["days_since_complaint"] is None


def test_three_contacts_after_one_are_half_way_from_as_many_to_all_new() -> None:
    values = values_of(contact(1), contact(2), contact(7), contact(8))
    assert values["contacts_change_7d"] == (3 - 1) / (3 + 1)


@pytest.mark.parametrize(("days_ago", "change"), [(7, 1), (8, -1), (14, -1), (15, None)])
def test_contacts_of_one_window_alone_are_all_new_or_all_gone(
    days_ago: int, change: float | None
) -> None:
    assert values_of(contact(days_ago))["contacts_change_7d"] == change


def test_any_known_outcome_but_resolved_is_unresolved() -> None:
    rows = [contact(days, outcome=how) for days, how in enumerate(["Resolved", "open", None], 1)]
    assert values_of(*rows)["unresolved_contacts_count_7d"] == 1


def test_the_mean_duration_is_of_contacts_that_have_one_in_whole_seconds() -> None:
    values = values_of(contact(1, seconds=30.5), contact(2, seconds=60), contact(3))
    assert values["contact_duration_mean_7d"] == (31 + 60) / 2


def test_the_mean_satisfaction_is_of_rated_contacts_to_a_thousandth() -> None:
    values = values_of(contact(1, points=4.5), contact(2, points=2.0004), contact(3))
    assert values["satisfaction_mean_7d"] == (4.5 + 2) / 2


def test_unrated_contacts_have_neither_duration_nor_satisfaction() -> None:
    values = values_of(contact(1))
    assert values["contact_duration_mean_7d"] is None
    assert values["satisfaction_mean_7d"] is None


def test_who_was_never_in_contact_has_no_number_of_contacts() -> None:
    values = values_of(contact(1, "complaint", "open"), who="bob")
    counted = ("contacts_count_7d", "complaint_contacts_count_7d", "unresolved_contacts_count_7d")
    assert [values[name] for name in counted] == [None] * 3
    assert values["days_since_contact"] is None
