"""What customers were sent and what it cost, and how content they said they were."""

from datetime import date

from features.clock import Window
from features.outreach import SAID, SENT, build_satisfaction, build_sendings
from tests.builders import AS_OF, DAY, Campaign, Contact, Customer, Shop, built, noon, order

BEFORE = Window(AS_OF - 30 * DAY, AS_OF)


def sendings(*rows: Campaign, cost: int | None = None) -> list[tuple[str, date, int | None]]:
    with built(Shop(orders=(order(),), campaigns=rows)) as (con, sources):
        if cost is not None:
            con.execute(f"UPDATE fact_campaigns SET cost = {cost}")  # the builder's have none
        found = build_sendings(con, BEFORE, sources)
    assert found is not None
    assert found.schema == SENT
    return [tuple(row.values()) for row in found.to_pylist()]


def satisfaction(*rows: Contact) -> list[tuple[str, date, float]] | None:
    with built(Shop(orders=(order(),), conversations=rows)) as (con, sources):
        found = build_satisfaction(con, BEFORE, sources)
    if found is None:
        return None
    assert found.schema == SAID
    return [tuple(row.values()) for row in found.to_pylist()]


def test_a_row_is_a_sending_whose_cost_may_be_unknown() -> None:
    sent = Campaign("bob", noon(AS_OF - DAY)), Campaign("ann", noon(AS_OF - DAY))
    day = AS_OF - DAY
    assert sendings(*sent) == [("ann", day, None), ("bob", day, None)]
    assert sendings(*sent, cost=50) == [("ann", day, 50), ("bob", day, 50)]


def test_sendings_of_as_of_and_before_the_window_are_not_seen() -> None:
    days = (AS_OF, AS_OF - 30 * DAY, AS_OF - 31 * DAY)
    found = sendings(*(Campaign("ann", noon(day), f"{day}") for day in days))
    assert [row[1] for row in found] == [AS_OF - 30 * DAY]


def test_a_customer_of_several_versions_is_sent_something_once() -> None:
    customers = (
        Customer("ann", tier="gold", valid_from_on=AS_OF - 90 * DAY),
        Customer("ann", tier="silver", valid_from_on=AS_OF - 5 * DAY),
    )
    shop = Shop((order(),), customers, campaigns=(Campaign("ann", noon(AS_OF - DAY)),))
    with built(shop) as (con, sources):
        found = build_sendings(con, BEFORE, sources)
    assert found is not None
    assert found.num_rows == 1


def test_a_row_is_a_contact_in_which_somebody_told_how_content_they_were() -> None:
    found = satisfaction(
        Contact("ann", noon(AS_OF - DAY), satisfaction=9.0),
        Contact("ann", noon(AS_OF - 2 * DAY)),
        Contact("bob", noon(AS_OF), satisfaction=1.0),
    )
    assert found == [("ann", AS_OF - DAY, 9.0)]


def test_without_campaigns_or_contacts_nothing_is_known() -> None:
    with built(Shop(orders=(order(),))) as (con, sources):
        assert build_sendings(con, BEFORE, sources) is None
        assert build_satisfaction(con, BEFORE, sources) is None
