"""The guesses put together: one for each canonical column that was found, and the settings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from features.errors import RegularsError
from features.guessing.columns import Look, Table
from features.guessing.evidence import Guess, percent
from features.guessing.identity import (
    SURE_ENOUGH,
    Found,
    find_customer,
    find_instant,
    find_order,
    find_place,
    find_product,
)
from features.guessing.moment import Moment, moment_of, sentinels
from features.guessing.money import find_money
from features.guessing.trial import Facts
from features.schemas import Expression, OrdersSource
from features.sql import listing, literal

_ADVICE = (
    "give it a telling name (such as order_date, customer_id, amount), or write the config by hand"
)


class OrdersNotRecognised(RegularsError):
    """A file lacks a column without which there are no orders."""


@dataclass(frozen=True)
class Draft:
    """What is guessed so far.

    Attributes
    ----------
    path
        The file.
    columns
        Guesses by canonical column.
    settings
        Guesses by setting of the source.
    formats
        For ``instant_format``.
    """

    path: Path
    columns: Mapping[str, Guess]
    settings: Mapping[str, Guess]
    formats: tuple[str, ...]

    @property
    def source(self) -> OrdersSource:
        """The settings that the guesses amount to."""
        columns = {name: one.origin for name, one in self.columns.items() if one.origin is not None}
        values = {name: guess.origin for name, guess in self.settings.items()}
        return OrdersSource.model_validate(
            {**values, "path": str(self.path), "instant_format": self.formats, "columns": columns}
        )


def draft_of(table: Table, path: Path) -> Draft:
    """Guesses from the first rows.

    Raises
    ------
    OrdersNotRecognised
        When no column looks like the instant, the customer or the amount; names those missing.
    """
    instant = find_instant(table)
    if instant is None:
        raise OrdersNotRecognised(_missing(table, path, ["the instant of the order"]))
    moment = moment_of(table, instant)
    table.date_rows(instant.look)
    order = find_order(table, instant.look)
    order_look = order.look if order else None
    customer = find_customer(table, instant.look, order_look)
    taken = [*moment.looks, *_looks(order, customer)]
    product = find_product(table, order_look, taken)
    taken += _looks(product)
    store = find_place(table, "store", order_look, taken)
    taken += _looks(store)
    channel = find_place(table, "channel", order_look, taken)
    taken += _looks(channel)
    money = find_money(table, order_look, product.look if product else None, taken)
    amount = money.amount if money.amount and money.amount.confidence >= SURE_ENOUGH else None
    if customer is None or amount is None:
        lacking = [] if customer else ["the customer"]
        lacking += [] if amount else ["what was paid for the line"]
        raise OrdersNotRecognised(_missing(table, path, lacking))
    whose = _without_nobody(table, customer)
    which = order.guess if order else _made_up(customer, instant)
    guesses = [which, moment.guess, whose, amount, money.quantity, money.discount]
    guesses += [one.guess for one in (product, store, channel) if one is not None]
    columns = {guess.what: guess for guess in guesses if guess is not None}
    return Draft(path, columns, _settings(table, moment), moment.formats)


def _looks(*found: Found | None) -> list[Look]:
    return [one.look for one in found if one is not None]


def _missing(table: Table, path: Path, lacking: Sequence[str]) -> str:
    it = "it" if len(lacking) == 1 else "them"
    return (
        f"{path} needs a column with {' and one with '.join(lacking)}, but none of "
        f"{list(table.sample.names)} looks like {it}; {_ADVICE}"
    )


def _without_nobody(table: Table, customer: Found) -> Guess:
    """The customer, with what tills write where there is none taken for missing."""
    nobody = sentinels(table, customer.look)
    if not nobody:
        return customer.guess
    written = customer.look.written
    listed = listing(literal(one) for one in nobody)
    sql = f"CASE WHEN trim(CAST({written} AS VARCHAR)) NOT IN ({listed}) THEN {written} END"
    reason = f"{customer.guess.reason}; {' and '.join(nobody)} taken for nobody"
    return replace(customer.guess, origin=Expression(expression=sql), reason=reason)


def _made_up(customer: Found, instant: Found) -> Guess:
    """An order for each customer and instant, where no column numbers orders."""
    parts = f"{customer.look.written}, {instant.look.written}"
    has_time = instant.look.instants is not None and instant.look.instants.has_time
    reason = (
        f"no column numbers orders: one for each customer and {'instant' if has_time else 'day'}"
    )
    return Guess("order", Expression(expression=f"concat_ws('/', {parts})"), 0.5, reason)


def _settings(table: Table, moment: Moment) -> dict[str, Guess]:
    sample = table.sample
    guesses: list[Guess] = []
    if sample.encoding is not None:
        encoding = sample.encoding
        guesses.append(Guess("encoding", encoding.name, encoding.confidence, encoding.reason))
    if sample.delimiter is not None:
        guesses.append(
            Guess("delimiter", sample.delimiter, 0.98, "stands most often in the header")
        )
    if table.decimal == ",":
        guesses.append(Guess("decimal_separator", ",", 0.9, "numbers are written like 1.234,50"))
    if moment.format_guess is not None:
        guesses.append(moment.format_guess)
    return {guess.what: guess for guess in guesses}


def with_signs(table: Table, draft: Draft) -> Draft:
    """The draft with returns told by negative amounts, where quantities are never negative."""
    amount, quantity = draft.columns["amount"].origin, draft.columns.get("quantity")
    looks = {look.name: look for look in table.looks}
    value = amount.expression if isinstance(amount, Expression) else looks[str(amount)].written
    number = "1"
    if quantity is not None:
        if not isinstance(quantity.origin, str):
            return draft
        number = looks[quantity.origin].number
    sign = f"trim(CAST({value} AS VARCHAR)) LIKE '-%'"
    sql = f"CASE WHEN {sign} THEN -abs({number}) ELSE abs({number}) END"
    reason = "negative where the amount is, since returns have negative amounts only"
    guess = Guess("quantity", Expression(expression=sql), 0.5, reason)
    return replace(draft, columns={**draft.columns, "quantity": guess})


def with_facts(draft: Draft, facts: Facts, fees: Guess | None) -> Draft:
    """The draft with the settings that counts over the whole file ask for."""
    settings = dict(draft.settings)
    if facts.returned:
        reason = f"{facts.returned:,} of {facts.rows:,} rows have a negative quantity"
        settings["returns"] = Guess("returns", "negative_quantity", 0.9, reason)
    if facts.anonymous:
        reason = f"{percent(facts.anonymous / facts.rows)} of rows have no customer"
        settings["anonymous"] = Guess("anonymous", "keep", 0.9, reason)
    if fees is not None:
        settings[fees.what] = fees
    return replace(draft, settings=settings)
