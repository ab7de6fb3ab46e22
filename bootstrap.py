"""Makes .venv from requirements.lock: the pinned uv by pip with its hash, by uv all the rest.

``bootstrap.py spark`` makes .venv-spark from requirements-spark.lock in the same way. Needs only
the standard library of Python 3.11. Does nothing when the environment already holds what the lock
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
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Environment:
    """A folder and the lock that says what it holds."""

    folder: Path
    lock: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "bin" / "python"

    @property
    def stamp(self) -> Path:
        """The file that holds the digest for which it was completed."""
        return self.folder / "installed.sha256"


ENVIRONMENTS = {
    "": Environment(ROOT / ".venv", ROOT / "requirements.lock"),
    "spark": Environment(ROOT / ".venv-spark", ROOT / "requirements-spark.lock"),
}
"""What can be asked for by name; without a name, the environment of every day."""

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
"""Variables that would send an installation elsewhere than to the environment."""

log = logging.getLogger("setup")


class SetupFailed(Exception):
    """The environment could not be made; the text says what to do."""


def wanted(lock: Path) -> str:
    """SHA-256 over all that decides what is installed: lock, package, interpreter and place."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    package = [project["build-system"], project["project"], project["tool"]["hatch"]]
    interpreter = [sys.version, sys.base_prefix, str(ROOT)]
    facts = json.dumps([package, interpreter], sort_keys=True).encode()
    return hashlib.sha256(facts + lock.read_bytes() + Path(__file__).read_bytes()).hexdigest()


def is_installed(made: Environment, digest: str) -> bool:
    """Whether the environment was completed for this digest."""
    stamp = made.stamp
    return made.python.exists() and stamp.exists() and stamp.read_text(encoding="ascii") == digest


def pinned(name: str, lock: Path) -> str:
    """The lock's lines for one package: its version and hashes."""
    pin = rf"^{re.escape(name)}==(?:.*\\\n)*.*\n"
    found = re.search(pin, lock.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if found is None:
        raise SetupFailed(f"{lock.name} needs a pin for {name}, but has none; run make lock")
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


def make_venv(folder: Path, env: Mapping[str, str]) -> None:
    """Replace the folder by an empty environment of this interpreter."""
    if not run(sys.executable, "-m", "venv", "--clear", folder, env=env):
        raise SetupFailed(
            f"a virtual environment needs the modules venv and ensurepip, but {sys.executable} "
            "could not make one; on Debian and Ubuntu install the package python3-venv"
        )


def install_uv(made: Environment, env: Mapping[str, str]) -> bool:
    """Whether pip could install the uv that the lock pins."""
    requirement = made.folder / "uv.lock.txt"
    requirement.write_text(pinned("uv", made.lock), encoding="utf-8")
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes")
    return run(made.python, "-m", "pip", "install", *quiet, "-r", requirement, env=env)


def install_by_uv(made: Environment, env: Mapping[str, str]) -> bool:
    """Whether uv could install the lock and this project."""
    python = made.python
    listed = subprocess.run(
        [python, "-m", "pip", "config", "list"], env=dict(env), capture_output=True, check=False
    )
    settings = pip_settings(listed.stdout.decode().splitlines())
    uv = (python, "-m", "uv", "pip")
    uv_env = uv_environment(settings, env)
    editable = ("install", "--python", python, "--no-deps", "--no-build-isolation", "-e", ".")
    return run(
        *uv, "sync", "--quiet", "--python", python, "--require-hashes", made.lock, env=uv_env
    ) and run(*uv, *editable, "--quiet", env=uv_env)


def install_by_pip(made: Environment, env: Mapping[str, str]) -> bool:
    """Whether pip could install the lock and this project."""
    quiet = ("--quiet", "--disable-pip-version-check", "--no-deps")
    pip = (made.python, "-m", "pip", "install", *quiet)
    return run(*pip, "--require-hashes", "-r", made.lock, env=env) and run(
        *pip, "--no-build-isolation", "-e", ".", env=env
    )


def make(made: Environment, digest: str) -> None:
    """Make the environment and stamp it with the digest once it is complete."""
    env = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    log.info("making %s from %s (minutes on an empty cache)", made.folder.name, made.lock.name)
    make_venv(made.folder, env)
    if not (install_uv(made, env) and install_by_uv(made, env)):
        log.warning("uv could not install %s as above; pip tries the same lock", made.lock.name)
        if not install_by_pip(made, env):
            raise SetupFailed(
                f"neither uv nor pip could install {made.lock.name}: the lines above say why. "
                "Nothing that differs from its hashes is installed; check the network and pip's "
                "settings"
            )
    made.stamp.write_text(digest, encoding="ascii")


def asked_for(words: Sequence[str]) -> Environment:
    """The environment that the command line names."""
    name = " ".join(words)
    if name not in ENVIRONMENTS:
        raise SetupFailed(f"the one name it takes is spark, or none, but found {name!r}")
    return ENVIRONMENTS[name]


def main() -> str | None:
    """What went wrong, or None when the environment holds what its lock asks for."""
    logging.basicConfig(level=logging.INFO, format="%(name)s: %(message)s")
    try:
        made = asked_for(sys.argv[1:])
        digest = wanted(made.lock)
        with made.lock.open() as held:
            fcntl.flock(held, fcntl.LOCK_EX)  # a second setup waits, and finds the work done
            if not is_installed(made, digest):
                make(made, digest)
    except SetupFailed as error:
        return f"setup: {error}"
    return None


if __name__ == "__main__":
    sys.exit(main())
