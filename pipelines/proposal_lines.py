"""A proposal as lines of plain text."""

from collections.abc import Iterator
from textwrap import indent, wrap

from pipelines.feature_lines import one_line
from pipelines.jobs import Job
from pipelines.proposal_record import Silent, assignments, snippet
from pipelines.proposal_words import (
    CONTRACT_HEADLINE,
    Rows,
    contract_rows,
    contract_words,
    headline,
    horizon_rows,
    one_time_words,
    return_rows,
    seen,
    setting_rows,
    silence_rows,
    waiting_rows,
)
from pipelines.propose import Proposed
from pipelines.results import table
from pipelines.study import Contracts

_WIDTH = 110


def proposed(job: Job, result: Proposed) -> list[str]:
    """The answer first, then its reasons, tables, settings, and where the page lies."""
    found = result.defined
    lines = _silent(job, found) if isinstance(found, Silent) else _contracts(found)
    return [*lines, "", f"  page     {result.page}", f"  figures  {result.figures}"]


def _contracts(found: Contracts) -> Iterator[str]:
    yield from ("", CONTRACT_HEADLINE, *_text(contract_words(found)))
    for rows in contract_rows(found):
        yield from _table(rows)


def _silent(job: Job, found: Silent) -> Iterator[str]:
    study, proposal = found.study, found.proposal
    yield from ("", headline(proposal))
    for reason in proposal.reasons:
        yield from wrap(reason, _WIDTH, initial_indent="  - ", subsequent_indent="    ")
    yield from ("", *_text(seen(study)))
    yield from _table(horizon_rows(proposal, job.business.propose.back_within_days))
    for rows in (waiting_rows(study), return_rows(study), silence_rows(study)):
        yield from _table(rows)
    yield from ("", "One-time buyers", *_text(one_time_words(found)))
    yield from _table(setting_rows(proposal))
    if proposal.proposed is not None:
        yield from ("", "To paste into the config", indent(snippet(proposal), "  ").rstrip())
        words = [word for each in assignments(proposal) for word in ("--set", each)]
        yield from ("", f"Try it: {job.command('train', job.task, *words)}")


def _table(rows: Rows) -> list[str]:
    cells = [[one_line(cell) for cell in row] for row in (rows.columns, *rows.cells)]
    return ["", rows.heading, *_text(rows.reading), *table(cells)]


def _text(text: str) -> list[str]:
    return wrap(text, _WIDTH, initial_indent="  ", subsequent_indent="  ")
