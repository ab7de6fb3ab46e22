"""Whatever stands in a config, and on the command line beside it: refused in words, or read."""

from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from features.errors import RegularsError
from pipelines.check import load_config

SHIPPED = [
    Path(str(files("configs"))).joinpath(f"{name}.yaml").read_text(encoding="utf-8")
    for name in ("complete_journey", "online_retail", "telco")
]
PIECES = [
    *(
        ":",
        " ",
        "\n",
        "  ",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "'",
        '"',
        "#",
        "%",
        "@",
        "`",
        "\t",
        "\0",
        "~",
    ),
    *(
        "&a ",
        "*a",
        "!!python/object:os.system ",
        "!!set ",
        "<<: ",
        "? ",
        "| ",
        "> ",
        "---\n",
        "...\n",
    ),
    *("null", "true", ".nan", "1e999", "2024-13-45", "1:30:99", '"\\ud800"', '"\\0"', "9" * 5000),
    *(
        "{a: 1, a: 2}",
        "[" * 2000,
        "? [1,2]\n: 3\n",
        "1: 2\n",
        "churn_x: 1\n",
        "str: 1\n",
        "🙂",
        "王",
    ),
]
ASSIGNMENTS = [
    *("", "=", "name=", "churn.horizon_days=x", "a..b=1", "sources.orders.path.0=x", "sources=1"),
    *("sources.orders.columns.amount={expression: 'a b'}", "churn.model={kind: [1]}", "1=2"),
    *("sources.orders.columns.amount={constant: {}}", "churn.model=!!python/x", "score=[[[["),
]


@given(
    st.sampled_from(SHIPPED),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 9), st.sampled_from(PIECES)), max_size=4),
    st.lists(st.sampled_from(ASSIGNMENTS), max_size=1),
)
def test_no_text_surprises_the_reading_of_a_config(
    text: str, changes: list[tuple[float, int, str]], assignments: list[str]
) -> None:
    for place, removed, piece in changes:
        position = int(place * len(text))
        text = text[:position] + piece + text[position + removed :]
    refused_or_read(text, tuple(assignments))


@given(st.text(max_size=60))
def test_no_other_text_surprises_it_either(text: str) -> None:
    refused_or_read(text, ())


def refused_or_read(text: str, assignments: tuple[str, ...]) -> None:
    with TemporaryDirectory() as folder, suppress(RegularsError):
        path = Path(folder, "shop.yaml")
        path.write_bytes(text.encode("utf-8", "surrogatepass"))
        load_config(str(path), assignments)


@given(st.lists(st.sampled_from([*PIECES, "a", "=", "."]), max_size=6).map("".join))
def test_no_assignment_surprises_it(assignment: str) -> None:
    with suppress(RegularsError):
        load_config("telco", (assignment,))
