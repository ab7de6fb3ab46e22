from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from features.rules import Plausible
from tests.loading import HEADER, LINE, TEN_AM, Settings, Stored, load, orders, staged, write

HOUR = 3_600_000_000
UNTIL_2025 = Plausible(datetime(1990, 1, 1, tzinfo=UTC), datetime(2025, 1, 1, tzinfo=UTC))
MIDNIGHT = TEN_AM + 14 * HOUR
"""Between the fifth and the sixth, in UTC."""


def rows(stored: Stored, table: str, *names: str) -> list[tuple[Any, ...]]:
    """Values of the columns in stored order."""
    return [tuple(row[name] for name in names) for row in stored.tables[table]]


def beside_orders(folder: Path, name: str, settings: Settings, *lines: str) -> Stored:
    """What is held of one order and of a source whose CSV file has a column for each mapped."""
    write(folder / "orders.csv", LINE)
    write(folder / f"{name}.csv", *lines, header=",".join(settings["columns"].values()))
    return load(folder, {"orders": orders(), name: {"path": f"{name}.csv", **settings}})


def test_a_sale_has_keys_a_local_day_and_hour_and_defaults(tmp_path: Path) -> None:
    line = "o1,2024-01-05 23:30:00,ann,12.50,tea,web"
    write(tmp_path / "orders.csv", line, header=f"{HEADER},sku,via")
    lines = orders(columns={"product": "sku", "channel": "via"}, time_zone="UTC")
    stored = load(tmp_path, {"orders": lines}, stage=staged(tmp_path, "Asia/Taipei"))
    (sale,) = stored.tables["fact_sales"]
    assert sale == {
        "customer_key": 1,
        "ordered_on": date(2024, 1, 6),
        "ordered_at": TEN_AM + 13 * HOUR + HOUR // 2,
        "hour": 7,
        "order": "o1",
        "product_key": 1,
        "store_key": None,
        "channel": "web",
        "quantity": 1,
        "amount": 1250,
        "discount": 0,
        "coupon": 0,
        "is_return": False,
        "is_product": True,
    }


def test_sales_are_stored_by_customer_and_instant(tmp_path: Path) -> None:
    lines = ("o4,2024-01-06,zoe,1", "o3,2024-01-07,bob,1", "o2,2024-01-05,bob,2")
    write(tmp_path / "orders.csv", *lines, "o1,2024-01-05,bob,1")
    stored = load(tmp_path, {"orders": orders()})
    assert rows(stored, "fact_sales", "customer_key", "order") == [
        *((1, "o1"), (1, "o2"), (1, "o3"), (2, "o4"))
    ]


def test_the_hour_is_the_clock_on_the_wall_whatever_the_season(tmp_path: Path) -> None:
    """Clocks in New York go from one to three on 2024-03-10 and repeat an hour on 2024-11-03."""
    instants = (
        *("2024-03-10T06:59:59Z", "2024-03-10T07:00:00Z"),
        *("2024-11-03T05:00:00Z", "2024-11-03T06:00:00Z", "2024-11-03T07:00:00Z"),
        *("2024-11-04T04:59:59Z", "2024-11-04T05:00:00Z"),
    )
    lines = (f"o{number},{at},ann,1" for number, at in enumerate(instants))
    write(tmp_path / "orders.csv", *lines)
    stage = replace(staged(tmp_path, "America/New_York"), plausible=UNTIL_2025)
    stored = load(tmp_path, {"orders": orders()}, stage=stage)
    days = ["2024-03-10"] * 2 + ["2024-11-03"] * 4 + ["2024-11-04"]
    assert rows(stored, "fact_sales", "ordered_on", "hour") == [
        (date.fromisoformat(day), hour)
        for day, hour in zip(days, (1, 3, 1, 1, 2, 23, 0), strict=True)
    ]


def test_a_coupon_is_a_part_of_the_discount(tmp_path: Path) -> None:
    """A line whose coupon is more than its discount is kept aside with the rule it broke."""
    lines = ("o1,2024-01-05,ann,1,0.50,0.20", "o2,2024-01-05,ann,1,0.50,", "o3,2024-01-05,ann,1,,")
    write(tmp_path / "orders.csv", *lines, "o4,2024-01-05,ann,1,0.50,0.51", header=f"{HEADER},d,c")
    stored = load(tmp_path, {"orders": orders(columns={"discount": "d", "coupon": "c"})})
    assert rows(stored, "fact_sales", "order", "discount", "coupon") == [
        *(("o1", 50, 20), ("o2", 50, 0), ("o3", 0, 0))
    ]
    assert stored.broken() == {"coupon_above_discount": 1}


def test_fees_are_no_products(tmp_path: Path) -> None:
    skus = ("tea", "POST", "post", "POSTER", "")
    lines = (f"o{n},2024-01-05,ann,1,{sku}" for n, sku in enumerate(skus))
    write(tmp_path / "orders.csv", *lines, header=f"{HEADER},sku")
    settings = orders(columns={"product": "sku"}, non_products="(?i)POST|FEE")
    facts = dict(rows(load(tmp_path, {"orders": settings}), "fact_sales", "order", "is_product"))
    assert facts == {"o0": True, "o1": False, "o2": False, "o3": True, "o4": True}


CONTACTS = {"customer": "customer", "contacted_at": "at", "kind": "kind"}


def test_a_contact_has_all_that_is_known_of_it(tmp_path: Path) -> None:
    more = ("topic", "channel", "outcome", "duration_seconds", "satisfaction")
    settings = {"columns": {**CONTACTS, **{name: name for name in more}}}
    line = "bob,2024-02-05 10:00:00,complaint,late,phone,resolved,90.5,4"
    stored = beside_orders(tmp_path, "contacts", settings, line)
    assert stored.tables["fact_contacts"] == [
        {
            "customer_key": 2,
            "contacted_on": date(2024, 2, 5),
            "contacted_at": TEN_AM + 31 * 24 * HOUR,
            "kind": "complaint",
            "topic": "late",
            "channel": "phone",
            "outcome": "resolved",
            "duration_seconds": 90.5,
            "satisfaction": 4.0,
            "is_resolved": True,
        }
    ]


def resolved(folder: Path, *outcomes: str, **settings: Any) -> list[Any]:
    """Whether contacts that ended so, one a day, count as resolved."""
    lines = (f"ann,2024-01-{day:02},call,{outcome}" for day, outcome in enumerate(outcomes, 10))
    mapped = {"columns": {**CONTACTS, "outcome": "outcome"}, **settings}
    stored = beside_orders(folder, "contacts", mapped, *lines)
    return [row["is_resolved"] for row in stored.tables["fact_contacts"]]


def test_a_contact_is_resolved_unresolved_or_nobody_knows(tmp_path: Path) -> None:
    assert resolved(tmp_path, "resolved", "RESOLVED", "open", "", "unresolved") == [
        *(True, True, False, None, False)
    ]


def test_the_config_says_which_outcomes_mean_resolved(tmp_path: Path) -> None:
    outcomes = ("已解決", "it's done", "It's Done", "resolved")
    given = ("已解決", "it's DONE")
    assert resolved(tmp_path, *outcomes, resolved_outcomes=given) == [True, True, True, False]


def test_without_outcomes_nobody_knows_what_was_resolved(tmp_path: Path) -> None:
    stored = beside_orders(tmp_path, "contacts", {"columns": CONTACTS}, "ann,2024-01-05,call")
    assert rows(stored, "fact_contacts", "outcome", "is_resolved") == [(None, None)]


def test_a_visit_has_a_local_day_and_one_page_unless_it_says_more(tmp_path: Path) -> None:
    columns = {"customer": "who", "visited_at": "at", "session": "session", "pages": "pages"}
    lines = (
        *("ann,2024-01-06,s1,3", "ann,2024-01-06,,", "bob,2024-01-05 23:59:59.999999,s2,0"),
        "bob,2024-01-05 23:59:59.999999,s2,0",
    )
    stored = beside_orders(tmp_path, "visits", {"columns": columns}, *lines)
    assert stored.tables["fact_visits"][0] == {
        "customer_key": 1,
        "visited_on": date(2024, 1, 6),
        "visited_at": MIDNIGHT,
        "session": "s1",
        "pages": 3,
    }
    assert rows(stored, "fact_visits", "customer_key", "visited_on", "session", "pages")[1:] == [
        (1, date(2024, 1, 6), None, 1),
        (2, date(2024, 1, 5), "s2", 0),
    ]


def campaigns(folder: Path) -> dict[str, Settings]:
    write(folder / "orders.csv", LINE)
    lines = ("ann,2024-01-05,c1", "ann,2024-01-05,c2", "bob,2024-01-05,c1")
    write(folder / "sent.csv", *lines, header="customer,at,campaign")
    columns = {"customer": "customer", "sent_at": "at", "campaign": "campaign"}
    return {"orders": orders(), "campaigns": {"path": "sent.csv", "columns": columns}}


def test_a_campaign_has_the_first_response_after_it_was_sent(tmp_path: Path) -> None:
    sources = campaigns(tmp_path)
    answers = ("ann,2024-01-04,c1", "ann,2024-01-07,c1", "ann,2024-01-06,c1", "bob,2024-01-06,c2")
    write(tmp_path / "answers.csv", *answers, header="customer,at,campaign")
    columns = {"customer": "customer", "responded_at": "at", "campaign": "campaign"}
    sources["responses"] = {"path": "answers.csv", "columns": columns}
    stored = load(tmp_path, sources)
    names = ("customer_key", "campaign", "responded_at", "responded_on")
    assert rows(stored, "fact_campaigns", *names) == [
        (1, "c1", MIDNIGHT, date(2024, 1, 6)),
        (1, "c2", None, None),
        (2, "c1", None, None),
    ]


@pytest.mark.parametrize(("zone", "day"), [("America/New_York", 5), ("Asia/Taipei", 6)])
def test_the_day_of_a_response_is_the_local_one(tmp_path: Path, zone: str, day: int) -> None:
    sources = campaigns(tmp_path)
    write(tmp_path / "answers.csv", "ann,2024-01-05T20:00:00Z,c1", header="customer,at,campaign")
    columns = {"customer": "customer", "responded_at": "at", "campaign": "campaign"}
    sources["responses"] = {"path": "answers.csv", "columns": columns}
    stored = load(tmp_path, sources, stage=staged(tmp_path, zone))
    assert rows(stored, "fact_campaigns", "responded_on")[0] == (date(2024, 1, day),)


def test_without_responses_nobody_responded(tmp_path: Path) -> None:
    stored = load(tmp_path, campaigns(tmp_path))
    names = ("responded_at", "responded_on")
    assert rows(stored, "fact_campaigns", *names) == [(None, None)] * 3
