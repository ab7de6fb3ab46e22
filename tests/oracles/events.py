"""What happened besides buying: contacts, visits to the site, campaigns, and what is on file."""

from datetime import datetime

from tests.builders import Campaign, Contact
from tests.oracles.goods import half_up
from tests.oracles.past import Features, Past, attributes, change, local_day, ratio, slug


def contacts(past: Past) -> Features:
    every = contacts_of(past)
    found: Features = {"days_since_contact": min((age for age, _ in every), default=None)}
    for kind in past.asked.contact_kinds:
        ages = [age for age, row in every if row.kind == kind]
        found[f"days_since_{slug(kind)}"] = min(ages, default=None)
        for days in past.asked.windows:
            count = sum(age <= days for age in ages)
            found[f"{slug(kind)}_contacts_count_{days}d"] = count if every else None
    for days in past.asked.windows:
        found |= _contacts_within(every, days)
    return found


def contacts_of(past: Past) -> list[tuple[int, Contact]]:
    """Age and contact, equal ones once."""
    rows = {row for row in past.shop.all_contacts if row.customer == past.customer}
    dated = [(past.age(local_day(past.shop, row.contacted_at)), row) for row in rows]
    return [(age, row) for age, row in dated if age >= 1]


def _contacts_within(every: list[tuple[int, Contact]], days: int) -> Features:
    now = [row for age, row in every if age <= days]
    before = [row for age, row in every if days < age <= 2 * days]
    outcomes = [row.outcome.lower() for row in now if row.outcome is not None]
    seconds = [half_up(row.duration_seconds) for row in now if row.duration_seconds is not None]
    scores = [row.satisfaction for row in now if row.satisfaction is not None]
    unresolved = sum(outcome != "resolved" for outcome in outcomes)
    return {
        f"contacts_count_{days}d": len(now) if every else None,
        f"contacts_change_{days}d": change(len(now), len(before)),
        f"unresolved_contacts_count_{days}d": unresolved if every else None,
        f"contact_duration_mean_{days}d": ratio(sum(seconds), len(seconds)),
        f"satisfaction_mean_{days}d": ratio(sum(scores), len(scores)),
    }


def web(past: Past) -> Features:
    """Rows of the visits table; a session that goes over midnight is one on both days."""
    rows = {row for row in past.shop.visits if row.customer == past.customer}
    dated = [(past.age(local_day(past.shop, row.visited_at)), row) for row in rows]
    every = [(age, row) for age, row in dated if age >= 1]
    found: Features = {"days_since_visit": min((age for age, _ in every), default=None)}
    for days in past.asked.windows:
        now = [(age, row) for age, row in every if age <= days]
        sessions = {(age, row.session) for age, row in now if row.session is not None}
        pages = sum(1 if row.pages is None else row.pages for _, row in now)
        found |= {
            f"web_visits_count_{days}d": len(now) if every else None,
            f"web_pages_count_{days}d": pages if every else None,
            f"web_sessions_count_{days}d": len(sessions) if every else None,
        }
    return found


def campaigns(past: Past) -> Features:
    sendings = {row for row in past.shop.campaigns if row.customer == past.customer}
    sent_at = [row.sent_at for row in sendings]
    found: Features = {"days_since_campaign": min(past.seen(sent_at), default=None)}
    answers = [at for row in sendings for at in _first_response(past, row)]
    if past.shop.responses:
        found["days_since_response"] = min(past.seen(answers), default=None)
    for days in past.asked.windows:
        sent, answered = len(past.seen(sent_at, days)), len(past.seen(answers, days))
        is_known = bool(past.seen(sent_at))
        found[f"campaigns_count_{days}d"] = sent if is_known else None
        if past.shop.responses:
            has_answered = bool(past.seen(answers))
            found[f"responses_count_{days}d"] = answered if has_answered else None
            unanswered = max(0, sent - answered)
            found[f"campaigns_unanswered_count_{days}d"] = unanswered if is_known else None
    return found


def _first_response(past: Past, sending: Campaign) -> list[datetime]:
    """When the customer first responded to a campaign after it was sent, if ever."""
    answered = [
        row.responded_at
        for row in past.shop.responses
        if (row.customer, row.campaign) == (sending.customer, sending.campaign)
        and row.responded_at >= sending.sent_at
    ]
    return [min(answered)] if answered else []


def profile(past: Past) -> Features:
    row = attributes(past.shop, past.customer, past.as_of)
    tier = None if row is None else row.tier
    flags: Features = {
        f"is_tier_{level}": None if tier is None else float(tier == level)
        for level in ("gold", "silver")
    }
    unlisted = None if tier is None else float(tier not in {"gold", "silver"})
    return {**flags, "is_tier_unlisted": unlisted, "age": None if row is None else row.age}
