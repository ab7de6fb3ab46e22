"""What docs/segments.md shows runs, and what it says of settings is so."""

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from models.migration import Migration
from models.segments.portraits import Gallery
from models.segments.settings import SegmentsSpec

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "segments.md").read_text(encoding="utf-8")


def customers(rows: int, seed: int) -> pd.DataFrame:
    draws = np.random.default_rng(seed)
    is_large = draws.random(rows) < 0.4
    return pd.DataFrame(
        {
            "spend_91d": np.exp(draws.normal(size=rows) * 0.4 + np.where(is_large, 10, 7)),
            "orders_per_week": draws.normal(size=rows) * 0.3 + np.where(is_large, 4, 1),
            "is_member": (draws.random(rows) < np.where(is_large, 0.8, 0.2)).astype(float),
            "region": np.where(draws.random(rows) < 0.5, "north", "south"),
        }
    )


def test_the_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    first, later = customers(600, 1), customers(500, 2)
    known: dict[str, object] = {
        "customers": first,
        "customers_later": later,
        "value": first["spend_91d"].to_numpy(),
        "value_later": later["spend_91d"].to_numpy(),
        "churn": np.full(600, 0.1),
        "offers": np.full(600, np.nan),
    }
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert len(blocks) == 4
    with threadpool_limits(limits=1):
        for block in blocks:
            exec(compile(block, "docs/segments.md", "exec"), known)  # noqa: S102  our own page
    told = capsys.readouterr().out
    assert told.startswith("2 segments: customers drawn anew show them again")
    assert "high orders per week" in told or "high spend 91d" in told
    shown, moved = known["shown"], known["moved"]
    assert isinstance(shown, Gallery)
    assert all(each.rule.is_pure for each in shown.portraits)
    assert isinstance(moved, Migration)
    assert moved.moves["customers"].sum() == 600


def test_what_the_page_says_of_settings_is_so() -> None:
    told = " ".join(TEXT.split())
    named = set(re.findall(r"\(`([a-z_]+)`", told)) - {"is_pure"} | {"fit_most", "fewest", "most"}
    assert named <= set(SegmentsSpec.model_fields)
    assert named >= {"sample", "least_share", "rand_least", "jaccard_least", "category_weight"}
    spec = SegmentsSpec()
    assert f"a sample of {spec.sample:,} customers" in told
    assert f"{spec.resamples} times customers are drawn" in told
    assert f"at most {spec.anchors_most:,} kept customers" in told
    assert f"{spec.fit_most:,} customers (`fit_most`" in told
    assert (spec.rand_least, spec.jaccard_least, spec.least_share) == (0.8, 0.75, 0.03)
    assert f"{spec.components_most} at most" in told
