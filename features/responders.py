"""Who responded to what was sent to them from a day on; refuses to say it before time is over."""

from datetime import date

import pyarrow as pa

from features.clock import DAY, days_after
from features.errors import RegularsError
from features.schemas import Sources
from features.sql import literal
from features.star import history
from features.suggest import nearest
from features.warehouse import Connection

SHOWN = 5
"""Names or days that a message repeats, at most."""


class ResponsesUnclear(RegularsError):
    """The sources do not tell who responded to a campaign that was sent from the day on."""


class ResponsesNotOver(RegularsError):
    """Customers may still respond to what was sent."""


def responders(
    con: Connection,
    sources: Sources,
    as_of: date,
    campaign: str | None,
    days: tuple[int, int],
) -> pa.Table:
    """Whether customers responded to what they were sent from a day on, sorted by customer.

    Parameters
    ----------
    con
        Connection to the warehouse.
    sources
        Of the config; they need campaigns and responses.
    as_of
        What was sent before it is not looked at.
    campaign
        Name of the only one that counts; None: all.
    days
        From as_of on in which something was sent, and after each sending in which a response
        counts.

    Returns
    -------
    pyarrow.Table
        customer (string), responded (bool): to any of what was sent.

    Raises
    ------
    ResponsesUnclear
        When the sources have no campaigns or responses, none has that name, or none was sent then.
    ResponsesNotOver
        When the days for a response reach beyond the last day of data.
    """
    if sources.campaigns is None or sources.responses is None:
        message = (
            "a comparison of who responded needs sources.campaigns and sources.responses, but the "
            f"sources are: {', '.join(sources.given())}"
        )
        raise ResponsesUnclear(message)
    end = days_after(as_of, days[0])
    named = "true" if campaign is None else f"campaign = {literal(campaign)}"
    sent = f"{named} AND sent_on >= DATE '{as_of}' AND sent_on < DATE '{end}'"
    found = con.sql(f"""
        SELECT customer, bool_or(coalesce(responded_on < sent_on + {days[1]}, false)) AS responded
        FROM fact_campaigns JOIN (
            SELECT DISTINCT customer, customer_key FROM dim_customer) USING (customer_key)
        WHERE {sent} GROUP BY customer ORDER BY customer""").to_arrow_table()
    if not len(found):
        raise ResponsesUnclear(_nothing_sent(con, as_of, end, campaign))
    last_sent = con.sql(f"SELECT max(sent_on) FROM fact_campaigns WHERE {sent}").fetchall()[0][0]
    _require_over(last_sent, days[1], history(con, sources).last_on)
    return found


def _require_over(last_sent: date, days: int, last_on: date | None) -> None:
    """Orders say how far the data reach; what is sent may be planned for later."""
    needed = days_after(last_sent, days) - DAY
    if last_on is None or needed > last_on:
        message = (
            f"who responded is known {days} days after the sending on {last_sent}, on {needed}, "
            f"but the data end on {last_on}; use an earlier day, or fewer days: "
            "profile.response_days"
        )
        raise ResponsesNotOver(message)


def _nothing_sent(con: Connection, as_of: date, end: date, campaign: str | None) -> str:
    """What was sent, and when."""
    if campaign is None:
        first, last = con.sql("SELECT min(sent_on), max(sent_on) FROM fact_campaigns").fetchall()[0]
        return (
            f"a comparison of who responded needs a campaign that was sent from {as_of} up to the "
            f"eve of {end}, but found none; campaigns were sent from {first} to {last}"
        )
    rows = con.sql(
        f"SELECT DISTINCT sent_on FROM fact_campaigns WHERE campaign = {literal(campaign)} "
        "ORDER BY sent_on DESC"
    ).fetchall()
    if rows:
        told = ", ".join(str(row[0]) for row in rows[:SHOWN])
        return (
            f"a comparison by campaign {campaign} looks at customers as they were before it, and "
            f"needs a sending from {as_of} up to the eve of {end}, but it was sent on {told}; use "
            f"--as-of {rows[0][0]}, or more days: profile.sent_days"
        )
    every = con.sql("SELECT DISTINCT campaign FROM fact_campaigns ORDER BY campaign").fetchall()
    names = [str(row[0]) for row in every if row[0] is not None]
    close = nearest(campaign, names)
    hint = f"did you mean {close!r}?" if close else f"there are {', '.join(names[:SHOWN])} …"
    return f"no campaign is called {campaign!r}; {hint}"
