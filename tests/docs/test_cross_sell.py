"""What docs/cross_sell.md shows runs."""

import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "cross_sell.md").read_text(encoding="utf-8")
DAYS = [date(2026, 3, 1) + timedelta(days=28 * place) for place in range(4)]


def test_the_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    draws = np.random.default_rng(0)
    customer = draws.integers(0, 120, 9000)
    taste = (customer % 3) + 3 * draws.integers(0, 10, 9000)
    category = np.where(draws.random(9000) < 0.8, taste, draws.integers(0, 30, 9000))
    known: dict[str, object] = {
        "purchases": pd.DataFrame(
            {
                "customer": customer,
                "category": [f"category {number:02}" for number in category],
                "bought_on": np.datetime64("2026-01-01") + draws.integers(0, 200, 9000),
            }
        ),
        "behaviour": {day: pd.DataFrame({"orders": draws.random(120)}) for day in DAYS},
        "profiles": pd.DataFrame(
            {
                "age": draws.integers(18, 80, 120).astype(float),
                "region": draws.choice(["north", "south"], 120),
            }
        ),
    }
    for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(block, "docs/cross_sell.md", "exec"), known)  # noqa: S102  our own page
    told = capsys.readouterr().out
    assert "0 category" in told
    assert "average_precision by" in told
    assert "(2, 30) profiles tell " in told
