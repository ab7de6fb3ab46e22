"""What is not compared of segments: columns that they were made of, and all that tells these."""

from pathlib import Path

import pytest

from features.behaviour import columns, shape_of
from pipelines.check import load_config
from pipelines.profile_gathered import NothingToCompare, gathered
from pipelines.profile_groups import By
from pipelines.profile_segments import hidden_by
from tests.segments_shop import END, opened, purchases


def test_an_attribute_is_hidden_with_any_flag_of_its_levels() -> None:
    found = hidden_by(load_config("telco").business, ["tenure_months", "is_contract_one_year"])
    assert found == {"tenure_months", "is_contract_one_year", "contract"}


def test_segments_made_of_all_columns_leave_nothing_to_compare(
    tmp_path: Path, registry_template: Path
) -> None:
    market = opened(tmp_path, registry_template, purchases())
    business = market.job().business
    known = [each.name for each in columns(shape_of(business.sources, business.behaviour))]
    every = f"segments.columns=[{','.join(known)}]"
    version = market.train(every).version
    assert version is not None
    market.registry.move_alias(version.name, "champion", version.number)
    message = (
        f"^a comparison needs columns that do not say the same as the groups, but all {len(known)} "
        "do; compare by something else, or make segments of fewer columns$"
    )
    with pytest.raises(NothingToCompare, match=message):
        gathered(market.job(every), By("segment", END))
