"""What docs/up_sell.md shows runs, and its tables name what there is."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.up_sell.rates import BASELINES
from tests.up_shop import Shop, made_up

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "up_sell.md").read_text(encoding="utf-8")


def contracts() -> pd.DataFrame:
    random = np.random.default_rng(0)
    rows = []
    for customer in range(300):
        level = int(random.integers(0, 2))
        for date in range(4):
            usage = random.random()
            rows.append((customer, 30 * date, ("basic", "plus", "pro")[level], usage))
            level = min(level + (usage > 0.9), 2)
    return pd.DataFrame(rows, columns=["customer", "as_of", "plan", "usage_share"])


def test_every_baseline_is_described() -> None:
    assert tuple(re.findall(r"^\| `([a-z_]+)` \|", TEXT, re.MULTILINE)) == BASELINES


def test_the_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    bought = made_up(Shop(customers=120, needs=3))
    # Two products a tier, so that they can be cut.
    is_odd = np.arange(len(bought)) % 2 == 1
    bought["product"] = bought["product"].where(~is_odd, bought["product"] + " decaf")
    products = pd.DataFrame({"product": sorted(bought["product"].unique())})
    products["need"] = products["product"].str[:8]
    known: dict[str, object] = {
        "purchases": bought,
        "products": products,
        "as_of": 280,
        "contracts": contracts(),
    }
    for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(block, "docs/up_sell.md", "exec"), known)  # noqa: S102  our own page
    told = capsys.readouterr().out
    assert "average_precision" in told
    assert "over transition_rate" in told
    assert re.search(r"coffee \d better", told)
    assert "basic" in told
