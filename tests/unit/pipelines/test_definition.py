import re

import pytest

from pipelines.check import load_config
from pipelines.definition import (
    SettingsDiffer,
    changes,
    definition,
    require_same_definition,
    segments_definition,
)


def defined(*assignments: str) -> dict[str, str]:
    return definition(load_config(None, assignments).business)


def test_equal_settings_are_accepted() -> None:
    require_same_definition(defined(), defined("churn.search.trials=3", "score.reasons_for=7"))


def test_a_setting_that_changes_what_a_column_says_is_named_with_both_values() -> None:
    expected = (
        "scoring needs the settings that the model was trained under, but churn.horizon_days is 42 "
        'and was 28; time_zone is "Asia/Taipei" and was "America/New_York"; restore them or train '
        "again"
    )
    with pytest.raises(SettingsDiffer, match=re.escape(expected)):
        require_same_definition(
            defined(), defined("churn.horizon_days=42", "time_zone=Asia/Taipei")
        )


def test_segments_look_at_no_outcome_so_that_another_horizon_leaves_them() -> None:
    def told(*assignments: str) -> dict[str, str]:
        return segments_definition(load_config(None, assignments).business)

    same = told("churn.horizon_days=42", "segments.earlier_days=56", "segments.split.seed=3")
    assert same == told()
    assert changes(told(), told("segments.families=[price]")) == [
        'segments.families is ["price"] and was []'
    ]
