"""Each segment has a name of its own, its figures with intervals, a rule and an action."""

import re

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError
from scipy.stats import t

from models.segments.actions import ACTIONS, Action, ActionsIncomplete, Bound, action_for
from models.segments.clusters import NONE
from models.segments.describing import RuleSpec
from models.segments.portraits import Asked, gallery
from models.spec import FiguresUnfit, FloatArray, IntArray


def shop(rows: int = 300) -> tuple[pd.DataFrame, IntArray, dict[str, FloatArray]]:
    draws = np.random.default_rng(1)
    segment = draws.choice([0, 1, NONE], rows, p=[0.6, 0.3, 0.1])
    table = pd.DataFrame({"spend": draws.normal(size=rows) + 5 * (segment == 1)})
    figures = {
        "value": np.where(segment == 1, 300.0, 100.0) + draws.normal(size=rows),
        "churn": np.where(segment == 1, 0.1, 0.2),
    }
    figures["value"][5] = np.nan
    return table, segment.astype(np.int64), figures


ASKED = Asked(columns=("spend",), used=("spend",), rules=RuleSpec(rows_least=5))


def test_a_portrait_tells_size_figures_rule_and_action() -> None:
    table, segment, figures = shop()
    found = gallery(table, segment, figures, ASKED)
    low, high = found.portraits
    assert (low.name, high.name) == ("low spend", "high spend")
    assert high.customers == int((segment == 1).sum())
    assert high.share.value == pytest.approx((segment == 1).mean())
    value = figures["value"]
    ours = value[(segment == 1) & ~np.isnan(value)]
    told = high.figures["value"]
    half = t.ppf(0.975, len(ours) - 1) * ours.std(ddof=1) / np.sqrt(len(ours))
    assert told.mean.value == pytest.approx(ours.mean())
    assert told.mean.high == pytest.approx(ours.mean() + half)
    assert told.total == pytest.approx(ours.sum())
    assert told.index == pytest.approx(ours.mean() / np.nanmean(value))
    assert told.known == len(ours)
    assert high.action.do.startswith("They are worth much and loyal")
    assert high.rule.is_pure
    assert found.none == int((segment == NONE).sum())


def test_a_figure_whose_mean_is_below_0_has_no_multiples() -> None:
    table, segment, _ = shop()
    profit = np.where(segment == 1, -10.0, -1.0)
    (_, worse) = gallery(table, segment, {"value": profit}, ASKED).portraits
    assert np.isnan(worse.figures["value"].index)
    assert worse.action is ACTIONS[-1]  # not: they are worth much


def test_segments_of_other_customers_are_refused() -> None:
    table, segment, figures = shop()
    expected = (
        "segments need one figure per customer, but segment has the shape (200,) for 300 "
        "customers; pass arrays with the customers of the table in its order"
    )
    with pytest.raises(FiguresUnfit, match=re.escape(expected)):
        gallery(table, segment[:200], figures, ASKED)


def test_the_frame_has_one_row_per_segment() -> None:
    frame = gallery(*shop(), ASKED).frame()
    assert frame["segment"].tolist() == [0, 1]
    assert frame["name"].is_unique
    assert {"share", "rule", "purity", "coverage", "action", "value_mean", "churn_index"} <= {
        *frame.columns
    }
    assert str(frame.loc[1, "rule"]).startswith("spend above ")


def test_a_figure_that_nobody_of_a_segment_has_is_not_known() -> None:
    table, segment, figures = shop()
    figures["value"][segment == 1] = np.nan
    told = gallery(table, segment, figures, ASKED).portraits[1].figures["value"]
    assert told.known == 0
    assert np.isnan(told.mean.value)
    assert told.total == 0.0


def test_figures_of_other_customers_are_refused() -> None:
    table, segment, figures = shop()
    expected = (
        "segments need one figure per customer, but churn has the shape (3,) for 300 customers; "
        "pass arrays with the customers of the table in its order"
    )
    with pytest.raises(FiguresUnfit, match=re.escape(expected)):
        gallery(table, segment, figures | {"churn": np.zeros(3)}, ASKED)
    expected = (
        "segments need finite figures or NaN where one is not known, but churn holds 300 infinite "
        "ones; mend them"
    )
    with pytest.raises(FiguresUnfit, match=re.escape(expected)):
        gallery(table, segment, figures | {"churn": np.full(300, np.inf)}, ASKED)


@pytest.mark.parametrize(
    ("indices", "place"),
    [
        ({"value": 2.0, "churn": 1.2, "offers": 0.5}, 0),
        ({"value": 1.3, "churn": 1.1}, 1),
        ({"value": 0.5, "churn": 3.0, "offers": 1.5}, 2),
        ({"value": float("nan"), "churn": 3.0}, 3),
        ({"offers": 1.2}, 4),
        ({}, 5),
    ],
)
def test_the_first_action_whose_bounds_hold_is_taken(indices: dict[str, float], place: int) -> None:
    assert action_for(indices) is ACTIONS[place]


def test_a_table_of_actions_may_be_given() -> None:
    mine = (
        Action(do="Send a card.", when=(Bound(figure="visits", least=0.5, most=1.0),)),
        Action(do="Wait."),
    )
    assert action_for({"visits": 0.7}, mine).do == "Send a card."
    assert action_for({"visits": 1.1}, mine).do == "Wait."
    table, segment, figures = shop()
    asked = Asked(columns=("spend",), actions=mine)
    assert gallery(table, segment, figures, asked).portraits[0].action.do == "Wait."


def test_a_table_in_which_nothing_fits_is_refused() -> None:
    mine = (Action(do="Send a card.", when=(Bound(figure="visits", least=2.0),)),)
    expected = (
        "every segment needs an action, but of 1 none fits one with value 1.00 times everybody's "
        "figures; end the table with an action that has no bounds"
    )
    with pytest.raises(ActionsIncomplete, match=re.escape(expected)):
        action_for({"value": 1.0}, mine)


def test_a_bound_asks_for_something() -> None:
    with pytest.raises(ValidationError, match="a bound on value needs least or most, but found"):
        Bound(figure="value")


def test_a_yes_or_no_that_nobody_of_a_segment_says_still_has_an_interval() -> None:
    table = pd.DataFrame({"spend": np.arange(80.0)})
    segment = (np.arange(80) >= 40).astype(np.int64)
    bought = {"offers": np.where(np.arange(80) >= 70, 1.0, 0.0)}
    none, some = (
        each.figures["offers"] for each in gallery(table, segment, bought, ASKED).portraits
    )
    assert (none.mean.value, none.mean.low) == (0.0, 0.0)
    assert none.mean.high == pytest.approx(1.96**2 / (40 + 1.96**2), abs=1e-4)  # Wilson 1927
    assert none.index == 0.0
    assert some.mean.value == 0.25
    assert 0.13 < some.mean.low < 0.25 < some.mean.high < 0.41
