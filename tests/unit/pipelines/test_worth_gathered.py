"""What a description looks at: purchases before a day, sendings, satisfaction, settings."""

import numpy as np
import pandas as pd
import pytest

from models.worth.profitability import CostsAssumed
from pipelines.config import Business
from pipelines.value_settings import ValueSettings
from pipelines.worth_found import worth_found
from pipelines.worth_gathered import EPOCH, WorthSeen, worth_seen
from pipelines.worth_settings import WorthSettings
from tests.builders import AS_OF, DAY, Campaign, Contact, Shop, built, noon, order

END = (AS_OF - EPOCH).days
SHOP = Shop(
    orders=(order(),),
    campaigns=(Campaign("ann", noon(AS_OF - DAY)), Campaign("ann", noon(AS_OF), "later")),
    conversations=(Contact("ann", noon(AS_OF - DAY), satisfaction=8.0),),
)
PURCHASES = pd.DataFrame(
    {
        "customer": ["ann", "ann", "bob"],
        "day": [END - 9, END, END - 1],
        "amount": [900.0, 100.0, 500.0],
        "gross": [1000.0, 100.0, 500.0],
        "margin": [400.0, 10.0, np.nan],
    }
)


@pytest.fixture(scope="module")
def found() -> WorthSeen:
    with built(SHOP) as (con, sources):
        worth = WorthSettings(costs=CostsAssumed(marketing_cost_per_contact=0.5))
        business = Business(
            name="shop", sources=sources, value=ValueSettings(worth=worth, horizon_days=7)
        )
        return worth_seen(con, business, PURCHASES, AS_OF)


def test_purchases_before_the_day_carry_what_their_goods_cost(found: WorthSeen) -> None:
    assert found.purchases["day"].tolist() == [END - 9, END - 1]
    assert found.purchases["amount"].tolist() == [900, 500]
    assert found.purchases["product_cost"].to_list()[0] == 600
    assert found.purchases["product_cost"].isna().tolist() == [False, True]
    assert (found.begin, found.end) == (END - 9, END)
    assert found.horizon_days == 7


def test_what_was_sent_and_said_before_the_day_is_there(found: WorthSeen) -> None:
    assert found.sendings is not None
    assert found.sendings["day"].tolist() == [END - 1]
    assert found.sendings["cost"].isna().all()
    assert found.satisfaction is not None
    assert found.satisfaction["satisfaction"].tolist() == [8.0]


def test_costs_that_stand_for_others_are_in_minor_units(found: WorthSeen) -> None:
    assert found.asked.costs.marketing_cost_per_contact == 50
    told = worth_found(found).profits
    assert told.assumed == ("marketing_cost",)
    assert told.worth.to_dict() == {"ann": 900 - 600 - 50, "bob": 500}


def test_without_campaigns_and_contacts_nobody_knows() -> None:
    with built(Shop(orders=(order(),))) as (con, sources):
        found = worth_seen(con, Business(name="shop", sources=sources), PURCHASES, AS_OF)
    assert found.sendings is None
    assert found.satisfaction is None
