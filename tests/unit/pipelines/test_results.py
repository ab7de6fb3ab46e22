import io
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from rich.console import Console

from pipelines.check import load_config
from pipelines.jobs import Home, Job
from pipelines.progress import Steps
from pipelines.results import scored
from pipelines.score import SCHEMA, Scored
from pipelines.tables import write_partition
from pipelines.versions import Version

DAY = date(2018, 1, 1)
NOW = datetime(2018, 1, 1, tzinfo=UTC)


def customer(name: str, decile: int, at_risk: float | None, **others: Any) -> dict[str, Any]:
    known = {"customer": name, "as_of": DAY, "probability": 0.5, "decile": decile}
    told = {"reasons": ["days: 9", "spend: USD 0", "a third"], "cause": "rival", "play": "gifts"}
    version = {"model_version": 1, "run_id": "r"}
    return {**known, "spend_at_risk": at_risk, "cause_share": 0.5, **told, **version, **others}


def named(tmp_path: Path, *rows: dict[str, Any]) -> list[str]:
    """Lines on the terminal from the heading of those worth calling on."""
    path = tmp_path / "scores.parquet"
    batch = pa.RecordBatch.from_pylist(list(rows), SCHEMA)
    manifest = write_partition(path, [batch], SCHEMA, {})
    version = Version("shop-churn", 1, "r", "s", {}, (), NOW)
    steps = Steps(Console(file=io.StringIO()))
    job = Job(load_config(None), Home(tmp_path), NOW, steps)
    lines = scored(job, Scored(path, manifest, DAY, version, (), None))
    return [" ".join(line.replace("\N{NO-BREAK SPACE}", " ").split()) for line in lines[3:]]


def test_of_the_most_endangered_tenth_those_with_most_at_risk_are_named_first(
    tmp_path: Path,
) -> None:
    rows = (
        customer("ann", 1, 90_000.0),
        customer("bob", 2, 990_000.0),
        customer("cat", 1, 120_000.0, play=None, cause="need gone"),
        customer("dan", 1, None, probability=0.9),
        customer("eve", 1, 950_000.0, reasons=None),
        customer("fay", 1, 90_000.0, probability=0.7),
    )
    assert named(tmp_path, *rows) == [
        "",
        "Most worth calling",
        "customer chance to leave spend at risk play why",
        "cat 50 % USD 1,200 days: 9; spend: USD 0",
        "fay 70 % USD 900 gifts days: 9; spend: USD 0",
        "ann 50 % USD 900 gifts days: 9; spend: USD 0",
        "dan 90 % USD 0 gifts days: 9; spend: USD 0",
    ]


def test_no_more_than_ten_are_named(tmp_path: Path) -> None:
    lines = named(tmp_path, *(customer(f"c{number}", 1, 100.0) for number in range(30)))
    assert [line.split()[0] for line in lines[3:]] == [f"c{number}" for number in range(10)]


def test_what_nobody_has_is_not_shown(tmp_path: Path) -> None:
    assert named(tmp_path, customer("ann", 1, None, play=None))[2:] == [
        "customer chance to leave why",
        "ann 50 % days: 9; spend: USD 0",
    ]


@pytest.mark.parametrize("decile", [1, 2])
def test_where_nobody_is_explained_nobody_is_named(tmp_path: Path, decile: int) -> None:
    lines = named(tmp_path, customer("ann", decile, 100.0, reasons=None))
    assert lines == ["score.reasons_for is 0: nobody is named"]
