"""skops files that are equal, byte for byte, where the models in them are.

skops names nodes and files by the addresses that objects had in memory, and stamps the zip with the
time of day; so two writings of one model differ. Here they are numbered in the order in which the
schema speaks of them, and the clock is left out.
"""

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

SCHEMA = "schema.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip can hold
_NAMED = re.compile(r"(\d+)(\.\w+)")


def settle(path: Path) -> None:
    """Rewrite a skops file without addresses and times; it loads to the same object."""
    path.write_bytes(settled(path.read_bytes()))


def settled(data: bytes) -> bytes:
    """The skops file with numbered nodes and files; twice settled is once settled."""
    with zipfile.ZipFile(io.BytesIO(data)) as stored:
        schema = json.loads(stored.read(SCHEMA))
        files = {info.filename: stored.read(info) for info in stored.infolist()}
    del files[SCHEMA]
    numbers: dict[int, int] = {}
    names = {name: name for name in files}
    renumbered = _renumbered(schema, numbers, names)
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as target:
        for old in sorted(files, key=lambda name: _place(names[name])):
            target.writestr(zipfile.ZipInfo(names[old], _EPOCH), files[old])
        target.writestr(zipfile.ZipInfo(SCHEMA, _EPOCH), json.dumps(renumbered, indent=2))
    return written.getvalue()


def _renumbered(node: Any, numbers: dict[int, int], names: dict[str, str]) -> Any:  # noqa: ANN401 - JSON
    """The node with new identities and file names, which are noted on the way."""
    if isinstance(node, list):
        return [_renumbered(each, numbers, names) for each in node]
    if not isinstance(node, dict):
        return node
    made: dict[str, Any] = {}
    for key, value in node.items():
        if key == "__id__":
            made[key] = numbers.setdefault(value, len(numbers) + 1)
        elif key == "file" and value in names:
            made[key] = names[value] = _renamed(value, numbers)
        else:
            made[key] = _renumbered(value, numbers, names)
    return made


def _renamed(name: str, numbers: dict[int, int]) -> str:
    found = _NAMED.fullmatch(name)
    if found is None:
        return name
    return f"{numbers.setdefault(int(found[1]), len(numbers) + 1)}{found[2]}"


def _place(name: str) -> tuple[int, str]:
    """Numbered files in the order of their numbers, others before them by name."""
    found = _NAMED.fullmatch(name)
    return (int(found[1]), name) if found else (0, name)
