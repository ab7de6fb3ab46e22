"""What a definition asks for that the sources do not tell: each setting, and a sentence."""

from collections.abc import Iterable, Iterator

from features.errors import RegularsError
from features.levels import offered
from features.schemas import Sources
from features.suggest import nearest

WITHOUT_PRODUCT = "needs sources.orders.columns.product, which says what was bought"


def without_orders(what: str, sources: Sources) -> str:
    """Sentence for a business without orders, which ``what`` (prices, baskets) need."""
    given = ", ".join(sources.given()) or "none"
    return f"{what} need sources.orders, but the sources are: {given}"


def strange_level(name: str, sources: Sources, needed: str = "one") -> str | None:
    """Sentence about a level that the sources do not tell; None where they tell it.

    Parameters
    ----------
    name
        As the config writes it.
    sources
        Of the config.
    needed
        How many the setting takes: ``one`` or ``some``.
    """
    known = offered(sources)
    if name in known:
        return None
    close = nearest(name, known)
    hint = f"; did you mean {close}?" if close else ""
    return f"needs {needed} of {', '.join(known)}, but found {name}{hint}"


def unknown_of_item(what: str, item: str, sources: Sources) -> Iterator[tuple[str, str]]:
    """What is wrong with ``item``, the level of what has a price, and a sentence that says so.

    Parameters
    ----------
    what
        Needs it: prices, journeys.
    item
        Name of the level.
    sources
        Of the config.
    """
    if sources.orders is None:
        yield "item", without_orders(what, sources)
        return
    columns, strange = sources.orders.columns, strange_level(item, sources)
    if strange is not None:
        yield "item", strange
    if columns.product is None:
        yield "item", WITHOUT_PRODUCT
    if columns.quantity is None:
        yield "item", "needs sources.orders.columns.quantity, which a price is divided by"


def refuse(unknown: Iterable[tuple[str, str]], section: str, refusal: type[RegularsError]) -> None:
    """Raise what is unknown, where anything is.

    Parameters
    ----------
    unknown
        Settings of the section, and a sentence about each.
    section
        Of the config.
    refusal
        Class of the error.
    """
    wrong = [f"{section}.{field}: {text}" for field, text in unknown]
    if wrong:
        raise refusal("\n".join(wrong))
