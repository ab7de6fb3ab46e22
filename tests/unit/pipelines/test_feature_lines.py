import re
from dataclasses import replace

import pytest

from features.settings import Cohort
from pipelines.check import load_config
from pipelines.config import Business
from pipelines.feature_catalogue import Section, catalogue
from pipelines.feature_lines import explained, listed
from pipelines.feature_list import Listed
from tests.builders import AS_OF, DAY, Contact, Shop, noon, order
from tests.explanations import explained as explanation

WIDE = 120


@pytest.fixture(scope="module")
def business() -> Business:
    return load_config("complete_journey").business


def everything(business: Business) -> Listed:
    known = catalogue(business)
    return Listed(known.sections, known)


def only(business: Business, family: str) -> Listed:
    known = catalogue(business)
    return Listed(tuple(s for s in known.sections if s.name == family), known)


def text(shop: Shop, column: str, business: Business, rows: int = 50) -> list[str]:
    return explained(explanation(shop, column, rows=rows), business, WIDE)


def test_a_pipe_gets_a_heading_and_one_line_with_tabs_for_each_column(business: Business) -> None:
    result = everything(business)
    heading, *rows, last = listed(result, None)
    assert heading.split("\t")[:4] == ["name", "family", "unit", "window_days"]
    assert [row.split("\t")[0] for row in rows] == [
        column.name for section in result.sections for column in section.columns
    ]
    assert {row.count("\t") for row in rows} == {6}
    assert last == (
        f"# {len(rows)} columns; fingerprint of all {len(rows)}: {result.catalogue.fingerprint}"
    )


def test_a_record_for_a_pipe_holds_all_that_a_column_means(business: Business) -> None:
    (row,) = (line for line in listed(everything(business), None) if line.startswith("spend_28d\t"))
    assert row == "spend_28d\tmonetary\tminor units\t28\tspend in the last 28 days\tnever ordered\t"


@pytest.mark.parametrize("width", [80, 120, 300])
def test_no_line_is_wider_than_the_terminal_or_than_can_be_read(
    business: Business, width: int
) -> None:
    lines = listed(everything(business), width)
    assert max(map(len, lines)) <= min(width, WIDE)
    assert lines[-1] == catalogue(business).fingerprint


def test_a_family_begins_with_what_it_is_about(business: Business) -> None:
    lines = listed(only(business, "tenure"), WIDE)
    assert lines[0].startswith("TENURE  Days since the first order, orders ever")
    assert re.fullmatch(r"  tenure_days +days +ever", lines[1])
    assert lines[2] == "    days since the first order; missing: never ordered"
    assert re.fullmatch(r"\d+ of \d+ columns; fingerprint of all \d+:", lines[-2])


def test_a_meaning_with_line_breaks_and_tabs_stays_one_record(business: Business) -> None:
    (section,) = only(business, "tenure").sections
    first = section.features[0]
    odd = replace(first, column=replace(first.column, meaning="one\ttwo\nthree\x1b[2J"))
    result = Listed((Section("tenure", "", (odd,)),), catalogue(business))
    record = listed(result, None)[1].split("\t")
    assert record[4] == "one two three\N{REPLACEMENT CHARACTER}[2J"
    assert len(record) == 7


def test_an_explanation_tells_value_atoms_and_rows_in_the_currency(business: Business) -> None:
    assert text(Shop((order(number="7", amount=123_450, discount=5),)), "spend_28d", business) == [
        "spend_28d: spend in the last 28 days",
        "",
        "customer  ann",
        "as of     2024-03-01",
        "cohort    in it (at least 1 order, the last within 56 days)",
        "value     123,450 = USD 1,234.50",
        "unit      minor units",
        "window    28 days, 2024-02-02 to 2024-02-29",
        "formula   purchases_sum_spend_to28",
        "",
        "made of",
        "  purchases_sum_spend_to28  USD 1,234.50  spend: sum over purchases of the last 28 days",
        "",
        "purchases: 1 day",
        "  day         spend (USD)",
        "  2024-02-29     1,234.50",
        "",
        "purchases: 1 line",
        "  day         order  product  quantity  amount (USD)  discount (USD)  is_return",
        "  2024-02-29  7      tea             1      1,234.50            0.05  no",
    ]


def test_a_line_says_how_many_more_rows_there_are(business: Business) -> None:
    rows = tuple(order(AS_OF - days * DAY) for days in range(1, 6))
    lines = text(Shop(rows), "spend_28d", business, rows=2)
    assert "purchases: the newest 2 of 5 days" in lines
    assert lines[-1] == "  and 3 more; --rows 5 shows all"


def test_a_missing_value_is_told_with_what_it_means(business: Business) -> None:
    lines = text(Shop((order(),)), "days_since_return", business)
    assert "value     missing: never returned anything" in lines
    assert lines[-1] == "purchases: no line that counts"


def test_a_column_that_the_rows_leave_empty_is_left_out(business: Business) -> None:
    contact = Contact("ann", noon(AS_OF - DAY), "complaint", "open")
    shop = Shop((order(),), conversations=(contact,))
    heading = next(line for line in text(shop, "contacts_count_28d", business) if "kind" in line)
    assert heading.split() == ["day", "kind", "outcome", "is_resolved", "contacts"]


def test_who_is_not_in_the_cohort_is_told_so(business: Business) -> None:
    settings = business.behaviour.model_copy(update={"cohort": Cohort(min_orders=9)})
    result = replace(explanation(Shop((order(),)), "spend_28d"), is_in_cohort=False)
    lines = explained(result, business.model_copy(update={"behaviour": settings}), 300)
    assert lines[4].startswith("cohort    not in it, that needs at least 9 orders ever: the behav")


def test_a_text_of_the_sources_cannot_speak_to_the_terminal(business: Business) -> None:
    shop = Shop((order(product="tea\x1b[31m\nmilk"),))
    assert any(
        "tea\N{REPLACEMENT CHARACTER}[31m milk" in line
        for line in text(shop, "spend_28d", business)
    )
