"""Customers who trade up are found; rates are drawn to what is known of more pairs."""

import re
from dataclasses import replace
from unittest.mock import Mock

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from models.calibration import Platt
from models.spec import ColumnsMissing
from models.up_sell.candidates import UpPairs, snapshot
from models.up_sell.propensity import HorizonsUnlike, NothingToLearn, UpSell, fit
from models.up_sell.rates import BASELINES, rates_of
from models.up_sell.settings import UpSellSpec
from models.up_sell.trials import TrialUnfair, compared, trial
from tests.up_shop import Shop, made_up, tiers

SPEC = UpSellSpec(trees=40, leaves=7, rows_per_leaf=20)
DAYS = (160, 188, 216)


@pytest.fixture(scope="module")
def bought() -> pd.DataFrame:
    return made_up(Shop())


@pytest.fixture(scope="module")
def earlier(bought: pd.DataFrame) -> list[UpPairs]:
    return [snapshot(bought, tiers(4), day, 28) for day in DAYS]


@pytest.fixture(scope="module")
def held_out(bought: pd.DataFrame) -> UpPairs:
    return snapshot(bought, tiers(4), 244, 28)


@pytest.fixture(scope="module")
def model(earlier: list[UpPairs]) -> UpSell:
    return fit(earlier, SPEC)


def test_who_trades_up_is_found(model: UpSell, held_out: UpPairs) -> None:
    said = model.propensity(held_out)
    trades = held_out.keys["customer"].to_numpy() % 2 == 1
    assert said[trades].mean() > 3 * said[~trades].mean()
    found = trial(model, held_out, resamples=100)
    assert found.verdicts["all"].gains["transition_rate"].low > 0.1
    ours = found.table[found.table["name"] == "model"]
    of_all = ours[ours["population"] == "all"].set_index("measure")["value"]
    assert of_all["roc_auc"] > 0.75
    assert of_all["expected_calibration_error"] < 0.1


def test_what_a_verdict_chose_says_the_probability(model: UpSell, held_out: UpPairs) -> None:
    for name, expected in (
        ("model", model.propensity(held_out)),
        ("own_past", model.rates.of(held_out)["own_past"]),
    ):
        np.testing.assert_array_equal(model.said_by(name, held_out), expected)


def test_new_pairs_are_tried_by_themselves(model: UpSell, held_out: UpPairs) -> None:
    found = trial(model, held_out, resamples=20)
    assert held_out.bought is not None
    assert found.pairs == {"all": len(held_out), "new": int(held_out.is_new.sum())}
    assert found.bought["new"] == int(held_out.bought[held_out.is_new].sum())
    assert found.table["population"].unique().tolist() == ["all", "new"]


def test_nothing_is_found_where_all_are_alike() -> None:
    bought = made_up(Shop(traders=False, seed=3))
    sets = [snapshot(bought, tiers(4), day, 28) for day in (*DAYS, 244)]
    found = trial(fit(sets[:3], SPEC), sets[3], resamples=100)
    assert found.verdicts["all"].chosen in set(BASELINES)
    assert found.verdicts["all"].reason.startswith(
        "the learner does not beat every baseline in average precision by its interval: "
    )
    assert found.verdicts["all"].reason.endswith("is used instead")


def test_equal_seeds_give_equal_models_in_whatever_order_days_come(
    earlier: list[UpPairs], held_out: UpPairs, model: UpSell
) -> None:
    again = fit(earlier[::-1], SPEC)
    np.testing.assert_array_equal(again.propensity(held_out), model.propensity(held_out))
    one, other = (trial(each, held_out, seed=5, resamples=20).table for each in (again, model))
    pd.testing.assert_frame_equal(one, other)


def test_a_model_is_rebuilt_from_its_text_and_numbers(model: UpSell, held_out: UpPairs) -> None:
    line = Platt(model.line.slope, model.line.intercept, model.line.fallback)
    again = replace(
        model, booster=lgb.Booster(model_str=model.booster.model_to_string()), line=line
    )
    np.testing.assert_array_equal(again.propensity(held_out), model.propensity(held_out))


def test_one_day_is_calibrated_on_every_other_customer(earlier: list[UpPairs]) -> None:
    alone = fit(earlier[:1], SPEC)
    assert alone.line.fallback is None
    assert alone.known_until == DAYS[0] + 28


def test_a_customer_of_several_days_is_learnt_from_or_calibrated_on_and_never_both(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def day(as_of: int, customers: list[int]) -> UpPairs:
        some = pairs([True, True, False, False], [0] * 4)
        keys = some.keys.assign(customer=customers)
        figures = np.array(customers, dtype=np.float64)[:, np.newaxis]
        return replace(some, keys=keys, figures=figures, as_of=as_of)

    made = Mock(wraps=lgb.Dataset)
    monkeypatch.setattr(lgb, "Dataset", made)
    fit([day(100, [1, 2, 3, 4]), day(110, [2, 3, 4, 5])], SPEC)
    # The first learns from all; the second from what the line is not fitted on.
    learnt = made.call_args_list[1].args[0]
    assert learnt[:, 0].tolist() == [1, 3, 3, 5]


@pytest.mark.parametrize("name", ["region=a,b", "share: paid", "[x]", "{x}", 'the "best"'])
def test_a_figure_may_have_any_name(earlier: list[UpPairs], name: str) -> None:
    odd = [replace(part, columns=(name, *part.columns[1:])) for part in earlier[:1]]
    assert fit(odd, SPEC.model_copy(update={"trees": 1})).columns[0] == name


def test_two_figures_may_have_one_name(earlier: list[UpPairs]) -> None:
    twice = replace(earlier[0], columns=("x", "x", *earlier[0].columns[2:]))
    said = fit([twice], SPEC).propensity(twice)
    np.testing.assert_array_equal(said, fit(earlier[:1], SPEC).propensity(earlier[0]))


def pairs(bought: list[bool], habit: list[int], tier: int = 0) -> UpPairs:
    count = len(bought)
    keys = pd.DataFrame(
        {"customer": range(count), "need": "tea", "tier": tier, "to_tier": tier + 1}
    )
    figures = np.zeros((count, 1))
    return UpPairs(keys, ("x",), figures, np.array(habit), np.array(bought), 100, 28)


def test_a_rate_is_drawn_to_the_overall_one() -> None:
    few = pairs([True, True], [0, 0], tier=1)
    many = pairs([False] * 6 + [True] * 2, [0] * 8)
    rates = rates_of([few, many], prior=10.0)
    assert rates.overall == 0.4
    assert rates.of(few)["transition_rate"] == pytest.approx([(2 + 4) / 12] * 2)
    assert rates.of(many)["transition_rate"] == pytest.approx([(2 + 4) / 18] * 8)


def test_the_own_past_moves_the_rate() -> None:
    known = pairs([False] * 9 + [True] + [True] * 9 + [False], [0] * 10 + [2] * 10)
    rates = rates_of([known], prior=10.0)
    said = rates.of(known)
    assert said["transition_rate"] == pytest.approx([0.5] * 20)
    assert rates.by_habit == pytest.approx([0.3, 0.5, 0.7])
    assert said["own_past"] == pytest.approx([(1 + 3) / 20] * 10 + [(9 + 7) / 20] * 10)


def test_what_was_never_seen_has_the_overall_rate() -> None:
    rates = rates_of([pairs([True, False], [0, 0])], prior=10.0)
    unseen = pairs([False], [1], tier=4)
    assert rates.of(unseen)["transition_rate"].tolist() == [0.5]
    assert rates.of(unseen)["own_past"] == pytest.approx([0.5])


def test_measures_of_a_trial_by_hand() -> None:
    held = pairs([True, False, False, False], [0, 0, 2, 2])
    said = {
        "model": np.array([0.9, 0.2, 0.2, 0.1]),
        "transition_rate": np.full(4, 0.25),
        "own_past": np.array([0.1, 0.2, 0.3, 0.4]),
    }
    table = compared(held, said, resamples=20).table.set_index(["population", "measure", "name"])
    value = table["value"]
    assert value["all", "average_precision", "model"] == 1.0
    assert value["all", "average_precision", "transition_rate"] == 0.25
    assert value["all", "average_precision", "own_past"] == 0.25
    assert value["all", "precision_at_5", "model"] == pytest.approx(1.0)
    assert value["all", "precision_at_5", "transition_rate"] == pytest.approx(0.25)
    assert value["all", "precision_at_5", "own_past"] == pytest.approx(0.0)
    assert table["gain"]["all", "average_precision", "own_past"] == 0.75
    assert table["gain"]["all", "log_loss", "transition_rate"] > 0
    assert value["new", "roc_auc", "own_past"] == 0.0
    assert np.isnan(table["gain"]["all", "roc_auc", "model"])


def test_pairs_without_an_outcome_teach_nothing(earlier: list[UpPairs]) -> None:
    message = (
        "up-sell learns from days with an outcome, but as_of=160 has none; make its snapshot with "
        "a horizon"
    )
    with pytest.raises(NothingToLearn, match=f"^{re.escape(message)}$"):
        fit([replace(earlier[0], bought=None)], SPEC)


def test_one_outcome_teaches_nothing() -> None:
    message = (
        "up-sell learns from pairs that bought above their usual tier and others that did not, "
        "but of 2 pairs 0 did; use more days or a longer horizon"
    )
    with pytest.raises(NothingToLearn, match=f"^{re.escape(message)}$"):
        fit([pairs([False, False], [0, 0])], SPEC)


def test_a_day_that_was_learnt_from_is_no_trial(model: UpSell, earlier: list[UpPairs]) -> None:
    message = (
        "a trial needs pairs of a day that nothing learnt from reaches, but the model knows "
        "outcomes up to day 244 and the pairs are of as_of=216; learn from earlier days"
    )
    with pytest.raises(TrialUnfair, match=f"^{re.escape(message)}$"):
        trial(model, earlier[-1])


def test_a_trial_needs_outcomes(model: UpSell, held_out: UpPairs) -> None:
    message = (
        "a trial needs pairs with an outcome, but those of as_of=244 have none; make their "
        "snapshot with a horizon"
    )
    with pytest.raises(TrialUnfair, match=f"^{re.escape(message)}$"):
        trial(model, replace(held_out, bought=None))


def test_other_figures_are_an_error(model: UpSell) -> None:
    message = (
        f"the model reads {len(model.columns)} figures of pairs, but these have 1, and differ in "
        f"{sorted({'x', *model.columns})}; make them by the same version"
    )
    with pytest.raises(ColumnsMissing, match=f"^{re.escape(message)}$"):
        model.propensity(pairs([True], [0]))


def test_horizons_that_are_unlike_are_an_error() -> None:
    known = pairs([True, False], [0, 0])
    message = (
        "up-sell learns from outcomes of about one horizon, but they run from 28 to 56 days; make "
        "all snapshots with the same"
    )
    with pytest.raises(HorizonsUnlike, match=f"^{re.escape(message)}$"):
        fit([known, replace(known, horizon=56)], SPEC)


def test_the_own_rate_counts_days_above() -> None:
    known = pairs([False, True], [0, 2])
    counted = replace(
        known, columns=("days_above", "days_since_first"), figures=np.array([[0.0, 72], [3.0, 72]])
    )
    said = rates_of([counted], prior=10.0).of(counted)["own_rate"]
    usual = -np.log(0.5) / 28
    assert said == pytest.approx([1 - np.exp(-28 * each / (72 + 1 / usual)) for each in (1, 4)])
