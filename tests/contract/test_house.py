"""The house keeps its own rules: budgets, packaging, and imports without side effects."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path, PurePosixPath

import pytest

from tests import budget

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("features", "models", "pipelines", "configs")


def told(path: str, source: str) -> list[str]:
    return list(budget.breaches(PurePosixPath(path), source.encode()))


def function(lines: int, parameters: int = 0) -> str:
    names = ", ".join(f"p{number}" for number in range(parameters))
    return f'def long({names}):\n    """Doc."""\n' + "    pass\n" * lines


def test_a_file_of_400_lines_fits_and_one_more_does_not() -> None:
    assert told("features/a.py", "#\n" * 400) == []
    assert told("features/a.py", "#\n" * 401) == [
        "features/a.py: 401 lines, at most 400: more than one idea lives here"
    ]


def test_a_body_of_40_lines_fits_whatever_its_docstring() -> None:
    assert told("features/a.py", function(lines=40)) == []
    assert told("features/a.py", function(lines=41)) == [
        "features/a.py:1: long: 41 lines of body, at most 40"
    ]


def test_eight_parameters_fit_and_self_does_not_count() -> None:
    method = "class A:\n    def f(self, a, b, c, d, *, e, f, g, h): ...\n"
    assert told("features/a.py", method) == []
    assert told("features/a.py", function(lines=1, parameters=9)) == [
        "features/a.py:1: long: 9 parameters, at most 8"
    ]


@pytest.mark.parametrize("path", ["features/utils.py", "models/common/gbm.py", "docs/Misc.md"])
def test_a_drawer_is_refused(path: str) -> None:
    assert [line.split(": ")[0] for line in told(path, "")] == [path]


def test_a_package_registry_is_not_named() -> None:
    host = "pypi" + ".org"
    assert told("docs/a.md", f"one\nsee https://{host}/simple\n") == [
        f"docs/a.md:2: names the package registry {host}"
    ]


def test_the_lock_pins_every_package_by_hash_and_holds_no_address() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    packages = re.split(r"\n(?! )", lock.strip())
    unpinned = [line for line in packages if "==" not in line or "--hash=sha256:" not in line]
    assert unpinned == []
    assert "://" not in lock
    assert "--index-url" not in lock


def test_the_lock_holds_every_dependency_that_the_project_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[>=<\[ ]", one)[0].lower() for one in asked}
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    pinned = set(re.findall(r"^([a-z0-9._-]+)==", lock, flags=re.MULTILINE))
    assert names - pinned == set()


def test_importing_any_module_makes_no_file_and_says_nothing(tmp_path: Path) -> None:
    modules = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        if path.parent.name != "templates"  # what a registered version runs is no module of ours
    ]
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n" + "".join(
        f"import {module}\n" for module in modules
    )
    done = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", program],
        cwd=tmp_path,
        env={"HOME": str(tmp_path), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.rglob("*")) == []


def test_every_model_folder_is_named_in_the_contracts_that_keep_them_apart() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {one["id"]: one for one in settings["tool"]["importlinter"]["contracts"]}
    kinds, tools = contracts["model-folders"], contracts["model-tools"]
    folders = {f"models.{path.parent.name}" for path in (ROOT / "models").glob("*/__init__.py")}
    assert {*kinds["modules"], *tools["source_modules"]} == folders
    assert {*kinds["modules"], "models.catalogue"} == set(tools["forbidden_modules"])


def test_every_job_is_named_in_the_contract_that_keeps_jobs_apart() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = {one["id"]: one for one in settings["tool"]["importlinter"]["contracts"]}
    jobs = {
        f"pipelines.{path.stem}"
        for path in (ROOT / "pipelines").glob("*.py")
        if re.search(r"^def run\(", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    }
    assert set(contracts["jobs"]["modules"]) == jobs - {"pipelines.run", "pipelines.cli"}


def test_the_wheel_holds_the_four_packages_with_their_data_and_nothing_else(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = tmp_path.glob("*.whl")
    listed = subprocess.run(
        [sys.executable, "-m", "zipfile", "-l", str(wheel)],
        check=True,
        capture_output=True,
        text=True,
    )
    held = {line.split()[0] for line in listed.stdout.splitlines()[1:]}
    data = {
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for pattern in ("*.py", "*.yaml", "*.j2")
        for path in (ROOT / package).rglob(pattern)
    }
    assert data - held == set()
    folders = {name.split("/")[0] for name in held}
    assert {folder for folder in folders if not folder.endswith(".dist-info")} == set(PACKAGES)
