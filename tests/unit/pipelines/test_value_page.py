"""The page about value: the verdict in words, charts and tables of what was promised and came."""

from dataclasses import replace

import pytest

from pipelines.config import Business
from pipelines.value_found import ValueFound
from pipelines.value_page import value_page
from pipelines.worth_figures import MOST_COHORTS, cohort_figures
from pipelines.worth_found import WorthFound, worth_found
from pipelines.worth_gathered import Lifetime
from pipelines.worth_settings import Stages, WorthSettings
from tests.pages import Words
from tests.svg import parsed
from tests.value_findings import value_found, without_models
from tests.worth_shop import bought, dated, habits, seen

EVIL = "<script>alert('流失')</script>"


@pytest.fixture(scope="module")
def business() -> Business:
    return Business.model_validate({"name": "shop", "sources": {}})


@pytest.fixture(scope="module")
def found() -> ValueFound:
    return value_found()


@pytest.fixture(scope="module")
def worth() -> WorthFound:
    purchases = habits()
    value = purchases.groupby("customer")["amount"].sum()
    lifetime = Lifetime(value, value / 2, "revenue of the next 364 days")
    told = dated(("c001", 9, 10.0), ("c002", 9, 2.0), figure="satisfaction")
    return worth_found(seen(purchases, lifetime=lifetime, satisfaction=told))


@pytest.fixture(scope="module")
def page(business: Business, found: ValueFound, worth: WorthFound) -> str:
    return value_page(business, found, worth)


def text_of(page: str) -> str:
    return " ".join(" ".join(Words(page).text).split())


def test_the_headline_says_what_the_best_tenth_brought(page: str, found: ValueFound) -> None:
    share = found.held.value("learner", "top_tenth_share").value
    assert (
        f"The tenth of customers expected to spend most brought {100 * share:.0f} % of the "
        "money of the 28 days from 3 June 2024"
    ) in text_of(page)


def test_a_model_that_won_is_named_green(page: str) -> None:
    assert '<section class="verdict passed"' in page
    assert "Trees on behaviour beat every naive predictor of spend" in text_of(page)


def test_a_model_that_lost_is_told_with_the_naive_one_that_is_used(
    business: Business, worth: WorthFound
) -> None:
    page = value_page(business, value_found(is_good=False), worth)
    assert '<section class="verdict failed"' in page
    assert "No model beat the naive predictors: the same again tells the spend" in text_of(page)


def test_every_part_is_there_with_its_charts(page: str) -> None:
    text = text_of(page)
    for heading in (
        "What customers will spend",
        "Who is still there",
        "Lifetime value",
        "Who brings the money so far",
        "Recency, frequency, money",
        "Moves between the cells",
        "Who comes, stays and goes",
        "Loyalty",
        "Stages of the relationship",
    ):
        assert heading in text
    assert Words(page).tags.count("svg") == 13
    for reading in (
        "By tenths of the customers: the numbers",
        "a person who knows them; ask before anything that concerns them changes",
        "dissolution: days since the last order ≥ 56",
        "Of those who bought before 2 April 2024, ",
        "All customers together: USD ",
        "Return on customers of the 28 days before 1 July 2024: ",
        "no churn score",
        "for these, BG/NBD was 10.0 % too low in all.",
        "It is left open for the 20 of 200 customers who bought once: BG/NBD gives each",
    ):
        assert reading in text


def test_it_runs_nothing_loads_nothing_and_names_cannot_break_out(
    business: Business, found: ValueFound, worth: WorthFound
) -> None:
    evil = replace(found, untold={"year_ago": EVIL})
    moved = {**worth.left_out, "profit": EVIL}
    page = value_page(business, evil, replace(worth, left_out=moved))
    tags = Words(page).tags
    assert "script" not in tags
    assert EVIL not in page
    assert "http" not in page.replace("http-equiv", "")


def test_the_same_findings_give_the_same_page(
    page: str, business: Business, found: ValueFound, worth: WorthFound
) -> None:
    assert value_page(business, found, worth) == page


def test_without_models_and_with_a_short_history_the_page_says_so(
    business: Business, found: ValueFound
) -> None:
    short = worth_found(seen(bought(("ann", 20, 500), ("bob", 5, 700))))
    text = text_of(value_page(business, without_models(found), short))
    assert "No model of value could be learnt: the same again tells the spend" in text
    for heading in ("Who is still there", "Lifetime value", "Moves between the cells"):
        assert heading not in text
    assert "Migration: a migration over 28 days needs 56 days of orders before 2024-07-01" in text
    assert "Customer equity: customer equity needs lifetime values" in text
    assert "Profit: profit needs every cost" in text


def test_a_model_that_judges_one_purchase_leaves_nobody_open(
    business: Business, found: ValueFound, worth: WorthFound
) -> None:
    assert found.repeat_buying is not None
    customers = found.customers.assign(alive_reason="never_bought")
    other = replace(found.repeat_buying, name="pareto_nbd", title="Pareto/NBD")
    told = replace(found, customers=customers, repeat_buying=other)
    text = text_of(value_page(business, told, worth))
    assert "no churn score" in text
    assert "It is left open" not in text


def test_a_shop_too_young_to_be_bought_at_again_says_so(
    business: Business, found: ValueFound
) -> None:
    short = worth_found(seen(bought(("ann", 20, 500), ("bob", 5, 700))))
    text = text_of(value_page(business, found, short))
    assert (
        "Nobody bought before 2 April 2024, who could have bought again in the 90 days since."
    ) in text
    assert "Share of all revenue of 11 June 2024 to 30 June 2024." in text


def test_money_that_is_lost_in_all_has_no_curve(business: Business, found: ValueFound) -> None:
    loss = worth_found(seen(bought(("ann", 20, 500), ("ann", 9, -900), ("bob", 5, 100))))
    assert loss.profits.curve is None
    text = text_of(value_page(business, found, loss))
    assert "How few customers make how much" not in text
    assert "Value curve: shares of profit need a profit in all, but there is none" in text


def test_tables_hold_the_figures_of_the_findings(
    page: str, found: ValueFound, worth: WorthFound
) -> None:
    text = text_of(page)
    deciles = found.held.deciles
    promised = deciles[deciles["predictor"] == found.shipped]["promised"]
    for each in promised:
        assert f"{each / 100:,.0f}" in text
    for cell, customers in worth.cells[["cell", "customers"]].itertuples(index=False):
        assert f"{cell} {customers} (" in text
    assert "year_ago" not in text
    assert "The same as a year ago is not there: a season needs a year of purchases." in text


def test_of_many_cohorts_the_newest_are_drawn() -> None:
    asked = WorthSettings(cohorts=7, stages=Stages(steps_most=1))
    found = worth_found(seen(habits(200, 800), asked))
    (drawn, _) = cohort_figures(found)
    assert drawn.reading.endswith(" The newest 36 of 38.")
    rows = [each for each in parsed(drawn.svg).iter("text") if (each.text or "").startswith("202")]
    assert len(rows) == MOST_COHORTS


def test_the_size_of_a_large_cohort_is_written_whole(worth: WorthFound) -> None:
    assert worth.triangle is not None
    asked = worth.asked.model_copy(update={"cohorts": 28})
    crowd = replace(worth.triangle, customers=worth.triangle.customers * 0 + 123_456)
    drawn = cohort_figures(replace(worth, triangle=crowd, asked=asked))[0]
    names = [each.text or "" for each in parsed(drawn.svg).iter("text")]
    assert any(name.endswith(" (123,456)") for name in names)


def test_a_return_on_margin_says_what_share_of_the_spend_it_is(
    business: Business, found: ValueFound
) -> None:
    purchases = habits()
    value = purchases.groupby("customer")["amount"].sum()
    lifetime = Lifetime(value * 0.3, value * 0.15, "margin of the next 364 days", share=0.3)
    text = text_of(value_page(business, found, worth_found(seen(purchases, lifetime=lifetime))))
    assert " of margin (30 % of what they spent), and their value changed by USD +" in text
