"""Whatever is bought and allowed: steps up know no later purchase, and no policy is violated."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from models.offers.policies import Policies
from tests.steps_up import COFFEE, CUSTOMERS, DAY, LABELS, NEEDS, TEA, shelf

FEW = settings(max_examples=settings().max_examples // 2)
"""Tables of pandas take a tenth of a second each."""


def lines(first: int, last: int) -> st.SearchStrategy[list[tuple[int, int, int]]]:
    """Customer, day and product."""
    return st.lists(
        st.tuples(
            st.integers(0, len(CUSTOMERS) - 1),
            st.integers(first, last),
            st.integers(0, len(LABELS) - 1),
        ),
        max_size=30,
        unique=True,
    )


@FEW
@given(lines(200, DAY - 1), lines(DAY, DAY + 40), st.sampled_from(["type", "product"]))
def test_what_is_bought_on_the_day_or_later_changes_no_step_up(
    past: list[tuple[int, int, int]], future: list[tuple[int, int, int]], item: str
) -> None:
    one, other = shelf(*past, item=item), shelf(*past, *future, item=item)
    pd.testing.assert_frame_equal(one.offers, other.offers)
    pd.testing.assert_frame_equal(one.moves, other.moves)
    pd.testing.assert_frame_equal(one.items, other.items)


@FEW
@given(
    lines(200, DAY - 1),
    st.sampled_from([None, {"item": ("tea",)}, {"item": (COFFEE,)}]),
    st.sampled_from([None, {COFFEE}, {COFFEE, TEA}]),
    st.sampled_from([None, 45.0, 85.0]),
)
def test_no_step_up_is_offered_that_policies_or_stock_rule_out(
    past: list[tuple[int, int, int]],
    out: dict[str, tuple[str, ...]] | None,
    stock: set[str] | None,
    least: float | None,
) -> None:
    policies = Policies(exclude=out or {}, unit_margin_least=least)
    found = shelf(*past, policies=policies, stock=stock)
    rows = found.items.iloc[found.offers["item"]]
    need = [NEEDS[LABELS.index(label)] for label in rows["label"]]
    gone = {"tea": TEA, COFFEE: COFFEE}
    assert not {gone[name] for names in (out or {}).values() for name in names} & set(need)
    assert stock is None or set(need) <= stock
    assert least is None or (rows["unit_margin"] >= least).all()
    assert found.offers["probability"].between(0, 1).all()
    assert not found.offers.duplicated(["customer", "item"]).any()
