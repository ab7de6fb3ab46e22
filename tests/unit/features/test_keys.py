import numpy as np
import pytest

from features.keys import find


def whole(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


def test_each_key_is_found_where_it_stands() -> None:
    place, is_there = find(whole(2, 5, 9), whole(9, 2, 5, 5))
    assert is_there.all()
    assert place.tolist() == [2, 0, 1, 1]


@pytest.mark.parametrize("missing", [1, 3, 10])
def test_a_key_before_between_or_behind_the_others_is_not_there(missing: int) -> None:
    place, is_there = find(whole(2, 5, 9), whole(missing, 5))
    assert is_there.tolist() == [False, True]
    assert 0 <= place[0] < 3


def test_nothing_is_there_among_no_keys() -> None:
    place, is_there = find(whole(), whole(1, 2))
    assert place.tolist() == [0, 0]
    assert not is_there.any()
