import re

import pytest

from models.metrics import METRICS
from pipelines.config import Business, Gates
from pipelines.reference import SettingUnknown, described, lines


def test_every_setting_has_a_meaning() -> None:
    without = [each.path for each in described(Business) if not each.meaning]
    assert without == []


def test_a_setting_says_what_it_takes_its_default_and_its_meaning() -> None:
    assert lines("churn.horizon_days") == [
        "churn.horizon_days: int (default 28)",
        "    Days without a purchase that count.",
    ]


def test_keys_that_the_reader_names_stand_as_name() -> None:
    paths = {each.path for each in described(Business)}
    assert "sources.customers.attributes.NAME.levels" in paths
    assert "sources.orders.columns.ordered_at" in paths
    assert "churn.search.trials" in paths


def test_a_section_that_is_not_there_is_refused_with_the_nearest() -> None:
    expected = "there is no setting 'churn.serch'; did you mean 'churn.search'?"
    with pytest.raises(SettingUnknown, match=re.escape(expected)):
        lines("churn.serch")


def test_the_metrics_that_a_gate_may_use_are_those_there_are() -> None:
    for metric in METRICS:
        assert Gates.model_validate({"metric": metric}).metric == metric
