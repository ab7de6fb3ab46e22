"""A made-up shop whose products have tiers, and customers some of whom trade up."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.up_sell.settings import TiersWanted
from models.up_sell.tiers import Tiers, tiers_of

PRICES = {"good": 100.0, "better": 150.0, "best": 250.0}
LEVELS = tuple(PRICES)
WANTED = TiersWanted(by="level", levels=LEVELS, products_least=1, purchases_least=0)


def products(needs: int = 1) -> pd.DataFrame:
    """One product for each level of each need, such as ``coffee 0 good``."""
    return pd.DataFrame(
        [
            {
                "product": f"coffee {need} {level}",
                "need": f"coffee {need}",
                "price": price,
                "level": level,
            }
            for need in range(needs)
            for level, price in PRICES.items()
        ]
    )


def tiers(needs: int = 1) -> Tiers:
    """Tiers of these products: good, better, best."""
    return tiers_of(products(needs), WANTED)


def purchases(*lines: tuple[str, int, str] | tuple[str, int, str, int]) -> pd.DataFrame:
    """Lines of customer, day and level (and quantity) of the one need; half of it is margin."""
    rows = []
    for customer, day, level, *more in lines:
        quantity = float(more[0]) if more else 1.0
        amount = quantity * PRICES[level]
        rows.append((customer, day, f"coffee 0 {level}", quantity, amount, amount / 2))
    columns = ["customer", "day", "product", "quantity", "amount", "margin"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"day": "int64", "quantity": "float64", "amount": "float64"})


@dataclass(frozen=True)
class Shop:
    """What is made up: of some customers, those with an odd number trade up in every need."""

    customers: int = 200
    needs: int = 4
    days: int = 300
    gap: int = 12
    seed: int = 0
    traders: bool = True


def made_up(shop: Shop) -> pd.DataFrame:
    """Lines of customers who buy good coffee and, if they trade up, more and more of the better."""
    random = np.random.default_rng(shop.seed)
    rows = []
    for customer in range(shop.customers):
        trades = shop.traders and customer % 2 == 1
        for need in range(shop.needs):
            day = int(random.integers(0, shop.gap))
            while day < shop.days:
                chance = (0.25 if trades else 0.02) if shop.traders else 0.1
                level = "better" if random.random() < chance else "good"
                amount = PRICES[level]
                product = f"coffee {need} {level}"
                rows.append((customer, day, product, 1.0, amount, amount / 2))
                day += int(random.integers(1, 2 * shop.gap))
    columns = ["customer", "day", "product", "quantity", "amount", "margin"]
    return pd.DataFrame(rows, columns=columns)
