import importlib.util
import re

import numpy as np
import pandas as pd
import pytest

from models.calibration import log_odds
from models.churn import ebm
from models.churn.bins import coded
from models.churn.ebm import EbmMissing, machine
from models.spec import ChurnEbm
from tests.churners import churners

PEOPLE = churners(800)
SPEC = ChurnEbm(pairs=0)
PARAMS = ebm.first_params(SPEC)
FITTED = ebm.fit(SPEC, PARAMS, PEOPLE.features, PEOPLE.churned, seed=1)


def test_reasons_are_the_curves_of_the_machine() -> None:
    """Held against the first customer's, because a mean over all rows is taken from each."""
    ground = coded(PEOPLE.features.to_numpy(), SPEC.bins)
    curves = machine(ground, PEOPLE.churned, PARAMS, seed=1).eval_terms(ground.codes)
    moved = FITTED.contributions(PEOPLE.features)
    np.testing.assert_allclose(moved - moved[0], curves - curves[0], rtol=0, atol=1e-9)


def test_a_pair_of_columns_that_act_together_is_learnt() -> None:
    values = np.random.default_rng(3).normal(size=(3000, 3))
    features = pd.DataFrame(values, columns=["a", "b", "noise"])
    left = values[:, 0] * values[:, 1] > 0
    train, test = features.head(1500), features.tail(1500)
    alone, together = (
        ebm.fit(
            ChurnEbm(), {**PARAMS, "rounds": 300, "pairs": pairs}, train, left[:1500], seed=1
        ).predict(test)
        for pairs in (0, 1)
    )
    assert ((alone > 0.5) == left[1500:]).mean() < 0.6
    assert ((together > 0.5) == left[1500:]).mean() > 0.85


def test_training_without_the_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    text = (
        "the model churn_ebm needs the package interpret-core to be trained, which is not "
        "installed; install the extra regulars[ebm]"
    )
    with pytest.raises(EbmMissing, match=f"^{re.escape(text)}$"):
        ebm.fitter(SPEC, PEOPLE.features, PEOPLE.churned, seed=1)
    restored = ebm.restore(FITTED.library_object, FITTED.columns)
    assert np.array_equal(restored.predict(PEOPLE.features), FITTED.predict(PEOPLE.features))


def test_a_value_between_two_bins_that_were_seen_falls_into_the_nearer() -> None:
    features = pd.DataFrame({"x": np.repeat([0.0, 10.0], 100)})
    left = np.arange(200) % 100 < np.where(features["x"] > 5, 80, 20)
    fitted = ebm.fit(SPEC, PARAMS, features, left, seed=1)
    odds = log_odds(fitted.predict(pd.DataFrame({"x": [0.0, 4.9, 5.1, 10.0]})))
    assert odds[0] == odds[1] < odds[2] == odds[3]
