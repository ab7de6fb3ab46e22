"""What customers will spend and were worth, as one HTML page that needs nothing but itself."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from models.metrics import Estimate
from pipelines.bars import Whisker, whisker_chart
from pipelines.coins import Coins
from pipelines.config import Business
from pipelines.page import Figure
from pipelines.proposal_words import Rows
from pipelines.rounding import count, day
from pipelines.templating import environment
from pipelines.value_charts import (
    EPOCH,
    Group,
    Line,
    OverTime,
    promise_chart,
    time_chart,
)
from pipelines.value_found import ValueFound
from pipelines.value_page_words import (
    WORDS,
    alive_told,
    equity_told,
    headline,
    left_out,
    lifetime_rows,
    tested_told,
    tiles,
)
from pipelines.value_words import (
    cohort_rows,
    decile_rows,
    measure_rows,
    named,
    notes,
    parameter_rows,
    reading,
)
from pipelines.value_words import headline as winner
from pipelines.worth_figures import (
    cohort_figures,
    curve_figures,
    grid_figures,
    loyalty_figures,
    move_figures,
    stage_figures,
)
from pipelines.worth_found import WorthFound
from pipelines.worth_profit import TOLD
from pipelines.worth_words import WORDS as WORTH_WORDS
from pipelines.worth_words import (
    cell_rows,
    loyalty_rows,
    loyalty_told,
    move_rows,
    period_rows,
    quadrant_rows,
    rate_rows,
    rule_told,
    span_told,
    stage_rows,
    stages_told,
    tier_rows,
)

DAYS_OF_A_WEEK = 7


@dataclass(frozen=True)
class Part:
    """A heading and what stands below it; empty tables are left out, details fold away."""

    heading: str
    paragraphs: tuple[str, ...] = ()
    figures: tuple[Figure, ...] = ()
    tables: tuple[Rows, ...] = ()
    bullets: tuple[str, ...] = ()
    details: tuple[Rows, ...] = ()


def value_page(business: Business, found: ValueFound, worth: WorthFound) -> str:
    """The whole page as HTML; the same text for the same findings."""
    coins = Coins(business.currency)
    parts = [
        _forecast(business, found, coins),
        _repeat_buying(found),
        _lifetime(found, worth, coins),
        *worth_parts(worth),
    ]
    page = {
        "business": business.name,
        "as_of": day(worth.as_of),
        "is_good": found.is_model,
        "label": winner(found),
        "headline": headline(found),
        "reading": reading(found, business),
        "tiles": tiles(found, worth, coins),
        "parts": [each for each in parts if _is_told(each)],
        "notes": [*(_sentence(each) for each in notes(found)), *left_out(worth)],
        "words": {**WORDS, **WORTH_WORDS},
    }
    return environment().get_template("value.html.j2").render(page)


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}" + ("" if text.endswith(".") else ".")


def _is_told(part: Part) -> bool:
    tables = (*part.tables, *part.details)
    return bool(part.figures or part.bullets or any(each.cells for each in tables))


def worth_parts(worth: WorthFound) -> list[Part]:
    """What customers were worth so far, part by part."""
    return [*_money_parts(worth, Coins(worth.currency)), *_bond_parts(worth)]


def _money_parts(worth: WorthFound, coins: Coins) -> list[Part]:
    what = TOLD[worth.profits.basis]
    return [
        Part(
            "Who brings the money so far",
            (span_told(worth),),
            tuple(curve_figures(worth)),
            (tier_rows(worth.profits.tiers, coins, what),),
            details=(period_rows(worth, coins),),
        ),
        Part(
            "Recency, frequency, money",
            (),
            tuple(grid_figures(worth)),
            (cell_rows(worth, coins),),
        ),
        Part(
            "Moves between the cells",
            (),
            tuple(move_figures(worth, coins)),
            (move_rows(worth, coins),),
        ),
    ]


def _bond_parts(worth: WorthFound) -> list[Part]:
    coins = Coins(worth.currency)
    return [
        Part(
            "Who comes, stays and goes",
            (),
            tuple(cohort_figures(worth)),
            details=(rate_rows(worth),),
        ),
        Part(
            "Loyalty",
            (loyalty_told(worth),),
            tuple(loyalty_figures(worth)),
            (quadrant_rows(worth, coins), loyalty_rows(worth, coins)),
        ),
        Part(
            "Stages of the relationship",
            stages_told(worth),
            tuple(stage_figures(worth)),
            (stage_rows(worth),),
            tuple(map(rule_told, worth.rules)),
        ),
    ]


def _forecast(business: Business, found: ValueFound, coins: Coins) -> Part:
    """What was promised beside what came, and every forecast that was tried."""
    held, shipped = found.held, found.shipped
    told = (
        f"Every forecast was made of what was known on {day(found.tested)}, and is held against "
        f"the {found.horizon_days} days that followed."
    )
    return Part(
        "What customers will spend",
        (told,),
        tuple(_forecast_figures(found, coins)),
        (measure_rows(held, business),),
        details=(decile_rows(held, shipped, business), cohort_rows(held, shipped, business)),
    )


def _forecast_figures(found: ValueFound, coins: Coins) -> Iterator[Figure]:
    title = "By tenth of the customers"
    text = (
        "The first tenth was expected to spend most. The nearer a dot to the end of its bar, the "
        "better."
    )
    yield _promised(found, coins, Figure(title, text, ""), ("decile", "tenth"))
    title, text = (
        "By the quarter of the first order",
        "Whether the forecast is as good for old customers as for new ones.",
    )
    yield _promised(found, coins, Figure(title, text, ""), ("cohort", "first order"))
    yield _errors(found, coins)


def _promised(found: ValueFound, coins: Coins, empty: Figure, by: tuple[str, str]) -> Figure:
    """A figure of what the forecast that is used promised to groups, beside what came."""
    name, label = by
    table = found.held.deciles if name == "decile" else found.held.cohorts
    rows = table[table["predictor"] == found.shipped].to_dict("records")
    groups = [
        Group(str(row[name]), row["promised"], Estimate(row["came"], row["low"], row["high"]))
        for row in rows
        if row["customers"]
    ]
    ends = [abs(end) for each in groups for end in (each.promised, each.came.high)]
    unit, write = coins.scaled(max(ends, default=0.0))
    return replace(empty, svg=promise_chart(empty.heading, groups, (label, unit), write))


def _errors(found: ValueFound, coins: Coins) -> Figure:
    """The error of every forecast, the one that is used first."""
    held, title = found.held, "Error per customer"
    ranked = sorted(held.predictors, key=lambda each: held.value(each, "mae").value)
    ranked.sort(key=lambda each: each != found.shipped)
    whiskers = [
        Whisker(named(each), 2 if each in found.baselines else 1, held.value(each, "mae"))
        for each in ranked
    ]
    text = (
        f"How far each forecast of a customer is off, in {coins.currency.code}; the one that is "
        "used comes first, and its interval is shaded."
    )
    return Figure(title, text, whisker_chart(title, whiskers, coins.bare))


def _repeat_buying(found: ValueFound) -> Part:
    """Purchases over time beside the expected ones, and how to take the chance to be there."""
    repeat = found.repeat_buying
    if repeat is None:
        return Part("")
    rows = repeat.over_time
    title = "Repeat purchases of a week"
    days = [(each - EPOCH).days for each in rows["ends_on"]]
    lines = tuple(
        Line(name, slot, tuple(zip(days[1:], rows[column].diff().tolist()[1:], strict=True)))
        for name, slot, column in (("came", 1, "came"), ("expected", 2, "expected"))
    )
    mark = (found.tested, "not fitted to")
    asked = OverTime(title, "purchases", lines, count, mark)
    text = (
        f"Of the customers known on {day(found.tested)}; {repeat.title} knows no season, so what "
        "came swings about what was expected."
    )
    figure = Figure(title, text, time_chart(asked))
    table = parameter_rows(found)
    tables = () if table is None else (table,)
    return Part("Who is still there", (alive_told(found),), (figure,), details=tables)


def _lifetime(found: ValueFound, worth: WorthFound, coins: Coins) -> Part:
    """Lifetime value by tier; customer equity and the return on customers."""
    told = (*tested_told(found), *equity_told(worth, coins))
    tables: tuple[Rows, ...] = (lifetime_rows(found, coins),)
    if worth.equity is not None:
        tables += (tier_rows(worth.equity.tiers, coins, worth.equity.told),)
    return Part("Lifetime value", told, (), tables)
