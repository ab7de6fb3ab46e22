"""An explanation says what the table says, out of rows that add up to it."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from features.behaviour import build
from features.explanation import Explanation, Question
from features.settings import Cohort
from tests.builders import AS_OF, DAY, Shop, built
from tests.explanations import RICH, asked, explained, names, origin
from tests.shops import futures, shops, together

EVERYBODY = ("ann", "bob", "0007", "7", "林小姐", "caller", "nobody")


def said(result: Explanation) -> list[object]:
    """All that an explanation says."""
    return [
        *(result.value, result.is_in_cohort, result.atoms),
        *((o.relation, o.content, o.total, o.table.to_pydict()) for o in result.origins),
    ]


@settings(max_examples=10)
@given(shops())
def test_the_amounts_of_the_lines_shown_add_up_to_the_spend(shop: Shop) -> None:
    result = explained(shop, "spend_28d")
    lines = origin(result, "purchases", "lines").table
    assert sum(lines["amount"].to_pylist()) == result.value
    assert not any(lines["is_return"].to_pylist())
    assert all(AS_OF - 28 * DAY <= day < AS_OF for day in lines["day"].to_pylist())


@settings(max_examples=10)
@given(st.data())
def test_what_rows_count_adds_up_to_every_sum_that_a_column_is_made_of(
    data: st.DataObject,
) -> None:
    with built(data.draw(shops())) as (con, sources):
        question = Question(data.draw(st.sampled_from(names(sources))), "ann", AS_OF)
        result = asked(con, sources, question)
    for atom, value in ((each.atom, each.value) for each in result.atoms):
        if atom.kind == "sum":
            rows = next(o for o in result.origins if o.relation == atom.relation).table
            youngest, oldest = atom.youngest, atom.oldest or 10_000
            in_window = [
                counted
                for day, counted in zip(
                    rows["day"].to_pylist(), rows[atom.measure].to_pylist(), strict=True
                )
                if youngest * DAY <= AS_OF - day <= timedelta(oldest)
            ]
            assert sum(in_window) == (value or 0)


@settings(max_examples=10)
@given(st.data())
def test_the_value_is_that_of_the_behaviour_table(data: st.DataObject) -> None:
    narrow = RICH.model_copy(update={"cohort": Cohort(active_within_days=28)})
    with built(data.draw(shops())) as (con, sources):
        table = {row["customer"]: row for row in build(con, [AS_OF], sources, narrow).to_pylist()}
        column = data.draw(st.sampled_from(names(sources, narrow)))
        known = con.execute("SELECT DISTINCT customer FROM dim_customer").fetchall()
        for (customer,) in known:
            result = asked(con, sources, Question(column, customer, AS_OF), narrow)
            assert result.is_in_cohort == (customer in table)
            if customer in table:
                value = table[customer][column]
                wanted = None if value is None else pytest.approx(value, rel=1e-12)
                assert result.value == wanted


@settings(max_examples=10)
@given(st.data())
def test_rows_on_as_of_or_later_are_never_shown(data: st.DataObject) -> None:
    past = data.draw(shops())
    whole = together(past, data.draw(futures(past.time_zone)))
    with built(past) as (con, sources):
        known = con.execute("SELECT DISTINCT customer FROM dim_customer ORDER BY 1").fetchall()
        customer = data.draw(st.sampled_from([name for (name,) in known]))
        column = data.draw(st.sampled_from(names(sources)))
        before = asked(con, sources, Question(column, customer, AS_OF))
    with built(whole) as (con, sources):
        after = asked(con, sources, Question(column, customer, AS_OF))
    assert said(after) == said(before)
