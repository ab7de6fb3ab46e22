import re
from typing import get_args

import pytest

from features.contract import Cause
from pipelines.check import ConfigInvalid, load_config
from pipelines.plays import Plays
from pipelines.writeup import recipe_of


def chosen(*assignments: str) -> Plays:
    return load_config(None, assignments).business.churn.plays


def test_the_table_has_a_line_for_every_cause_and_for_nothing_else() -> None:
    assert set(Plays.model_fields) == {cause.replace(" ", "_") for cause in get_args(Cause)}


def test_each_cause_is_answered_by_its_play_and_a_need_that_is_gone_by_none() -> None:
    assert {cause: Plays().answering(cause) for cause in get_args(Cause)} == {
        "novelty": "welcome",
        "dissatisfaction": "reliability",
        "rival": "personal offer",
        "conflict": "responsiveness",
        "lost trust": "reliability",
        "need gone": None,
        "habit fading": "recognition",
    }


def test_one_line_can_be_edited_and_the_others_stay() -> None:
    plays = chosen("churn.plays.lost_trust=a call by the manager", "churn.plays.rival=null")
    assert plays.answering("lost trust") == "a call by the manager"
    assert plays.answering("rival") is None
    assert plays.answering("conflict") == "responsiveness"


@pytest.mark.parametrize(
    ("assignment", "text"),
    [
        (
            "churn.plays.lost trust=a call",
            "churn.plays.lost trust: unknown key; did you mean lost_trust?",
        ),
        (
            "churn.plays.boredom=a call",
            (
                "churn.plays.boredom: unknown key; valid here: conflict, dissatisfaction, "
                "habit_fading, lost_trust, need_gone, novelty, rival"
            ),
        ),
        (
            "churn.plays.rival=''",
            "churn.plays.rival: String should have at least 1 character, but found ''",
        ),
    ],
)
def test_an_unknown_cause_and_a_play_without_a_name_are_refused(assignment: str, text: str) -> None:
    with pytest.raises(ConfigInvalid, match=f"{re.escape(text)}$"):
        chosen(assignment)


def test_another_play_asks_for_no_training() -> None:
    recipes = [
        recipe_of(load_config(None, assignments).business, "columns", "data").digest
        for assignments in ((), ("churn.plays.rival=gifts",), ("churn.horizon_days=42",))
    ]
    assert recipes[0] == recipes[1] != recipes[2]
