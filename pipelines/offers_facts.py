"""What the learner of offers knows beside the baskets: groups, prices, season and rules."""

from functools import partial

import numpy as np
import pandas as pd

from models.next_basket.chosen import Beside
from models.next_basket.facts import Dated, Facts, dated
from models.next_basket.histories import Histories
from models.next_basket.item_facts import price_facts, season_facts
from models.next_basket.item_neighbours import ByRules, by_rules
from models.rules.association import RulesWanted, rules_of
from models.rules.baskets import Baskets
from models.rules.mining import Wanted, frequent
from pipelines.offer_settings import Offers, Reasons
from pipelines.offers_goods import Goods


def beside_of(goods: Goods, asked: Offers) -> Beside:
    """What is told of items; on each day what was known before it, whatever comes later.

    Parameters
    ----------
    goods
        Items, and purchases.
    asked
        Which facts; of ``reasons`` the support and confidence of rules.
    """
    if not asked.facts:
        return Beside(goods.groups)
    recommenders = {"rules": partial(_by_rules, asked.reasons)} if "rules" in asked.facts else {}
    return Beside(goods.groups, Facts(_items(goods, asked), None, recommenders))


def _items(goods: Goods, asked: Offers) -> Dated | None:
    """Figures of items by week; None where none are asked for."""
    bought = goods.purchases
    parts = []
    if "prices" in asked.facts:
        price = np.log(np.maximum(bought["amount"], 1) / bought["quantity"])  # minor units
        is_discounted = bought["discount"] > 0
        parts.append(price_facts(bought.assign(price=price, is_discounted=is_discounted)))
    if "season" in asked.facts:
        parts.append(season_facts(bought))
    if not parts:
        return None
    keyed = [part.set_index(["item", "day"]) for part in parts]
    return dated(pd.concat(keyed, axis=1).reset_index(), "item", "day")


def _by_rules(asked: Reasons, known: Histories) -> ByRules:
    """Rules of two items in the baskets that are known, however they came about by chance."""
    baskets = Baskets(known.starts, known.codes, pd.Index(known.items))
    pairs = frequent(baskets, Wanted(support=asked.support, max_length=2))
    rules = rules_of(pairs, RulesWanted(asked.confidence)).frame(("confidence",))
    told = rules.assign(consequent=[side[0] for side in rules["consequent"]])
    return by_rules(told, known.items)
