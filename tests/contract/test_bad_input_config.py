"""Configs that are no YAML, or say what cannot be: every problem at once, with its place."""

from pathlib import Path

import pytest

from features.errors import RegularsError
from pipelines.check import ConfigInvalid, load_config
from pipelines.yamlfile import ConfigUnreadable
from tests.loading import fully

GOOD = """\
name: shop
sources:
  orders:
    path: orders.csv
    columns: {order: o, ordered_at: t, customer: c, amount: a}
churn: {test_as_of: 2024-01-01}
"""


def saved(folder: Path, text: str) -> str:
    (folder / "shop.yaml").write_text(text, encoding="utf-8")
    return str(folder / "shop.yaml")


def invalid(folder: Path, *problems: str, text: str = GOOD, sets: tuple[str, ...] = ()) -> None:
    count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
    lines = "\n".join([f"{folder}/shop.yaml has {count}:", *(f"  {each}" for each in problems)])
    with pytest.raises(ConfigInvalid, match=fully(lines)):
        load_config(saved(folder, text), sets)


def unreadable(folder: Path, text: str, content: str) -> None:
    with pytest.raises(
        ConfigUnreadable, match=fully(f"{folder}/shop.yaml needs to be plain YAML, but {text}")
    ):
        load_config(saved(folder, content))


def test_a_good_config_is_read(tmp_path: Path) -> None:
    config = load_config(saved(tmp_path, GOOD))
    assert (config.business.name, config.folder) == ("shop", tmp_path)


def test_an_unknown_key_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    invalid(
        tmp_path,
        "churn.horizn_days: unknown key; did you mean horizon_days?",
        sets=("churn.horizn_days=3",),
    )


def test_an_unknown_key_that_resembles_nothing_lists_the_valid_ones(tmp_path: Path) -> None:
    valid = "valid here: code, digits"
    invalid(tmp_path, f"currency.xyz: unknown key; {valid}", sets=("currency.xyz=3",))


def test_unknown_keys_wrong_types_and_contradictions_are_told_together(tmp_path: Path) -> None:
    text = GOOD.replace("{test_as_of: 2024-01-01}", "{kind: labelled, horizon_days: 999}")
    text += "behavior: {}\nbehaviour: {category_level: foo, windows_days: [9, 8]}\n"
    invalid(
        tmp_path,
        "behavior: unknown key; did you mean behaviour?",
        "behaviour.category_level: needs one of sources.products.hierarchy []",
        "behaviour.windows_days: needs to ascend, but found [9, 8]",
        "churn.horizon_days: Input should be less than or equal to 730, but found 999",
        "churn.kind: labelled needs sources.labels",
        text=text,
    )


def test_a_key_that_stands_twice_is_refused(tmp_path: Path) -> None:
    unreadable(tmp_path, "at line 7, column 1: the key 'name' stands twice", f"{GOOD}name: other\n")


@pytest.mark.parametrize(
    ("line", "tag"),
    [
        ("x: !!python/object:os.system {}", "tag:yaml.org,2002:python/object:os.system"),
        (
            "x: !!python/object/apply:os.system [ls]",
            "tag:yaml.org,2002:python/object/apply:os.system",
        ),
        ("x: !!timestamp then", "tag:yaml.org,2002:timestamp"),
        ("x: !mine 1", "!mine"),
    ],
)
def test_tags_are_refused(tmp_path: Path, line: str, tag: str) -> None:
    text = f"at line 7, column 4: tags such as {tag} are not allowed"
    unreadable(tmp_path, text, f"{GOOD}{line}\n")


def test_anchors_that_would_stand_for_gigabytes_are_refused(tmp_path: Path) -> None:
    bomb = "a: &a [x, x]\n" + "".join(f"{c}: &{c} [*{p}, *{p}]\n" for p, c in ("ab", "bc", "cd"))
    unreadable(tmp_path, "at line 1, column 4: anchors and aliases are not allowed", bomb)


@pytest.mark.parametrize("key", ["1", "true", "no", "2024-01-01", "null", "<<"])
def test_a_key_that_is_no_text_needs_quotes(tmp_path: Path, key: str) -> None:
    text = f"at line 7, column 1: a key needs to be text, so put quotes around {key}"
    unreadable(tmp_path, text, f"{GOOD}{key}: {{}}\n")


def test_a_list_as_key_is_refused(tmp_path: Path) -> None:
    unreadable(tmp_path, "at line 1, column 3: a key needs to be one word", "? [a, b]\n: c\n")


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("holds a date or number that is none: month must be in 1..12", "a: 2024-13-01\n"),
        ("is nested too deeply", "a: " + "[" * 5000),
        ("at line 2, column 2: text needs whole characters and no NUL", 'a:\n "\\ud800"\n'),
        ("at line 1, column 5: text needs whole characters and no NUL", 'a: ["\\0"]\n'),
        ("it holds characters that YAML forbids", "a: \x01\n"),
        ("at line 3, column 1: could not find expected ':'", "a: 1\nb\n"),
        ("at line 2, column 1: found character '\\t' that cannot start any token", "a:\n\tb: 1\n"),
    ],
)
def test_what_is_no_plain_yaml_is_refused_with_its_place(
    tmp_path: Path, text: str, content: str
) -> None:
    unreadable(tmp_path, text, content)


def test_a_number_of_thousands_of_digits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigUnreadable) as caught:
        load_config(saved(tmp_path, f"a: {'9' * 5000}\n"))
    start = (
        f"{tmp_path}/shop.yaml needs to be plain YAML, but holds a date or number that is none: "
    )
    assert str(caught.value).startswith(start)


@pytest.mark.parametrize(
    ("content", "held"), [("", "nothing"), ("a", "one str"), ("[1]", "one list")]
)
def test_a_config_needs_keys(tmp_path: Path, content: str, held: str) -> None:
    text = f"a config needs keys and values, but {tmp_path}/shop.yaml holds {held}"
    with pytest.raises(ConfigUnreadable, match=fully(text)):
        load_config(saved(tmp_path, content))


def test_a_missing_config_is_named(tmp_path: Path) -> None:
    path = f"{tmp_path}/shop.yaml"
    text = f"a config needs to be a file that can be read, but {path}: No such file or directory"
    with pytest.raises(ConfigUnreadable, match=fully(text)):
        load_config(path)


def test_a_folder_is_no_config(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.mkdir()
    text = f"a config needs to be a file that can be read, but {path}: Is a directory"
    with pytest.raises(ConfigUnreadable, match=fully(text)):
        load_config(str(path))


def test_a_config_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "shop.yaml"
    path.write_bytes("name: 店\n".encode("cp950"))
    text = f"a config needs to be a file in UTF-8, but {path} is not UTF-8"
    with pytest.raises(ConfigUnreadable, match=fully(text)):
        load_config(str(path))


def test_a_byte_order_mark_is_no_part_of_a_config(tmp_path: Path) -> None:
    assert load_config(saved(tmp_path, f"\ufeff{GOOD}")).business.name == "shop"


def test_a_name_that_is_no_shipped_config_is_told_with_the_nearest() -> None:
    names = "['complete_journey', 'online_retail', 'telco']"
    text = f"--config needs a file or one of {names}, but found 'complete_jurney'; did you mean "
    with pytest.raises(ConfigInvalid, match=fully(f"{text}'complete_journey'?")):
        load_config("complete_jurney")
    with pytest.raises(
        ConfigInvalid, match=fully(f"--config needs a file or one of {names}, but found 'x'")
    ):
        load_config("x")


@pytest.mark.parametrize("assignment", ["churn.horizon_days", "=3", ""])
def test_an_assignment_needs_a_path_and_a_value(tmp_path: Path, assignment: str) -> None:
    text = f"--set needs PATH=VALUE, such as churn.horizon_days=42, but found {assignment!r}"
    with pytest.raises(ConfigUnreadable, match=fully(text)):
        load_config(saved(tmp_path, GOOD), (assignment,))


def test_an_assignment_through_a_value_is_refused(tmp_path: Path) -> None:
    text = "--set name.first=x needs a section at each step, but 'first' is inside a value"
    with pytest.raises(ConfigUnreadable, match=fully(text.replace("=x", ""))):
        load_config(saved(tmp_path, GOOD), ("name.first=x",))


def test_an_assignment_of_no_yaml_is_refused(tmp_path: Path) -> None:
    text = "--set name needs to be plain YAML, but at line 1, column 2: expected the node content"
    with pytest.raises(ConfigUnreadable, match=fully(f"{text}, but found '<stream end>'")):
        load_config(saved(tmp_path, GOOD), ("name=[",))


def test_an_assignment_overrides_the_file(tmp_path: Path) -> None:
    config = load_config(saved(tmp_path, GOOD), ("churn.horizon_days=42", "score.as_of=2024-02-01"))
    assert config.business.churn.horizon_days == 42
    assert str(config.business.score.as_of) == "2024-02-01"


ADDRESS = "postgres://me:canary@host/db"
COLUMNS = "{order: o, ordered_at: t, customer: c, amount: a}"


@pytest.mark.parametrize(
    "assignment",
    [
        f"sources.orders.database={ADDRESS}",
        f"sources.orders.database={{address: ['{ADDRESS}'], table: t}}",
        f"sources.orders.database={{address: '{ADDRESS}', table: t}}",
        f"sources.orders={{database: {{address: '{ADDRESS}', table: t}}, path: x, columns: {{}}}}",
        f"tracking.uri=['{ADDRESS}']",
    ],
)
def test_an_address_with_a_password_is_not_repeated(tmp_path: Path, assignment: str) -> None:
    with pytest.raises(RegularsError) as caught:
        load_config(saved(tmp_path, GOOD), (assignment,))
    assert "canary" not in str(caught.value)


def test_an_address_with_a_password_is_not_shown_with_the_config(tmp_path: Path) -> None:
    place = f"{{database: {{address: '{ADDRESS}', table: t}}, columns: {COLUMNS}}}"
    business = load_config(saved(tmp_path, GOOD), (f"sources.orders={place}",)).business
    assert "canary" not in f"{business!r} {business.model_dump_json()} {business.model_dump()}"
