"""What is said where Spark is not installed, and how statements are spelled for it."""

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from features.spark import SparkMissing, answer, spelled

SETTINGS = SimpleNamespace(master="local[1]", memory="1g")


def test_without_its_package_the_extra_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    text = (
        "the engine Spark needs the package pyspark, which is not installed; install the extra "
        "regulars[spark] and Java 17"
    )
    with pytest.raises(SparkMissing, match=f"^{re.escape(text)}$"):
        answer(SETTINGS, {}, [], "SELECT 1", tmp_path / "answer")


def test_without_java_its_place_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: object())
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    text = (
        f"the engine Spark needs Java 17, but there is no java in JAVA_HOME={tmp_path}; install "
        "it, or let JAVA_HOME name its folder"
    )
    with pytest.raises(SparkMissing, match=f"^{re.escape(text)}$"):
        answer(SETTINGS, {}, [], "SELECT 1", tmp_path / "answer")


@pytest.mark.parametrize(
    ("statement", "spark"),
    [
        (r"SELECT 'a\b'", r"SELECT 'a\\b'"),
        (r"SELECT 'it''s \', 'x\'", r"SELECT 'it''s \\', 'x\\'"),
        (r"""SELECT 1 AS "a\'b", 'c\'""", r"""SELECT 1 AS "a\'b", 'c\\'"""),
        ("SELECT 1 -- it's \\\n, '\\'", "SELECT 1 -- it's \\\n, '\\\\'"),
        (r"SELECT /* ' \ */ '\'", r"SELECT /* ' \ */ '\\'"),
    ],
)
def test_a_backslash_is_doubled_in_texts_alone(statement: str, spark: str) -> None:
    assert spelled(statement) == spark
