"""Makes .venv from requirements.lock: the pinned uv by pip with its hash, by uv all the rest.

Needs only the standard library of Python 3.11. Does nothing when .venv already holds what the lock
asks for. Packages come from where pip of this machine gets them: uv does not read pip's settings,
so they are handed to it, and where uv still cannot reach them pip installs the same lock.
"""

import ast
import fcntl
import hashlib
import json
import logging
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.sha256"

UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "cert": "SSL_CERT_FILE",
    "trusted-host": "UV_INSECURE_HOST",
    "timeout": "UV_HTTP_TIMEOUT",
    "default-timeout": "UV_HTTP_TIMEOUT",
    "proxy": "ALL_PROXY",
}
"""What uv calls a setting of pip."""

SEPARATORS = {"UV_FIND_LINKS": ",", "UV_INDEX": " ", "UV_INSECURE_HOST": " "}
"""How uv separates the values of a setting that takes several."""

FOREIGN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "CONDA_PREFIX", "PIP_USER", "PIP_TARGET")
"""Variables that would send an installation elsewhere than to .venv."""

log = logging.getLogger("setup")


class SetupFailed(Exception):
    """The environment could not be made; the text says what to do."""


def wanted() -> str:
    """SHA-256 over all that decides what .venv must hold: lock, package, interpreter and place."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    package = [project["build-system"], project["project"], project["tool"]["hatch"]]
    interpreter = [sys.version, sys.base_prefix, str(ROOT)]
    facts = json.dumps([package, interpreter], sort_keys=True).encode()
    return hashlib.sha256(facts + LOCK.read_bytes() + Path(__file__).read_bytes()).hexdigest()


def is_installed(digest: str) -> bool:
    """Whether .venv was completed for this digest."""
    return PYTHON.exists() and STAMP.exists() and STAMP.read_text(encoding="ascii") == digest


def pinned(name: str, lock: str) -> str:
    """The lock's lines for one package: its version and hashes."""
    found = re.search(rf"^{re.escape(name)}==(?:.*\\\n)*.*\n", lock, flags=re.MULTILINE)
    if found is None:
        raise SetupFailed(f"{LOCK.name} needs a pin for {name}, but has none; run make lock")
    return found.group()


def pip_settings(lines: Iterable[str]) -> dict[str, str]:
    """Settings of pip by name, from the lines of ``pip config list``; the environment wins."""
    found: dict[str, str] = {}
    for section in ("global.", "install.", ":env:."):
        for line in lines:
            key, _, value = line.partition("=")
            if key.startswith(section) and value:
                found[key.removeprefix(section)] = str(ast.literal_eval(value))
    return found


def uv_environment(settings: Mapping[str, str], outer: Mapping[str, str]) -> dict[str, str]:
    """Variables that let uv find what pip finds; those already set stay as they are."""
    found = {"UV_COMPILE_BYTECODE": "1", "UV_INDEX_STRATEGY": "unsafe-best-match"}
    for name, variable in UV_NAMES.items():
        if name in settings:
            found[variable] = SEPARATORS.get(variable, " ").join(settings[name].split())
    return {**found, **outer}


def run(*words: str | Path, env: Mapping[str, str]) -> bool:
    """Whether the command succeeded; its output goes to the terminal."""
    return subprocess.run(words, env=dict(env), cwd=ROOT, check=False).returncode == 0


def make_venv(env: Mapping[str, str]) -> None:
    """Replace .venv by an empty environment of this interpreter."""
    if not run(sys.executable, "-m", "venv", "--clear", VENV, env=env):
        raise SetupFailed(
            f"a virtual environment needs the modules venv and ensurepip, but {sys.executable} "
            "could not make one; on Debian and Ubuntu install the package python3-venv"
        )


def install_uv(env: Mapping[str, str]) -> bool:
    """Whether pip could install the uv that the lock pins."""
    requirement = VENV / "uv.lock.txt"
    requirement.write_text(pinned("uv", LOCK.read_text(encoding="utf-8")), encoding="utf-8")
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes")
    return run(PYTHON, "-m", "pip", "install", *quiet, "-r", requirement, env=env)


def install_by_uv(env: Mapping[str, str]) -> bool:
    """Whether uv could install the lock and this project."""
    listed = subprocess.run(
        [PYTHON, "-m", "pip", "config", "list"], env=dict(env), capture_output=True, check=False
    )
    settings = pip_settings(listed.stdout.decode().splitlines())
    uv = (PYTHON, "-m", "uv", "pip")
    uv_env = uv_environment(settings, env)
    editable = ("install", "--python", PYTHON, "--no-deps", "--no-build-isolation", "-e", ".")
    return run(
        *uv, "sync", "--quiet", "--python", PYTHON, "--require-hashes", LOCK, env=uv_env
    ) and run(*uv, *editable, "--quiet", env=uv_env)


def install_by_pip(env: Mapping[str, str]) -> bool:
    """Whether pip could install the lock and this project."""
    pip = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps")
    return run(*pip, "--require-hashes", "-r", LOCK, env=env) and run(
        *pip, "--no-build-isolation", "-e", ".", env=env
    )


def make(digest: str) -> None:
    """Make .venv and stamp it with the digest once it is complete."""
    env = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    log.info("making %s from %s (minutes on an empty cache)", VENV.name, LOCK.name)
    make_venv(env)
    if not (install_uv(env) and install_by_uv(env)):
        log.warning("uv could not install %s as above; pip tries the same lock", LOCK.name)
        if not install_by_pip(env):
            raise SetupFailed(
                f"neither uv nor pip could install {LOCK.name}: the lines above say why. Nothing "
                "that differs from its hashes is installed; check the network and pip's settings"
            )
    STAMP.write_text(digest, encoding="ascii")


def main() -> str | None:
    """What went wrong, or None when .venv holds what the lock asks for."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    digest = wanted()
    with LOCK.open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # a second setup waits, and finds the work done
        if not is_installed(digest):
            try:
                make(digest)
            except SetupFailed as error:
                return f"setup: {error}"
    return None


if __name__ == "__main__":
    sys.exit(main())
