"""YAML as configs use it: no tags, no anchors, no key twice; `--set` on top."""

import re
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import yaml

from features.errors import RegularsError


class ConfigUnreadable(RegularsError):
    """A config file is missing or is not plain YAML."""


_TEXT = "tag:yaml.org,2002:str"
_NO_TEXT = re.compile("[\\0\ud800-\udfff]")


class _PlainLoader(yaml.SafeLoader):
    """Refuses aliases (a few lines could stand for gigabytes), tags, and keys that stand twice."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # its stub lacks types
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None) is not None:
            raise _refused("anchors and aliases are not allowed", event.start_mark)
        if getattr(event, "tag", None) is not None:
            raise _refused(f"tags such as {event.tag} are not allowed", event.start_mark)
        if _NO_TEXT.search(getattr(event, "value", "")):
            raise _refused("text needs whole characters and no NUL", event.start_mark)
        return super().compose_node(parent, index)

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002  # PyYAML's own
    ) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise _refused("a key needs to be one word", key.start_mark)
            if key.tag != _TEXT:
                problem = f"a key needs to be text, so put quotes around {key.value}"
                raise _refused(problem, key.start_mark)
            if key.value in seen:
                raise _refused(f"the key {key.value!r} stands twice", key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _refused(problem: str, mark: yaml.Mark) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, mark)


def read_yaml(path: Path) -> dict[str, Any]:
    """Mapping that a YAML file holds.

    Raises
    ------
    ConfigUnreadable
        When the file is missing, not UTF-8, not YAML, or no mapping; with line and column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        message = f"a config needs to be a file that can be read, but {path}: {error.strerror}"
        raise ConfigUnreadable(message) from error
    except ValueError as error:
        cause = "is not UTF-8" if isinstance(error, UnicodeDecodeError) else "is no file's name"
        message = f"a config needs to be a file in UTF-8, but {path} {cause}"
        raise ConfigUnreadable(message) from error
    loaded = _parse(text, str(path))
    if not isinstance(loaded, dict):
        held = "nothing" if loaded is None else f"one {type(loaded).__name__}"
        message = f"a config needs keys and values, but {path} holds {held}"
        raise ConfigUnreadable(message)
    return loaded


def override(settings: dict[str, Any], assignment: str) -> dict[str, Any]:
    """Copy of the settings with one value replaced, as in ``churn.horizon_days=42``.

    Raises
    ------
    ConfigUnreadable
        When the assignment has no ``=`` or goes through something that is no mapping.
    """
    path, found, text = assignment.partition("=")
    if not found or not path:
        message = f"--set needs PATH=VALUE, such as churn.horizon_days=42, but found {assignment!r}"
        raise ConfigUnreadable(message)
    return _replaced(settings, path.split("."), _parse(text, f"--set {path}"), path)


def _replaced(settings: object, keys: list[str], value: object, path: str) -> dict[str, Any]:
    if not isinstance(settings, dict):
        message = f"--set {path} needs a section at each step, but {keys[0]!r} is inside a value"
        raise ConfigUnreadable(message)
    if len(keys) == 1:
        return {**settings, keys[0]: value}
    inner = settings.get(keys[0])
    return {**settings, keys[0]: _replaced({} if inner is None else inner, keys[1:], value, path)}


def _parse(text: str, where: str) -> Any:  # noqa: ANN401  # YAML holds anything
    try:
        return yaml.load(text, Loader=_PlainLoader)  # noqa: S506  # a SafeLoader, made stricter
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        message = f"{where} needs to be plain YAML, but{place}: {error.problem}"
        raise ConfigUnreadable(message) from error
    except yaml.YAMLError as error:
        message = f"{where} needs to be plain YAML, but it holds characters that YAML forbids"
        raise ConfigUnreadable(message) from error
    except (ValueError, OverflowError) as error:
        message = (
            f"{where} needs to be plain YAML, but holds a date or number that is none: {error}"
        )
        raise ConfigUnreadable(message) from error
    except RecursionError as error:
        message = f"{where} needs to be plain YAML, but is nested too deeply"
        raise ConfigUnreadable(message) from error
