"""What docs/value.md shows runs, and the columns and models that it names exist."""

import re
from pathlib import Path

import numpy as np
import pandas as pd

from models.metrics import Estimate
from models.value import catalogue
from models.value.forecast import ONE_PURCHASE

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "value.md").read_text(encoding="utf-8")


def bought() -> pd.DataFrame:
    """A year and a half of purchases of two thousand made-up customers."""
    random = np.random.default_rng(2)
    count = 2000
    first = random.integers(0, 84, count)
    left = np.minimum(540, first + random.exponential(300, count))
    number = random.poisson(random.gamma(0.7, 0.02, count) * (left - first))
    customer = np.repeat(np.arange(count), number + 1)
    again = first[customer] + random.random(len(customer)) * (left - first)[customer]
    is_first = np.diff(customer, prepend=-1) > 0
    days = np.where(is_first, first[customer], again).astype(int)
    usual = 20 / random.gamma(3.0, 1 / 3.0, count)
    return pd.DataFrame(
        {
            "customer": customer,
            "bought_on": np.datetime64("1997-01-01") + days,
            "spend": random.gamma(4.0, usual[customer] / 4),
        }
    )


def test_the_examples_run_and_give_what_is_described() -> None:
    known: dict[str, object] = {"bought": bought()}
    for block in re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL):
        exec(compile(block, "docs/value.md", "exec"), known)  # noqa: S102  our own page
    summary, total = known["summary"], known["total"]
    assert isinstance(summary, pd.DataFrame)
    for name in summary.columns.drop("customer"):
        assert f"`{name}`" in TEXT
    shown = {
        name: re.findall(rf"{name} = .*  # (.*)\n", TEXT)[0] for name in ("told", "there", "worth")
    }
    for name, columns in shown.items():
        table = known[name]
        assert isinstance(table, pd.DataFrame)
        assert list(table.columns) == columns.split(", ")
        assert len(table) == len(summary)
    assert isinstance(total, Estimate)
    assert total.low < total.value < total.high


def test_models_and_reasons_that_the_page_names_exist() -> None:
    for name in ("BG_NBD", "MBG_NBD", "PARETO_NBD", "BG_BB", "mbg_cnbd_k"):
        assert f"`{name}" in TEXT
        assert hasattr(catalogue, name)
    assert f"`{ONE_PURCHASE}`" in TEXT
