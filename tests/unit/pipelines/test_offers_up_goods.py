"""Products and every purchase of them, whoever buys what later."""

from datetime import date, timedelta

import pandas as pd
import pyarrow as pa

from features.clock import Window
from features.journeys import Journeys, LinesCounted
from pipelines.offer_settings import Offers, UpSell
from pipelines.offers_goods import goods_of, number_of
from pipelines.offers_up_goods import UpGoods, up_goods_of

DAY = date(2024, 2, 1)
LABELS = ["cod", "rare"]
BEFORE = Window(date(2024, 1, 1), DAY)
END = DAY + timedelta(days=28)
BOUGHT = (
    *(("eve", date(2024, 1, day), "cod", 100) for day in (2, 9, 16)),
    ("ann", date(2024, 1, 4), "rare", 900),
)
LATER = (("eve", DAY, "cod", 100),)

Line = tuple[str, date, str, int]


def journeys(lines: tuple[Line, ...], window: Window) -> Journeys:
    """Purchases of these lines, of one piece each."""
    customer, day, item, amount = (list(each) for each in zip(*lines, strict=True))
    count = len(lines)
    purchases = pa.table(
        {
            "customer": customer,
            "day": pa.array(day, pa.date32()),
            "item": pa.array([LABELS.index(each) for each in item], pa.int32()),
            "quantity": [1.0] * count,
            "amount": amount,
            "discount": [0] * count,
            "margin": pa.nulls(count, pa.float64()),
        }
    )
    items = pa.table({"label": LABELS, "name": LABELS, "title": LABELS, "in_type": ["fish"] * 2})
    return Journeys(purchases, items, ("type",), window, LinesCounted(count, 0, 0, 0, 0, 0))


def found(*later: Line) -> UpGoods:
    """Where an item needs three purchases to be on offer, as the rare one has not."""
    known = journeys((*BOUGHT, *LATER, *later), BEFORE)
    goods = goods_of(known, 3)
    return up_goods_of(known, goods, Offers(seen_least=3), UpSell(need="type"), END)


def before(goods: UpGoods) -> pd.DataFrame:
    """What is known on the day, whoever bought it."""
    rows = goods.purchases[goods.purchases["day"] < number_of(DAY)].drop(columns="customer")
    return rows.sort_values(["day", "product"], ignore_index=True)


def test_what_is_known_of_a_day_does_not_depend_on_who_buys_later() -> None:
    # Ann buys something on offer for the first time behind the day: her past was there before.
    later = found(("ann", DAY, "cod", 100))
    pd.testing.assert_frame_equal(before(later), before(found()))
    assert before(later)["amount"].tolist() == [100.0, 900.0, 100.0, 100.0]


def test_who_bought_nothing_on_offer_stands_behind_those_with_a_history() -> None:
    rows = found().purchases
    assert rows["customer"].tolist() == [0, 0, 0, 0, 1]
    assert rows["product"].tolist() == [0, 0, 0, 0, 1]
    days = [number_of(each) for each in (*(date(2024, 1, day) for day in (2, 9, 16)), DAY)]
    assert rows["day"].tolist() == [*days, number_of(date(2024, 1, 4))]
