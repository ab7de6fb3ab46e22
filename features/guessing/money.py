"""Which columns say how much: quantity, what was paid, and what was taken off."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from features.guessing.columns import Look, Table
from features.guessing.evidence import Content, Guess, fit_of_name, in_words, percent, weigh
from features.guessing.identity import WORTH_MAPPING, Found
from features.guessing.sums import Sums
from features.schemas import ColumnRef, Expression

_CLOSE = 0.95
"""Share of rows for which a sum must come out, so that it is believed."""

_CLEARER = 0.1
"""By how much one of two readings must fit more rows."""

_SMALL, _LARGE = 20, 1_000
"""Typical quantities: what is bought by one, and by a reseller."""

_ASSUMED = 0.55
"""Confidence, at most, in a computation that rests on an assumption."""


@dataclass(frozen=True)
class Money:
    """Guesses of the columns that say how much."""

    quantity: Guess | None
    amount: Guess | None
    discount: Guess | None


def find_money(
    table: Table, order: Look | None, product: Look | None, taken: Sequence[Look]
) -> Money:
    """Quantity, amount paid for the line, and discount; computed where no column holds them."""
    looks = [
        look
        for look in table.looks
        if look not in taken
        and look.numbers.is_numeric
        and (look.instants is None or look.is_epoch)
    ]
    quantity = _quantity(looks)
    rest = [look for look in looks if quantity is None or look is not quantity.look]
    reductions = [look for look in rest if fit_of_name(look.names, ("discount",)) > 0]
    rest = [look for look in rest if look not in reductions]
    sums = Sums(table, order, product, quantity.look if quantity else None, tuple(reductions))
    shares = [] if _come_off(sums, rest) else [look for look in reductions if _is_share(look)]
    in_money = tuple(look for look in reductions if look not in shares)
    sums = replace(sums, reductions=in_money)
    options = list(_amounts(sums, rest, shares))
    amount = max(options, key=lambda guess: guess.confidence, default=None)
    return Money(quantity.guess if quantity else None, amount, _discount(in_money, shares))


def _quantity(looks: Sequence[Look]) -> Found | None:
    def content(look: Look) -> Content:
        numbers = look.numbers
        small = 0.8 if numbers.typical <= _SMALL else 0.65 if numbers.typical <= _LARGE else 0.2
        fit = (small if numbers.whole > _CLOSE else 0.5) * (1 if look.distinct > 1 else 0.7)
        if fit_of_name(look.names, ("quantity",)) <= 0:
            fit *= 0.75  # small whole numbers may be anything
        kind = "whole numbers" if numbers.whole > _CLOSE else "numbers"
        return Content(fit, f"{kind}, typically {numbers.typical:g}")

    def found(look: Look) -> Found:
        name, seen = fit_of_name(look.names, ("quantity",)), content(look)
        return Found(look, Guess("quantity", look.origin, weigh(name, seen), in_words(name, seen)))

    likely = max(map(found, looks), key=lambda one: one.guess.confidence, default=None)
    return likely if likely and likely.guess.confidence >= WORTH_MAPPING else None


def _amounts(sums: Sums, rest: Sequence[Look], shares: Sequence[Look]) -> Iterator[Guess]:
    """Every way to say what was paid for a line, with how sure it is."""
    for look in rest:
        unit, line = sums.unit_and_line(look)
        as_amount = fit_of_name(look.names, ("amount",))
        as_price = fit_of_name(look.names, ("unit_price",))
        if line > unit + _CLEARER:
            as_amount = max(as_amount, 0.0)
        if as_amount > -WORTH_MAPPING:
            yield _direct(sums, look, as_amount, rest, line - unit)
        if max(as_price, as_amount) > 0 and line <= unit + _CLEARER:
            yield _computed(sums, look, max(as_price, 0.0), shares, is_price=unit > line + _CLEARER)


def _direct(sums: Sums, look: Look, name: float, rest: Sequence[Look], growth: float) -> Guess:
    """The column itself as the amount of the line, after discount.

    ``growth``, -1..1, says how clearly the column grows with the quantity, as amounts do.
    """
    if sums.is_of_order(look):
        return _shared_out(sums, look, name)
    prices = [price for price in rest if price is not look]
    for price in prices if sums.quantity else ():
        if sums.reductions and sums.product_share(look, price, reduced=True) > _CLOSE:
            seen = Content(1.0, f"quantity × {price.name}, less the discount")
            return Guess("amount", look.origin, weigh(name, seen), in_words(name, seen))
        if sums.product_share(look, price, reduced=False) > _CLOSE:
            return _multiplied(sums, look, price, name)
    seen = Content(0.8 if look.numbers.whole < 1 else 0.65, "numbers")
    if growth > _CLEARER:
        seen = Content(0.9, "grows with the quantity")
    if growth < -_CLEARER:
        seen = Content(0.2, "the same whatever the quantity")
    seen = replace(seen, seen=f"{seen.seen}, typically {look.numbers.typical:g}")
    return Guess("amount", look.origin, weigh(name, seen), in_words(name, seen))


def _multiplied(sums: Sums, look: Look, price: Look, name: float) -> Guess:
    """An amount that proved to be quantity times price; discounts still have to come off."""
    seen = Content(1.0, f"quantity × {price.name}")
    whole = Guess("amount", look.origin, weigh(name, seen), in_words(name, seen))
    if not any(one.numbers.zero < 1 for one in sums.reductions):
        return whole
    reason = f"{whole.reason}, so the discount has still to come off"
    less = Expression(expression=f"{look.number} - {_off(sums.reductions)}")
    return replace(whole, origin=less, confidence=min(0.75, whole.confidence), reason=reason)


def _shared_out(sums: Sums, look: Look, name: float) -> Guess:
    order = sums.order.written if sums.order else ""
    share = Expression(expression=f"{look.number} / count(*) OVER (PARTITION BY {order})")
    seen = Content(0.5, "the same on all lines of an order, so it is shared out among them")
    return Guess("amount", share, min(_ASSUMED, weigh(name, seen)), in_words(name, seen))


def _computed(
    sums: Sums, price: Look, name: float, shares: Sequence[Look], *, is_price: bool
) -> Guess:
    """Quantity times price, less discounts."""
    if sums.quantity is None:
        seen = Content(0.4, "a price, and no column says how many were bought")
        return Guess("amount", price.origin, weigh(name, seen), in_words(name, seen))
    times, most, words = f"{sums.quantity.number} * {price.number}", 0.9, "quantity × price"
    words += " (which is the same whatever the quantity)" if is_price else ""
    for share in shares:
        times, most = f"{times} * (1 - {_fraction(share)})", _ASSUMED
        words = f"{words}, less the share {share.name}"
    if sums.reductions:
        times, most = f"{times} - {_off(sums.reductions)}", _ASSUMED
        words = f"{words}, if the price is before the discount"
    confidence = weigh(name, Content(0.9 if is_price else 0.6, ""))
    reason = f"{words}; no column holds the amount itself"
    return Guess("amount", Expression(expression=times), min(most, confidence), reason)


def _discount(in_money: Sequence[Look], shares: Sequence[Look]) -> Guess | None:
    if not in_money:
        names = ", ".join(look.name for look in shares)
        reason = f"{names} holds shares, not money"
        return Guess("discount", None, _ASSUMED, reason) if shares else None
    name = max(fit_of_name(look.names, ("discount",)) for look in in_money)
    zero = sum(look.numbers.zero for look in in_money) / len(in_money)
    seen = Content(0.8, f"0 on {percent(zero)} of rows")
    origin: ColumnRef = in_money[0].origin
    if len(in_money) > 1 or in_money[0].numbers.negative > 0:
        origin = Expression(expression=_off(in_money).removeprefix("(").removesuffix(")"))
    return Guess("discount", origin, weigh(name, seen), in_words(name, seen))


def _off(reductions: Sequence[Look]) -> str:
    """SQL of the sum of all discounts, each as a number >= 0."""
    parts = [f"coalesce({look.number}, 0)" for look in reductions]
    signed = [
        f"abs({part})" if look.numbers.negative else part
        for part, look in zip(parts, reductions, strict=True)
    ]
    return f"({' + '.join(signed)})" if len(signed) > 1 else signed[0]


def _come_off(sums: Sums, rest: Sequence[Look]) -> bool:
    """Whether some amount is quantity times price less the discounts, as money."""
    if not sums.reductions or sums.quantity is None:
        return False
    pairs = ((look, price) for look in rest for price in rest if look is not price)
    return any(sums.product_share(*pair, reduced=True) > _CLOSE for pair in pairs)


def _is_share(look: Look) -> bool:
    """Whether a discount is a share or a percentage of the price rather than money."""
    says_so = any(mark in look.name.lower() for mark in ("%", "pct", "percent", "rate", "率"))
    return says_so or (0 < look.numbers.largest <= 1 and look.numbers.whole < 1)


def _fraction(look: Look) -> str:
    per = " / 100.0" if look.numbers.largest > 1 else ""
    return f"coalesce({look.number}{per}, 0)"
