"""How much of a figure lies between segments, beside another way to group customers."""

import re

import numpy as np
import pytest
from scipy.stats import f_oneway

from models.segments.explaining import explained
from models.spec import FiguresUnfit

GROUPS = np.array([0, 0, 1, 1])


def test_the_share_is_what_lies_between_the_means() -> None:
    # means 1 and 3 around 2: 4 of the 8 squares that there are
    found = explained(np.array([0.0, 2.0, 2.0, 4.0]), {"ours": GROUPS}, 5, 0)
    assert found.shares["ours"].value == pytest.approx(0.5)
    assert found.gain == {}


def test_the_share_is_that_of_an_analysis_of_variance() -> None:
    draws = np.random.default_rng(1)
    groups = draws.integers(0, 3, 200)
    values = draws.normal(size=200) + groups
    parts = [values[groups == each] for each in range(3)]
    statistic = f_oneway(*parts).statistic
    expected = statistic * 2 / (statistic * 2 + 197)
    assert explained(values, {"ours": groups}, 5, 0).shares["ours"].value == pytest.approx(expected)


def test_the_gain_is_over_the_other_way_with_the_same_resamples() -> None:
    draws = np.random.default_rng(2)
    groups = draws.integers(0, 2, 400)
    values = draws.normal(size=400) + 2 * groups
    found = explained(values, {"ours": groups, "drawn": draws.integers(0, 2, 400)}, 200, 0)
    gain = found.gain["drawn"]
    assert gain.low > 0.3
    assert gain.value == found.shares["ours"].value - found.shares["drawn"].value
    same = explained(values, {"ours": groups, "again": groups}, 50, 0).gain["again"]
    assert (same.low, same.value, same.high) == (0.0, 0.0, 0.0)


def test_who_is_not_known_is_left_out() -> None:
    known = explained(np.array([0.0, 2.0, 2.0, 4.0]), {"ours": GROUPS}, 20, 0)
    values = np.array([0.0, np.nan, 2.0, 2.0, 4.0])
    assert explained(values, {"ours": np.array([0, 1, 0, 1, 1])}, 20, 0) == known


@pytest.mark.parametrize("values", [[1.0, 1.0, 1.0, 1.0], [np.nan] * 4, [1.0, *[np.nan] * 3]])
def test_where_nothing_varies_nothing_is_explained(values: list[float]) -> None:
    found = explained(np.array(values), {"ours": GROUPS, "other": GROUPS}, 5, 0)
    assert np.isnan(found.shares["ours"].value)
    assert np.isnan(found.gain["other"].value)


def test_groups_of_other_customers_are_refused() -> None:
    message = (
        "a figure and its groups need one value per customer, but the figure has the shape (3,) "
        "and ours (4,); pass those of the same customers"
    )
    with pytest.raises(FiguresUnfit, match=f"^{re.escape(message)}$"):
        explained(np.zeros(3), {"ours": GROUPS}, 5, 0)
