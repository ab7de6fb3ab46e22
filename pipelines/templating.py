"""Templates of this package: everything escaped, a missing name is an error."""

from jinja2 import Environment, PackageLoader, StrictUndefined

from pipelines.charts import printable


def environment() -> Environment:
    """A new environment to render templates in; pages hold no character that HTML forbids."""
    return Environment(
        loader=PackageLoader("pipelines", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_without_forbidden,
    )


def _without_forbidden(value: object) -> object:
    is_escaped = hasattr(value, "__html__")
    return printable(value) if isinstance(value, str) and not is_escaped else value
