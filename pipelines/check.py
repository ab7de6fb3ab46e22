"""Everything that is wrong with a config, at once, with the place and the nearest valid name."""

import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from features.errors import RegularsError
from features.suggest import nearest
from pipelines.config import Business, Config
from pipelines.contradictions import contradictions
from pipelines.sections import Place, place_of
from pipelines.yamlfile import override, read_yaml

DEFAULT = "complete_journey"
_LONGEST = 80
_SECRETS = {"database", "address", "uri"}
"""Settings whose value may hold a password."""


class ConfigInvalid(RegularsError):
    """A config has unknown keys, wrong values or contradictions."""


def load_config(named: str | None, assignments: tuple[str, ...] = ()) -> Config:
    """Config of a path or of a shipped name, with ``--set`` assignments applied.

    Raises
    ------
    ConfigUnreadable
        When the file is missing or is not YAML.
    ConfigInvalid
        Naming all problems, each with its path in the file.
    """
    path = find_config(named or DEFAULT)
    settings = read_yaml(path)
    for assignment in assignments:
        settings = override(settings, assignment)
    try:
        business = Business.model_validate(settings)
    except ValidationError as error:
        wrong = list(_described(error))
        beside = _contradictions_beside([place for place, _ in wrong], settings)
        found = {*beside, *(text for _, text in wrong)}
        raise ConfigInvalid(_listed(path, sorted(found))) from error
    found = {contradiction.text for contradiction in contradictions(business)}
    if found:
        raise ConfigInvalid(_listed(path, sorted(found)))
    return Config(
        business=business,
        folder=path.parent.resolve(),
        path=path.resolve(),
        is_default=named is None,
        assignments=assignments,
    )


def find_config(named: str) -> Path:
    """Path of a config: the path itself, or a shipped one by its bare name.

    Raises
    ------
    ConfigInvalid
        When it is neither; names the shipped ones.
    """
    path = Path(named)
    shipped = Path(str(files("configs")))
    names = sorted(file.stem for file in shipped.glob("*.yaml"))
    if path.suffix in (".yaml", ".yml") or _is_file(path):
        return path
    if named in names:
        return shipped / f"{named}.yaml"
    message = f"--config needs a file or one of {names}, but found {named!r}"
    close = nearest(named, names)
    raise ConfigInvalid(f"{message}; did you mean {close!r}?" if close else message)


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name too long, or a folder that may not be looked into
        return False


def _listed(path: Path, problems: list[str]) -> str:
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    return "\n".join([f"{path} has {count}:", *(f"  {problem}" for problem in problems)])


def _described(error: ValidationError) -> Iterator[tuple[tuple[str, ...], str]]:
    """Place and sentence of each problem; of a value that may take several forms, only one."""
    problems = [
        (place_of(each["loc"], is_unknown=each["type"] == "extra_forbidden"), each)
        for each in error.errors(include_url=False)
    ]
    telling = {place.column for place, each in problems if place.column and _tells(place, each)}
    for place, each in problems:
        if place.column is None or (place.column in telling and _tells(place, each)):
            yield place.keys, f"{'.'.join(place.keys)}: {_sentence(place, each)}"
        elif place.column not in telling:
            form = "needs a column's name, {expression: …} or {constant: …}"
            yield place.column, f"{'.'.join(place.column)}: {form}"


def _tells(place: Place, problem: ErrorDetails) -> bool:
    """Whether a problem of one form of a column is the reader's, rather than of another form."""
    if problem["type"] == "extra_forbidden":
        return place.keys[-1] not in place.valid
    if problem["type"] == "missing":
        return place.keys == place.column
    return problem["type"] == "value_error"


def _sentence(place: Place, problem: ErrorDetails) -> str:
    kind, context = problem["type"], problem.get("ctx", {})
    if kind == "extra_forbidden":
        close = nearest(place.keys[-1], place.valid)
        hint = f"did you mean {close}?" if close else f"valid here: {', '.join(place.valid)}"
        return f"unknown key; {hint}"
    if kind == "missing":
        return "is required, but missing"
    if kind == "union_tag_not_found":
        return "needs a kind, such as {kind: churn_gbm}"
    if kind == "union_tag_invalid":
        return f"needs a kind of {context['expected_tags']}, but found {context['tag']!r}"
    text = problem["msg"].removeprefix("Value error, ")
    if kind == "literal_error":
        close = nearest(str(problem["input"]), re.findall("'([^']*)'", context["expected"]))
        hint = f"; did you mean {close!r}?" if close else ""
        return f"{text}{_found(place, problem['input'])}{hint}"
    return f"{text}{_found(place, problem['input'])}"


def _found(place: Place, value: object) -> str:
    """What stood there, where it is short and no secret."""
    if isinstance(value, dict | list | tuple) or not _SECRETS.isdisjoint(place.keys):
        return ""
    shown = repr(value)
    return f", but found {shown if len(shown) <= _LONGEST else shown[:_LONGEST] + '…'}"


def _contradictions_beside(paths: list[tuple[str, ...]], settings: dict[str, Any]) -> Iterator[str]:
    """Contradictions among what is valid, where the rest can be left out."""
    for path in paths:
        settings = _without(settings, path)
    try:
        business = Business.model_validate(settings)
    except ValidationError:
        return
    for contradiction in contradictions(business):
        about = [tuple(setting.split(".")) for setting in contradiction.about]
        if not any(_overlap(path, each) for path in paths for each in about):
            yield contradiction.text


def _overlap(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return all(mine == theirs for mine, theirs in zip(one, other, strict=False))


def _without(settings: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """The settings without what stands at a path."""
    first, *rest = path
    inner = settings.get(first)
    if rest and isinstance(inner, dict):
        return {**settings, first: _without(inner, tuple(rest))}
    return {key: value for key, value in settings.items() if key != first}
