import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.churn.bins import coded
from models.churn.booster_text import Leaf, Node, Split, booster_of
from models.churn.ebm import machine, trees_of
from models.shapley.explainer import explainer
from models.spec import FloatArray

COLUMNS = ["a", "b", "c d", "數"]


def table(seed: int, rows: int) -> FloatArray:
    """Columns of few values (maybe neighbours among the floats), of many, of huge or tiny ones.

    Some of them have gaps.
    """
    random = np.random.default_rng(seed)
    few = random.integers(-2, 3, rows).astype(float)
    values = np.column_stack(
        [
            few if seed % 2 else 1.0 + few * np.finfo(np.float64).eps,
            random.lognormal(2, 1, rows).round(1),
            random.normal(size=rows) * 10.0 ** random.integers(-40, 300),
            random.normal(size=rows),
        ]
    )
    gaps = random.random(values.shape) < random.choice([0, 0.2, 0.6], size=4)
    return np.where(gaps, np.nan, values)


@given(
    seed=st.integers(0, 10_000),
    bins=st.integers(2, 40),
    pairs=st.integers(0, 4),
    leaf=st.integers(2, 30),
)
@settings(max_examples=15)
def test_the_booster_says_what_the_machine_says(
    seed: int, bins: int, pairs: int, leaf: int
) -> None:
    values = table(seed, 300)
    random = np.random.default_rng(seed)
    filled = np.nan_to_num(values[:, [0, 3]], nan=1.5)
    churned = filled[:, 0] * filled[:, 1] + random.normal(size=300) > 0
    ground = coded(values, bins)
    params = {"rounds": 100, "learning_rate": 0.1, "rows_per_leaf": leaf, "pairs": pairs}
    fitted = machine(ground, churned, params, seed)
    booster = booster_of(trees_of(fitted, ground), COLUMNS)
    expected = fitted.decision_function(ground.codes)
    found = booster.predict(values, raw_score=True, num_threads=1)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


@given(seed=st.integers(0, 10_000), bins=st.integers(2, 40))
def test_codes_rise_with_the_values_and_are_nearly_equally_full(seed: int, bins: int) -> None:
    values = table(seed, 200)[:, [3]]
    ground = coded(values, bins)
    known = ~np.isnan(values[:, 0])
    codes = ground.codes[:, 0]
    assert (codes[~known] == 0).all()
    assert (np.diff(codes[known][np.argsort(values[known, 0])]) >= 0).all()
    counts = np.bincount(codes[known].astype(int))[1:]
    assert len(counts) <= bins
    assert counts.max() <= np.ceil(known.sum() / bins) + 1


def nodes(depth: int) -> st.SearchStrategy[Node]:
    value = st.floats(-50, 50, allow_subnormal=False)
    leaf = st.builds(Leaf, value, st.integers(1, 1000))
    if depth == 0:
        return leaf
    threshold = st.one_of(
        st.integers(-3, 3).map(float),
        st.floats(-1e300, 1e300, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-30),
    )
    inner = nodes(depth - 1)
    return st.one_of(leaf, st.builds(Split, st.integers(0, 3), threshold, inner, inner))


def arrived(node: Node, row: FloatArray) -> float:
    while isinstance(node, Split):
        x = row[node.column]
        node = node.left if np.isnan(x) or x <= node.threshold else node.right
    return node.value


@given(trees=st.lists(nodes(3), min_size=1, max_size=4), seed=st.integers(0, 1000))
def test_trees_written_as_text_are_followed_as_they_are(trees: list[Node], seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = random.integers(-4, 5, (40, 4)) * 10.0 ** random.choice([0, 300], size=(40, 4))
    rows[random.random(rows.shape) < 0.2] = np.nan
    booster = booster_of(trees, COLUMNS)
    expected = [sum(arrived(tree, row) for tree in trees) for row in rows]
    found = booster.predict(rows, raw_score=True, num_threads=1)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
    again = lgb.Booster(model_str=booster.model_to_string())
    assert np.array_equal(again.predict(rows, num_threads=1), booster.predict(rows, num_threads=1))


@pytest.mark.slow
@given(trees=st.lists(nodes(3), min_size=1, max_size=4))
@settings(max_examples=10)
def test_trees_written_as_text_are_explained_by_lightgbm_and_by_tables(trees: list[Node]) -> None:
    rows = np.random.default_rng(1).normal(size=(20, 4)) * 3
    booster = booster_of(trees, COLUMNS)
    slow = np.asarray(booster.predict(rows, pred_contrib=True, num_threads=1))
    fast = explainer(booster.model_to_string()).contributions(rows, 1)
    np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-9)
    odds = np.asarray(booster.predict(rows, raw_score=True, num_threads=1))
    np.testing.assert_allclose(slow.sum(axis=1), odds, rtol=0, atol=1e-9)
