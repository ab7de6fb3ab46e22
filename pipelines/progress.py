"""What a person sees while a job works: bars on a terminal, plain lines elsewhere."""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

log = logging.getLogger("regulars")

Advance = Callable[[int], None]
"""Tells a bar how many of its total are done."""


@dataclass(frozen=True)
class Steps:
    """Shows one step after the other on a console."""

    console: Console

    @contextmanager
    def step(self, what: str, total: int | None = None) -> Iterator[Advance]:
        """Show ``what`` until the block ends, with a bar towards ``total`` where it is known."""
        started = time.perf_counter()
        if not self.console.is_terminal:
            yield silent
        else:
            with self._bar() as bar:
                task = bar.add_task(what, total=total)
                yield lambda done: bar.update(task, completed=done)
        seconds = time.perf_counter() - started
        self.console.print(f"{what}  [dim]{seconds:.1f} s[/dim]", highlight=False)

    def _bar(self) -> Progress:
        return Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=28),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
        )


def silent(done: int) -> None:
    """Where no bar is drawn there is nothing to advance."""


def fact(what: str, **fields: object) -> None:
    """Log one fact with its fields, as in ``scored rows=2231 as_of=2018-01-01``."""
    log.info("%s %s", what, " ".join(f"{name}={value}" for name, value in fields.items()))
