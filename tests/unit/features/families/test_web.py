"""Visits to the site, and what was looked at."""

from tests.builders import AS_OF, DAY, Shop, Visit, features_in, noon, order


def visit(days_ago: int, session: str | None = None, pages: int | None = None) -> Visit:
    return Visit("ann", noon(AS_OF - days_ago * DAY), session, pages)


def values_of(*rows: Visit, who: str = "ann") -> dict[str, float | None]:
    orders = (order(AS_OF - 90 * DAY), order(AS_OF - 90 * DAY, "bob"))
    return features_in(Shop(orders, visits=rows), who)


def test_visits_and_pages_are_counted_by_window() -> None:
    values = values_of(visit(2, pages=3), visit(7), visit(9, pages=0), visit(0, pages=90))
    assert values["web_visits_count_7d"] == 2
    assert values["web_visits_count_28d"] == 3
    assert values["web_pages_count_7d"] == 3 + 1
    assert values["web_pages_count_28d"] == 3 + 1 + 0
    assert values["days_since_visit"] == 2


def test_rows_of_one_session_on_one_day_are_one_session() -> None:
    values = values_of(visit(2, "a", 1), visit(2, "a", 2), visit(2, "b"), visit(1, "a"), visit(3))
    assert values["web_sessions_count_7d"] == 3


def test_who_never_visited_has_no_visits() -> None:
    values = values_of(visit(2), who="bob")
    names = ("days_since_visit", "web_visits_count_7d", "web_pages_count_7d")
    assert [values[name] for name in names] == [None] * 3
    assert values["web_sessions_count_7d"] is None


def test_visits_before_the_window_leave_none_in_it() -> None:
    assert values_of(visit(29))["web_visits_count_28d"] == 0
