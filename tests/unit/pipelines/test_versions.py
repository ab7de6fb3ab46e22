"""Names and aliases that every registry takes."""

import re

import pytest

from pipelines.versions import Logged, NameUnfit, checked_alias, checked_name


@pytest.mark.parametrize("alias", ["champion", "challenger", "last-good_2"])
def test_a_lower_case_alias_is_taken(alias: str) -> None:
    assert checked_alias(alias) == alias


@pytest.mark.parametrize("alias", ["Champion", "v2", "latest", "", "2nd", "a b", "a/b"])
def test_an_alias_that_could_be_confused_is_refused(alias: str) -> None:
    expected = (
        "an alias needs a lower-case letter, then lower-case letters, digits, dashes or "
        f"underscores, and is neither 'latest' nor like 'v1', but is {alias!r}"
    )
    with pytest.raises(NameUnfit, match=f"^{re.escape(expected)}$"):
        checked_alias(alias)


@pytest.mark.parametrize("name", ["complete_journey-churn", "shop.churn", "花店-churn"])
def test_a_plain_name_is_taken(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.parametrize("name", ["shop/churn", "shop:churn", "", "it's", 'a"b'])
def test_a_name_that_a_registry_would_refuse_is_refused(name: str) -> None:
    with pytest.raises(NameUnfit, match=f"but is {re.escape(repr(name))}$"):
        checked_name(name)


def test_a_logged_model_says_how_it_is_sealed() -> None:
    logged = Logged("r", "m-1", "file:///a", {"MLmodel": "ab"})
    assert logged.to_tags() == {
        "regulars.sha256": '{"MLmodel": "ab"}',
        "regulars.model_id": "m-1",
    }
