"""Fast contributions against LightGBM's own, whatever the trees and the rows."""

from collections.abc import Mapping
from typing import Any

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.shapley import grouping
from models.shapley.explainer import explainer

COLUMNS = 8
CATEGORIES = (6, 7)
ODD = (np.nan, 0.0, -0.0, 1e-36, -1e-35, 1e300, -1e300, np.inf, -np.inf)
ODD_CATEGORIES = (np.nan, -1.0, -0.5, 0.5, 2.9, 40.0, 1e6, 3e9, -3e9)

Rows = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def drawn(rows: int, seed: int, odd: float = 0.1) -> Rows:
    """Numbers, some with many ties and zeros, and two columns of categories."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(rows, COLUMNS))
    values[:, 1] = random.integers(-2, 3, rows)
    for column, count in zip(CATEGORIES, (4, 35), strict=True):
        values[:, column] = random.integers(0, count, rows)
    values[random.random(values.shape) < odd] = np.nan
    values[:, 2][random.random(rows) < 0.3] = 0.0
    return values


def strange(rows: int, seed: int) -> Rows:
    """The same, with values that no training row has."""
    random = np.random.default_rng(seed)
    values = drawn(rows, seed)
    plain = random.choice(ODD, size=values.shape)
    plain[:, list(CATEGORIES)] = random.choice(ODD_CATEGORIES, size=(rows, len(CATEGORIES)))
    return np.where(random.random(values.shape) < 0.3, plain, values)


def trained(params: Mapping[str, Any], seed: int, trees: int = 8, rows: int = 400) -> lgb.Booster:
    values = drawn(rows, seed)
    random = np.random.default_rng(seed + 1)
    score = np.nan_to_num(values[:, 0] * values[:, 1] + values[:, 3]) + values[:, 6] % 2
    target = (score + random.normal(size=rows) > 0).astype(float)
    if params.get("objective") == "multiclass":
        target += np.nan_to_num(values[:, 0]) > 1
    settings = {"verbosity": -1, "num_threads": 1, "min_data_in_leaf": 5, "seed": seed, **params}
    data = lgb.Dataset(
        values, target, weight=random.random(rows) + 0.1, categorical_feature=list(CATEGORIES)
    )
    return lgb.train({"objective": "binary", **settings}, data, num_boost_round=trees)


def require_equal(booster: lgb.Booster, rows: Rows) -> None:
    expected = booster.predict(rows, pred_contrib=True, num_threads=1)
    found = explainer(booster.model_to_string()).contributions(rows, threads=1)
    scale = max(1.0, float(np.abs(expected).max()))
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12 * scale)


WAYS: Mapping[str, Mapping[str, Any]] = {
    "plain": {},
    "zero is missing": {"zero_as_missing": True},
    "nothing is missing": {"use_missing": False},
    "three classes": {"objective": "multiclass", "num_class": 3},
    "random forest": {"boosting": "rf", "bagging_fraction": 0.7, "bagging_freq": 1},
    "regression": {"objective": "regression"},
    "few leaves": {"num_leaves": 2},
    "deep": {"num_leaves": 120, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 1e-6},
    "sets of categories": {"max_cat_to_onehot": 1, "cat_smooth": 0.1, "cat_l2": 0.1},
}


@pytest.mark.parametrize("way", WAYS)
@settings(max_examples=5, deadline=None)
@given(st.integers(0, 2**31))
def test_contributions_are_those_of_lightgbm(way: str, seed: int) -> None:
    require_equal(trained(WAYS[way], seed), strange(60, seed + 2))


@pytest.mark.parametrize("cells", [1, 16, 300])
def test_leaves_give_the_same_alone_and_in_groups(
    monkeypatch: pytest.MonkeyPatch, cells: int
) -> None:
    monkeypatch.setattr(grouping, "TABLE_CELLS", cells)
    require_equal(trained({}, 5), strange(60, 6))
