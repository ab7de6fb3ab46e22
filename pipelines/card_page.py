"""A model card as one HTML page that needs nothing but itself, and as Markdown."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from pipelines.card import Card
from pipelines.card_parts import Section
from pipelines.card_words import sections, summary
from pipelines.charts import printable
from pipelines.proposal_words import Rows
from pipelines.rounding import instant
from pipelines.templating import environment

_BREAKS: Final = re.compile(r"[ \t\n\r\f\v\x85\u2028\u2029]+")
_SIGNS: Final = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def card_files(card: Card) -> dict[str, str]:
    """Name to text of what is kept with a version: the card twice, for people and for tools."""
    return {"card/model_card.html": card_page(card), "card/model_card.md": card_markdown(card)}


def card_page(card: Card) -> str:
    """The whole card as HTML; the same text for the same card."""
    return (
        environment()
        .get_template("card.html.j2")
        .render(
            business=card.business.name,
            made_at=instant(card.made_at),
            summary=summary(card),
            sections=sections(card),
        )
    )


def card_markdown(card: Card) -> str:
    """The same content as Markdown with tables (GitHub's), without any HTML.

    A chart is its table.
    """
    blocks = [
        f"# Model card: {marked(card.business.name)}",
        marked(f"Made {instant(card.made_at)}."),
        marked(summary(card)),
        *(block for section in sections(card) for block in _blocks(section)),
    ]
    return "\n\n".join(blocks) + "\n"


def marked(text: str) -> str:
    """Text on one line, in which nothing means anything to Markdown."""
    return _SIGNS.sub(r"\\\1", _BREAKS.sub(" ", printable(text).strip()))


def _blocks(section: Section) -> Iterator[str]:
    yield f"## {marked(section.heading)}"
    yield from map(marked, section.paragraphs)
    if section.bullets:
        yield "\n".join(f"- {marked(bullet)}" for bullet in section.bullets)
    for rows in (*section.tables, *(shown.table for shown in section.charts)):
        yield f"### {marked(rows.heading)}"
        if rows.reading:
            yield marked(rows.reading)
        yield _table(rows)


def _table(rows: Rows) -> str:
    lines = [_line(rows.columns), _line(["---"] * len(rows.columns), is_marked=True)]
    return "\n".join([*lines, *map(_line, rows.cells)])


def _line(cells: Sequence[str], *, is_marked: bool = False) -> str:
    return f"| {' | '.join(cells if is_marked else map(marked, cells))} |"
