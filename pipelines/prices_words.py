"""What a training of prices says, as sentences and rows of text: for the terminal and the page."""

from collections.abc import Iterator, Mapping
from math import exp
from typing import Any, Final

import pandas as pd

from features.settings import Currency
from models.metrics import Estimate
from models.numerals import decimal
from models.prices.elasticity import ITEMS, OWN
from models.prices.evidence import EFFECTS
from models.prices.out_of_time import BEST, OutOfTime
from pipelines.card_parts import DASH
from pipelines.prices_found import PricesFound
from pipelines.proposal_words import Rows
from pipelines.rounding import count, day, money, percent, signed, with_interval

RISE: Final = 0.1
"""Change of a price that sentences speak of."""

NAMES: Final[Mapping[str, str]] = {
    "price": "price",
    "promotion": "promotion, apart from its price cut",
    "promotion_whole": "promotion, with its price cut",
}

REASONS: Final[Mapping[str, str]] = {
    "few_weeks": "sold in too few weeks",
    "gaps": "too many weeks without a sale",
    "never_varied": "the price never varied",
    "few_prices": "too few different prices",
    "with_promotion": "the price moved with promotions only, so the two cannot be told apart",
    "lone_weeks": "one or two weeks tell nearly all",
    "never_promoted": "hardly ever promoted",
    "always_promoted": "promoted nearly always",
}

CONTESTANTS: Final[Mapping[str, str]] = {
    "level": "usual level of the item, no price",
    "promotion": "with promotion, no price",
    "own_price": "with promotion and price, each item by itself",
    "price": "with promotion and price, pooled",
}

WORDS: Final[Mapping[str, str]] = {
    "elasticity": "Per cent by which the units change when the price rises by one per cent. −2 "
    "means that a price 1 % higher sells 2 % fewer units; between 0 and −1 a higher price brings "
    "more money, below −1 less.",
    "promotion lift": "By how much more is sold in a promotion than without one in the same week. "
    "Apart from its price cut: what the sign, the shelf or the leaflet bring at the same price; "
    "with it: what promotions brought as they were run.",
    "pooled": "An item's own figure is drawn to that of its type, category and department, the "
    "more the noisier it is. The weight says how much its own weeks count.",
    "interval": "So far the figure could be from the true one by chance: in 95 of 100 such cases "
    "the true one lies inside.",
    "observed": "Nobody set these prices by lot. Where prices were cut when demand was expected to "
    "rise, before a holiday, say, part of that rise is taken for an effect of the price; where "
    "customers stock up, sales of later weeks are missed. Only a trial in some stores proves it.",
}

CAVEATS: Final = (
    (
        "Prices and promotions were observed, not set by lot: a figure says what went together, "
        "and is not proof of what a new price would do. Try it in some stores first."
    ),
    (
        "Weeks in which an item was not sold have no price and are not seen. Items with many of "
        "them have no figures of their own; for the others effects come out somewhat too small."
    ),
    (
        "Sales of other items are not looked at: customers who turn from one product to another "
        "count as lost and won."
    ),
    (
        "The price is the mean of what was paid for a unit. Where a unit is cheaper to those who "
        "buy many at once, a large order lowers it, and sales seem to follow the price more than "
        "they do."
    ),
)


def change(elasticity: float, rise: float = RISE) -> float:
    """Share by which units change when the price rises by a share of itself."""
    return float((1 + rise) ** elasticity - 1)


def lift(value: float) -> float:
    """Share by which a promotion raises units, of the logarithm of its multiple."""
    return exp(value) - 1


def estimate_of(row: Mapping[Any, Any], columns: tuple[str, str, str]) -> Estimate:
    """Figure and interval of a row."""
    value, low, high = (float(row[name]) for name in columns)
    return Estimate(value, low, high)


POOLED: Final = ("value", "low", "high")
_OWN: Final = ("own", "own_low", "own_high")


def of_effect(effect: str, given: Estimate) -> Estimate:
    """A figure as a person reads it: an elasticity stays, a logarithm becomes a share."""
    if effect == "price":
        return given
    return Estimate(lift(given.value), lift(given.low), lift(given.high))


def written(effect: str, given: Estimate) -> str:
    """``−1.44 (−1.60 to −1.28)`` of an elasticity, ``+21 % (+15 % to +27 %)`` of a lift."""
    told = of_effect(effect, given)
    return with_interval(told, hundredths if effect == "price" else signed_percent)


def hundredths(value: float) -> str:
    """An elasticity."""
    return decimal(value, 2)


def signed_percent(share: float) -> str:
    """A lift."""
    return signed(share, percent)


def overall(found: PricesFound, effect: str) -> Estimate | None:
    """Of the mean item; None where nothing is known."""
    rows = found.groups_of(ITEMS, effect).to_dict("records")
    return estimate_of(rows[0], POOLED) if rows else None


def headline(found: PricesFound) -> str:
    """The answer in one sentence."""
    known = overall(found, "price")
    if known is None:
        return "The records of no item tell what its price does to sales"
    ends = Estimate(*(change(each) for each in (known.value, known.low, known.high)))
    told = with_interval(ends, signed_percent)
    return f"A price {percent(RISE)} higher changes the units of the mean item by {told}"


def reading(found: PricesFound) -> str:
    """By what it is said, and how sure it is."""
    return f"{tested(found.test, found.test_weeks)} {CAVEATS[0]}"


def tested(test: OutOfTime | None, weeks: int) -> str:
    """What the test on later weeks said."""
    if test is None:
        return f"The weeks before the last {weeks} are too few to test on those."
    of_level, of_promotion = (
        with_interval(test.gain[name], percent) for name in ("level", "promotion")
    )
    about = f"In the last {test.weeks} weeks, fitted on those before them,"
    if test.is_better:
        return (
            f"{about} knowing prices took off {of_promotion} of the error that promotions alone "
            f"leave, and {of_level} of that without either."
        )
    return (
        f"{about} knowing prices did not clearly help: it took off {of_promotion} of the error "
        f"that promotions alone leave, and {of_level} of that without either. Do not plan by these "
        f"figures."
    )


def tiles(found: PricesFound) -> list[tuple[str, str, str]]:
    """What is counted, how many, and what part that is."""
    sold, own = found.of("price"), found.own("price")
    share = own["revenue"].sum() / max(sold["revenue"].sum(), 1)
    rows = [
        ("items that were sold", count(len(sold)), ""),
        ("with an elasticity of their own", count(len(own)), f"{percent(share)} of revenue"),
    ]
    for effect in EFFECTS[1:]:
        known = overall(found, effect)
        told = DASH if known is None else signed_percent(lift(known.value))
        rows.append((f"sold more in a {NAMES[effect]}", told, ""))
    return rows


def group_rows(found: PricesFound, level: str, most: int) -> Rows:
    """Groups of a level with most items: elasticity and lifts."""
    told = {
        effect: {row["group"]: row for row in found.groups_of(level, effect).to_dict("records")}
        for effect in EFFECTS
    }
    groups = sorted(
        told["price"], key=lambda name: (-int(told["price"][name]["members"]), str(name))
    )
    cells = tuple(
        (
            plain(name),
            count(told["price"][name]["members"]),
            *(
                written(effect, estimate_of(told[effect][name], POOLED))
                if name in told[effect]
                else DASH
                for effect in EFFECTS
            ),
        )
        for name in groups[:most]
    )
    more = (
        f"the {count(most)} with most items of {count(len(groups))}" if most < len(groups) else ""
    )
    reading = (
        "Elasticity, and how much more is sold in a promotion; with 95 % intervals. Items: those "
        f"with an elasticity of their own{'; ' + more if more else ''}."
    )
    return Rows(f"By {level}", reading, (level, "items", *NAMES.values()), cells)


def item_rows(found: PricesFound, effect: str, currency: Currency, *, strongest: bool) -> Rows:
    """Items whose own weeks tell most surely of a strong effect, or of a weak one."""
    own = found.own(effect)
    is_price = effect == "price"
    column = "high" if strongest == is_price else "low"
    own = own.sort_values([column, "item"], ascending=[strongest == is_price, True]).head(
        MOST_ITEMS
    )
    cells = tuple(_item(row, found, effect, currency) for row in own.to_dict("records"))
    heading = {
        (True, True): "Items whose sales follow the price most",
        (True, False): "Items whose sales follow the price least",
        (False, True): "Items whose promotions bring most",
        (False, False): "Items whose promotions bring least",
    }[is_price, strongest]
    end = "weaker" if strongest else "stronger"
    reading = f"By the {end} end of the interval after pooling: those that it is sure of."
    columns = ("item", "of", "revenue", "weeks", "by itself", "pooled", "weight")
    return Rows(heading, reading, columns, cells)


MOST_ITEMS: Final = 15
"""Items in a table of strong or weak ones."""


def _item(
    row: Mapping[Any, Any], found: PricesFound, effect: str, currency: Currency
) -> tuple[str, ...]:
    belongs = plain(str(row[found.levels[-1]])) if found.levels else DASH
    return (
        str(row["name"]),
        belongs,
        money(row["revenue"], currency.code, currency.digits),
        count(row["weeks"]),
        written(effect, estimate_of(row, _OWN)),
        written(effect, estimate_of(row, POOLED)),
        percent(row["weight"]),
    )


def plain(label: str) -> str:
    """``DRY PASTA`` of ``category:GROCERY > DRY PASTA``; everything stays."""
    return label.partition(":")[2].rpartition(" > ")[2] or label


def refused_rows(found: PricesFound) -> Rows:
    """How many items have no figure of their own, and why."""
    counts = pd.DataFrame(
        {
            effect: found.of(effect)["reason"].value_counts().reindex(list(REASONS), fill_value=0)
            for effect in ("price", "promotion", "promotion_whole")
        }
    )
    seen = counts[counts.sum(axis=1) > 0]
    cells = tuple(
        (REASONS[str(reason)], *(count(each) for each in row))
        for reason, row in zip(seen.index, seen.to_numpy(), strict=True)
    )
    reading = (
        "Items without a figure of their own, by the first reason. In the table of the run they "
        f"carry that of the narrowest group with one, marked so ({OWN} marks the others)."
    )
    return Rows("What was refused, and why", reading, ("reason", *NAMES.values()), cells)


def test_rows(test: OutOfTime) -> Rows:
    """Errors of every contestant in the last weeks."""
    cells = tuple(
        (
            CONTESTANTS[name],
            with_interval(error),
            DASH if name == BEST else with_interval(test.gain[name], percent),
        )
        for name, error in test.error.items()
    )
    reading = (
        f"{count(test.rows)} weeks and items of {count(test.items)} items in the last {test.weeks} "
        "weeks, prices and promotions known, sales not. Squared error of the logarithm of units; "
        "the last column: what pooled prices take off it, above 0 where they help."
    )
    return Rows("Tested on later weeks", reading, ("", "error", "taken off by prices"), cells)


def notes(found: PricesFound) -> Iterator[str]:
    """What was looked at, what was left out, and what to keep in mind."""
    lines = found.lines
    yield (
        f"{count(lines.counted)} lines of {day(found.weeks.start)} up to the eve of "
        f"{day(found.weeks.end)}, in whole weeks of seven days."
    )
    left_out = {
        "of goods given back": lines.returned,
        "of fees or postage": lines.no_products,
        "of a coupon alone": lines.of_quantity_0,
        "of no item that is known": lines.without_item,
    }
    told = ", ".join(f"{count(each)} {what}" for what, each in left_out.items() if each)
    if told:
        yield f"Lines left out: {told}."
    if found.unpriced:
        yield f"{count(found.unpriced)} weeks of items that were given away are left out."
    yield from CAVEATS[1:]
    strange = int((found.own("price")["low"] > 0).sum())
    if strange:
        yield (
            f"Items that surely sell more at a higher price by these figures: {count(strange)}. It "
            f"is a sign that their price followed demand, or that their units are not alike."
        )
