import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from pipelines.check import load_config
from pipelines.feature_catalogue import Catalogue, Section, catalogue
from pipelines.feature_dictionary import dictionary_page


class Words(HTMLParser):
    """The text of a page and its tags, with the names of their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(page: str) -> Words:
    words = Words()
    words.feed(page)
    return words


@pytest.fixture(scope="module")
def known() -> Catalogue:
    return catalogue(load_config("complete_journey").business)


def test_every_column_has_its_meaning_missing_value_and_definition(known: Catalogue) -> None:
    words = read(dictionary_page("shop", known))
    features = [each for section in known.sections for each in section.features]
    assert words.tags.count("details") == len(features) == known.size
    for each in features:
        for told in (each.column.name, each.column.meaning, each.column.null_means):
            assert told in words.text


def test_every_family_says_what_it_is_about(known: Catalogue) -> None:
    words = read(dictionary_page("shop", known))
    for section in known.sections:
        assert section.about.endswith(".")
        assert section.about in words.text


def test_the_page_names_the_fingerprint_and_how_many_columns_there_are(known: Catalogue) -> None:
    page = dictionary_page("shop", known)
    assert known.fingerprint in page
    assert f"{known.size} columns in {len(known.sections)} families" in page


def test_the_page_needs_nothing_but_itself(known: Catalogue) -> None:
    page = dictionary_page("shop", known)
    words = read(page)
    assert not {"script", "link", "img", "iframe"} & set(words.tags)
    assert "src" not in words.attributes
    assert "http:" not in page
    assert "https:" not in page
    assert set(re.findall(r'href="(.)', page)) == {"#"}


def test_texts_of_the_config_are_shown_and_never_run(known: Catalogue) -> None:
    evil = "<script>alert('x')</script> & \x00"
    first = known.sections[0].features[0]
    column = replace(first.column, name=f'"{evil}', meaning=evil, null_means=evil)
    section = Section("recency", evil, (replace(first, column=column),))
    words = read(dictionary_page(evil, Catalogue((section,), "f" * 64)))
    assert "script" not in words.tags
    assert "onclick" not in words.attributes
    assert "<script>alert('x')</script> & \N{REPLACEMENT CHARACTER}" in words.text


def test_the_same_columns_give_the_same_page(known: Catalogue) -> None:
    again = catalogue(load_config("complete_journey").business)
    assert dictionary_page("shop", again) == dictionary_page("shop", known)
