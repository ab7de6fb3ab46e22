import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import metrics
from tests.oracles import metrics as oracle

Rows = list[tuple[bool, float, float]]

rows_of_both_outcomes = st.lists(
    st.tuples(
        st.booleans(),
        st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.9, 1.0]) | st.floats(0, 1),
        st.sampled_from([0.5, 1.0, 2.0, 3.0]),
    ),
    min_size=2,
    max_size=40,
).filter(lambda rows: len({churned for churned, _, _ in rows}) == 2)

NAMES = ("roc_auc", "average_precision", "log_loss", "brier", "expected_calibration_error")


@pytest.mark.parametrize("name", NAMES)
@given(rows=rows_of_both_outcomes)
def test_every_metric_equals_its_oracle(name: str, rows: Rows) -> None:
    churned, probability, weight = (list(column) for column in zip(*rows, strict=True))
    expected = getattr(oracle, name)(churned, probability, weight)
    found = getattr(metrics, name)(np.array(churned), np.array(probability), np.array(weight))
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


@given(rows=rows_of_both_outcomes, share=st.sampled_from([0.05, 0.1, 0.5, 1.0]))
def test_lift_equals_its_oracle(rows: Rows, share: float) -> None:
    churned, probability, weight = (list(column) for column in zip(*rows, strict=True))
    expected = oracle.lift_at(share, churned, probability, weight)
    found = metrics.lift_at(share, np.array(churned), np.array(probability), np.array(weight))
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
@given(rows=rows_of_both_outcomes, seed=st.integers(0, 9))
def test_the_order_of_rows_changes_no_metric(name: str, rows: Rows, seed: int) -> None:
    churned, probability, weight = (np.array(column) for column in zip(*rows, strict=True))
    order = np.random.default_rng(seed).permutation(len(rows))
    metric = getattr(metrics, name)
    shuffled = metric(churned[order], probability[order], weight[order])
    assert shuffled == pytest.approx(metric(churned, probability, weight), rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
@given(rows=rows_of_both_outcomes)
def test_a_weight_of_two_is_the_customer_twice(name: str, rows: Rows) -> None:
    churned, probability, _ = (np.array(column) for column in zip(*rows, strict=True))
    metric = getattr(metrics, name)
    twice = metric(np.repeat(churned, 2), np.repeat(probability, 2))
    assert metric(churned, probability, np.full(len(rows), 2.0)) == pytest.approx(twice, rel=1e-9)
