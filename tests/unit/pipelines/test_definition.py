import re

import pytest

from pipelines.check import load_config
from pipelines.definition import SettingsDiffer, definition, require_same_definition


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
