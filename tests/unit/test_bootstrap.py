"""What the set-up reads from the lock and from pip, and hands to uv."""

import re
from pathlib import Path

import pytest

import bootstrap

LOCK = """\
tqdm==4.70.1 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
uv==0.13.9 \\
    --hash=sha256:cc \\
    --hash=sha256:dd
uvicorn==0.54.0 \\
    --hash=sha256:ee
"""


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "requirements.lock"
    path.write_text(LOCK, encoding="utf-8")
    return path


def test_the_pin_of_uv_comes_with_all_its_hashes_and_nothing_else(lock: Path) -> None:
    assert bootstrap.pinned("uv", lock) == (
        "uv==0.13.9 \\\n    --hash=sha256:cc \\\n    --hash=sha256:dd\n"
    )


def test_the_last_pin_of_a_lock_is_found(lock: Path) -> None:
    assert bootstrap.pinned("uvicorn", lock) == "uvicorn==0.54.0 \\\n    --hash=sha256:ee\n"


def test_a_lock_without_uv_is_refused(lock: Path) -> None:
    text = "requirements.lock needs a pin for pip, but has none; run make lock"
    with pytest.raises(bootstrap.SetupFailed, match=f"^{re.escape(text)}$"):
        bootstrap.pinned("pip", lock)


def test_a_setting_from_the_environment_wins_over_one_from_a_file() -> None:
    lines = [
        ":env:.cert='/env.pem'",
        "global.cert='/file.pem'",
        "global.find-links='/wheels'",
        "install.find-links='/more'",
    ]
    assert bootstrap.pip_settings(lines) == {"cert": "/env.pem", "find-links": "/more"}


def test_the_indexes_of_pip_become_those_of_uv() -> None:
    settings = {
        "index-url": "https://mirror/simple",
        "extra-index-url": "\nfile:///one/simple\nfile:///two/simple",
        "find-links": "/wheels /more",
        "cert": "/ca.pem",
    }
    assert bootstrap.uv_environment(settings, {"PATH": "/bin"}) == {
        "PATH": "/bin",
        "UV_COMPILE_BYTECODE": "1",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_DEFAULT_INDEX": "https://mirror/simple",
        "UV_INDEX": "file:///one/simple file:///two/simple",
        "UV_FIND_LINKS": "/wheels,/more",
        "SSL_CERT_FILE": "/ca.pem",
    }


def test_what_is_already_said_to_uv_stays() -> None:
    said = {"UV_DEFAULT_INDEX": "https://mine/simple"}
    settings = {"index-url": "https://mirror/simple"}
    assert bootstrap.uv_environment(settings, said)["UV_DEFAULT_INDEX"] == "https://mine/simple"


def test_a_venv_that_was_not_completed_counts_as_missing(lock: Path, tmp_path: Path) -> None:
    made = bootstrap.Environment(tmp_path / "venv", lock)
    made.python.parent.mkdir(parents=True)
    made.python.touch()
    assert not bootstrap.is_installed(made, "digest")
    made.stamp.write_text("another digest", encoding="ascii")
    assert not bootstrap.is_installed(made, "digest")
    made.stamp.write_text("digest", encoding="ascii")
    assert bootstrap.is_installed(made, "digest")


def test_without_a_name_the_environment_is_that_of_every_day() -> None:
    made = bootstrap.asked_for([])
    assert (made.folder.name, made.lock.name) == (".venv", "requirements.lock")


def test_spark_has_an_environment_and_a_lock_of_its_own() -> None:
    made = bootstrap.asked_for(["spark"])
    assert (made.folder.name, made.lock.name) == (".venv-spark", "requirements-spark.lock")


@pytest.mark.parametrize("words", [["sparks"], ["spark", "again"]])
def test_another_environment_is_refused(words: list[str]) -> None:
    text = f"the one name it takes is spark, or none, but found {' '.join(words)!r}"
    with pytest.raises(bootstrap.SetupFailed, match=f"^{re.escape(text)}$"):
        bootstrap.asked_for(words)


def pins(lock: Path) -> dict[str, str]:
    """Lines of each package of a lock."""
    blocks = re.split(r"\n(?! )", lock.read_text(encoding="utf-8").strip())
    return {block.split("==")[0]: block for block in blocks}


def test_the_lock_of_spark_adds_pyspark_and_its_needs_and_changes_nothing() -> None:
    every_day, spark = (pins(bootstrap.ENVIRONMENTS[name].lock) for name in ("", "spark"))
    assert {name: spark.get(name) for name in every_day} == every_day
    assert spark.keys() - every_day.keys() == {"py4j", "pyspark"}
    assert "://" not in "".join(spark.values())
