"""Sizes that keep a file readable, and names and addresses that must not appear.

``python tests/budget.py`` lists every breach in the project's files and fails if there is one.
"""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

FILE_LINES = 400
BODY_LINES = 40
PARAMETERS = 8
DRAWERS = frozenset({"utils", "util", "helpers", "helper", "common", "misc", "base"})
"""Names that do not say what is inside."""

REGISTRY_HOST = re.compile(
    r"\b(?:[\w-]+\.)*(?:pypi|pythonhosted|npmjs|anaconda|debian)\.(?:org|com)\b", re.IGNORECASE
)
"""Where packages come from is the machine's business, so no file of the project may say it."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


def project_files(root: Path) -> list[PurePosixPath]:
    """Paths of the files that are or would be committed, relative to root, in order."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=root,
        check=True,
        capture_output=True,
    )
    names = filter(None, listed.stdout.decode().split("\0"))
    return sorted(PurePosixPath(name) for name in set(names) if (root / name).is_file())


def body_lines(function: Function) -> int:
    """Lines of a function from the first statement after its docstring to its end."""
    statements = function.body
    if ast.get_docstring(function, clean=False) is not None:
        statements = statements[1:]
    if not statements:
        return 0
    return (function.end_lineno or 0) - statements[0].lineno + 1


def parameters(function: Function) -> int:
    """Number of parameters, self and cls aside."""
    asked = function.args
    every = [*asked.posonlyargs, *asked.args, *asked.kwonlyargs]
    starred = [one for one in (asked.vararg, asked.kwarg) if one is not None]
    return sum(one.arg not in {"self", "cls"} for one in every) + len(starred)


def breaches_in_code(path: PurePosixPath, source: str) -> Iterator[str]:
    """One line for each size that a Python file exceeds."""
    length = len(source.splitlines())
    if length > FILE_LINES:
        yield f"{path}: {length} lines, at most {FILE_LINES}: more than one idea lives here"
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, Function):
            continue
        where = f"{path}:{node.lineno}: {node.name}"
        if body_lines(node) > BODY_LINES:
            yield f"{where}: {body_lines(node)} lines of body, at most {BODY_LINES}"
        if parameters(node) > PARAMETERS:
            yield f"{where}: {parameters(node)} parameters, at most {PARAMETERS}"


def breaches(path: PurePosixPath, content: bytes) -> Iterator[str]:
    """One line for each way in which a file of the project breaks its budget."""
    for part in (*path.parts[:-1], path.stem):
        if part.lower() in DRAWERS:
            yield f"{path}: '{part}' is a drawer; name the idea that lives in it"
    text = content.decode("utf-8", errors="replace")
    for found in REGISTRY_HOST.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield f"{path}:{line}: names the package registry {found.group()}"
    if path.suffix == ".py":
        yield from breaches_in_code(path, text)


def main() -> int:
    """Number of breaches in the project's files, each told on its own line."""
    root = Path(__file__).resolve().parent.parent
    found = [
        line for path in project_files(root) for line in breaches(path, (root / path).read_bytes())
    ]
    sys.stdout.writelines(f"{line}\n" for line in found or ["All sizes within budget."])
    return len(found)


if __name__ == "__main__":
    sys.exit(min(main(), 1))
