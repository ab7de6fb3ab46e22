"""What docs/reasons.md says of plays is what the config has."""

import re
from pathlib import Path
from typing import get_args

import yaml

from features.contract import Cause
from pipelines.explained import EXPLAINED
from pipelines.plays import Plays

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "reasons.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| `([a-z ]+)`: [^|]+ \| ([^|]+) \| [^|]+ \|$", re.MULTILINE)


def test_the_table_of_plays_is_that_of_the_settings() -> None:
    told = {cause: None if play == "none" else play for cause, play in ROW.findall(TEXT)}
    assert told == {cause: Plays().answering(cause) for cause in get_args(Cause)}


def test_the_example_of_an_edited_table_is_a_valid_one() -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    plays = Plays.model_validate(yaml.safe_load(block)["churn"]["plays"])
    assert (plays.rival, plays.habit_fading) == ("price match", None)


def test_every_column_that_explains_a_score_is_described() -> None:
    assert re.findall(r"^\| `([a-z_]+)` \|", TEXT, re.MULTILINE) == EXPLAINED.names
