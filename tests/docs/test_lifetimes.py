"""What docs/lifetimes.md says of columns and commands is what there is."""

import re
from pathlib import Path

from pipelines.config import Lifetime
from pipelines.lifetime_score import schema

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "lifetimes.md").read_text(encoding="utf-8")


def test_every_column_of_lifetimes_is_described() -> None:
    before, _, _ = TEXT.partition("## What the end of a lifetime is")
    described = re.findall(r"^\| `([a-z0-9_]+)` \|", before, re.MULTILINE)
    identity, run = ["customer", "as_of"], ["model_version", "run_id"]
    assert [*identity, *described, *run] == schema((4,)).names


def test_settings_that_the_page_names_exist() -> None:
    named = set(re.findall(r"`lifetime\.([a-z_]+)", TEXT))
    assert named <= set(Lifetime.model_fields)
    assert named >= {"weeks", "horizons_weeks"}
