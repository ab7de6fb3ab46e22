import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from features.contract import Cause, Column
from models.explain import CAUSES
from models.importance import importance, importance_by_cause, sampled
from models.metrics import Estimate
from models.spec import FloatArray
from tests.oracles import looking


def column(name: str, cause: Cause | None = None) -> Column:
    return Column(name, "days", None, "never ordered", f"meaning of {name}", "", cause)


def contributions(rows: int, columns: int = 4, seed: int = 2) -> FloatArray:
    sizes = np.arange(columns)
    return np.random.default_rng(seed).normal(size=(rows, columns)) * sizes


@given(
    data=st.data(),
    rows=st.integers(1, 6),
    causes=st.lists(st.sampled_from([None, *CAUSES]), min_size=4, max_size=4),
)
def test_shares_are_those_of_plain_loops(
    data: st.DataObject, rows: int, causes: list[Cause | None]
) -> None:
    eighths = st.integers(-8, 8).map(lambda eighths: eighths / 8)
    drawn = st.lists(eighths, min_size=rows * 4, max_size=rows * 4)
    moved: FloatArray = np.array(data.draw(drawn)).reshape(rows, 4)
    names = ("spend_7d", "spend_28d", "gap", "tenure")
    known = [column(name, cause) for name, cause in zip(names, causes, strict=True)]
    found = [each.value for each in importance(moved, seed=1, resamples=3)]
    assert found == pytest.approx(looking.importance(moved.tolist()), abs=1e-12)
    by_cause = importance_by_cause(moved, known, seed=1, resamples=3)
    expected = looking.importance_by_cause(moved.tolist(), known)
    assert {cause: each.value for cause, each in by_cause.items()} == pytest.approx(expected)


def test_windows_that_cancel_each_other_out_move_nothing() -> None:
    known = [column("spend_7d", "rival"), column("spend_28d", "rival"), column("gap")]
    by_cause = importance_by_cause(np.array([[1.0, -1.0, 2.0]]), known, seed=1, resamples=3)
    assert {cause: each.value for cause, each in by_cause.items()} == {"rival": 0.0, None: 1.0}


def test_the_interval_is_that_of_drawing_customers_one_by_one() -> None:
    moved, random = contributions(60), np.random.default_rng(9)
    drawn = np.array(
        [looking.importance(moved[random.integers(0, 60, size=60)].tolist()) for _ in range(2000)]
    )
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    found = importance(moved, seed=1, resamples=2000)
    assert [each.low for each in found] == pytest.approx(low.tolist(), abs=0.01)
    assert [each.high for each in found] == pytest.approx(high.tolist(), abs=0.01)


def test_customers_who_repeat_count_as_one_for_the_interval() -> None:
    once = contributions(50)
    repeated = np.repeat(once, 8, axis=0)
    who = np.repeat(np.arange(50), 8)

    def width(found: Estimate) -> float:
        return found.high - found.low

    alone = importance(once, seed=1)
    naive, honest = importance(repeated, seed=1), importance(repeated, seed=1, groups=who)
    for each, grouped, ungrouped in zip(alone[1:], honest[1:], naive[1:], strict=True):
        assert width(grouped) == pytest.approx(width(each), rel=1e-9)
        assert width(ungrouped) < 0.6 * width(each)


def test_a_model_that_says_nothing_looks_at_nothing() -> None:
    assert importance(np.zeros((5, 2)), seed=1) == (Estimate(0, 0, 0), Estimate(0, 0, 0))


def test_whole_customers_are_sampled_and_not_the_first_ones() -> None:
    customers = np.array([f"c{number:03}" for number in range(200) for _ in range(3)], dtype=object)
    rows = sampled(customers, 100, seed=5)
    assert len(rows) == 99
    _, counts = np.unique(customers[rows], return_counts=True)
    assert counts.tolist() == [3] * 33
    assert rows.max() > 500
    assert np.all(np.diff(rows) > 0)


def test_whom_a_sample_holds_does_not_depend_on_the_order_of_rows() -> None:
    customers = np.array([f"c{number}" for number in range(300)], dtype=object)
    turned = customers[::-1]
    one, other = customers[sampled(customers, 40, seed=5)], turned[sampled(turned, 40, seed=5)]
    assert set(one) == set(other)
    assert set(one) != set(customers[sampled(customers, 40, seed=6)])


def test_everybody_is_sampled_where_they_are_few_and_one_customer_always() -> None:
    customers = np.array(["a", "b", "a"], dtype=object)
    assert sampled(customers, 3, seed=5).tolist() == [0, 1, 2]
    assert len(sampled(np.array(["a"] * 4, dtype=object), 3, seed=5)) == 4
