"""What docs/profile.md shows runs, and its settings and columns are what there is."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pipelines.profile_settings import Profiling

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "profile.md").read_text(encoding="utf-8")


def test_the_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    draws = np.random.default_rng(0)
    place = draws.integers(0, 3, 300)
    spend = draws.gamma(4, 20, 300) * (1 + place)
    known: dict[str, object] = {
        "segments": np.array(["gold", "silver", "bronze"], dtype=object)[place],
        "spend": spend,
        "table": pd.DataFrame(
            {
                "spend": spend,
                "orders": draws.poisson(4, 300).astype(float),
                "days": draws.gamma(2, 10, 300),
                "lines": draws.normal(size=300),
            }
        ),
        "home": draws.choice(np.array(["owner", "renter"], dtype=object), 300),
    }
    for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(block, "docs/profile.md", "exec"), known)  # noqa: S102  our own page
    told = capsys.readouterr().out
    assert "True" in told
    assert "Spend: " in told
    assert "Taken together, 4 columns do differ between the groups" in told


def test_settings_that_the_page_names_exist() -> None:
    named = set(re.findall(r"`profile\.([a-z_]+)", TEXT)) - {"parquet"}
    assert named <= set(Profiling.model_fields)
    assert {"group_least", "adjustment", "columns_most"} <= named
