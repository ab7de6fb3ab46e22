"""Reasons and causes of many customers are those that plain loops give for each."""

import numpy as np
from hypothesis import example, given
from hypothesis import strategies as st

from features.contract import Column
from models.explain import CAUSES, leading, reasons
from models.phrases import Money, phrase, said_alike
from tests.oracles import reasons as oracle

UNITS = (
    *("days", "orders", "categories", "orders per week", "minor units", "minor units per order"),
    *("share", "probability", "flag", "ratio", "number", "index", "standard deviations"),
)
HALVES = st.integers(-2000, 2000).map(lambda halves: halves / 2)
VALUES = st.one_of(
    st.just(np.nan),
    st.sampled_from([0.0, -0.0, 1.0, 99.5, 99.995, 100.0, 1e-4, 0.0995, 0.995, 9.95, 5e-324, 1e12]),
    HALVES,
    HALVES.map(lambda half: half / 10),
    HALVES.map(lambda half: half / 1000),
    st.floats(-1e7, 1e7),
    st.floats(-1, 1),
)
MONEY = st.sampled_from([("USD", 2), ("TWD", 0), ("BHD", 3), ("", 2)])


@st.composite
def columns(draw: st.DrawFn) -> list[Column]:
    names = st.sampled_from(["a_7d", "a_28d", "a_91d", "b", "b_28d", "c_7d", "c_x", "d"])
    return [
        Column(
            name=name,
            unit=draw(st.sampled_from(UNITS)),
            window_days=None,
            null_means="never ordered",
            meaning=draw(
                st.sampled_from(
                    ["orders in the last 28 days", "days since", "it", "home: Renter: two"]
                )
            ),
            sql="",
            cause=draw(st.sampled_from([None, *CAUSES])),
        )
        for name in draw(st.lists(names, min_size=1, max_size=8, unique=True))
    ]


@given(data=st.data(), known=columns(), rows=st.integers(0, 5), currency=MONEY)
def test_everybody_has_the_reasons_and_the_cause_of_the_plain_loops(
    data: st.DataObject, known: list[Column], rows: int, currency: tuple[str, int]
) -> None:
    size, shape = rows * len(known), (rows, len(known))
    eighths = st.integers(-8, 8).map(lambda eighths: eighths / 8)  # whose sums are exact
    drawn = [st.lists(each, min_size=size, max_size=size) for each in (eighths, VALUES)]
    moved, values = (np.array(data.draw(each), dtype=np.float64).reshape(shape) for each in drawn)
    medians = {column.name: data.draw(VALUES) for column in known}
    found = reasons(moved, values, known, medians, money=Money(*currency))
    assert found.to_pylist() == oracle.reasons(moved, values, known, medians, currency)
    told = leading(moved, known)
    named = [CAUSES[index] if index >= 0 else None for index in told.cause]
    expected = [oracle.leading(row, known) for row in moved.tolist()]
    assert named == [cause for cause, _ in expected]
    np.testing.assert_allclose(told.share, [share for _, share in expected], rtol=1e-12)


@given(value=VALUES, unit=st.sampled_from(UNITS), currency=MONEY)
@example(value=2.675, unit="minor units", currency=("USD", 2))
@example(value=0.145, unit="share", currency=("USD", 2))
def test_values_made_equal_are_said_in_the_same_words(
    value: float, unit: str, currency: tuple[str, int]
) -> None:
    column = Column("a", unit, None, "never ordered", "it", "")
    (alike,) = said_alike(column, np.array([value]), Money(*currency)).tolist()
    expected = oracle.reason(column, value, 9.0, currency)
    assert phrase(column, value, 9.0, Money(*currency)) == expected
    assert phrase(column, alike, 9.0, Money(*currency)) == expected
