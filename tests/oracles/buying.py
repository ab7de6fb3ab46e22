"""How long ago, how often, how much, how regularly, and how that changes: from the days alone."""

from datetime import date

from tests.oracles.others import first_day_of_anybody
from tests.oracles.past import (
    Features,
    Line,
    Past,
    change,
    days_of,
    gaps_of,
    orders_in,
    ratio,
    slug,
    spend,
)


def recency(past: Past) -> Features:
    category_of = dict(past.shop.categories)
    found: Features = {
        "days_since_order": past.since(days_of(past.bought())),
        "days_since_return": past.since(days_of(past.given_back())),
    }
    for category in past.asked.categories:
        lines = [x for x in past.bought() if category_of.get(str(x.row.product)) == category]
        found[f"days_since_{slug(category)}"] = past.since(days_of(lines))
    return found


def frequency(past: Past) -> Features:
    found: Features = {}
    for days in past.asked.windows:
        lines = past.bought(days)
        found[f"orders_count_{days}d"] = len(orders_in(lines)) if past.lines else None
        found[f"active_days_count_{days}d"] = len(days_of(lines)) if past.lines else None
    for half_life in (7, 14, 28, 56, 112, 224):
        faded = sum(0.5 ** (past.age(day) / half_life) for day in days_of(past.bought()))
        found[f"active_days_count_halved_in_{half_life}"] = faded if past.lines else None
    return found


def monetary(past: Past) -> Features:
    found: Features = {}
    costs = dict(past.shop.unit_costs)
    for days in past.asked.windows:
        lines = past.bought(days)
        found[f"spend_{days}d"] = spend(lines) if past.lines else None
        found[f"order_value_mean_{days}d"] = ratio(spend(lines), len(orders_in(lines)))
        costed = [line for line in lines if line.row.product in costs]
        cost = sum(line.row.quantity * costs[str(line.row.product)] for line in costed)
        found[f"margin_{days}d"] = spend(costed) - cost if past.lines else None
    for half_life in (28, 91):
        faded = sum(x.row.amount * 0.5 ** (past.age(x.day) / half_life) for x in past.bought())
        found[f"spend_halved_in_{half_life}"] = faded if past.lines else None
    return found


def tenure(past: Past) -> Features:
    lines = past.bought()
    if not lines:
        missing = ("tenure_days", "tenure_share_of_history", "orders_per_week")
        found: Features = dict.fromkeys((*missing, "is_one_time_buyer", "silent_share_of_tenure"))
        return found | {"orders_count": 0 if past.lines else None}
    first, last = past.age(days_of(lines)[0]), past.age(days_of(lines)[-1])
    return {
        "tenure_days": first,
        "tenure_share_of_history": first / past.age(first_day_of_anybody(past.shop)),
        "orders_count": len(orders_in(lines)),
        "orders_per_week": len(orders_in(lines)) / (first / 7),
        "is_one_time_buyer": float(first == last),
        "silent_share_of_tenure": last / first,
    }


def trend(past: Past) -> Features:
    found: Features = {}
    for days in past.asked.windows:
        now, before = past.bought(days), past.bought_before(days)
        found[f"active_days_change_{days}d"] = change(len(days_of(now)), len(days_of(before)))
        found[f"spend_change_{days}d"] = change(spend(now), spend(before))
    for days in past.asked.nearest_of(91, 182):
        lines = past.bought(days)
        by_day = {day: spend([x for x in lines if x.day == day]) for day in days_of(lines)}
        found[f"active_days_slope_{days}d"] = slope(past, dict.fromkeys(by_day, 1), days)
        found[f"spend_slope_{days}d"] = slope(past, by_day, days)
        found[f"silence_longest_days_{days}d"] = silence(past, days)
    for days in {*past.asked.nearest_of(91, 182), max(past.asked.windows)}:
        ages = [past.age(day) for day in days_of(past.bought(days))]
        found[f"active_days_age_mean_days_{days}d"] = ratio(sum(ages), len(ages))
    return found


def slope(past: Past, by_day: dict[date, int], days: int) -> float | None:
    """Least squares over the days of the window, most of them 0, per week and week."""
    if not past.lines:
        return None
    x = [-age for age in range(1, days + 1)]
    y = [by_day.get(past.ago(age), 0) for age in range(1, days + 1)]
    above = days * sum(a * b for a, b in zip(x, y, strict=True)) - sum(x) * sum(y)
    below = days * sum(a * a for a in x) - sum(x) ** 2
    # A rise of one a day from day to day is one of 7 a week, seven times a week.
    return 49 * above / below if below else 0


def silence(past: Past, days: int) -> float | None:
    """The longest gap that ended in the window, or the present one; the window at the most."""
    every = days_of(past.bought())
    if not every:
        return None
    ended = [
        gap
        for day, gap in zip(every[1:], gaps_of(past.bought()), strict=True)
        if day >= past.ago(days)
    ]
    return min(days, max([*ended, past.age(every[-1])]))


def season(past: Past) -> Features:
    """What the customer did 364 days (52 weeks) before the days that lie ahead."""
    found: Features = {}
    first = past.age(min(days_of(past.bought()), default=past.as_of))
    known = first > 364
    for days in (28, 56, 91):
        ahead = [line for line in past.bought() if 364 - days < past.age(line.day) <= 364]
        found[f"orders_count_last_year_next_{days}"] = len(orders_in(ahead)) if known else None
        found[f"spend_last_year_next_{days}"] = spend(ahead) if known else None
    behind = [line for line in past.bought() if 364 < past.age(line.day) <= 364 + 91]
    found["orders_count_last_year_past_91"] = len(orders_in(behind)) if known else None
    return found | {"week_of_year": past.as_of.isocalendar().week}


def returns(past: Past) -> Features:
    found: Features = {}
    for days in past.asked.windows:
        lines, back = past.bought(days), past.given_back(days)
        found[f"returned_lines_share_{days}d"] = ratio(len(back), len(lines) + len(back))
        found[f"returned_amount_ratio_{days}d"] = ratio(-spend(back), spend(lines))
    return found


def place(past: Past) -> Features:
    """Stores, and of the orders of the longer past: through which channel, when in day and week."""
    found: Features = {}
    at_stores = [line for line in past.bought() if line.row.store is not None]
    for days in past.asked.windows:
        stores = {line.row.store for line in at_stores if past.age(line.day) <= days}
        found[f"stores_count_{days}d"] = len(stores) if at_stores else None
    days = past.asked.nearest(182)
    visited = [line.row.store for line in at_stores if past.age(line.day) <= days]
    most = max((visited.count(store) for store in set(visited)), default=0)
    found[f"main_store_share_{days}d"] = ratio(most, len(visited))
    orders = list(orders_in(past.bought(days)).values())
    for name, count in _kinds_of_orders(past, orders).items():
        found[f"{name}_orders_share_{days}d"] = ratio(count, len(orders))
    return found


def _kinds_of_orders(past: Past, orders: list[list[Line]]) -> dict[str, int]:
    """An order has the hour of its first line and, of its channels, the first by name."""
    through = [min({x.row.channel for x in order if x.row.channel}, default="") for order in orders]
    hours = [min(line.hour for line in order) for order in orders]
    weekdays = [f"{order[0].day:%A}".lower() for order in orders]
    parts = ("night", "morning", "afternoon", "evening")
    week = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return {
        **{slug(channel): through.count(channel) for channel in past.asked.channels},
        **{part: sum(hour // 6 == i for hour in hours) for i, part in enumerate(parts)},
        **{weekday: weekdays.count(weekday) for weekday in week},
    }
