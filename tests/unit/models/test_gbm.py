import re
import subprocess
import sys
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pytest

from models.churn import booster, gbm
from models.shapley.explainer import Explainer
from models.spec import ChurnGbm
from tests.churners import churners

PEOPLE = churners(800)
SPEC = ChurnGbm()
FITTED = gbm.fit(SPEC, gbm.first_params(SPEC), PEOPLE.features, PEOPLE.churned, seed=1)


def test_plain_names_are_kept_and_others_get_a_stable_suffix() -> None:
    names = booster.booster_names(["days_since_order", "x y", "x,y", "天數"])
    assert names[0] == "days_since_order"
    assert names[1].startswith("x_y_")
    assert names[2].startswith("x_y_")
    assert len(set(names)) == 4
    assert booster.booster_names(["天數"]) == names[3:]


def test_a_calibrated_booster_survives_its_text_to_the_bit() -> None:
    moved = FITTED.calibrated(0.83, -0.21)
    read = lgb.Booster(model_str=moved.library_object.model_to_string())
    restored = gbm.restore(read, moved.columns)
    assert np.array_equal(restored.predict(PEOPLE.features), moved.predict(PEOPLE.features))
    assert np.array_equal(
        restored.contributions(PEOPLE.features), moved.contributions(PEOPLE.features)
    )


def test_the_booster_alone_gives_the_calibrated_probability() -> None:
    moved = FITTED.calibrated(0.83, -0.21)
    alone = moved.library_object.predict(PEOPLE.features.to_numpy())
    assert np.array_equal(alone, moved.predict(PEOPLE.features))


def test_a_booster_without_any_split_can_be_calibrated() -> None:
    people = PEOPLE.first(20)
    nothing = people.features * 0
    flat = gbm.fit(SPEC, gbm.first_params(SPEC), nothing, people.churned, seed=1)
    odds = np.log(people.churned.mean() / (1 - people.churned.mean()))
    expected = 1 / (1 + np.exp(-(0.5 * odds + 1)))
    assert np.allclose(flat.calibrated(0.5, 1.0).predict(nothing), expected, atol=1e-12)


def test_the_number_of_threads_changes_no_tree() -> None:
    params = {**gbm.first_params(SPEC), "trees": 40}
    one, two = (
        gbm.fit(ChurnGbm(threads=threads), params, PEOPLE.features, PEOPLE.churned, seed=1)
        for threads in (1, 2)
    )
    assert np.array_equal(one.predict(PEOPLE.features), two.predict(PEOPLE.features))


def test_many_rows_are_explained_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = FITTED.contributions(PEOPLE.features)
    assert "_tables" not in vars(FITTED)
    fitted = booster.BoosterFitted(FITTED.columns, FITTED.library_object)
    monkeypatch.setattr(booster, "FAST_FROM", len(PEOPLE.features))
    fast = fitted.contributions(PEOPLE.features)
    assert "_tables" in vars(fitted)
    np.testing.assert_allclose(fast, slow, rtol=0, atol=1e-12)
    few = PEOPLE.features.head(booster.FAST_ONCE_MADE)
    np.testing.assert_allclose(
        fitted.contributions(few), slow[: booster.FAST_ONCE_MADE], rtol=0, atol=1e-12
    )


def test_tables_that_are_there_are_not_asked_about_very_few_rows(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    fitted = booster.BoosterFitted(FITTED.columns, FITTED.library_object)
    monkeypatch.setattr(booster, "FAST_FROM", len(PEOPLE.features))
    fitted.contributions(PEOPLE.features)
    asked: list[int] = []

    def contributions(_: Explainer, values: np.ndarray, _threads: int) -> np.ndarray:
        asked.append(len(values))
        return np.zeros((len(values), len(FITTED.columns) + 1))

    monkeypatch.setattr(Explainer, "contributions", contributions)
    for rows in (booster.FAST_ONCE_MADE - 1, booster.FAST_ONCE_MADE):
        fitted.contributions(PEOPLE.features.head(rows))
    assert asked == [booster.FAST_ONCE_MADE]


@pytest.mark.parametrize("fast_from", [800, 801])
def test_a_batch_of_many_rows_goes_the_way_of_all_of_them(
    fast_from: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(booster, "FAST_FROM", fast_from)
    rows = len(PEOPLE.features)
    whole = booster.BoosterFitted(FITTED.columns, FITTED.library_object).contributions(
        PEOPLE.features
    )
    fitted = booster.BoosterFitted(FITTED.columns, FITTED.library_object)
    for size in (1, booster.FAST_ONCE_MADE + 1, 500):
        parts = [
            fitted.contributions(PEOPLE.features.iloc[begin : begin + size], rows)
            for begin in range(0, rows, size)
        ]
        np.testing.assert_array_equal(np.concatenate(parts), whole)
    assert ("_tables" in vars(fitted)) == (rows >= fast_from)


def test_a_model_that_tables_cannot_tell_is_left_to_lightgbm(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Leaves without a training row; the text keeps its length, which LightGBM counts on."""
    text = re.sub(
        r"(?<=\nleaf_count=)\d+",
        lambda found: "0" * len(found[0]),
        FITTED.library_object.model_to_string(),
    )
    fitted = booster.BoosterFitted(FITTED.columns, lgb.Booster(model_str=text))
    expected = fitted.contributions(PEOPLE.features)
    monkeypatch.setattr(booster, "FAST_FROM", 1)
    np.testing.assert_array_equal(fitted.contributions(PEOPLE.features), expected)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_fitted_model_predicts_with_the_threads_of_its_fit(
    threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    params = {**gbm.first_params(SPEC), "trees": 2}
    fitted = gbm.fit(ChurnGbm(threads=threads), params, PEOPLE.features, PEOPLE.churned, seed=1)
    told: list[object] = []

    def predict(_: lgb.Booster, values: np.ndarray, **settings: object) -> np.ndarray:
        told.append(settings["num_threads"])
        return np.zeros(len(values))

    monkeypatch.setattr(lgb.Booster, "predict", predict)
    fitted.predict(PEOPLE.features)
    fitted.calibrated(1.0, 0.0).predict(PEOPLE.features)
    assert told == [threads, threads]


SIDE_BY_SIDE = """
import threading, time
import numpy as np, pandas as pd
from models.churn import booster, gbm
from models.spec import ChurnGbm

drawn = np.random.default_rng(1)
features = pd.DataFrame(drawn.normal(size=(12_000, 200))).add_prefix("c")
spec = ChurnGbm()
fit = gbm.fitter(spec, features, (features["c0"] > 1).to_numpy(), seed=1)
params = {**gbm.first_params(spec), "trees": 1}
fitted, few, end = fit(params), features.head(5), time.monotonic() + 30

def predict():
    while time.monotonic() < end:
        fitted.predict(few)

beside = threading.Thread(target=predict)
beside.start()
while time.monotonic() < end:
    fit(params)
beside.join()
"""
"""Dies of a segmentation fault within some ten seconds where a prediction changes the threads."""


@pytest.mark.slow
def test_one_model_may_predict_while_another_is_fitted() -> None:
    root = Path(__file__).resolve().parents[3]
    done = subprocess.run(
        [sys.executable, "-c", SIDE_BY_SIDE], cwd=root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
