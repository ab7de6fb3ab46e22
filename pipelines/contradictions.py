"""What in a config is valid by itself but cannot be meant together."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from features.behaviour import NoColumns, columns, shape_of
from features.contract import ColumnsClash
from features.items import unknown
from features.journeys import unknown_journeys
from features.levels import PRODUCT
from features.prices import unknown_prices
from features.schemas import OrdersColumns
from features.suggest import nearest
from features.wording import slug
from pipelines.config import Business

_RESERVED = {
    "attributes": (
        *("customer", "customer_key", "valid_from_on", "valid_to_on", "as_of", "age_days"),
        *("load_id", "loaded_at", "is_wanted", "broken_rule", "raw_row", "key_rows"),
        "is_described",
    ),
    "hierarchy": (
        *("product", "product_key", "unit_cost", "private_label", "is_private_label"),
        *("load_id", "is_wanted", "broken_rule", "raw_row", "key_rows"),
    ),
}
"""Columns that the warehouse has beside those that a config names."""


@dataclass(frozen=True)
class Contradiction:
    """A sentence that begins with a path in the file, and the settings that it is about."""

    text: str
    about: tuple[str, ...]


def contradictions(business: Business) -> Iterator[Contradiction]:
    """Every contradiction of a config, in no particular order."""
    yield from _of_sources(business)
    yield from _of_churn(business)
    yield from _of_fairness(business)
    yield from _of_money(business)
    yield from _of_names(business)
    yield from _of_rules(business)
    yield from _of_prices(business)
    yield from _of_offers(business)
    windows, instants = business.behaviour.windows_days, business.instants
    if any(later <= earlier for earlier, later in pairwise(windows)):
        text = f"behaviour.windows_days: needs to ascend, but found {list(windows)}"
        yield Contradiction(text, ("behaviour.windows_days",))
    if instants.latest is not None and instants.latest <= instants.earliest:
        text = f"instants.latest: needs to be after instants.earliest ({instants.earliest})"
        yield Contradiction(text, ("instants",))


def _of_sources(business: Business) -> Iterator[Contradiction]:
    sources, contract = business.sources, business.behaviour.cohort.contract
    if sources.orders is None and (sources.customers is None or sources.labels is None):
        text = "sources: needs orders, or customers and labels (a contractual table)"
        yield Contradiction(text, ("sources.orders", "sources.customers", "sources.labels"))
    if sources.orders is None and contract == "none":
        text = "behaviour.cohort.contract: needs to be active where there are no orders"
        yield Contradiction(text, ("behaviour.cohort.contract", "sources.orders"))
    if contract != "none" and sources.customers is None:
        text = f"behaviour.cohort.contract: {contract} needs sources.customers"
        yield Contradiction(text, ("behaviour.cohort.contract", "sources.customers"))
    if sources.orders is not None and _has_only_coupons(sources.orders.columns):
        places = ("sources.orders.columns.coupon", "sources.orders.columns.discount")
        text = f"{places[0]}: needs {places[1]}, of which it is a part"
        yield Contradiction(text, places)
    if sources.responses is not None and sources.campaigns is None:
        text = "sources.responses: needs sources.campaigns"
        yield Contradiction(text, ("sources.responses", "sources.campaigns"))


def _has_only_coupons(columns: OrdersColumns) -> bool:
    return columns.coupon is not None and columns.discount is None


def _of_churn(business: Business) -> Iterator[Contradiction]:
    sources, churn = business.sources, business.churn
    if churn.kind == "labelled" and sources.labels is None:
        text = "churn.kind: labelled needs sources.labels"
        yield Contradiction(text, ("churn.kind", "sources.labels"))
    if churn.kind == "silent" and sources.orders is None:
        text = "churn.kind: silent needs sources.orders"
        yield Contradiction(text, ("churn.kind", "sources.orders"))
    if churn.kind == "silent" and churn.test_as_of is None:
        text = "churn.test_as_of: is required where churn.kind is silent, but missing"
        yield Contradiction(text, ("churn.kind", "churn.test_as_of"))
    kinds = [churn.model.kind, *(spec.kind for spec in churn.candidates)]
    if twice := sorted({kind for kind in kinds if kinds.count(kind) > 1}):
        text = (
            f"churn.candidates: needs kinds that differ from each other and from churn.model "
            f"({churn.model.kind}), but found {', '.join(twice)} again"
        )
        yield Contradiction(text, ("churn.candidates", "churn.model"))
    if churn.candidates and churn.search.goal != "loss":
        text = f"churn.search.goal: {churn.search.goal} searches churn.model alone, no candidates"
        yield Contradiction(text, ("churn.search.goal", "churn.candidates"))
    if churn.columns:
        yield from _of_columns(business)


def _of_columns(business: Business) -> Iterator[Contradiction]:
    try:
        known = [each.name for each in columns(shape_of(business.sources, business.behaviour))]
    except (ColumnsClash, NoColumns):
        return  # said by another rule
    strange = [name for name in business.churn.columns if name not in known]
    if strange:
        near = difflib.get_close_matches(strange[0], known, n=3) or known[:3]
        text = (
            f"churn.columns: needs columns of the behaviour table, such as {', '.join(near)}, but "
            f"found {', '.join(strange)}"
        )
        yield Contradiction(text, ("churn.columns", "sources", "behaviour"))


def _of_fairness(business: Business) -> Iterator[Contradiction]:
    """Fairness can be asked about groups only: attributes that are levels, each named once."""
    asked, customers = business.churn.fairness, business.sources.customers
    given = customers.attributes if customers else {}
    known = [name for name, each in given.items() if each.type == "category" and each.levels]
    places = ("churn.fairness", "sources.customers")
    for name in dict.fromkeys(asked):
        if asked.count(name) > 1:
            yield Contradiction(f"churn.fairness: {name} stands twice", places)
        if name not in known:
            close = nearest(name, known)
            text = (
                f"churn.fairness: needs attributes of sources.customers that have levels "
                f"({', '.join(known) or 'there are none'}), but found {name}"
            )
            yield Contradiction(f"{text}; did you mean {close}?" if close else text, places)


def _of_money(business: Business) -> Iterator[Contradiction]:
    economics, metric = business.churn.economics, business.review.metric
    if "profit" in metric and economics is None:
        text = f"review.metric: {metric} needs churn.economics"
        yield Contradiction(text, ("review.metric", "churn.economics"))
    budget = business.score.budget
    if budget is not None and economics is None:
        text = "score.budget: needs churn.economics"
        yield Contradiction(text, ("score.budget", "churn.economics"))
    if budget is not None and (budget.money is None) == (budget.customers is None):
        found = "neither" if budget.money is None else "both"
        text = f"score.budget: needs money or customers, but found {found}"
        yield Contradiction(text, ("score.budget",))
    column = economics.clv_column if economics else None
    if column is None:
        return
    try:
        known = columns(shape_of(business.sources, business.behaviour))
    except (ColumnsClash, NoColumns):
        return  # said by another rule
    money = [each.name for each in known if each.unit == "minor units"]
    if column not in money:
        near = difflib.get_close_matches(column, money, n=3) or money[:3]
        text = (
            f"churn.economics.clv_column: needs a column in minor units, such as "
            f"{', '.join(near) or 'none that these sources give'}, but found {column}"
        )
        yield Contradiction(text, ("churn.economics.clv_column", "sources", "behaviour"))


def _of_rules(business: Business) -> Iterator[Contradiction]:
    """What the section asks for itself; its defaults may not fit a business without baskets."""
    rules, sources = business.rules, business.sources
    asked = rules.model_fields_set
    for field, text in unknown(rules, sources) if asked else ():
        if field in asked or sources.orders is None:
            places = ("rules", "sources.orders", "sources.products", "sources.customers")
            yield Contradiction(f"rules.{field}: {text}", places)
    for field in ("antecedent_levels", "consequent_levels"):
        strange = [name for name in getattr(rules, field) if name not in rules.items]
        if strange:
            text = f"needs some of rules.items ({', '.join(rules.items)}), but found"
            about = (f"rules.{field}", "rules.items")
            yield Contradiction(f"rules.{field}: {text} {', '.join(strange)}", about)


def _of_prices(business: Business) -> Iterator[Contradiction]:
    """What the section asks for itself; its defaults may not fit a business without prices."""
    asked = business.prices.model_fields_set
    for field, text in unknown_prices(business.prices, business.sources) if asked else ():
        if field in asked or business.sources.orders is None:
            places = ("prices", "sources.orders", "sources.products")
            yield Contradiction(f"prices.{field}: {text}", places)


def _of_names(business: Business) -> Iterator[Contradiction]:
    """Names that the config invents must be there, and must not stand for something else."""
    sources, level = business.sources, business.behaviour.category_level
    attributes = list(sources.customers.attributes) if sources.customers else []
    levels = list(sources.products.hierarchy) if sources.products else []
    settings = business.behaviour
    if settings.categories and level is None:
        text = "behaviour.categories: needs behaviour.category_level"
        yield Contradiction(text, ("behaviour.categories", "behaviour.category_level"))
    given = sources.customers.attributes if sources.customers else {}
    alike = ["store", *(name for name, each in given.items() if each.type == "category")]
    for name in ("categories", "channels", "contact_kinds"):
        mute = [value for value in getattr(settings, name) if not slug(value)]
        if mute:
            text = f"behaviour.{name}: needs values with a letter or a digit, but found {mute}"
            yield Contradiction(text, (f"behaviour.{name}",))
    strangers = [by for by in settings.peers_by if by not in alike]
    if strangers:
        text = f"behaviour.peers_by: needs some of {alike}, but found {strangers}"
        yield Contradiction(text, ("behaviour.peers_by", "sources.customers"))
    if "store" in settings.peers_by and not (sources.orders and sources.orders.columns.store):
        text = "behaviour.peers_by: store needs sources.orders.columns.store"
        yield Contradiction(text, ("behaviour.peers_by", "sources.orders"))
    about = ("behaviour.category_level", "sources.products")
    if level is not None and level not in levels:
        text = f"behaviour.category_level: needs one of sources.products.hierarchy {levels}"
        yield Contradiction(text, about)
    yield from _of_section("attributes", attributes, "sources.customers.attributes")
    yield from _of_section("hierarchy", levels, "sources.products.hierarchy")
    yield from _of_groups(business)
    if len(set(settings.windows_days)) < len(settings.windows_days):
        return  # said by another rule
    try:
        columns(shape_of(sources, settings))
    except ColumnsClash as error:
        place = "sources.customers.attributes" if attributes else "behaviour"
        yield Contradiction(f"{place}: {error}", (place,))
    except NoColumns:
        return  # said by another rule


def _of_groups(business: Business) -> Iterator[Contradiction]:
    """Groups of products share the table of their levels."""
    products = business.sources.products
    if products is None:
        return
    place, groups = "sources.products.groups", list(products.groups)
    yield from _of_section("hierarchy", groups, place)
    levels = {name.lower() for name in products.hierarchy}
    for name in groups:
        if name.lower() in levels:
            text = f"{place}.{name}: is a level of sources.products.hierarchy already"
            yield Contradiction(text, (place, "sources.products.hierarchy"))


def _of_section(section: str, names: list[str], place: str) -> Iterator[Contradiction]:
    lower = [name.lower() for name in names]
    for name in names:
        if name.lower() in _RESERVED[section]:
            text = f"{place}.{name}: is a name that the warehouse uses itself"
            yield Contradiction(text, (place,))
        if lower.count(name.lower()) > 1:
            text = f"{place}.{name}: stands twice (capitals aside)"
            yield Contradiction(text, (place,))


def _of_offers(business: Business) -> Iterator[Contradiction]:
    """What the section asks for itself; its defaults may not fit a business without products."""
    offers, sources = business.offers, business.sources
    asked = offers.model_fields_set
    for field, text in unknown_journeys(offers, sources) if asked else ():
        places = ("offers", "sources.orders", "sources.products")
        yield Contradiction(f"offers.{field}: {text}", places)
    levels = list(sources.products.hierarchy) if sources.products else []
    is_product = offers.item == PRODUCT
    above = levels[: levels.index(offers.item)] if offers.item in levels else levels * is_product
    if offers.cross is not None and offers.cross not in above:
        offered = ", ".join(above) or "none"
        text = f"offers.cross: needs a level above offers.item={offers.item} (of them: {offered})"
        places = ("offers.cross", "offers.item", "sources.products.hierarchy")
        yield Contradiction(f"{text}, but found {offers.cross}", places)
    yield from _of_up_sell(business)


def _of_up_sell(business: Business) -> Iterator[Contradiction]:
    """What tiers need that the sources do not tell."""
    asked, products = business.offers.up_sell, business.sources.products
    if asked is None:
        return
    levels = list(products.hierarchy) if products else []
    groups = list(products.groups) if products else []
    for field, known, where in (
        ("need", levels, "hierarchy"),
        ("size", groups, "groups"),
        ("level", groups, "groups"),
    ):
        found, place = getattr(asked, field), f"offers.up_sell.{field}"
        if found is not None and found not in known:
            close = nearest(found, known)
            hint = f"; did you mean {close}?" if close else ""
            text = f"{place}: needs one of sources.products.{where} ({', '.join(known) or 'none'})"
            places = (place, f"sources.products.{where}")
            yield Contradiction(f"{text}, but found {found}{hint}", places)
        if asked.tiers.by == field and found is None:
            text = f"{place}: needs the group that tells it, for offers.up_sell.tiers.by is {field}"
            yield Contradiction(text, (place, "offers.up_sell.tiers"))
    if asked.tiers.by == "level" and len(set(asked.tiers.levels)) < max(2, len(asked.tiers.levels)):
        place = "offers.up_sell.tiers.levels"
        text = f"{place}: needs two different levels or more, the lowest first"
        yield Contradiction(f"{text}, but found {list(asked.tiers.levels)}", (place,))
