"""What docs/offers.md shows runs, and names every policy, reason and count."""

import re
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from models.offers.candidates import COLUMNS
from models.offers.policies import KINDS, LEFT_OUT, Policies
from models.offers.reasons import ReasonKind

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "offers.md").read_text(encoding="utf-8")
ITEMS, CUSTOMERS, AS_OF = 12, 40, 200


def section(title: str) -> str:
    return TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(title: str) -> list[str]:
    rows = re.findall(r"^\| ([^|]+) \|", section(title), re.MULTILINE)
    return [name for row in rows for name in re.findall(r"`(\w+)`", row)]


def test_every_policy_is_in_the_table_with_its_count() -> None:
    assert set(first_cells("Policies")) == set(Policies.model_fields)
    rows = re.findall(r"\| ([^|]*) \|$", section("Policies"), re.MULTILINE)
    counts = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    assert sorted(counts) == sorted(LEFT_OUT)


def test_every_reason_is_in_the_table() -> None:
    reasons = [name for name in first_cells("Reasons") if name != "reason_kind"]
    assert sorted(reasons) == sorted(get_args(ReasonKind))


def test_every_column_of_candidates_is_in_the_table() -> None:
    assert set(COLUMNS) <= set(first_cells("The table"))


def known() -> dict[str, object]:
    """What the page takes for granted: purchases, items, candidates and evidence."""
    draws = np.random.default_rng(0)
    purchases = pd.DataFrame(
        {
            "customer": draws.integers(0, CUSTOMERS, 3000),
            "day": draws.integers(0, AS_OF, 3000),
            "item": draws.integers(0, ITEMS, 3000),
        }
    ).sort_values(["customer", "day"])
    labels = [f"product:{item}" for item in range(ITEMS)]
    items = pd.DataFrame(
        {
            "label": labels,
            "title": [f"ITEM {item}" for item in range(ITEMS)],
            "price": 2.0,
            "unit_margin": 0.5,
            "in_category": [f"category:{item % 3}" for item in range(ITEMS)],
            "in_brand": ["brand:Acme", *["brand:Other"] * (ITEMS - 1)],
        }
    )
    pairs = pd.MultiIndex.from_product([range(CUSTOMERS), range(ITEMS)], names=["customer", "item"])
    candidates = pairs.to_frame(index=False).assign(
        kind=draws.choice(KINDS, len(pairs)), probability=draws.random(len(pairs)), units=1.0
    )
    rules = {"antecedent": [1], "consequent": [2], "confidence": [0.5], "lift": [2.0]}
    lately = {"customer": range(CUSTOMERS), "item": 1, "days_since": 3}
    return {
        "purchases": purchases,
        "as_of": AS_OF,
        "items": items,
        "candidates": candidates,
        "stock": frozenset(labels[:-1]),
        "rules": pd.DataFrame(rules),
        "lately": pd.DataFrame(lately),
        "popularity": np.linspace(0.1, 0.3, ITEMS),
    }


def test_the_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    names = known()
    for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(block, "docs/offers.md", "exec"), names)  # noqa: S102  our own page
    told = capsys.readouterr().out
    assert "expected_margin" in told
    assert "'out_of_stock': 40" in told
    assert told.rstrip().endswith("this customer has no history")
