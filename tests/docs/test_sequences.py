"""Every example of docs/sequences.md runs, and the settings it names are all there are."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from models.sequences.mining import Wanted
from models.sequences.sequences import Sequences, sequences_of

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "sequences.md").read_text(encoding="utf-8")


def visits() -> Sequences:
    steps = ["home", "product", "cart", "paid"]
    rows = pd.DataFrame({"who": 1, "when": range(4), "what": steps})
    return sequences_of(rows, "who", "when", "what")


def test_the_examples_run() -> None:
    random = np.random.default_rng(1)
    days = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 90, 300), unit="D")
    lines = pd.DataFrame(
        {
            "customer": random.integers(0, 20, 300),
            "bought_at": days,
            "category": random.choice(["TEA", "MILK", "SOUP"], 300),
        }
    )
    known: dict[str, Any] = {"lines": lines, "visits": visits(), "as_of": 19_780, "until": 19_900}
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) == 5
    here = [block for block in blocks if "Cluster" not in block]  # that one is of the Spark suite
    assert len(here) == 4
    for block in here:
        of_few = block.replace("support=0.0", "support=0.3")
        exec(of_few, known)  # noqa: S102  the page's own examples
    assert known["found"].sequences == 1


def test_every_setting_of_patterns_is_described() -> None:
    named = set(re.findall(r"`(\w+)`", TEXT))
    assert set(Wanted.model_fields) - {"threads"} <= named
