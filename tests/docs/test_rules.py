"""What docs/rules.md says of settings and columns is what there is."""

import re
from pathlib import Path

from pipelines.rule_settings import Rules
from pipelines.rules_train import OUTPUTS

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")


def test_settings_that_the_page_names_exist() -> None:
    named = set(re.findall(r"`rules\.([a-z_]+)`", TEXT)) - {"parquet", "html"}
    assert named <= set(Rules.model_fields)
    assert named >= {"fdr", "test_as_of", "confirm_days", "hold_least", "age_most"}


def test_columns_of_a_recommendation_are_described() -> None:
    sentence = re.search(r"^Columns are (.*?)\. Items", TEXT, re.MULTILINE | re.DOTALL)
    assert sentence is not None
    assert re.findall(r"`([a-z]+)`", sentence[1]) == list(OUTPUTS)
