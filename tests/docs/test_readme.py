"""Every command that the README and CONTRIBUTING show exists, and the runnable ones run."""

import os
import re
import shlex
import subprocess
import sys
from itertools import takewhile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pipelines.cli import app

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"(<!-- runs -->\n)?```bash\n(.*?)```", re.DOTALL)
"""A block of shell lines; ``<!-- runs -->`` above it says that it runs as it stands."""


def blocks(document: str) -> list[tuple[bool, list[str]]]:
    """Blocks of a document: whether it runs as it stands, and its commands."""
    text = (ROOT / document).read_text(encoding="utf-8")
    return [
        (bool(marked), [line for line in body.splitlines() if line.strip()])
        for marked, body in BLOCK.findall(text)
    ]


def commands(program: str) -> list[str]:
    """Every command of a program in the documents, once each."""
    lines = [
        line
        for document in ("README.md", "CONTRIBUTING.md")
        for _, body in blocks(document)
        for line in body
        if line.split()[0] == program
    ]
    return sorted(set(lines))


def help_of(words: list[str]) -> str:
    """What the command says about itself, in a terminal that is wide enough."""
    plain = {"COLUMNS": "200", "NO_COLOR": "1", "TERM": "dumb"}
    done = CliRunner().invoke(app, [*words, "--help"], env=plain, terminal_width=200)
    assert done.exit_code == 0, done.output
    return done.output


def test_the_readme_shows_the_two_commands_on_lines_of_their_own() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert {"make run", "make test"} <= set(lines)
    assert len(lines) <= 150


@pytest.mark.parametrize("line", commands("make"))
def test_a_make_target_in_the_documents_exists(line: str) -> None:
    done = subprocess.run(
        ["make", "--dry-run", *shlex.split(line, comments=True)[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("line", commands("regulars"))
def test_a_command_in_the_documents_exists_with_its_options(line: str) -> None:
    words = shlex.split(line, comments=True)[1:]
    command = list(takewhile(lambda word: not word.startswith("-"), words))
    asked = {word.split("=")[0] for word in words if word.startswith("--")}
    offered = set(re.findall(r"--[a-z][a-z-]*", help_of(command)))
    assert asked - offered == set()


@pytest.mark.parametrize(
    "target", re.findall(r"`make ([a-z-]+)`", (ROOT / "CONTRIBUTING.md").read_text())
)
def test_a_make_target_in_a_table_exists(target: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE)


@pytest.mark.slow
def test_the_lines_that_say_so_run(tmp_path: Path) -> None:
    runnable = [line for runs, body in blocks("README.md") if runs for line in body]
    assert runnable
    done = subprocess.run(
        ["bash", "-euc", "\n".join(runnable)],
        cwd=ROOT,
        env={
            **os.environ,
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "REGULARS_HOME": str(tmp_path / "home"),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
