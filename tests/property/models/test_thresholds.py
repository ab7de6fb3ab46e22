from hypothesis import given
from hypothesis import strategies as st

from models.thresholds import least_count

baskets_and_count = st.integers(1, 2**50).flatmap(
    lambda baskets: st.tuples(st.just(baskets), st.integers(1, baskets))
)


@given(baskets_and_count)
def test_a_share_computed_of_a_count_is_reached_by_that_count_and_no_other(
    each: tuple[int, int],
) -> None:
    baskets, count = each
    assert least_count(count / baskets, baskets) == count


@given(st.integers(1, 15).flatmap(lambda d: st.tuples(st.just(d), st.integers(1, 10**d))))
def test_a_decimal_is_as_it_was_written(written: tuple[int, int]) -> None:
    digits, count = written
    assert least_count(float(f"{count}e-{digits}"), 10**digits) == count
