import pytest

from features.dialect import require_expression, require_format, require_pattern
from tests.loading import fully


@pytest.mark.parametrize(
    "text", ["a + 1", '"odd name" * 2', "a -- why", "'it''s'", "CASE WHEN a THEN 1 END"]
)
def test_one_expression_is_kept_as_it_is(text: str) -> None:
    assert require_expression(text) == text


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        *(("a b", ' (syntax error at or near "b")'), ("'a", " (unterminated string literal)")),
        *(("", ""), ("  ", ""), ("1); DROP TABLE loads; SELECT (1", "")),
    ],
)
def test_what_is_not_one_expression_is_refused(text: str, cause: str) -> None:
    with pytest.raises(ValueError, match=fully(f"needs one SQL expression{cause}")):
        require_expression(text)


def test_a_pattern_is_one_of_the_engine() -> None:
    assert require_pattern("(?i)POST|M") == "(?i)POST|M"
    with pytest.raises(ValueError, match=fully("needs a regular expression (missing ): ()")):
        require_pattern("(")
    text = "needs a regular expression (invalid perl operator: (?=)"
    with pytest.raises(ValueError, match=fully(text)):
        require_pattern("(?=a)")


def test_a_format_is_one_of_the_engine() -> None:
    assert require_format("%d.%m.%Y") == "%d.%m.%Y"
    text = (
        "needs a format such as %d/%m/%Y %H:%M (Failed to parse format specifier %Q: Unrecognized "
        "format for strftime/strptime: %Q)"
    )
    with pytest.raises(ValueError, match=fully(text)):
        require_format("%Q")
