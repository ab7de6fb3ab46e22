import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from models.drift import drift, reference

values = st.lists(
    st.one_of(st.just(np.nan), st.sampled_from([0.0, 1.0, -0.0, 1e308]), st.floats(-1e6, 1e6)),
    max_size=40,
)


@given(then=values, now=values)
def test_the_index_is_finite_and_never_negative(then: list[float], now: list[float]) -> None:
    before, after = (pd.DataFrame({"x": np.array(v, dtype=np.float64)}) for v in (then, now))
    (psi,) = drift(reference(before), after)["psi"]
    assert np.isfinite(psi)
    assert psi >= 0


@given(then=values.filter(len), seed=st.integers(0, 9))
def test_the_order_of_rows_changes_nothing(then: list[float], seed: int) -> None:
    table = pd.DataFrame({"x": np.array(then, dtype=np.float64)})
    shuffled = table.sample(frac=1, random_state=seed)
    pd.testing.assert_frame_equal(reference(table), reference(shuffled))
