"""The peer of the benchmark of bundles finds what every subset of every basket brings."""

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.fhm import fhm
from tests.oracles.utility import asked, brought

LINES = st.lists(
    st.tuples(st.integers(0, 6), st.sampled_from("abcdef"), st.integers(0, 12)),
    unique_by=lambda each: each[:2],
    max_size=30,
)


@given(LINES, st.integers(1, 30))
def test_plain_python_finds_all_high_utility_itemsets(
    lines: list[tuple[int, str, int]], least: int
) -> None:
    found = fhm(pd.DataFrame(lines, columns=["basket", "item", "worth"]), least)
    counts = zip(found["count"].tolist(), found["utility"].tolist(), strict=True)
    told = dict(zip(found["itemsets"].tolist(), counts, strict=True))
    assert told == asked(brought(lines), least, (1, 6))
