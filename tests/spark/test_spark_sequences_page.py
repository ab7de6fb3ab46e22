"""The example of docs/sequences.md that needs a cluster runs on one."""

import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from models.sequences.mining import Wanted

pytestmark = pytest.mark.spark

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "sequences.md").read_text(encoding="utf-8")


def test_the_example_on_a_cluster_runs(tmp_path: Path, spark_master: str) -> None:
    lines = pd.DataFrame({"customer": [1, 1, 2], "day": [1, 2, 1], "category": ["a", "b", "a"]})
    lines.to_parquet(tmp_path / "lines.parquet")
    blocks = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)
    (block,) = (block for block in blocks if "Cluster" in block)
    block = block.replace("        frequent_elsewhere(", "        found = frequent_elsewhere(")
    for written, here in {
        "spark://host:7077": spark_master,
        "8g": "512m",
        "/mnt/shared/spill": str(tmp_path),
        "s3a://shop/lines/": f"file://{tmp_path}/lines.parquet",
    }.items():
        assert written in block
        block = block.replace(written, here)
    known: dict[str, Any] = {"Wanted": Wanted}
    exec(block, known)  # noqa: S102  the page's own example
    assert dict(known["found"].each()) == {(("a",),): 2, (("b",),): 1, (("a",), ("b",)): 1}
