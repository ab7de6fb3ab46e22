"""The learner of first purchases: what it finds, and what it refuses."""

import re
from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from models.cross_sell.learner import CrossSell, NothingToLearn, fit
from models.cross_sell.pairs import pairs
from models.cross_sell.settings import CrossSellSpec
from models.cross_sell.snapshots import Snapshot, SnapshotUnclear
from models.metrics import roc_auc
from models.spec import ColumnsMissing
from tests.first_purchases import TASTES, by_hand, shop

SPEC = CrossSellSpec(trees=40, rows_per_leaf=20, kept_share=0.3)


@pytest.fixture(scope="module")
def snapshots() -> list[Snapshot]:
    return shop()


@pytest.fixture(scope="module")
def model(snapshots: list[Snapshot]) -> CrossSell:
    return fit(snapshots[:-1], SPEC)


def test_the_taste_of_a_customer_is_found(model: CrossSell, snapshots: list[Snapshot]) -> None:
    chance = model.propensities(snapshots[-1])
    customer, category = np.nonzero(~np.isnan(chance))
    likes = customer % TASTES == category % TASTES
    assert roc_auc(likes, chance[customer, category]) > 0.95


def test_probabilities_come_true(model: CrossSell, snapshots: list[Snapshot]) -> None:
    chance = model.propensities(snapshots[-1])
    is_pair = ~np.isnan(chance)
    bought = snapshots[-1].outcome("a test")
    assert bought[is_pair].sum() / chance[is_pair].sum() == pytest.approx(1.0, abs=0.15)
    likes = np.arange(24) % TASTES == (np.arange(400) % TASTES)[:, None]
    true = np.where(likes, 1 - (1 - 1 / 70) ** 28, 1 - (1 - 1 / 1000) ** 28)
    assert np.abs(chance - true)[is_pair].mean() < 0.05


def test_thinning_does_not_move_the_level(snapshots: list[Snapshot]) -> None:
    whole = fit(snapshots[:-1], SPEC.model_copy(update={"kept_share": 1.0}))
    thin = fit(snapshots[:-1], SPEC.model_copy(update={"kept_share": 0.1}))
    means = [np.nanmean(each.propensities(snapshots[-1])) for each in (whole, thin)]
    assert means[0] == pytest.approx(means[1], rel=0.05)


def test_bought_categories_have_no_propensity(model: CrossSell, snapshots: list[Snapshot]) -> None:
    chance = model.propensities(snapshots[-1])
    assert np.isnan(chance[snapshots[-1].has]).all()
    assert np.isfinite(chance[~snapshots[-1].has]).all()


def test_equal_seeds_give_equal_probabilities(model: CrossSell, snapshots: list[Snapshot]) -> None:
    again = fit(snapshots[:-1], SPEC.model_copy(update={"threads": 2}))
    one, other = (each.propensities(snapshots[-1]) for each in (model, again))
    assert np.array_equal(one, other, equal_nan=True)


def test_a_model_is_rebuilt_from_text_and_numbers(
    model: CrossSell, snapshots: list[Snapshot]
) -> None:
    booster = lgb.Booster(model_str=model.booster.model_to_string())
    again = CrossSell(
        booster, model.columns, model.behaviour, model.slope, model.intercept, model.seed
    )
    found = pairs(snapshots[-1])
    assert again.propensity(found) == pytest.approx(model.propensity(found))


def test_nobody_gets_nothing(model: CrossSell, snapshots: list[Snapshot]) -> None:
    nobody = replace(
        snapshots[-1],
        customers=snapshots[-1].customers[:0],
        behaviour=snapshots[-1].behaviour[:0],
        counts=snapshots[-1].counts[:0],
        recent=snapshots[-1].recent[:0],
        bought=None,
    )
    assert model.propensities(nobody).shape == (0, 24)
    assert model.propensity(pairs(nobody)).shape == (0,)


def test_pairs_with_other_figures_are_refused(model: CrossSell, snapshots: list[Snapshot]) -> None:
    behaviour = snapshots[-1].behaviour.assign(more=1.0)
    other = pairs(replace(snapshots[-1], behaviour=behaviour))
    message = (
        "the model reads 23 figures of a pair, but the pairs given to it have 24, which differ in "
        "['more']; make them with known(snapshot, model.behaviour)"
    )
    with pytest.raises(ColumnsMissing, match=f"^{re.escape(message)}$"):
        model.propensity(other)
    named = replace(snapshots[-1], behaviour=behaviour)
    assert model.propensities(named).shape == (400, 24)


def test_one_snapshot_is_too_few(snapshots: list[Snapshot]) -> None:
    message = (
        "a learner needs 2 snapshots or more whose horizon is over, the newest to calibrate on, "
        "but has 1; give it earlier ones"
    )
    with pytest.raises(NothingToLearn, match=f"^{re.escape(message)}$"):
        fit(snapshots[:1], SPEC)


def test_snapshots_of_other_categories_are_refused(snapshots: list[Snapshot]) -> None:
    other = replace(snapshots[0], categories=pd.Index(range(24)))
    message = (
        "snapshots need the same categories in the same order, but number 1 of 2 has 24 that "
        "differ from the newest one's 24; make all snapshots with one list of categories"
    )
    with pytest.raises(SnapshotUnclear, match=f"^{re.escape(message)}$"):
        fit([other, snapshots[1]], SPEC)


def test_pairs_of_one_outcome_are_refused() -> None:
    nothing = by_hand([[1, 0], [0, 1]], bought=[[1, 0], [0, 1]], behaviour={"orders": [1.0, 2.0]})
    message = (
        "a learner needs categories that customers took up and others that they did not, but 0 of "
        "2 pairs were; give it more snapshots or customers"
    )
    with pytest.raises(NothingToLearn, match=f"^{re.escape(message)}$"):
        fit([nothing, nothing], SPEC.model_copy(update={"kept_share": 1.0}))


def test_snapshots_whose_days_do_not_rise_are_refused() -> None:
    message = (
        "a learner needs snapshots of rising days, the newest last to calibrate on, but they are "
        "of 2026-02-26, 2026-01-29; sort them, with one of each day"
    )
    with pytest.raises(SnapshotUnclear, match=f"^{re.escape(message)}$"):
        fit(shop(60, 2)[::-1], CrossSellSpec())
