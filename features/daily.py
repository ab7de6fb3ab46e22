"""Customer and day: purchases aggregated once, from which every window of every as_of is made.

One SELECT in SQL that all engines share. Each row says what the customer did on that day, and what
the days before it say about it (the gap since the last purchase, the usual price by then); nothing
in it depends on a later day.
"""

from features.contract import Orders
from features.spelling import Spelling
from features.sql import identifier, listing, literal

PURCHASE = "customer_key IS NOT NULL AND is_product AND NOT is_return"
"""Lines that count as bought; one with quantity 0 (a coupon) does, a fee or a return does not."""

SLOTS = {"night": (0, 5), "morning": (6, 11), "afternoon": (12, 17), "evening": (18, 23)}
"""Parts of the day: first and last hour, both included."""

LOG_UNITS = 1000
"""Logarithms are whole thousandths, so that their sums are exact."""

_KEYS = "customer_key, day"


def customer_day(
    orders: Orders, spelling: Spelling, condition: str = "true", earlier: str | None = None
) -> str:
    """SELECT of one row per customer and day with a line of a product, bought or given back.

    Columns are whole numbers: customer_key, day (days since 1970-01-01), orders, active_days (0 or
    1), gaps (0 or 1), gap_days (since the last day with an order; 0 on the first), gap_logs (the
    natural logarithm of that, times `LOG_UNITS`), and those of `line_measures` and
    `order_measures`.

    Parameters
    ----------
    orders
        What the sources tell.
    spelling
        Of the engine.
    condition
        Over ``fact_sales``: the lines to look at.
    earlier
        Relation of customer_key and last_day: the last day with an order before those lines; None:
        there is none.
    """
    of_line, of_order = line_measures(orders), order_measures(orders)
    by_line = listing(f"{sql} AS {name}" for name, sql in of_line.items())
    by_order = listing(f"sum({name}) AS {name}" for name in of_line)
    sums = {name: name for name in of_line} | of_order
    by_day = listing(f"CAST(sum({sql}) AS BIGINT) AS {name}" for name, sql in sums.items())
    previous = "max(CASE WHEN orders > 0 THEN day END) OVER before"
    if earlier is not None:
        previous = f"coalesce({previous}, last_day)"
    return f"""
        WITH lines AS (
            SELECT customer_key, {spelling.day_number("ordered_on")} AS day, "order",
                CASE WHEN NOT is_return THEN channel END AS channel,
                CASE WHEN NOT is_return THEN hour END AS hour, {by_line}
            FROM {_sales(orders, spelling)}
            WHERE is_product AND customer_key IS NOT NULL AND {condition}),
        tickets AS (
            SELECT {_KEYS}, min(hour) AS hour, min(channel) AS channel, {by_order}
            FROM lines GROUP BY {_KEYS}, "order"),
        days AS (SELECT {_KEYS}, {by_day} FROM tickets GROUP BY {_KEYS}),
        known AS (
            SELECT days.*, CASE WHEN orders > 0 THEN {previous} END AS previous
            FROM days {"" if earlier is None else f"LEFT JOIN {earlier} USING (customer_key)"}
            WINDOW before AS (PARTITION BY customer_key ORDER BY day
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
        SELECT {_KEYS}, {listing(sums)},
            CASE WHEN orders > 0 THEN 1 ELSE 0 END AS active_days,
            CASE WHEN previous IS NULL THEN 0 ELSE 1 END AS gaps,
            CASE WHEN previous IS NULL THEN 0 ELSE day - previous END AS gap_days,
            CASE WHEN previous IS NULL THEN 0 ELSE {gap_log("day - previous")} END AS gap_logs
        FROM known"""


def gap_log(days: str) -> str:
    """SQL of the natural logarithm of days in whole thousandths."""
    return f"CAST(round({LOG_UNITS}e0 * ln(CAST({days} AS DOUBLE))) AS BIGINT)"


def definition(orders: Orders, spelling: Spelling) -> str:
    """All SQL that decides what a row of the customer-day table says."""
    text = customer_day(orders, spelling)
    if orders.category is None:
        return text
    return text + category_day(orders.category, spelling) + CATEGORY_PRICE


def line_measures(orders: Orders) -> dict[str, str]:
    """Measure to its SQL over a line, summed over the lines of a day.

    Of lines that were bought: lines, spend, and as far as the sources tell them discount,
    discounted_lines, coupon, coupon_lines, costed_spend and cost (lines whose cost is known),
    branded_lines and private_lines (lines whose brand is known), full_price and usual_price (lines
    with a quantity above 0 whose category had been bought by anybody before that day). Of lines
    that were given back: returned_lines, returned_amount. Money in minor units.
    """
    found = {
        "lines": _bought("1"),
        "spend": _bought("amount"),
        "returned_lines": "CASE WHEN is_return THEN 1 ELSE 0 END",
        "returned_amount": "CASE WHEN is_return THEN -amount ELSE 0 END",
    }
    if orders.has_discounts:
        found["discount"] = _bought("discount")
        found["discounted_lines"] = _bought("1", "discount > 0")
    if orders.has_coupons:
        found["coupon"] = _bought("coupon")
        found["coupon_lines"] = _bought("1", "coupon > 0")
    if orders.has_costs:
        found["costed_spend"] = _bought("amount", "unit_cost IS NOT NULL")
        cost = "CAST(round(CAST(quantity AS DOUBLE) * unit_cost) AS BIGINT)"
        found["cost"] = _bought(cost, "unit_cost IS NOT NULL")
    if orders.has_private_labels:
        found["branded_lines"] = _bought("1", "is_private_label IS NOT NULL")
        found["private_lines"] = _bought("1", "is_private_label")
    if orders.category is not None:
        found["full_price"] = _bought("amount + discount", "quantity > 0 AND usual IS NOT NULL")
        usual = "CAST(round(CAST(quantity AS DOUBLE) * usual) AS BIGINT)"
        found["usual_price"] = _bought(usual, "quantity > 0 AND usual IS NOT NULL")
    return found


def _bought(measure: str, condition: str = "true") -> str:
    return f"CASE WHEN NOT is_return AND {condition} THEN {measure} ELSE 0 END"


def order_measures(orders: Orders) -> dict[str, str]:
    """Measure to its SQL over an order, summed over the orders of a day.

    Orders with a line that was bought: orders, single_line_orders, one count by part of the day
    (of the first line), and one by channel of the config, such as ``channel_0`` (an order through
    several counts for the first of them by name).
    """
    found = {
        "orders": "CASE WHEN lines > 0 THEN 1 ELSE 0 END",
        "single_line_orders": "CASE WHEN lines = 1 THEN 1 ELSE 0 END",
    }
    for slot, (first, last) in SLOTS.items():
        found[f"{slot}_orders"] = f"CASE WHEN hour BETWEEN {first} AND {last} THEN 1 ELSE 0 END"
    for index, channel in enumerate(orders.channels):
        named = f"lines > 0 AND channel = {literal(channel)}"
        found[f"channel_{index}"] = f"CASE WHEN {named} THEN 1 ELSE 0 END"
    return found


def _sales(orders: Orders, spelling: Spelling) -> str:
    """Lines with what is known of their product, and of its category's price by that day."""
    if not orders.describes_products:
        return "fact_sales"
    columns = ["product_key"]
    columns += ["unit_cost"] if orders.has_costs else []
    columns += ["is_private_label"] if orders.has_private_labels else []
    columns += [f"{identifier(orders.category)} AS category"] if orders.category else []
    sales = f"fact_sales LEFT JOIN (SELECT {listing(columns)} FROM dim_product) USING (product_key)"
    if orders.category is None:
        return sales
    day = spelling.day_number("ordered_on")
    return f"""(SELECT *, {day} AS price_day FROM {sales}) AS s
        LEFT JOIN (SELECT category, day AS price_day, usual FROM category_price) AS p
        USING (category, price_day)"""


def category_day(level: str, spelling: Spelling, condition: str = "true") -> str:
    """SELECT of everybody's purchases by category and day: price before discount, and units.

    Parameters
    ----------
    level
        Column of ``dim_product`` that counts as category.
    spelling
        Of the engine.
    condition
        Over ``fact_sales``: the lines to look at.
    """
    column, day = identifier(level), spelling.day_number("ordered_on")
    return f"""
        SELECT category, {day} AS day, sum(amount + discount) AS price, sum(quantity) AS units
        FROM fact_sales JOIN (SELECT product_key, {column} AS category FROM dim_product) AS p
        USING (product_key)
        WHERE is_product AND NOT is_return AND quantity > 0 AND category IS NOT NULL
            AND {condition}
        GROUP BY category, {day}"""


CATEGORY_PRICE = """
    WITH earlier AS (
        SELECT category, day, CAST(sum(price) OVER before AS DOUBLE) AS price,
            CAST(sum(units) OVER before AS DOUBLE) AS units
        FROM category_day WINDOW before AS (PARTITION BY category ORDER BY day
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING))
    SELECT category, day, price / units AS usual FROM earlier WHERE units > 0"""
"""What a unit of each category cost on average before each day on which it was bought: minor units
before discount (``usual``). The first day of a category has no row."""
