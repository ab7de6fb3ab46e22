"""The textbook's customer lifetime value by hand."""

import re
import tracemalloc

import numpy as np
import pytest

from models.spec import FiguresUnfit
from models.value.textbook import textbook_value


def test_margins_are_kept_and_discounted_year_by_year() -> None:
    found = textbook_value(np.array([100.0]), np.array([20.0]), np.array([0.8]), 0.1, 3)
    assert found[0] == pytest.approx(80 + 80 * 0.8 / 1.1 + 80 * 0.64 / 1.21)


def test_for_ever_is_the_limit_of_many_years() -> None:
    margin, cost, kept = np.array([100.0, 50.0]), np.array([20.0, 60.0]), np.array([0.8, 0.9])
    long = textbook_value(margin, cost, kept, 0.1, 500)
    whole = textbook_value(margin, cost, kept, 0.1, None)
    np.testing.assert_allclose(whole, long)
    assert whole[0] == pytest.approx(80 * 1.1 / 0.3)
    assert whole[1] < 0


def test_many_customers_and_months_need_room_for_the_customers_alone() -> None:
    many = np.ones(50_000)
    tracemalloc.start()
    textbook_value(many, 0.2 * many, 0.9 * many, 0.1, 120)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * many.nbytes


def test_figures_out_of_bounds_are_refused() -> None:
    one = np.ones(1)
    with pytest.raises(
        FiguresUnfit,
        match=re.escape(
            "the value of a customer needs retention in 0..1, a rate from 0 on and one period or "
            "more, but got retention from 1.2 to 1.2, rate 0.1 and periods 3"
        ),
    ):
        textbook_value(one, one, 1.2 * one, 0.1, 3)
    with pytest.raises(
        FiguresUnfit,
        match=re.escape(
            "customers who never leave, undiscounted, are worth infinitely much; give a rate above "
            "0, a retention below 1, or a number of periods"
        ),
    ):
        textbook_value(one, one, one, 0.0, None)
