import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import fit_platt, log_odds, reliability, sigmoid

rows = st.lists(st.tuples(st.booleans(), st.floats(-30, 30)), min_size=1, max_size=60)


@given(rows=rows)
def test_a_line_never_turns_the_ranking_and_is_always_finite(
    rows: list[tuple[bool, float]],
) -> None:
    churned, odds = (np.array(column) for column in zip(*rows, strict=True))
    line = fit_platt(churned, odds)
    assert line.slope > 0
    assert np.isfinite([line.slope, line.intercept]).all()


@given(rows=rows)
def test_a_fitted_line_predicts_about_as_many_leavers_as_there_were(
    rows: list[tuple[bool, float]],
) -> None:
    churned, odds = (np.array(column) for column in zip(*rows, strict=True))
    line = fit_platt(churned, odds)
    if line.fallback is None:
        expected = sigmoid(line.slope * odds + line.intercept).sum()
        assert abs(expected - churned.sum()) < 1  # Platt's targets move less than one customer


@given(st.floats(-25, 25))
def test_the_sigmoid_undoes_log_odds(odds: float) -> None:
    back = log_odds(sigmoid(np.array([odds])))[0]
    assert np.isclose(back, odds, rtol=1e-4, atol=1e-9)


@given(
    rows=st.lists(
        st.tuples(st.booleans(), st.sampled_from([0.0, 1e-300, 0.5, 1.0]) | st.floats(0, 1)),
        min_size=2,
        max_size=30,
    ).filter(lambda rows: len({churned for churned, _ in rows}) == 2),
    seed=st.integers(0, 9),
)
def test_reliability_lies_in_its_interval_whatever_the_order_of_rows(
    rows: list[tuple[bool, float]], seed: int
) -> None:
    churned, probability = (np.array(column) for column in zip(*rows, strict=True))
    found = reliability(churned, probability)
    order = np.random.default_rng(seed).permutation(len(rows))
    again = reliability(churned[order], probability[order])
    assert found.ratio.low <= found.ratio.value <= found.ratio.high
    assert again.ratio.value == pytest.approx(found.ratio.value)
    if not np.isnan(found.slope.value):
        assert found.slope.low <= found.slope.value <= found.slope.high
        assert again.slope.value == pytest.approx(found.slope.value, rel=1e-4, abs=1e-6)
