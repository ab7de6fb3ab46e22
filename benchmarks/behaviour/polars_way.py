"""The few columns in polars: lazy, by its streaming engine, Parquet to Parquet."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import polars as pl

from benchmarks.behaviour.ours import ACTIVE_DAYS
from benchmarks.behaviour.shop import Shop

WINDOWS = (28, 91, 182, 364)
MEASURES = ("orders", "spend", "discount", "lines", "returned")


def build(shop: Shop, days: Sequence[date], folder: Path) -> None:
    """The few columns at each of the days, each computed for itself."""
    for day in days:
        _build(shop, day, folder)


def _build(shop: Shop, day: date, folder: Path) -> None:
    sales = _aged(pl.scan_parquet(shop.sales), "ordered_on", day)
    bought = sales.filter(~pl.col("is_return"))
    ages = bought.select("customer_key", "age").unique()
    cohort = (
        ages.group_by("customer_key")
        .agg(
            since=pl.col("age").min().cast(pl.Float64),
            tenure=pl.col("age").max().cast(pl.Float64),
            days=pl.len().cast(pl.Float64),
        )
        .filter(pl.col("since") <= ACTIVE_DAYS)
        .collect(engine="streaming")
        .lazy()
    )
    members = cohort.select("customer_key")
    contacts = _aged(pl.scan_parquet(shop.contacts), "contacted_on", day)
    known = (
        cohort.join(pl.scan_parquet(shop.customers), on="customer_key")
        .join(_squares(ages.join(members, on="customer_key", how="semi")), on="customer_key")
        .join(_of_orders(sales.join(members, on="customer_key", how="semi")), on="customer_key")
        .join(_of_products(bought.join(members, on="customer_key", how="semi")), on="customer_key")
        .join(_of_contacts(contacts), on="customer_key", how="left")
    )
    known.select(**_columns(day)).sink_parquet(folder / f"{day}.parquet", compression="zstd")


def _aged(rows: pl.LazyFrame, column: str, day: date) -> pl.LazyFrame:
    """Rows before the day, with their age in days."""
    age = (pl.lit(day) - pl.col(column)).dt.total_days().cast(pl.Int32)
    return rows.filter(pl.col(column) < day).with_columns(age=age)


def _squares(ages: pl.LazyFrame) -> pl.LazyFrame:
    """Sum of the squares of each customer's gaps."""
    ages = ages.sort("customer_key", "age")
    is_same = pl.col("customer_key") == pl.col("customer_key").shift(1)
    gap = pl.when(is_same).then(pl.col("age") - pl.col("age").shift(1)).cast(pl.Float64)
    return (
        ages.with_columns(gap=gap)
        .group_by("customer_key")
        .agg(squares=(pl.col("gap") * pl.col("gap")).sum())
    )


def _of_orders(sales: pl.LazyFrame) -> pl.LazyFrame:
    """Sums of the orders of each window."""
    bought = ~pl.col("is_return")
    orders = (
        sales.group_by("customer_key", "age", "order")
        .agg(
            lines=bought.sum(),
            returned=pl.col("is_return").sum(),
            spend=(pl.col("amount") * bought).sum(),
            discount=(pl.col("discount") * bought).sum(),
        )
        .with_columns(orders=(pl.col("lines") > 0).cast(pl.Int64))
    )
    return orders.group_by("customer_key").agg(
        (pl.col(name) * (pl.col("age") <= days)).sum().cast(pl.Float64).alias(f"{name}_{days}")
        for name in MEASURES
        for days in WINDOWS
    )


def _of_products(bought: pl.LazyFrame) -> pl.LazyFrame:
    """Different products of each window, by the least age of each."""
    newest = bought.group_by("customer_key", "product_key").agg(pl.col("age").min())
    return newest.group_by("customer_key").agg(
        (pl.col("age") <= days).sum().cast(pl.Float64).alias(f"products_{days}")
        for days in (28, 91, 364)
    )


def _of_contacts(contacts: pl.LazyFrame) -> pl.LazyFrame:
    is_complaint = pl.col("kind") == "complaint"
    return contacts.group_by("customer_key").agg(
        pl.col("age").min().cast(pl.Float64).alias("contact"),
        *(
            (is_complaint & (pl.col("age") <= days))
            .sum()
            .cast(pl.Float64)
            .alias(f"complaints_{days}")
            for days in (91, 364)
        ),
    )


def _columns(day: date) -> dict[str, pl.Expr]:
    """Every column from the sums; a quotient is missing where there is no divisor."""
    silent_days = pl.col("tenure") - pl.col("since")
    gaps = pl.col("days") - 1
    spread = ((pl.col("squares") - silent_days * silent_days / gaps).clip(0) / (gaps - 1)).sqrt()
    found = {
        "customer": pl.col("customer"),
        "as_of": pl.lit(day),
        "days_since_order": pl.col("since"),
        "tenure_days": pl.col("tenure"),
        "gap_mean_days": _over(silent_days, gaps),
        "gap_spread_days": pl.when(gaps > 1).then(spread),
        "days_since_contact": pl.col("contact"),
        **{f"orders_count_{days}d": pl.col(f"orders_{days}") for days in WINDOWS},
        **{f"spend_{days}d": pl.col(f"spend_{days}") for days in WINDOWS},
        **{f"lines_per_order_{days}d": _per_order("lines", days) for days in WINDOWS},
        **{f"products_count_{days}d": pl.col(f"products_{days}") for days in (28, 91, 364)},
        **{f"order_value_mean_{days}d": _per_order("spend", days) for days in (91, 364)},
    }
    for days in (91, 364):
        discount = pl.col(f"discount_{days}")
        found[f"discount_share_{days}d"] = _over(discount, pl.col(f"spend_{days}") + discount)
    for days in (91, 364):
        found[f"complaint_contacts_count_{days}d"] = pl.col(f"complaints_{days}")
    returned = pl.col("returned_364")
    return found | {"returned_lines_share_364d": _over(returned, pl.col("lines_364") + returned)}


def _over(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole != 0).then(part / whole)


def _per_order(name: str, days: int) -> pl.Expr:
    return _over(pl.col(f"{name}_{days}"), pl.col(f"orders_{days}"))
