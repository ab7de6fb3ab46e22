"""Rules of a grocer, mined by a Spark cluster."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from rich.console import Console

from pipelines import build, rules_train
from pipelines.check import load_config
from pipelines.jobs import Home, Job
from pipelines.progress import Steps
from tests.rules_shop import baskets, open_grocer

pytestmark = pytest.mark.spark


def test_a_cluster_gives_equal_rules_in_every_group(tmp_path: Path, spark_master: str) -> None:
    home = Home(tmp_path / "home")
    config = open_grocer(tmp_path, baskets(), splits=["overall", "store"], group_least=500)
    now, quiet = datetime(2024, 6, 1, tzinfo=UTC), Steps(Console(quiet=True))

    def job(*assignments: str) -> Job:
        return Job(load_config(str(config), assignments), home, now, quiet, "rules")

    build.run(job())
    own = rules_train.run(job())
    place = f'engine.spark={{master: "{spark_master}", memory: 512m}}'
    far = rules_train.run(job("rules.engine=spark", place))
    assert {group.name for group in far.found.groups} == {"all", "store: north"}
    assert far.found.groups == own.found.groups
    pd.testing.assert_frame_equal(own.found.rules, far.found.rules)
    assert far.version is not None
    assert list(job().spill.iterdir()) == []
