from datetime import date
from pathlib import Path

import pytest

from pipelines.yamlfile import ConfigUnreadable, override, read_yaml
from tests.loading import fully


def read(folder: Path, text: str) -> dict[str, object]:
    (folder / "a.yaml").write_text(text, encoding="utf-8")
    return read_yaml(folder / "a.yaml")


def test_values_have_the_types_of_yaml(tmp_path: Path) -> None:
    text = "a: 1\nb: [x, 2.5, null, true]\nc: {d: 2024-01-31}\n'1': '2'\n"
    assert read(tmp_path, text) == {
        "a": 1,
        "b": ["x", 2.5, None, True],
        "c": {"d": date(2024, 1, 31)},
        "1": "2",
    }


def test_the_same_key_may_stand_in_two_sections(tmp_path: Path) -> None:
    assert read(tmp_path, "a: {x: 1}\nb: {x: 2}\n") == {"a": {"x": 1}, "b": {"x": 2}}


def test_a_key_that_stands_twice_in_an_inner_section_is_refused(tmp_path: Path) -> None:
    text = f"{tmp_path}/a.yaml needs to be plain YAML, but at line 1, column 11: the key 'x' stands"
    with pytest.raises(ConfigUnreadable, match=fully(f"{text} twice")):
        read(tmp_path, "a: {x: 1, x: 2}\n")


def test_two_documents_are_refused(tmp_path: Path) -> None:
    text = f"{tmp_path}/a.yaml needs to be plain YAML, but at line 2, column 1: but found another "
    with pytest.raises(ConfigUnreadable, match=fully(f"{text}document")):
        read(tmp_path, "a: 1\n---\nb: 2\n")


def test_a_name_that_no_file_can_have_is_refused() -> None:
    with pytest.raises(ConfigUnreadable, match=r"^a config needs to be a file in UTF-8, but a\0b"):
        read_yaml(Path("a\0b"))


@pytest.mark.parametrize(
    ("assignment", "settings"),
    [
        ("a=2", {"a": 2, "b": {"c": 1}}),
        ("b.c=x y", {"a": 1, "b": {"c": "x y"}}),
        ("b.d=[1, 2]", {"a": 1, "b": {"c": 1, "d": [1, 2]}}),
        ("n.e.w=2024-01-31", {"a": 1, "b": {"c": 1}, "n": {"e": {"w": date(2024, 1, 31)}}}),
        ("b=", {"a": 1, "b": None}),
        ("a=b=c", {"a": "b=c", "b": {"c": 1}}),
        ("b.c={x: 1}", {"a": 1, "b": {"c": {"x": 1}}}),
    ],
)
def test_an_assignment_replaces_one_value(assignment: str, settings: dict[str, object]) -> None:
    before = {"a": 1, "b": {"c": 1}}
    assert override(before, assignment) == settings
    assert before == {"a": 1, "b": {"c": 1}}


def test_an_assignment_begins_a_section_that_is_blank() -> None:
    assert override({"a": None}, "a.b=1") == {"a": {"b": 1}}


def test_an_assignment_does_not_go_through_a_list() -> None:
    text = "--set a.0 needs a section at each step, but '0' is inside a value"
    with pytest.raises(ConfigUnreadable, match=fully(text)):
        override({"a": [1]}, "a.0=2")
