import re

import numpy as np
import pandas as pd
import pytest
from sklearn.neural_network import MLPClassifier
from skops import io

from models.calibration import log_odds
from models.churn import logit, mlp
from models.spec import ChurnMlp, ColumnsMissing, FloatArray
from tests.churners import churners

PEOPLE = churners(800)
SPEC = ChurnMlp()
FITTED = mlp.fit(SPEC, mlp.first_params(SPEC), PEOPLE.features, PEOPLE.churned, seed=1)


def test_skops_trusts_every_part_and_reads_it_back_to_the_bit() -> None:
    moved = FITTED.calibrated(0.83, -0.21)
    stored = io.dumps(moved.library_object)
    assert io.get_untrusted_types(data=stored) == []
    restored = mlp.restore(io.loads(stored, trusted=[]), moved.columns)
    assert np.array_equal(restored.predict(PEOPLE.features), moved.predict(PEOPLE.features))
    assert np.array_equal(
        restored.contributions(PEOPLE.features), moved.contributions(PEOPLE.features)
    )


def test_a_pipeline_of_another_kind_is_not_restored() -> None:
    text = (
        f"a churn_logit model needs a scikit-learn Pipeline that ends in LogisticRegression, over "
        f"{list(FITTED.columns)}, but found a Pipeline over other columns or of another kind; "
        f"register the model and its columns together"
    )
    with pytest.raises(ColumnsMissing, match=f"^{re.escape(text)}$"):
        logit.restore(FITTED.library_object, FITTED.columns)


def test_the_pipeline_alone_says_who_leaves_and_how_probably() -> None:
    moved = FITTED.calibrated(0.83, -0.21)
    alone = moved.library_object.predict_proba(PEOPLE.features)[:, 1]
    assert np.array_equal(alone, moved.predict(PEOPLE.features))
    assert np.array_equal(moved.library_object.predict(PEOPLE.features), alone > 0.5)


def test_the_mean_probability_is_the_rate_of_churn() -> None:
    assert FITTED.predict(PEOPLE.features).mean() == pytest.approx(PEOPLE.churned.mean(), abs=1e-9)


def rescaled(network: MLPClassifier, row: FloatArray) -> FloatArray:
    """DeepLIFT's Rescale rule for one row against zeros, unit by unit."""
    moved = np.zeros(len(row))
    for unit in range(len(network.intercepts_[0])):
        weights, at_zero = network.coefs_[0][:, unit], network.intercepts_[0][unit]
        change = float(weights @ row)
        passed = max(0.0, at_zero + change) - max(0.0, at_zero)
        for column in range(len(row)):
            part = weights[column] * row[column] / change
            moved[column] += part * passed * network.coefs_[1][unit, 0]
    return moved


def test_contributions_are_those_of_the_rescale_rule_column_by_column() -> None:
    few = PEOPLE.features.head(5)
    pipeline = FITTED.library_object
    shaped = pipeline[:-1].transform(few)
    by_hand = np.array([rescaled(pipeline["model"], row) for row in shaped])
    width = len(FITTED.columns)
    gap = FITTED.columns.index("gap_mean_days")
    expected = by_hand[:, :width] + by_hand[:, width : 2 * width]
    expected[:, gap] += by_hand[:, 2 * width]
    np.testing.assert_allclose(FITTED.contributions(few), expected, rtol=0, atol=1e-12)


def test_an_average_customer_moves_nothing_and_has_the_base() -> None:
    """Missing for the first time counts as average; ``gap_mean_days`` is missing for some."""
    unknown = PEOPLE.features.head(3).assign(**dict.fromkeys(FITTED.columns, np.nan))
    moved = FITTED.contributions(unknown)
    gap = FITTED.columns.index("gap_mean_days")
    assert np.abs(np.delete(moved, gap, axis=1)).max() == 0
    assert moved[:, gap] + FITTED.base == pytest.approx(log_odds(FITTED.predict(unknown)), abs=1e-9)


def test_columns_that_act_together_are_learnt() -> None:
    """Who leaves depends on whether two columns have the same sign; neither says anything alone."""
    values = np.random.default_rng(3).normal(size=(4000, 2))
    features = pd.DataFrame(values, columns=["a", "b"])
    left = values[:, 0] * values[:, 1] > 0
    params = {"units": 16, "steps": 1500, "l2": 0.1}
    fitted = mlp.fit(SPEC, params, features.head(2000), left[:2000], seed=1)
    assert ((fitted.predict(features.tail(2000)) > 0.5) == left[2000:]).mean() > 0.9


def test_few_customers_raise_no_warning() -> None:
    few = PEOPLE.first(30)
    fitted = mlp.fit(SPEC, mlp.first_params(SPEC), few.features, few.churned, seed=1)
    assert fitted.predict(few.features).shape == (30,)
