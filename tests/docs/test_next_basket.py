"""What docs/next_basket.md shows runs, and names every recommender."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.next_basket.catalogue import RECOMMENDERS

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "next_basket.md").read_text(encoding="utf-8")


def test_every_recommender_is_described() -> None:
    before, _, _ = TEXT.partition("## The learner")
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \|", before, re.MULTILINE)
    assert [name for row in rows for name in re.findall(r"`(\w+)`", row)] == list(RECOMMENDERS)


def test_the_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    draws = np.random.default_rng(0)
    lines = pd.DataFrame(
        {
            "customer": draws.integers(0, 40, 4000),
            "day": draws.integers(0, 200, 4000),
            "item": [f"item {number}" for number in draws.geometric(0.2, 4000)],
        }
    )
    known: dict[str, object] = {
        "lines": lines,
        "prices": pd.DataFrame({"item": ["item 1", "item 1"], "day": [3, 90], "price": [2.0, 2.5]}),
        "segments": pd.DataFrame({"customer": range(40), "segment": [0, 1] * 20}),
        "rules_of": lambda _: pd.DataFrame(
            {"antecedent": [["item 1"]], "consequent": "item 2", "confidence": 0.5}
        ),
    }
    for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(block, "docs/next_basket.md", "exec"), known)  # noqa: S102  our own page
    told = capsys.readouterr().out
    assert "item 1" in told
    assert "Estimate(value=" in told
    names = ["score_rules", "rank_rules", "item_fact_price", "customer_fact_segment"]
    assert str(names) in told
