"""The few columns in pandas, from the columns of the Parquet files that they need."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from benchmarks.behaviour.ours import ACTIVE_DAYS
from benchmarks.behaviour.shop import Shop

WINDOWS = (28, 91, 182, 364)


def build(shop: Shop, days: Sequence[date], folder: Path) -> None:
    """The few columns at each of the days, each computed for itself."""
    for day in days:
        _build(shop, day, folder)


def _build(shop: Shop, day: date, folder: Path) -> None:
    sales = _sales(shop, day)
    bought = sales[~sales["is_return"]]
    ages = bought[["customer_key", "age"]].drop_duplicates()
    people = ages.groupby("customer_key", sort=False)["age"].agg(["min", "max", "size"])
    people = people[people["min"] <= ACTIVE_DAYS].astype("float64")
    is_in = _members(people.index, sales["customer_key"])
    sales, bought = sales[is_in], bought[_members(people.index, bought["customer_key"])]
    known = people.join(
        [
            _squares(ages[_members(people.index, ages["customer_key"])]),
            _of_orders(sales),
            _of_products(bought),
            _of_contacts(shop, day),
            pd.read_parquet(shop.customers, columns=["customer_key", "customer"]).set_index(
                "customer_key"
            ),
        ]
    )
    _columns(known, day).to_parquet(folder / f"{day}.parquet", compression="zstd", index=False)


def _sales(shop: Shop, day: date) -> pd.DataFrame:
    """Lines before the day, with their age in days."""
    columns = ["customer_key", "ordered_on", "order", "product_key", "amount", "discount"]
    return _aged(pd.read_parquet(shop.sales, columns=[*columns, "is_return"]), "ordered_on", day)


def _aged(rows: pd.DataFrame, column: str, day: date) -> pd.DataFrame:
    age = (pd.Timestamp(day) - pd.to_datetime(rows.pop(column))).dt.days.astype("int32")
    rows["age"] = age
    return rows[age > 0]


def _members(people: "pd.Index[int]", keys: "pd.Series[int]") -> npt.NDArray[np.bool_]:
    """Whether each key is among the people; keys are small numbers, so a table tells."""
    known = np.zeros(max(int(keys.max()), int(people.max())) + 1, dtype=np.bool_)
    known[people.to_numpy()] = True
    found: npt.NDArray[np.bool_] = known[keys.to_numpy()]
    return found


def _squares(ages: pd.DataFrame) -> pd.Series:
    """Sum of the squares of each customer's gaps."""
    ages = ages.sort_values(["customer_key", "age"])
    gap = ages.groupby("customer_key", sort=False)["age"].diff().astype("float64")
    return (gap * gap).groupby(ages["customer_key"], sort=False).sum().rename("squares")


def _of_orders(sales: pd.DataFrame) -> pd.DataFrame:
    """Sums of the orders of each window; an order belongs to one customer and day."""
    bought = ~sales["is_return"]
    lines = pd.DataFrame(
        {
            "order": pd.factorize(sales["order"])[0],
            "lines": bought.astype("int64"),
            "returned": sales["is_return"].astype("int64"),
            "spend": sales["amount"] * bought,
            "discount": sales["discount"] * bought,
        }
    )
    orders = lines.groupby("order", sort=False).sum()
    first = ~lines["order"].duplicated()
    ages = sales.loc[first, "age"].to_numpy()
    orders["orders"] = (orders["lines"] > 0).astype("int64")
    windows = {
        f"{name}_{days}": orders[name] * (ages <= days) for name in orders for days in WINDOWS
    }
    customers = sales.loc[first, "customer_key"].to_numpy()
    return pd.DataFrame(windows).groupby(customers, sort=False).sum().astype("float64")


def _of_products(bought: pd.DataFrame) -> pd.DataFrame:
    """Different products of each window, by the least age of each."""
    newest = bought.groupby(["customer_key", "product_key"], sort=False)["age"].min()
    flags = pd.DataFrame({f"products_{days}": newest <= days for days in (28, 91, 364)})
    return flags.groupby(level="customer_key", sort=False).sum().astype("float64")


def _of_contacts(shop: Shop, day: date) -> pd.DataFrame:
    columns = ["customer_key", "contacted_on", "kind"]
    contacts = _aged(pd.read_parquet(shop.contacts, columns=columns), "contacted_on", day)
    is_complaint = contacts["kind"] == "complaint"
    flags = pd.DataFrame(
        {f"complaints_{days}": is_complaint & (contacts["age"] <= days) for days in (91, 364)}
    )
    found = flags.groupby(contacts["customer_key"], sort=False).sum()
    found["contact"] = contacts.groupby("customer_key", sort=False)["age"].min()
    return found.astype("float64")


def _columns(known: pd.DataFrame, day: date) -> pd.DataFrame:
    """Every column from the sums; a quotient is missing where there is no divisor."""
    silent_days, gaps = known["max"] - known["min"], known["size"] - 1
    variance = (known["squares"] - silent_days * silent_days / gaps.where(gaps > 1)).clip(lower=0)
    found = {
        "customer": known["customer"],
        "as_of": pd.Series(day, index=known.index, dtype="date32[pyarrow]"),
        "days_since_order": known["min"],
        "tenure_days": known["max"],
        "gap_mean_days": _over(silent_days, gaps),
        "gap_spread_days": np.sqrt(variance / (gaps - 1)),
        "days_since_contact": known["contact"],
    }
    found |= {f"orders_count_{days}d": known[f"orders_{days}"] for days in WINDOWS}
    found |= {f"spend_{days}d": known[f"spend_{days}"] for days in WINDOWS}
    found |= {f"lines_per_order_{days}d": _per_order(known, "lines", days) for days in WINDOWS}
    found |= {f"products_count_{days}d": known[f"products_{days}"] for days in (28, 91, 364)}
    found |= {f"order_value_mean_{days}d": _per_order(known, "spend", days) for days in (91, 364)}
    for days in (91, 364):
        discount = known[f"discount_{days}"]
        found[f"discount_share_{days}d"] = _over(discount, known[f"spend_{days}"] + discount)
    for days in (91, 364):
        found[f"complaint_contacts_count_{days}d"] = known[f"complaints_{days}"]
    returned = known["returned_364"]
    found["returned_lines_share_364d"] = _over(returned, known["lines_364"] + returned)
    return pd.DataFrame(found)


def _over(part: "pd.Series[float]", whole: "pd.Series[float]") -> "pd.Series[float]":
    return part / whole.where(whole != 0)


def _per_order(known: pd.DataFrame, name: str, days: int) -> "pd.Series[float]":
    return _over(known[f"{name}_{days}"], known[f"orders_{days}"])
