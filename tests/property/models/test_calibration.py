import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.calibration import fit_platt, log_odds, sigmoid

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
