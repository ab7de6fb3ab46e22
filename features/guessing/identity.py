"""Which columns say when, which order, whose and what: instants and identifiers."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from features.guessing.columns import Look, Table
from features.guessing.evidence import Content, Guess, fit_of_name, in_words, percent, weigh
from features.guessing.vocabulary import Role

SURE_ENOUGH = 0.35
"""Below this a required column counts as missing."""

WORTH_MAPPING = 0.5
"""Below this an optional column is left out."""

_MOST_LINES = 60
"""Rows per value beyond which it is hardly an order."""

_FEW = 30
"""Distinct values at most of a channel."""

_ONLY_ONE = -0.5
"""What the name of the only date says against it, at most: it is worth a check, not a refusal."""

_NEUTRAL = 0.5
_NEARLY_ALL = 0.9
_HARDLY_ANY = 0.02


@dataclass(frozen=True)
class Found:
    """A column for a role, and the guess."""

    look: Look
    guess: Guess


def find_instant(table: Table) -> Found | None:
    """The column with the instant of the order; the first of the file where several fit alike."""
    dated = [look for look in table.looks if look.instants is not None]
    options = [_instant(look, len(dated)) for look in dated]
    likely = sorted(options, key=lambda one: -one.guess.confidence)
    if not likely or likely[0].guess.confidence < SURE_ENOUGH:
        return None
    return likely[0]


def _instant(look: Look, dated: int) -> Found:
    instants = look.instants
    words, share = (instants.words, instants.share) if instants else ("", 0.0)
    fit = _NEUTRAL if look.is_epoch else 0.75 + 0.25 * share - 0.2 * (dated > 1)
    reason = f"{percent(share)} of its values are instants: {words}"
    name = fit_of_name(look.names, ("ordered_at",))
    if dated == 1:
        name = max(name, _ONLY_ONE)
    content = Content(fit, reason)
    guess = Guess("ordered_at", look.name, weigh(name, content), in_words(name, content))
    return Found(look, guess)


def find_order(table: Table, instant: Look) -> Found | None:
    """The column with the order: its rows stand together and share one day."""

    def content(look: Look) -> Content:
        seen = table.repetition(look)
        if seen.repeated < _HARDLY_ANY:
            return Content(0.55 * look.filled, "each row has its own")
        fit = 0.75 * seen.one_day + 0.25 * seen.together
        fit *= min(1.0, _MOST_LINES / seen.lines) * look.filled
        words = f"{seen.lines:.1f} rows each, {percent(seen.one_day)} of them on one day alone"
        return Content(fit, words)

    return _best("order", table.looks, content, (instant,))


def find_customer(table: Table, instant: Look, order: Look | None) -> Found | None:
    """The column with the customer: one for each order, and back on other days.

    The most varied such column wins, since what an order settles besides, such as its store, has
    fewer values; and a shop has more customers than the root of its rows.
    """
    taken = (instant, *([order] if order else []))
    candidates = [look for look in table.looks if look not in taken and look.can_identify]
    settled = {look.key: _settled(table, look, order) for look in candidates}
    one_each = {key for key, share in settled.items() if share is None or share > _NEARLY_ALL}
    most = max((look.distinct for look in candidates if look.key in one_each), default=1)

    def content(look: Look) -> Content:
        seen = table.repetition(look)
        back = seen.repeated * (1 - seen.one_day)
        one = settled[look.key]
        fit = 0.5 * back + 0.5 * (one if one is not None else _NEUTRAL)
        fit *= 0.4 + 0.6 * min(1.0, look.distinct / most)
        fit *= min(1.0, look.distinct / table.sample.rows**0.5)
        words = f"{look.distinct:,} in the first {table.sample.rows:,} rows"
        per_order = "" if one is None else f", one for each order in {percent(one)} of rows"
        return Content(fit, f"{words}{per_order}")

    return _best("customer", candidates, content, taken)


def find_product(table: Table, order: Look | None, taken: Sequence[Look]) -> Found | None:
    """The column with the product: several in an order, and back in other orders."""

    def content(look: Look) -> Content:
        seen = table.repetition(look)
        back = seen.repeated * (1 - seen.one_day)
        one = _settled(table, look, order)
        fit = 0.5 * back + 0.5 * (1 - one if one is not None else _NEUTRAL)
        if look.numbers.is_numeric and look.distinct < _FEW:
            fit *= 0.5  # line numbers, quantities
        return Content(fit, f"{look.distinct:,} different ones, several in an order")

    return _best("product", table.looks, content, taken)


def find_place(table: Table, role: Role, order: Look | None, taken: Sequence[Look]) -> Found | None:
    """The column with the store or the channel: one for each order, of few."""

    def content(look: Look) -> Content:
        one = _settled(table, look, order)
        few = (
            1.0 if look.distinct <= (_FEW if role == "channel" else table.sample.rows / 20) else 0.3
        )
        fit = (0.4 + 0.5 * (one if one is not None else _NEUTRAL)) * few
        return Content(fit, f"{look.distinct:,} different ones")

    roles: tuple[Role, ...] = (role, "country") if role == "channel" else (role,)
    named = [look for look in table.looks if any(one in look.names for one in roles)]
    found = _best(role, named, content, taken, roles=roles)
    if found and "country" in found.look.names and role not in found.look.names:
        reason = f"{found.guess.reason}; a country or region, which may be no channel"
        guess = Guess(role, found.guess.origin, min(0.55, found.guess.confidence), reason)
        return Found(found.look, guess)
    return found


def _settled(table: Table, look: Look, order: Look | None) -> float | None:
    return table.settled(look, order) if order is not None and look is not order else None


def _best(
    role: Role,
    looks: Iterable[Look],
    content: Callable[[Look], Content],
    taken: Sequence[Look],
    *,
    roles: tuple[Role, ...] = (),
) -> Found | None:
    """The likeliest column for an identifier, or None where none is worth a guess."""
    least = SURE_ENOUGH if role in ("order", "customer") else WORTH_MAPPING
    options = [
        _weighed(role, look, content(look), roles or (role,))
        for look in looks
        if look not in taken and look.can_identify
    ]
    likely = max(options, key=lambda one: one.guess.confidence, default=None)
    return likely if likely and likely.guess.confidence >= least else None


def _weighed(role: Role, look: Look, content: Content, roles: tuple[Role, ...]) -> Found:
    name = fit_of_name(look.names, roles)
    guess = Guess(role, look.name, weigh(name, content), in_words(name, content))
    return Found(look, guess)
