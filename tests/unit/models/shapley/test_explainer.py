import lightgbm as lgb
import numpy as np
import pytest

from models.shapley import explainer as module
from models.shapley.explainer import explainer
from models.shapley.forest import NotSupported

DRAWN = np.random.default_rng(3)
VALUES = DRAWN.normal(size=(5_000, 6))
DATA = lgb.Dataset(VALUES, (VALUES[:, 0] > VALUES[:, 1]).astype(float))
BOOSTER = lgb.train({"objective": "binary", "verbosity": -1, "num_threads": 1}, DATA, 5)
TEXT = BOOSTER.model_to_string()


@pytest.mark.parametrize("threads", [1, 3])
def test_rows_are_explained_alike_in_blocks_and_alone(threads: int) -> None:
    made = explainer(TEXT)
    found = made.contributions(VALUES, threads)
    assert found.shape == (5_000, 7)
    some = [0, 2_047, 2_048, 4_999]
    assert np.array_equal(found[some], made.contributions(VALUES[some], 1))


def test_contributions_and_base_add_up_to_the_raw_score() -> None:
    found = explainer(TEXT).contributions(VALUES[:50], 1)
    raw = BOOSTER.predict(VALUES[:50], raw_score=True)
    np.testing.assert_allclose(found.sum(axis=1), raw, rtol=0, atol=1e-13)


def test_no_rows_have_no_contributions() -> None:
    assert explainer(TEXT).contributions(VALUES[:0], 2).shape == (0, 7)


def test_rows_may_lie_in_memory_as_they_like() -> None:
    made = explainer(TEXT)
    wide = np.asfortranarray(VALUES[:100])
    assert np.array_equal(made.contributions(wide, 1), made.contributions(VALUES[:100], 1))


def test_tables_know_their_size() -> None:
    assert 1_000 < explainer(TEXT).nbytes < 10_000_000


def test_tables_that_would_take_too_much_memory_are_not_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 10_000)
    with pytest.raises(NotSupported, match="10,000 bytes"):
        explainer(TEXT)


def test_a_forest_without_a_split_gives_every_row_its_base() -> None:
    flat = lgb.Dataset(VALUES, np.arange(5_000) % 2.0, params={"verbosity": -1})
    settings = {"objective": "binary", "verbosity": -1, "min_data_in_leaf": 5_000}
    booster = lgb.train(settings, flat, 2)
    expected = booster.predict(VALUES[:3], pred_contrib=True)
    found = explainer(booster.model_to_string()).contributions(VALUES[:3], 1)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15)
