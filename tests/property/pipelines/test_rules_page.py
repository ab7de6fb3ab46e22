import re
from html import unescape

from hypothesis import given, settings
from hypothesis import strategies as st

from features.settings import Currency
from pipelines.charts import printable
from pipelines.rules_found import EVERYTHING
from pipelines.rules_page import rules_page
from pipelines.rules_words import names
from tests.pages import Words
from tests.rule_findings import bundle, found, group, rule

ANY_NAMES = st.lists(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=30),
    min_size=4,
    max_size=4,
    unique=True,
).filter(lambda names: EVERYTHING not in names)


def page(words: list[str]) -> str:
    first, second, third, store = words
    return rules_page(
        found(
            [rule([first, second], [third]), rule([first], [second], group=store)],
            [bundle([first, third], 100)],
            [group(store, kept=1, held=1, notes=(first,))],
        ),
        Currency(),
    )


def tags(made: str) -> list[str]:
    """Tags in their order but for texts: a long name has two lines."""
    return [tag for tag in Words(made).tags if tag != "text"]


PLAIN = tags(page(["a", "b", "c", "d"]))


@settings(max_examples=20)
@given(ANY_NAMES)
def test_no_name_changes_the_tags_of_a_page_of_rules(words: list[str]) -> None:
    made = page(words)
    assert tags(made) == PLAIN
    assert made.encode()
    (cell,) = re.findall(r'id="rules-table">.*?<th scope="row">(.*?)</th>', made, re.DOTALL)
    assert unescape(cell) == printable(names(words[:2]))
