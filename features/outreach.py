"""What customers were sent and what that cost, and how content they said they were, day by day."""

from typing import Final

import pyarrow as pa

from features.clock import Window
from features.schemas import Sources
from features.warehouse import Connection

SENT: Final = pa.schema(
    [pa.field("customer", pa.string()), pa.field("day", pa.date32()), pa.field("cost", pa.int64())]
)

SAID: Final = pa.schema(
    [
        pa.field("customer", pa.string()),
        pa.field("day", pa.date32()),
        pa.field("satisfaction", pa.float64()),
    ]
)

_CUSTOMERS: Final = "(SELECT DISTINCT customer, customer_key FROM dim_customer)"


def build_sendings(con: Connection, window: Window, sources: Sources) -> pa.Table | None:
    """A row per sending of a campaign to a customer in ``[window.start, window.end)``.

    Parameters
    ----------
    con
        Connection to a warehouse with a star of these sources.
    window
        The days; its end is the as_of.
    sources
        Of the config.

    Returns
    -------
    pyarrow.Table or None
        `SENT`, sorted: customer; day; cost (minor units, null where it is not known). None when
        the sources have no campaigns, so that nobody knows who was sent what.
    """
    if sources.campaigns is None:
        return None
    return (
        con.sql(f"""
        SELECT customer, sent_on AS day, cost
        FROM fact_campaigns JOIN {_CUSTOMERS} USING (customer_key)
        WHERE {_within("sent_on", window)} ORDER BY ALL""")
        .to_arrow_table()
        .cast(SENT)
    )


def build_satisfaction(con: Connection, window: Window, sources: Sources) -> pa.Table | None:
    """A row per contact in ``[window.start, window.end)`` in which a satisfaction was told.

    Parameters
    ----------
    con, window, sources
        As of `build_sendings`.

    Returns
    -------
    pyarrow.Table or None
        `SAID`, sorted: customer; day; satisfaction (on the scale of the source). None when the
        sources have no contacts with a satisfaction.
    """
    if sources.contacts is None or sources.contacts.columns.satisfaction is None:
        return None
    return (
        con.sql(f"""
        SELECT customer, contacted_on AS day, satisfaction
        FROM fact_contacts JOIN {_CUSTOMERS} USING (customer_key)
        WHERE satisfaction IS NOT NULL AND {_within("contacted_on", window)}
        ORDER BY ALL""")
        .to_arrow_table()
        .cast(SAID)
    )


def _within(day: str, window: Window) -> str:
    return f"{day} >= DATE '{window.start}' AND {day} < DATE '{window.end}'"
