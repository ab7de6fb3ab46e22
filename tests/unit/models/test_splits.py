import re

import numpy as np
import pytest

from models.splits import (
    NothingToValidate,
    by_customer,
    customer_folds,
    folds_of,
    label_ended,
    rolling,
)

DAYS = np.array(["2024-01-01", "2024-01-15", "2024-01-29", "2024-02-12"], dtype="datetime64[D]")


def test_a_label_window_of_28_days_is_over_28_days_later() -> None:
    ended = label_ended(DAYS, 28, np.datetime64("2024-01-29"))
    assert ended.tolist() == [True, False, False, False]


def test_each_of_the_newest_cutoffs_validates_what_was_over_by_then() -> None:
    folds = rolling(np.repeat(DAYS, 2), label_days=28, folds=3)
    assert [fold.name for fold in folds] == ["2024-01-29", "2024-02-12"]
    assert folds[0].train.tolist() == [0, 1]
    assert folds[0].valid.tolist() == [4, 5]
    assert folds[1].train.tolist() == [0, 1, 2, 3]
    assert folds[1].valid.tolist() == [6, 7]


def test_only_as_many_folds_as_asked_for_are_made_and_the_newest() -> None:
    folds = rolling(DAYS, label_days=14, folds=1)
    assert [(fold.name, fold.train.tolist()) for fold in folds] == [("2024-02-12", [0, 1, 2])]


def test_a_label_known_on_the_day_never_trains_on_the_day_it_validates() -> None:
    folds = rolling(DAYS, label_days=0, folds=1)
    assert folds[0].train.tolist() == [0, 1, 2]


def test_cutoffs_that_overlap_all_have_no_fold() -> None:
    assert rolling(DAYS, label_days=90) == []


def test_a_customer_falls_into_the_same_part_whoever_else_is_there() -> None:
    shares = [0.6, 0.2, 0.2]
    many = by_customer([str(number) for number in range(1000)], shares, seed=3)
    few = by_customer(["17", "5", "999"], shares, seed=3)
    assert few.tolist() == many[[17, 5, 999]].tolist()


def test_parts_have_about_their_shares() -> None:
    part = by_customer([f"c{number}" for number in range(20_000)], [0.7, 0.3], seed=3)
    assert (part == 0).mean() == pytest.approx(0.7, abs=0.01)


def test_another_seed_is_an_independent_division() -> None:
    customers = [str(number) for number in range(10_000)]
    first, second = (by_customer(customers, [0.5, 0.5], seed) for seed in (1, 2))
    assert np.corrcoef(first, second)[0, 1] == pytest.approx(0, abs=0.04)


def test_the_part_of_a_customer_never_changes() -> None:
    assert by_customer(["0042", "42", "顧客"], [0.25] * 4, seed=1).tolist() == [3, 0, 2]


def test_shares_that_do_not_sum_to_one_are_refused() -> None:
    text = "shares need to be positive and sum to 1, not [0.5, 0.4]"
    with pytest.raises(ValueError, match=re.escape(text)):
        by_customer(["a"], [0.5, 0.4], seed=1)


def test_a_table_of_one_cutoff_is_divided_by_customer() -> None:
    customers = [str(number) for number in range(300)]
    folds = folds_of(customers, np.repeat(DAYS[:1], 300), label_days=28, folds=3, seed=1)
    assert [fold.name for fold in folds] == ["part 1", "part 2", "part 3"]
    validated = np.concatenate([fold.valid for fold in folds])
    assert sorted(validated.tolist()) == list(range(300))


def test_a_customer_with_several_rows_is_never_on_both_sides() -> None:
    customers = [str(number % 50) for number in range(200)]
    for fold in customer_folds(customers, folds=3, seed=1):
        on_sides = [{customers[row] for row in rows} for rows in (fold.train, fold.valid)]
        assert not on_sides[0] & on_sides[1]


def test_one_customer_cannot_be_divided() -> None:
    text = (
        "validation needs customers in 2 parts, but 1 customers fell into 1; "
        "use more customers or fewer folds"
    )
    with pytest.raises(NothingToValidate, match=f"^{re.escape(text)}$"):
        folds_of(["only"], DAYS[:1], label_days=28, folds=1, seed=1)
