"""Which predictor of money is used, and in which words."""

import re

import numpy as np
import pytest

from models.value.choice import NothingToChoose, verdict
from models.value.held_out import held_out

CAME = np.random.default_rng(0).lognormal(3, 1, 400)
NOISE = np.random.default_rng(1).normal(0, 1, 400)
PREDICTORS = {
    "learner": CAME + 2 * NOISE,
    "low learner": CAME * 0.9,
    "same_again": CAME + 8 * NOISE,
    "seasonal_total": CAME + 6 * np.roll(NOISE, 1),
    "oracle": CAME + 0.1 * NOISE,
}
FOUND = held_out(CAME, PREDICTORS, resamples=200)


def test_a_model_that_beats_every_naive_one_is_used() -> None:
    found = verdict(FOUND, ["learner"], ["same_again", "seasonal_total"])
    assert found.chosen == "learner"
    assert found.share == 0.95
    assert found.reason.startswith("learner beats every baseline in mean absolute error: +")


def test_otherwise_the_best_naive_one_is_and_it_says_why() -> None:
    found = verdict(FOUND, ["learner"], ["same_again", "oracle"])
    assert found.chosen == "oracle"
    assert found.gains["oracle"].high < 0
    assert found.reason.startswith(
        "learner does not beat every baseline in mean absolute error by its interval: +"
    )
    assert found.reason.endswith("; oracle is used instead")


def test_a_total_that_is_surely_farther_off_than_the_seasonal_one_is_no_gain() -> None:
    found = verdict(FOUND, ["low learner"], ["same_again", "seasonal_total"])
    assert found.chosen == "seasonal_total"
    assert list(found.bias_gains) == ["seasonal_total"]
    assert "but its total is farther off: -0.0" in found.reason


def test_of_several_models_the_best_that_passes_is_used_with_wider_intervals() -> None:
    found = verdict(FOUND, ["low learner", "learner"], ["same_again", "seasonal_total"])
    assert found.chosen == "learner"
    assert found.share == 0.975
    alone = verdict(FOUND, ["learner"], ["same_again", "seasonal_total"])
    assert found.gains["same_again"].low < alone.gains["same_again"].low


def test_a_name_that_was_not_held_out_is_refused() -> None:
    text = (
        "a choice needs models and baselines among learner, low learner, same_again, "
        "seasonal_total, oracle, but was given models ['other'] and baselines []; name those held "
        "out"
    )
    with pytest.raises(NothingToChoose, match=f"^{re.escape(text)}$"):
        verdict(FOUND, ["other"], [])
