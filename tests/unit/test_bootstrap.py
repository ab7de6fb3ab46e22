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


def test_the_pin_of_uv_comes_with_all_its_hashes_and_nothing_else() -> None:
    assert bootstrap.pinned("uv", LOCK) == (
        "uv==0.13.9 \\\n    --hash=sha256:cc \\\n    --hash=sha256:dd\n"
    )


def test_the_last_pin_of_a_lock_is_found() -> None:
    assert bootstrap.pinned("uvicorn", LOCK) == "uvicorn==0.54.0 \\\n    --hash=sha256:ee\n"


def test_a_lock_without_uv_is_refused() -> None:
    text = "requirements.lock needs a pin for pip, but has none; run make lock"
    with pytest.raises(bootstrap.SetupFailed, match=f"^{re.escape(text)}$"):
        bootstrap.pinned("pip", LOCK)


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


def test_a_venv_that_was_not_completed_counts_as_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    python, stamp = tmp_path / "python", tmp_path / "stamp"
    monkeypatch.setattr(bootstrap, "PYTHON", python)
    monkeypatch.setattr(bootstrap, "STAMP", stamp)
    python.touch()
    assert not bootstrap.is_installed("digest")
    stamp.write_text("another digest", encoding="ascii")
    assert not bootstrap.is_installed("digest")
    stamp.write_text("digest", encoding="ascii")
    assert bootstrap.is_installed("digest")
