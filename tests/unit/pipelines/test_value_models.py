"""Which predictor of value is used, and what seasons do to money and chances."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from models.calibration import log_odds
from models.spec import FloatArray
from models.value.baselines import YEAR, Asked, Naive
from models.value.held_out import held_out
from models.value.snapshots import ValueSnapshot
from pipelines.value_days import number_of
from pipelines.value_gathered import summary_of
from pipelines.value_learning import Trial, decided
from pipelines.value_models import (
    ANCHORED,
    LATEST,
    LEARNER,
    naive_money,
    season_shift,
    season_times,
    season_times_of,
    shifted,
)

EARLIER, DAY = date(2024, 3, 4), date(2024, 4, 1)
CAME = np.random.default_rng(3).gamma(1.0, 1000.0, 400)


def noisy(size: float, seed: int) -> FloatArray:
    return CAME + np.random.default_rng(seed).normal(0, size, len(CAME))


def trial(day: date, said: dict[str, FloatArray], plain: dict[str, FloatArray]) -> Trial:
    customers = pd.Index([f"c{number}" for number in range(len(CAME))])
    at = ValueSnapshot(number_of(day), 28, pd.DataFrame(index=customers), CAME)
    held = held_out(CAME, {**said, **plain}, resamples=60)
    return Trial(
        day, at, pd.DataFrame(), said, Naive(plain, {}), None, 0.0, CAME, held, pd.Series()
    )


NAIVE = {"same_again": noisy(500, 1), "overall_mean": np.full(400, 1000.0)}


def test_the_pick_of_the_earlier_day_is_alone_on_the_tested_one() -> None:
    said = {LEARNER: noisy(100, 2), "bg_nbd": noisy(200, 3)}
    better_now = {LEARNER: noisy(200, 2), "bg_nbd": noisy(100, 3)}
    found, is_before = decided(trial(EARLIER, said, NAIVE), trial(DAY, better_now, NAIVE))
    assert is_before
    assert found is not None
    assert (found.model, found.chosen, found.share) == (LEARNER, LEARNER, 0.95)


def test_a_model_that_was_not_there_before_is_picked_with_wider_intervals() -> None:
    before = trial(EARLIER, {"bg_nbd": noisy(200, 3)}, NAIVE)
    found, is_before = decided(
        before, trial(DAY, {LEARNER: noisy(100, 2), "bg_nbd": noisy(200, 3)}, NAIVE)
    )
    assert not is_before
    assert found is not None
    assert (found.chosen, found.share) == (LEARNER, 0.975)


def test_the_naive_one_that_stands_in_was_best_on_the_earlier_day() -> None:
    models = {LEARNER: noisy(900, 2)}
    then = {"same_again": noisy(500, 1), "latest_total": noisy(600, 4)}
    now = {"same_again": noisy(500, 1), "latest_total": noisy(300, 4)}
    found, is_before = decided(trial(EARLIER, models, then), trial(DAY, models, now))
    assert is_before
    assert found is not None
    assert (found.model, found.chosen) == (LEARNER, "same_again")


def test_without_a_model_nothing_is_decided() -> None:
    assert decided(trial(EARLIER, {}, NAIVE), trial(DAY, {}, NAIVE)) == (None, True)


def purchases() -> pd.DataFrame:
    """Two customers; of the 28 days from a year before on, one bought twice what it was before."""
    now = number_of(DAY)
    rows = [
        ("ann", now - YEAR - 120, 10.0),
        ("ann", now - YEAR - 5, 10.0),
        ("bob", now - YEAR - 6, 20.0),
        ("ann", now - YEAR + 3, 60.0),
        ("ann", now - 40, 8.0),
        ("ann", now - 7, 12.0),
        ("bob", now - 3, 4.0),
    ]
    return pd.DataFrame(rows, columns=["customer", "day", "amount"]).assign(orders=1)


def test_the_learner_comes_to_the_total_of_the_season() -> None:
    customers, asked = pd.Index(["ann", "bob"]), Asked(number_of(DAY), 28, 100)
    money = np.array([10.0, 6.0])
    times, why = season_times(money, customers, purchases(), asked)
    assert times == pytest.approx((12 + 4) * 60 / 30 / 16)
    assert not why
    later = purchases().query("day > @day", local_dict={"day": number_of(DAY) - 60})
    times, why = season_times(money, customers, later, asked)
    assert times == 1.0
    assert why.startswith("a season needs purchases from ")
    said = {LEARNER: money, ANCHORED: 3 * money}
    assert season_times_of(said) == pytest.approx(3.0)
    assert season_times_of({LEARNER: money}) == 1.0


def test_a_naive_predictor_is_told_by_its_name() -> None:
    customers, asked = pd.Index(["bob", "ann"]), Asked(number_of(DAY), 28, 100)
    assert naive_money("same_again", customers, purchases(), asked).tolist() == [4.0, 12.0]
    assert naive_money("year_ago", customers, purchases(), asked).tolist() == [0.0, 60.0]
    assert naive_money(LATEST, customers, purchases(), asked).tolist() == [6.0, 18.0]


def test_chances_move_to_the_rate_of_the_year_before_and_keep_their_order() -> None:
    now = number_of(DAY)
    then = [(f"c{number}", now - YEAR - 5, 1.0) for number in range(400)]
    back = [(f"c{number}", now - YEAR + 5, 1.0) for number in range(200)]
    old = [("old", now - YEAR - 300, 1.0)]
    bought = pd.DataFrame([*then, *back, *old], columns=["customer", "day", "amount"])
    asked = Asked(now, 28, 100)
    chance = np.linspace(0.1, 0.5, 50)
    shift = season_shift(chance, bought, asked)
    moved = shifted(chance, shift)
    assert shift > 0.5
    assert moved.mean() == pytest.approx(0.5, abs=0.02)
    assert (np.diff(moved) > 0).all()
    assert log_odds(moved) - log_odds(chance) == pytest.approx(np.full(50, shift))
    assert season_shift(chance, bought, replace(asked, active_within_days=None)) == 0.0
    assert season_shift(chance, bought[bought["day"] > now - YEAR - 50], asked) == 0.0
    assert shifted(chance, 0.0) is chance


def test_a_return_on_its_own_is_no_purchase_of_the_summary() -> None:
    bought = purchases()
    returned = pd.DataFrame([("bob", number_of(DAY) - 1, -4.0, 0)], columns=bought.columns)
    rows = summary_of(pd.concat([bought, returned]), DAY).to_dict("index")
    assert rows["bob"]["repeats"] == 1.0
    assert rows["bob"]["last_at"] == pytest.approx((YEAR + 3) / 7)
    assert rows["ann"]["repeat_spend_mean"] == pytest.approx((10 + 60 + 8 + 12) / 4)


def test_a_purchase_on_the_day_is_not_seen() -> None:
    later = pd.DataFrame([("cid", number_of(DAY), 5.0, 1)], columns=purchases().columns)
    assert "cid" not in summary_of(pd.concat([purchases(), later]), DAY).index
