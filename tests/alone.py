"""A stored model in an environment that has its requirements and nothing of this project."""

import os
import subprocess
import sys
from pathlib import Path


def run_alone(model: Path, scratch: Path, script: str, *words: str) -> None:
    """Install what the model asks for, and run a script there; its folder is the first word."""
    environment = scratch / "environment"
    python, uv = environment / "bin" / "python", [sys.executable, "-m", "uv"]
    needs = str(model / "requirements.txt")
    subprocess.run([*uv, "venv", "-q", "-p", sys.executable, str(environment)], check=True)
    subprocess.run([*uv, "pip", "install", "-q", "-p", str(python), "-r", needs], check=True)
    done = subprocess.run(
        [str(python), "-I", "-c", script, str(model), *words],
        cwd=scratch,
        env={name: value for name, value in os.environ.items() if not name.startswith("PYTHON")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
