import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from pipelines.endangered import Endangered, deciles


def endangered(*probabilities: float, first_row: int = 0) -> Endangered:
    rows = np.arange(first_row, first_row + len(probabilities))
    return Endangered(np.array(probabilities), rows, pd.DataFrame({"row": rows}))


def test_ten_customers_fall_into_ten_deciles_the_most_endangered_into_the_first() -> None:
    assert deciles(np.linspace(0.9, 0.0, 10)).tolist() == list(range(1, 11))


def test_equal_probabilities_are_ranked_in_the_order_of_the_rows() -> None:
    assert deciles(np.full(5, 0.3)).tolist() == [1, 3, 5, 7, 9]


def test_nobody_falls_into_no_decile() -> None:
    assert deciles(np.empty(0)).tolist() == []


@given(st.lists(st.sampled_from([0.1, 0.2, 0.2, 0.7]), max_size=60), st.integers(0, 12))
def test_the_most_endangered_are_the_same_however_the_customers_are_cut_into_batches(
    probabilities: list[float], most: int
) -> None:
    whole = endangered(*probabilities).merged(None, most)
    cut = len(probabilities) // 3
    first = endangered(*probabilities[:cut]).merged(None, most)
    parts = endangered(*probabilities[cut:], first_row=cut).merged(first, most)
    assert parts.row.tolist() == whole.row.tolist()
    assert parts.features["row"].tolist() == whole.row.tolist()
    assert parts.probability.tolist() == sorted(probabilities, reverse=True)[:most]
