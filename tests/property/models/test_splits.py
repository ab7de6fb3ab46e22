import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.splits import by_customer, rolling

cutoffs = st.lists(st.integers(0, 300), min_size=1, max_size=60)


@given(days=cutoffs, label_days=st.integers(0, 60), folds=st.integers(1, 5))
def test_no_fold_learns_from_a_window_that_was_not_over(
    days: list[int], label_days: int, folds: int
) -> None:
    as_of = np.datetime64("2024-01-01") + np.array(days).astype("timedelta64[D]")
    for fold in rolling(as_of, label_days, folds):
        newest = as_of[fold.train].max() + np.timedelta64(label_days, "D")
        assert newest <= as_of[fold.valid].min()
        assert as_of[fold.train].max() < as_of[fold.valid].min()
        assert len(np.unique(as_of[fold.valid])) == 1


@given(days=cutoffs, seed=st.integers(0, 9))
def test_the_order_of_rows_changes_no_fold(days: list[int], seed: int) -> None:
    as_of = np.datetime64("2024-01-01") + np.array(days).astype("timedelta64[D]")
    order = np.random.default_rng(seed).permutation(len(as_of))
    plain, shuffled = rolling(as_of, 28), rolling(as_of[order], 28)
    assert [fold.name for fold in plain] == [fold.name for fold in shuffled]
    for one, other in zip(plain, shuffled, strict=True):
        assert sorted(one.train.tolist()) == sorted(order[other.train].tolist())
        assert sorted(one.valid.tolist()) == sorted(order[other.valid].tolist())


@given(
    customers=st.lists(st.text(max_size=8), min_size=1, max_size=30),
    seed=st.integers(0, 2**32),
)
def test_equal_customers_share_a_part(customers: list[str], seed: int) -> None:
    part = by_customer([*customers, *customers[::-1]], [0.5, 0.3, 0.2], seed)
    assert part[: len(customers)].tolist() == part[len(customers) :][::-1].tolist()
    assert set(part.tolist()) <= {0, 1, 2}
