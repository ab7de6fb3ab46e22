"""A guessed config as YAML, with a comment for everything that was guessed."""

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import yaml

from features.guess import Guessed
from features.guessing.evidence import Guess
from features.guessing.trial import LINES
from features.schemas import ColumnRef, Expression

CHECKED_BELOW = 0.6
"""Confidence below which a line asks to be checked."""

_WIDTH = 100
_PLAIN = re.compile(r"([^\W\d]|[./])([\w./ -]*[\w./-])?")
_MANY_UNUSED = 30


@dataclass(frozen=True)
class Place:
    """What a config says besides the guesses: its name, and where the file lies.

    Attributes
    ----------
    name
        Of the business.
    path
        Of the file, as the config writes it.
    asked
        What the user typed, for the first line.
    """

    name: str
    path: str
    asked: str


def remark(guess: Guess) -> str:
    """How sure a guess is and why; ``CHECK:`` in front where it is hardly more than a hunch."""
    doubt = "CHECK: " if guess.confidence < CHECKED_BELOW else ""
    return f"{doubt}{guess.confidence * 100:.0f} % sure: {guess.reason}"


def config_text(guessed: Guessed, place: Place) -> str:
    """The whole config as YAML, with comments."""
    sections = (
        _business(guessed, place),
        _orders(guessed, place),
        _behaviour(guessed),
        _churn(guessed),
        _score(guessed),
    )
    return "\n\n".join("\n".join(section) for section in sections) + "\n"


def _business(guessed: Guessed, place: Place) -> Iterator[str]:
    facts, pace = guessed.facts, guessed.pace
    yield from _comment(
        f"Guessed by `regulars init --from {place.asked}`. Every line says how sure it is; those "
        f"marked CHECK are for you to look at."
    )
    yield from _comment(
        f"{_counted(facts.rows, 'row')}; {_counted(pace.customers, 'customer')} bought from "
        f"{pace.first_on} to {pace.last_on}."
    )
    yield f"name: {place.name}"
    currency = f"{{code: {guessed.currency.origin}, digits: {guessed.digits}}}"
    yield from _line(0, f"currency: {currency}", remark(guessed.currency))
    yield from _line(0, f"time_zone: {guessed.time_zone.origin}", remark(guessed.time_zone))


def _orders(guessed: Guessed, place: Place) -> Iterator[str]:
    source, settings = guessed.source, guessed.settings
    yield "sources:"
    yield "  orders:"
    yield f"    path: {scalar(place.path)}"
    for name in ("encoding", "delimiter", "decimal_separator"):
        if name in settings:
            value = scalar(str(settings[name].origin))
            yield from _line(4, f"{name}: {value}", remark(settings[name]))
    if source.instant_format:
        formats = ", ".join(scalar(one, always=True) for one in source.instant_format)
        yield from _line(4, f"instant_format: [{formats}]", remark(settings["instant_format"]))
    yield "    columns:"
    for guess in guessed.columns:
        yield from _column(guess)
    for name in ("returns", "anonymous", "non_products"):
        if name in settings:
            value = scalar(str(settings[name].origin), always=name == "non_products")
            yield from _line(4, f"{name}: {value}", remark(settings[name]))
    yield from _broken(guessed)
    if guessed.unused:
        more = len(guessed.unused) - _MANY_UNUSED
        shown = ", ".join(guessed.unused[:_MANY_UNUSED]) + (f" and {more} more" if more > 0 else "")
        yield from _comment(f"Not used: {shown}", indent=4)


def _column(guess: Guess) -> Iterator[str]:
    if guess.origin is None:
        yield from _comment(f"{guess.what}: {guess.reason}", indent=6)
    else:
        yield from _line(6, f"{guess.what}: {_origin(guess.origin)}", remark(guess))


def _broken(guessed: Guessed) -> Iterator[str]:
    broken = guessed.broken
    rows = guessed.facts.rows + broken.get(LINES, 0)
    count = sum(broken.values())
    if not count:
        return
    rules = ", ".join(f"{rule} {number:,}" for rule, number in broken.items())
    share = count / rows
    if share <= guessed.source.quarantine_limit:
        yield from _comment(
            f"{count:,} of {_counted(rows, 'row')} would be quarantined: {rules}.", indent=4
        )
        return
    yield from _comment(
        f"CHECK: {share * 100:.1f} % of rows would be quarantined ({rules}), more than the build "
        f"allows; mend the mapping or the file, or write quarantine_limit: {_above(share)}",
        indent=4,
    )


def _above(share: float) -> float:
    """The next hundredth above a share, 1 at most."""
    return min(1.0, (int(share * 100) + 1) / 100)


def _behaviour(guessed: Guessed) -> Iterator[str]:
    plan = guessed.plan
    yield "behaviour:"
    windows = ", ".join(map(str, plan.windows_days))
    reason = "look-back windows that the history fills when the model is trained"
    yield from _line(2, f"windows_days: [{windows}]", reason)
    cohort = f"cohort: {{active_within_days: {plan.active_within_days}}}"
    yield from _line(2, cohort, "whoever bought within two horizons counts as a customer")


def _churn(guessed: Guessed) -> Iterator[str]:
    plan, pace = guessed.plan, guessed.pace
    history = _counted((pace.last_on - pace.first_on).days + 1, "day") + " of history"
    horizon = _counted(plan.horizon_days, "day")
    yield "churn:"
    why = (
        f"90 % of purchases follow the customer's last one within {_counted(pace.long_gap, 'day')}"
    )
    if not pace.gaps:
        why = "CHECK: nobody bought on two days, so nothing tells how long a silence is usual"
    elif plan.is_limited:
        why = f"CHECK: {why}, but {history} allow {horizon} only"
    yield from _line(2, f"horizon_days: {plan.horizon_days}", why)
    why = f"the newest day with {horizon} known after it; calibration and training lie before it"
    yield from _line(2, f"test_as_of: {plan.test_as_of}", why)
    first = f"the first one on {plan.earliest_train}"
    if plan.is_too_short:
        first = f"CHECK: {history} is too short to train, calibrate and test on"
    yield from _line(2, f"train_cutoffs: {plan.train_cutoffs}", first)
    yield f"  step_days: {plan.step_days}"


def _score(guessed: Guessed) -> Iterator[str]:
    yield "score:"
    yield from _line(2, f"as_of: {guessed.plan.score_as_of}", "the day after the data end")


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _origin(origin: ColumnRef) -> str:
    if isinstance(origin, Expression):
        return f"{{expression: {scalar(origin.expression, always=True)}}}"
    return scalar(str(origin))


def scalar(text: str, *, always: bool = False) -> str:
    """The text as one line of YAML, quoted where YAML would read something else into it."""
    if not always and _PLAIN.fullmatch(text) and yaml.safe_load(text) == text:
        return text
    written: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf"))
    return written.removesuffix("\n").removesuffix("\n...")


def _line(indent: int, text: str, comment: str) -> Iterator[str]:
    """The line with its comment behind it, or above it where both would be too wide."""
    line = f"{' ' * indent}{text} # {_printable(comment)}"
    if len(line) <= _WIDTH:
        yield line
        return
    yield from _comment(comment, indent=indent)
    yield f"{' ' * indent}{text}"


def _comment(text: str, *, indent: int = 0) -> Sequence[str]:
    start = f"{' ' * indent}# "
    return textwrap.wrap(
        _printable(text),
        width=_WIDTH,
        initial_indent=start,
        subsequent_indent=start,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _printable(text: str) -> str:
    """The text on one line, without what YAML forbids even in comments."""
    return "".join(char if char.isprintable() else " " for char in text)
