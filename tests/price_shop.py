"""A made-up shop whose sales follow prices and promotions in a known way, as files."""

from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import yaml

from tests.builders import Order, noon, write_orders
from tests.price_panels import MadeUp, Market, made_up

FIRST = date(2023, 1, 2)
WEEKS = 60
AS_OF = FIRST + timedelta(days=7 * WEEKS)
MARKET = Market(items=24, categories=3, weeks=WEEKS, noise=0.1)


def market() -> MadeUp:
    """Items 0 to 23; the price of the last one never moves, and it is never promoted."""
    found = made_up(MARKET)
    is_last = found.rows["item"] == "item 0023"
    rows = found.rows.assign(
        price_paid=found.rows["price_paid"].where(~is_last, 400.0),
        promoted_share=found.rows["promoted_share"].where(~is_last, 0.0),
    )
    return MadeUp(rows, found.belongs, found.elasticity, found.lift)


def lines_of(made: MadeUp) -> tuple[Order, ...]:
    """A line of each item and week, bought by nobody known; a promotion is a discount of 50.

    Of each item 300 units are sold in a week, on average.
    """
    whole = made.rows.groupby("item")["units"].transform("mean")
    return tuple(
        Order(
            None,
            noon(FIRST + timedelta(days=7 * row["week"] + 2)),
            f"{row['week']} {row['item']}",
            row["item"],
            units := round(row["sold"]),
            round(units * row["price_paid"]),
            round(50 * row["promoted_share"]),
        )
        for row in made.rows.assign(sold=300 * made.rows["units"] / whole).to_dict("records")
    )


def customer() -> Order:
    """A line of a customer, without which there is no star."""
    return Order("ann", noon(FIRST), "first", "pen", 1, 100, 0)


def open_shop(folder: Path, lines: tuple[Order, ...], **prices: object) -> Path:
    """A config in ``folder`` beside the files that it reads."""
    write_orders(folder / "orders.parquet", (customer(), *lines))
    belongs = made_up(MARKET).belongs
    products = pd.DataFrame({"product": belongs.index, "category": belongs["category"]})
    products.to_parquet(folder / "products.parquet", index=False)
    columns = ("order", "ordered_at", "customer", "product", "quantity", "amount", "discount")
    settings = {
        "name": "shop",
        "currency": {"code": "EUR", "digits": 2},
        "sources": {
            "orders": {
                "path": "orders.parquet",
                "columns": {name: name for name in columns},
                "anonymous": "keep",
            },
            "products": {
                "path": "products.parquet",
                "columns": {"product": "product"},
                "hierarchy": {"category": "category"},
            },
        },
        "churn": {"horizon_days": 28, "test_as_of": FIRST + timedelta(days=300)},
        "prices": {"as_of": AS_OF, **prices},
    }
    config = folder / "shop.yaml"
    config.write_text(yaml.safe_dump(settings, sort_keys=False), encoding="utf-8")
    return config
