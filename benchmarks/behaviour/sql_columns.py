"""The columns of the SQL written by hand: name to expression over its temporary tables."""

from datetime import date

from benchmarks.behaviour.shop import KINDS

WINDOWS = (7, 14, 28, 56, 91, 182, 364)
YEAR = 364
SLOTS = {"night": (0, 5), "morning": (6, 11), "afternoon": (12, 17), "evening": (18, 23)}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

RANKS = {2: "second", 3: "third", 5: "fifth", 10: "tenth"}

_SILENT = "(coalesce(usual_gap, 0) * 3 + (tenure - since) + 3)"
_EXPECTED = "((tenure - since + usual_gap * 3) / (active_ever + 2))"
_GAP_LOG = "((coalesce(gap_logs, 0) + usual_gap_log * 3) / (active_ever + 2))"
_GAP_LOG_SQUARE = "((coalesce(gap_log_squares, 0) + usual_gap_log_square * 3) / (active_ever + 2))"
_GAP_LOG_SPREAD = f"sqrt(greatest(0e0, {_GAP_LOG_SQUARE} - {_GAP_LOG} * {_GAP_LOG}))"
_CHANGING = (("active", "active_days"), ("spend", "spend"))


def expressions(as_of: date) -> dict[str, str]:
    """Column name to SQL, in order of the behaviour table."""
    return {
        "days_since_order": "since",
        "days_since_return": "returned_since",
        **_frequency(),
        **_monetary(),
        **_tenure_and_rhythm(),
        **_trend(),
        **_breadth(),
        **_basket_and_price(),
        **_place(),
        **_returns_and_season(as_of),
        **_contacts(),
    }


def _over(part: str, whole: str) -> str:
    return f"{part} / nullif({whole}, 0)"


def _change(name: str, days: int) -> str:
    """The window less the one before, over both."""
    return _over(f"(2 * {name}_{days} - {name}_{2 * days})", f"{name}_{2 * days}")


def _frequency() -> dict[str, str]:
    found = {}
    for days in WINDOWS:
        found[f"orders_count_{days}d"] = f"orders_{days}"
        found[f"active_days_count_{days}d"] = f"active_{days}"
    for half_life in (7, 14, 28, 56, 112, 224):
        found[f"active_days_count_halved_in_{half_life}"] = f"active_half_{half_life}"
    return found


def _monetary() -> dict[str, str]:
    found = {}
    for days in WINDOWS:
        found[f"spend_{days}d"] = f"spend_{days}"
        found[f"order_value_mean_{days}d"] = _over(f"spend_{days}", f"orders_{days}")
    for half_life in (28, 91):
        found[f"spend_halved_in_{half_life}"] = f"spend_half_{half_life}"
    return found


def _tenure_and_rhythm() -> dict[str, str]:
    return {
        "tenure_days": "tenure",
        "tenure_share_of_history": "tenure / known_days",
        "orders_count": "orders_ever",
        "orders_per_week": "orders_ever * 7 / tenure",
        "is_one_time_buyer": "active_ever = 1",
        "silent_share_of_tenure": "since / tenure",
        "gap_mean_days": "gap_mean",
        "gap_spread_days": "gap_spread",
        "gap_longest_days": "gap_most",
        "gap_variation": "gap_spread / gap_mean",
        "overdue_ratio": "since / gap_mean",
        "overdue_ratio_shrunk": f"since / {_EXPECTED}",
        "longer_gaps_probability": (
            "(coalesce(longer_gaps, 0) + exp(-since / usual_gap) * 3) / (active_ever + 2)"
        ),
        "gap_log_deviation": _over(f"(ln(since) * 1000 - {_GAP_LOG})", _GAP_LOG_SPREAD),
        **{f"days_since_{word}_last_order": f"since_{rank}" for rank, word in RANKS.items()},
        "gap_this_long_probability": f"power({_SILENT} / ({_SILENT} + since), active_ever + 2)",
    }


def _trend() -> dict[str, str]:
    found = {}
    for days in WINDOWS:
        for name, column in _CHANGING:
            found[f"{column}_change_{days}d"] = _change(name, days)
    for days in (91, 182):
        for name, column in _CHANGING:
            about_mean = f"({name}_{days} * {(days + 1) / 2}e0 - {name}_moment_{days})"
            per_week = 49 / (days * (days * days - 1) / 12)
            found[f"{column}_slope_{days}d"] = f"{about_mean} * {per_week:.17e}"
    for days in (91, 182, YEAR):
        age = _over(f"active_moment_{days}", f"active_{days}")
        found[f"active_days_age_mean_days_{days}d"] = age
    for days in (91, 182):
        longest = f"least(greatest(gap_most_{days}, since), {days})"
        found[f"silence_longest_days_{days}d"] = longest
    return found


def _breadth() -> dict[str, str]:
    found = {}
    for days in WINDOWS:
        found[f"products_count_{days}d"] = f"products_{days}"
        found[f"new_products_share_{days}d"] = _over(f"fresh_{days}", f"products_{days}")
    for days in WINDOWS:
        found[f"categories_count_{days}d"] = f"categories_{days}"
    for days in (91, YEAR):
        lines = f"category_lines_{days}"
        found[f"category_concentration_{days}d"] = _over(f"squares_{days}", f"({lines} * {lines})")
        found[f"category_entropy_{days}d"] = (
            f"CASE WHEN {lines} > 0 THEN greatest(0e0, ln({lines}) - logs_{days} / {lines}) END"
        )
        found[f"top_category_share_{days}d"] = _over(f"top_{days}", lines)
    return found


def _basket_and_price() -> dict[str, str]:
    found = {}
    for days in WINDOWS:
        orders = f"orders_{days}"
        found[f"lines_per_order_{days}d"] = _over(f"lines_{days}", orders)
        found[f"single_item_orders_share_{days}d"] = _over(f"single_{days}", orders)
    for days in WINDOWS:
        full_price = f"(spend_{days} + discount_{days})"
        found[f"discount_share_{days}d"] = _over(f"discount_{days}", full_price)
        found[f"discounted_lines_share_{days}d"] = _over(f"discounted_{days}", f"lines_{days}")
        found[f"price_tier_{days}d"] = _over(f"full_price_{days}", f"usual_price_{days}")
    return found


def _place() -> dict[str, str]:
    return {
        f"{name}_orders_share_182d": _over(f"{name}_orders", "orders_182")
        for name in (*SLOTS, *WEEKDAYS)
    }


def _returns_and_season(as_of: date) -> dict[str, str]:
    found = {}
    for days in WINDOWS:
        lines = f"(lines_{days} + returned_lines_{days})"
        found[f"returned_lines_share_{days}d"] = _over(f"returned_lines_{days}", lines)
        amount = _over(f"returned_amount_{days}", f"spend_{days}")
        found[f"returned_amount_ratio_{days}d"] = amount
    for days in (28, 56, 91):
        for name, column in (("orders", "orders_count"), ("spend", "spend")):
            then = f"CASE WHEN tenure > {YEAR} THEN {name}_last_year_{days} END"
            found[f"{column}_last_year_next_{days}"] = then
    before = f"CASE WHEN tenure > {YEAR} THEN orders_last_year_past_91 END"
    found["orders_count_last_year_past_91"] = before
    return found | {"week_of_year": str(as_of.isocalendar().week)}


def _contacts() -> dict[str, str]:
    found = {"days_since_contact": "contact_since"}
    for kind in KINDS:
        found[f"days_since_{kind}"] = f"{kind}_since"
        for days in WINDOWS:
            found[f"{kind}_contacts_count_{days}d"] = f"{kind}_{days}"
    for days in WINDOWS:
        found[f"contacts_count_{days}d"] = f"contacts_{days}"
        found[f"contacts_change_{days}d"] = _change("contacts", days)
    return found
