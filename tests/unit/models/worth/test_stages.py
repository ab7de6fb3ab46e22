"""Stages by rules that can be read and changed."""

import re

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from models.spec import ColumnsMissing
from models.worth.stages import (
    Condition,
    StageRule,
    StagesUnclear,
    default_rules,
    stage_figures,
    stage_history,
    stages_of,
)
from tests.till_rolls import bought, cell, row

AS_OF, QUIET = 300, 90
LINES = bought(
    *(("faithful", day, 10.0) for day in range(20, 300, 20)),
    *(("habit", day, 5.0) for day in (200, 230, 260)),
    ("trial", 280, 5.0),
    *(("gone", day, 5.0) for day in (10, 20)),
    *(("off beat", day, 5.0) for day in (200, 205, 210, 215, 220, 225, 230, 235, 240)),
    ("later", 300, 5.0),
)
KNOWN = pd.Series({"prospect": 250, "trial": 1, "tomorrow": 300})


def test_each_stage_is_reached_by_its_rule() -> None:
    found = stages_of(stage_figures(LINES, AS_OF, QUIET, KNOWN), default_rules(QUIET))
    assert found.to_dict() == {
        "faithful": "commitment",
        "gone": "dissolution",
        "habit": "expansion",
        "off beat": "dissolution",
        "prospect": "awareness",
        "trial": "exploration",
    }


def test_figures_by_hand() -> None:
    found = stage_figures(LINES, AS_OF, 50, KNOWN)
    assert row(found, "habit") == [3, 40.0, 100.0, 30.0, 40 / 30, 5.0, 10.0, 0.5]
    assert cell(found, "prospect", "orders_count") == 0
    assert np.isnan(cell(found, "prospect", "days_since_order"))
    assert np.isnan(cell(found, "trial", "silence_ratio"))


def test_a_user_may_change_the_rules() -> None:
    rules = (
        StageRule(stage="rising", when=(Condition(column="spend_ratio", at_least=1.5, below=9.0),)),
        StageRule(stage="other"),
    )
    figures = pd.DataFrame({"spend_ratio": [1.4, 1.5, 9.0, np.nan]})
    assert stages_of(figures, rules).tolist() == ["other", "rising", "other", "other"]
    assert rules[0].told == "rising: spend_ratio ≥ 1.5 and spend_ratio < 9"
    assert rules[1].told == "other: everybody else"


def test_a_history_does_not_see_later_days() -> None:
    rules = default_rules(QUIET)
    whole = stage_history(LINES, [100, 200, 300], rules, QUIET, KNOWN)
    before = stage_history(LINES[LINES["day"] < 200], [100, 200], rules, QUIET, KNOWN)
    pd.testing.assert_frame_equal(whole[whole["as_of"] < 300], before)


def test_rules_that_leave_somebody_are_refused() -> None:
    rules = (StageRule(stage="one", when=(Condition(column="x", at_least=0),)),)
    text = (
        "the rules of stages need one that holds for everybody, but none does for 2 of 3 "
        "customers; end with a rule without conditions"
    )
    with pytest.raises(StagesUnclear, match=f"^{re.escape(text)}$"):
        stages_of(pd.DataFrame({"x": [1.0, -1.0, np.nan]}), rules)


def test_a_rule_on_a_column_that_is_not_there_is_refused() -> None:
    text = (
        "the rules of stages look at y, but the table has no such column; correct the name, or add "
        "the column"
    )
    with pytest.raises(ColumnsMissing, match=f"^{re.escape(text)}$"):
        stages_of(
            pd.DataFrame({"x": [1.0]}),
            (StageRule(stage="one", when=(Condition(column="y", below=0),)),),
        )


def test_a_condition_that_nothing_meets_is_refused() -> None:
    with pytest.raises(ValidationError, match=re.escape("has 2.0 and 1.0; give a bound")):
        Condition(column="x", at_least=2, below=1)


def test_who_is_known_twice_is_one_customer() -> None:
    known = pd.Series([1, 2, 99], index=["new", "new", "later"])
    assert stage_figures(bought(("a", 3, 1.0)), 10, 5, known).index.tolist() == ["a", "new"]


@pytest.mark.parametrize("days", [[], [100, 200, 100]])
def test_a_history_without_days_or_with_one_twice_is_refused(days: list[int]) -> None:
    text = f"a history of stages needs days, each once, but was given {days}; pass them in order"
    with pytest.raises(StagesUnclear, match=f"^{re.escape(text)}$"):
        stage_history(LINES, days, default_rules(QUIET), QUIET)
