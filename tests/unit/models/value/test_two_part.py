"""The learner of money: what it finds, that it comes true, and what it refuses."""

import re
from dataclasses import replace

import lightgbm as lgb
import numpy as np
import pandas as pd
import pytest

from models.metrics import roc_auc
from models.spec import ColumnsMissing, ColumnsNotNumbers
from models.value.snapshots import OWN, ValueSnapshot
from models.value.two_part import NothingToLearn, TwoPart, TwoPartSpec, fit

SPEC = TwoPartSpec(trees=60, learning_rate=0.1, rows_per_leaf=20, column_share=1.0)
CUSTOMERS = 600


def made(as_of: int, seed: int) -> ValueSnapshot:
    """Half the customers are keen to buy, and the wealth of each says how much."""
    draws = np.random.default_rng(seed)
    keen, wealth = draws.random(CUSTOMERS) < 0.5, draws.uniform(0, 2, CUSTOMERS)
    buys = draws.random(CUSTOMERS) < np.where(keen, 0.8, 0.2)
    spend = np.where(buys, np.exp(3 + wealth + draws.normal(0, 0.7, CUSTOMERS)), 0.0)
    figures = pd.DataFrame(
        {"is_keen": keen, "wealth": wealth, "noise": draws.integers(0, 5, CUSTOMERS)}
    ).assign(**dict.fromkeys(OWN, 0.0))
    figures["wealth"] = figures["wealth"].where(draws.random(CUSTOMERS) < 0.95)
    return ValueSnapshot(as_of, 28, figures, spend)


@pytest.fixture(scope="module")
def snapshots() -> list[ValueSnapshot]:
    return [made(28 * number, number) for number in range(5)]


@pytest.fixture(scope="module")
def model(snapshots: list[ValueSnapshot]) -> TwoPart:
    return fit(snapshots[:-1], SPEC)


def test_who_buys_and_how_much_is_found(model: TwoPart, snapshots: list[ValueSnapshot]) -> None:
    last = snapshots[-1]
    assert last.spend is not None
    chance = model.probability(last.figures)
    assert roc_auc(last.spend > 0, chance) > 0.75
    keen = last.figures["is_keen"].to_numpy()
    assert chance[keen].mean() == pytest.approx(0.8, abs=0.08)
    assert chance[~keen].mean() == pytest.approx(0.2, abs=0.08)
    wealth = last.figures["wealth"].fillna(1.0).to_numpy()
    money = model.spend_if_any(last.figures)
    assert money[wealth > 1.5].mean() > 2 * money[wealth < 0.5].mean()


@pytest.mark.parametrize("scale", ["root", "log"])
@pytest.mark.parametrize("money", ["ratio", "smearing"])
def test_the_total_comes_true(snapshots: list[ValueSnapshot], scale: str, money: str) -> None:
    asked = TwoPartSpec.model_validate({**SPEC.model_dump(), "scale": scale, "money": money})
    last = snapshots[-1]
    assert last.spend is not None
    found = fit(snapshots[:-1], asked).spend(last.figures).sum()
    assert found == pytest.approx(last.spend.sum(), rel=0.12)


def test_the_ratio_makes_the_total_of_the_calibration_exact(
    snapshots: list[ValueSnapshot],
) -> None:
    newest = snapshots[3]
    assert newest.spend is not None
    found = fit(snapshots[:4], SPEC.model_copy(update={"refit": False}))
    assert found.spend(newest.figures).sum() == pytest.approx(newest.spend.sum())


def test_equal_arguments_give_an_equal_model_and_columns_go_by_name(
    model: TwoPart, snapshots: list[ValueSnapshot]
) -> None:
    again = fit(snapshots[:-1], SPEC)
    figures = snapshots[-1].figures
    shuffled = figures[figures.columns[::-1]]
    assert (again.spend(shuffled) == model.spend(figures)).all()


def test_a_model_is_told_by_texts_and_numbers(
    model: TwoPart, snapshots: list[ValueSnapshot]
) -> None:
    chance, amount = (
        lgb.Booster(model_str=each.model_to_string()) for each in (model.chance, model.amount)
    )
    reloaded = replace(model, chance=chance, amount=amount)
    figures = snapshots[-1].figures
    assert (reloaded.spend(figures) == model.spend(figures)).all()
    assert model.known_until == 3 * 28 + 28


def test_nobody_is_promised_nothing(model: TwoPart, snapshots: list[ValueSnapshot]) -> None:
    assert model.spend(snapshots[-1].figures.iloc[:0]).shape == (0,)


def test_columns_that_are_named_are_used_alone(snapshots: list[ValueSnapshot]) -> None:
    found = fit(snapshots[:2], SPEC.model_copy(update={"behaviour": ("wealth",)}))
    assert found.columns == ("wealth", *OWN)
    text = (
        "the learner needs the columns that behaviour names, but the table lacks ['welth']; "
        "correct the names, or name none and use all"
    )
    with pytest.raises(ColumnsMissing, match=f"^{re.escape(text)}$"):
        fit(snapshots[:2], SPEC.model_copy(update={"behaviour": ("welth",)}))


def test_text_is_refused(snapshots: list[ValueSnapshot]) -> None:
    odd = [replace(each, figures=each.figures.assign(town="x")) for each in snapshots[:2]]
    with pytest.raises(ColumnsNotNumbers, match=re.escape("not numeric are ['town']")):
        fit(odd, SPEC)


def test_one_snapshot_is_refused(snapshots: list[ValueSnapshot]) -> None:
    text = (
        "a learner needs 2 snapshots or more whose period is over, the newest to calibrate on, but "
        "has 1; give it earlier ones"
    )
    with pytest.raises(NothingToLearn, match=f"^{re.escape(text)}$"):
        fit(snapshots[:1], SPEC)


def test_days_out_of_order_are_refused(snapshots: list[ValueSnapshot]) -> None:
    text = (
        "a learner needs snapshots of rising days and one horizon, but they are of 1970-01-29, "
        "1970-01-01 and of [28] days; sort them, with one of each day"
    )
    with pytest.raises(NothingToLearn, match=f"^{re.escape(text)}$"):
        fit(snapshots[1::-1], SPEC)


def test_too_few_who_spent_are_refused(snapshots: list[ValueSnapshot]) -> None:
    nothing = np.zeros(CUSTOMERS)
    text = (
        "a learner needs 20 customers or more who spent something and others who did not, but 0 of "
        "600 did; use more snapshots or customers, or another horizon_days"
    )
    with pytest.raises(NothingToLearn, match=f"^{re.escape(text)}$"):
        fit([replace(each, spend=nothing) for each in snapshots[:2]], SPEC)
