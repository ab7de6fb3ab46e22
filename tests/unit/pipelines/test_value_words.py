"""What a training of value says in words: who won, by how much, and what to keep in mind."""

from dataclasses import replace
from pathlib import Path

import pytest

from models.metrics import Estimate
from pipelines.check import load_config
from pipelines.config import Business
from pipelines.value_words import (
    cohort_rows,
    decile_rows,
    headline,
    measure_rows,
    named,
    notes,
    parameter_rows,
    reading,
)
from tests.value_findings import value_found, without_models
from tests.value_shop import open_shop


@pytest.fixture(scope="module")
def business(tmp_path_factory: pytest.TempPathFactory) -> Business:
    folder: Path = tmp_path_factory.mktemp("teashop")
    return load_config(str(open_shop(folder, ()))).business


def test_a_model_that_won_is_named_with_its_gain(business: Business) -> None:
    found = value_found()
    assert headline(found) == "Trees on behaviour beat every naive predictor of spend"
    told = reading(found, business)
    assert told.startswith(
        "Tested on what 200 customers of 3\u00a0June\u00a02024 spent in the 28 days"
    )
    assert "was picked on 6\u00a0May\u00a02024, before what it is tested on" in told
    assert "over the same again" in told
    assert "error per customer, in EUR, is better by" in told
    assert told.endswith("(intervals of 95\u00a0%).")


def test_a_pick_among_several_says_how_wide_its_intervals_are(business: Business) -> None:
    found = value_found()
    assert found.verdict is not None
    wide = replace(found.verdict, share=1 - 0.05 / 3)
    assert reading(replace(found, verdict=wide), business).endswith("(intervals of 98.3\u00a0%).")


def test_a_model_that_lost_is_told_beside_what_is_used_instead(business: Business) -> None:
    found = value_found(is_good=False)
    assert headline(found) == ("No model beat the naive predictors: the same again tells the spend")
    assert reading(found, business).endswith("That is not surely better than each of them.")


def test_a_total_that_is_surely_farther_off_is_told(business: Business) -> None:
    found = value_found(is_good=False)
    assert found.verdict is not None
    farther = replace(found.verdict, bias_gains={"seasonal_total": Estimate(-0.2, -0.3, -0.1)})
    told = reading(replace(found, verdict=farther), business)
    assert "Its total is surely farther off: nearer by −.200 (−.300" in told
    assert told.endswith(" than that of the same again, at the total of the season.")


def test_a_pick_on_the_tested_day_is_told(business: Business) -> None:
    told = reading(replace(value_found(), chosen_on=None), business)
    why = "as not every model could be held out on an earlier one"
    assert f"picked on the tested day itself, {why}" in told


def test_without_a_model_it_is_said(business: Business) -> None:
    found = without_models(value_found())
    assert headline(found) == ("No model of value could be learnt: the same again tells the spend")
    assert reading(found, business).endswith("in all.")
    assert parameter_rows(found) is None
    assert "no model of repeat buying: value, purchases and alive are null" in notes(found)


def test_notes_say_what_is_not_there_and_what_was_not_tested() -> None:
    told = notes(value_found())
    assert told[0] == "the same as a year ago is not there: a season needs a year of purchases"
    assert told[1].startswith("value is revenue and no margin: costs are not known")
    assert any("only 28 days of it were tested" in each for each in told)
    assert any("it is no score of churn" in each for each in told)


def test_a_chance_whose_calibration_is_not_known_is_told_all_the_same() -> None:
    found = replace(value_found(), calibration={})
    told = "whether chances to buy come true is not known: all customers of the test did alike"
    assert told in notes(found)
    nobody = replace(found, customers=found.customers.assign(probability=float("nan")))
    assert "no chance to buy is told: there is no learner" in notes(nobody)


def test_a_rank_of_equal_promises_is_a_dash_and_the_least_error_is_first(
    business: Business,
) -> None:
    rows = measure_rows(value_found().held, business)
    assert rows.cells[0][0] == "trees on behaviour"
    alike = {row[0]: row[4] for row in rows.cells}
    assert alike["BG/NBD and Gamma-Gamma"] == "–"
    few = measure_rows(value_found().held, business, ("mae",))
    assert few.columns == ("", "error per customer, EUR")


def test_tenths_and_quarters_have_a_row_each(business: Business) -> None:
    held = value_found().held
    assert len(decile_rows(held, "learner", business).cells) == 10
    quarters = cohort_rows(held, "learner", business).cells
    assert [row[0] for row in quarters] == ["2023Q4", "2024Q1"]
    assert named("champion 3") == "champion 3"
