"""What docs/money.md says of settings and columns is what there is."""

import re
from pathlib import Path

import yaml

from models.economics import Economics
from pipelines.config import Budget
from pipelines.targets import TARGETED

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "money.md").read_text(encoding="utf-8")


def test_the_examples_are_valid_settings() -> None:
    economics, budget = (
        yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL)
    )
    assert Economics.model_validate(economics["churn"]["economics"]) == Economics()
    assert Budget.model_validate(budget["score"]["budget"]) == Budget(money=500)


def test_every_column_of_offers_is_described() -> None:
    assert re.findall(r"^\| `([a-z_]+)` \|", TEXT, re.MULTILINE) == TARGETED.names
