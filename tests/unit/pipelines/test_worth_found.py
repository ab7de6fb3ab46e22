"""What customers were worth: figures by hand, what the sources do not tell, and no future."""

import re

import numpy as np
import pandas as pd
import pytest

from features.settings import Currency
from models.worth.profitability import CostsAssumed
from models.worth.rfm import NobodyToScore, RfmSpec
from pipelines.coins import Coins
from pipelines.rounding import NO_BREAK
from pipelines.worth_figures import grid_figures, move_figures
from pipelines.worth_found import WorthFound, worth_found
from pipelines.worth_gathered import Lifetime
from pipelines.worth_settings import Stages, WorthSettings
from pipelines.worth_tables import worth_tables
from pipelines.worth_words import move_rows, period_rows
from tests.worth_shop import AS_OF, END, bought, dated, habits, seen

LONG_ROWS = (("ann", 200, 1000.0), ("ann", 100, 3000.0), ("ann", 10, 6000.0), ("bob", 150, 2000.0))
LONG = bought(*LONG_ROWS)
ONE_STEP = Stages(steps_most=1)


def plain(text: str) -> str:
    """A text with the spaces that a test writes."""
    return text.replace(NO_BREAK, " ")


@pytest.fixture(scope="module")
def found() -> WorthFound:
    return worth_found(seen(habits()))


def test_without_costs_worth_is_revenue_and_the_reason_is_told() -> None:
    found = worth_found(seen(LONG))
    assert found.profits.basis == "revenue"
    assert not found.loyalty.is_told
    assert found.left_out["attitude"] == (
        "loyalty in word needs a satisfaction that customers told: "
        "sources.contacts.columns.satisfaction"
    )
    assert found.profits.worth.to_dict() == {"ann": 9_000, "bob": 2_000}  # of the last 182 days
    assert found.left_out["profit"] == (
        "profit needs every cost, but product cost, serving cost, marketing cost is not known of "
        "all; what is told is revenue. Give sources.products.columns.unit_cost and "
        "sources.campaigns.columns.cost, or what stands for them in value.worth.costs"
    )


def test_with_all_costs_worth_is_profit() -> None:
    asked = WorthSettings(stages=ONE_STEP, costs=CostsAssumed(serving_cost_per_order=1.5))
    sent = dated(("ann", 20, 40.0), ("bob", 20, 10.0), figure="cost")
    purchases = bought(*LONG_ROWS, costs=0.6)
    found = worth_found(seen(purchases, asked, sendings=sent))
    assert found.profits.basis == "profit"
    # .4 of the money, less 150 for each of the orders, less what the sending cost
    assert found.profits.worth.to_dict() == {
        "ann": pytest.approx(0.4 * 9000 - 2 * 150 - 40),
        "bob": pytest.approx(800 - 150 - 10),
    }
    assert found.profits.assumed == ("serving_cost",)
    assert "profit" not in found.left_out


def test_some_known_costs_are_taken_off_and_named_so() -> None:
    found = worth_found(seen(bought(*LONG_ROWS, costs=0.6)))
    assert found.profits.basis == "revenue_less_known_costs"
    assert found.profits.worth["bob"] == pytest.approx(800)
    assert found.profits.periods["profit"].isna().all()


def test_periods_of_profit_are_the_last_whole_ones() -> None:
    asked = WorthSettings(stages=ONE_STEP, profit_days=100, profit_period_days=50)
    found = worth_found(seen(LONG, asked))
    assert found.profits.edges.tolist() == [END - 100, END - 50, END]
    assert found.profits.periods["revenue"].tolist() == [3000, 6000]
    assert found.profits.worth.to_dict() == {"ann": 9000}


def test_the_net_present_value_discounts_each_period_from_its_end() -> None:
    asked = WorthSettings(stages=ONE_STEP, profit_days=100, profit_period_days=50)
    found = worth_found(seen(LONG, asked))
    # 3000 of 50 days and 6000 of 100 days after the first of them, at 10 % a year
    worth = 3000 / 1.1 ** (50 / 365.25) + 6000 / 1.1 ** (100 / 365.25)
    assert found.customers["net_present_value"]["ann"] == pytest.approx(worth)
    text = plain(period_rows(found, Coins(found.currency)).reading)
    assert text.endswith(
        "Net present value of the revenue of all periods, at 10 % interest a year on "
        "23 March 2024: USD 88.07."
    )


def test_a_period_without_an_order_does_not_shift_the_ends_of_those_that_follow() -> None:
    rows = bought(("ann", 273, 1000.0), ("bob", 5, 700.0))
    asked = WorthSettings(stages=ONE_STEP, profit_days=273, profit_period_days=91)
    cells = period_rows(worth_found(seen(rows, asked)), Coins(Currency())).cells
    assert [(plain(row[0]), plain(row[3])) for row in cells] == [
        ("2 October 2023 to 31 December 2023", "USD 10.00"),
        ("1 April 2024 to 30 June 2024", "USD 7.00"),
    ]


def test_a_history_shorter_than_a_period_is_one() -> None:
    found = worth_found(seen(bought(("ann", 20, 500), ("bob", 5, 700))))
    assert found.profits.edges.tolist() == [END - 20, END]
    assert found.profits.worth.to_dict() == {"ann": 500, "bob": 700}


def test_the_money_of_all_moves_is_that_of_the_two_periods() -> None:
    found = worth_found(seen(bought(*LONG_ROWS, ("bob", 40, 900.0), ("cid", 3, 50.0))))
    assert found.moved is not None
    assert found.moved.moves["revenue_before"].sum() == 900
    assert found.moved.moves["revenue_after"].sum() == 6050
    assert found.moved.moves["customers"].sum() == 3


def test_cells_by_money_per_order_tell_all_the_money_of_their_customers() -> None:
    asked = WorthSettings(stages=ONE_STEP, rfm=RfmSpec(spend="mean"))
    found = worth_found(seen(LONG, asked))
    assert found.customers["spend"].to_dict() == {"ann": 10_000 / 3, "bob": 2_000}
    assert found.cells["spend"].sum() == pytest.approx(12_000)
    shares = grid_figures(found)[1]
    assert "orders 4, 4: 83 %" in plain(shares.svg)  # 10,000 of 12,000


def test_who_fell_out_of_the_window_of_the_scores_is_not_called_new() -> None:
    rows = (("ann", 50, 1000.0), ("ann", 5, 1000.0), ("bob", 40, 2000.0), ("cid", 300, 10.0))
    asked = WorthSettings(stages=ONE_STEP, rfm=RfmSpec(window_days=35))
    found, coins = worth_found(seen(bought(*rows), asked)), Coins(Currency())
    assert [row[0] for row in move_rows(found, coins).cells if "order" in row[0]]
    told = "".join(row[0] for row in move_rows(found, coins).cells)
    told += "".join(each.svg for each in move_figures(found, coins))
    assert "not yet there" not in told
    assert "→ no order lately" in told
    assert grid_figures(found)[1].reading.startswith("Share of all spent in the last 35 days.")


def test_a_short_history_leaves_out_what_it_cannot_tell_with_the_reason() -> None:
    found = worth_found(seen(bought(("ann", 25, 500), ("bob", 5, 700))))
    assert found.moved is None
    assert found.stages is None
    assert found.triangle is None
    assert found.left_out["migration"] == (
        "a migration over 28 days needs 56 days of orders before 2024-07-01, but they begin on "
        "2024-06-06; use fewer value.worth.migration_days"
    )
    assert found.left_out["stages"] == (
        "moves between stages over 28 days need 84 days of orders before 2024-07-01, but they "
        "begin on 2024-06-06; use fewer value.worth.stages.quiet_days"
    )
    assert found.left_out["cohorts"] == (
        "calendar months need a whole one within 2024-06-06 and 2024-07-01, but there is none; use "
        "equal_periods"
    )


def test_cohorts_may_be_periods_of_days() -> None:
    found = worth_found(seen(LONG, WorthSettings(stages=ONE_STEP, cohorts=100)))
    assert found.triangle is not None
    assert found.triangle.customers.to_dict() == {END - 200: 2, END - 100: 0}
    assert found.triangle.retention.to_numpy()[0].tolist() == [1.0, 0.5]
    assert found.rates is not None
    assert found.rates["retention_rate"].tolist()[1] == 0.5


def test_lifetime_values_make_equity_a_return_and_tiers_ahead() -> None:
    lifetime = Lifetime(
        pd.Series({"ann": 8000.0, "bob": 1000.0}),
        pd.Series({"ann": 5000.0, "bob": 5000.0}),
        "revenue of the next 364 days",
    )
    found = worth_found(seen(LONG, lifetime=lifetime))
    assert found.equity is not None
    assert found.equity.total.value == 9000
    assert found.equity.returned is not None
    # 6000 came in the last 28 days, and 1000 of 10,000 were lost in value
    assert found.equity.returned.total.value == pytest.approx((6000 - 1000) / 10_000)
    assert found.customers["lifetime"].to_dict() == {"ann": 8000, "bob": 1000}
    assert set(worth_tables(found)) >= {"tiers", "tiers_ahead"}


def test_a_return_on_values_of_margin_counts_margin_of_what_was_spent() -> None:
    lifetime = Lifetime(
        pd.Series({"ann": 2400.0, "bob": 300.0}),
        pd.Series({"ann": 1500.0, "bob": 1500.0}),
        "margin of the next 364 days",
        share=0.3,
    )
    found = worth_found(seen(LONG, lifetime=lifetime))
    assert found.equity is not None
    assert found.equity.returned is not None
    # 30 % of 6000 came in the last 28 days, and 300 of 3000 were lost: as of the same in revenue
    assert found.equity.returned.cash_flow == pytest.approx(1800)
    assert found.equity.returned.total.value == pytest.approx((1800 - 300) / 3000)


def test_one_lifetime_value_alone_makes_no_return() -> None:
    found = worth_found(seen(LONG, lifetime=Lifetime(pd.Series({"ann": 1.0}), None, "revenue")))
    assert found.equity is not None
    assert found.equity.returned is None
    assert found.left_out["return on customers"] == (
        "a return on customers needs their lifetime values on an earlier day too"
    )


def test_attitude_is_told_where_customers_told_it() -> None:
    asked = dated(("ann", 5, 10.0), figure="satisfaction")
    found = worth_found(seen(LONG, satisfaction=asked))
    assert found.loyalty.is_told
    assert found.customers["attitude"].to_dict() == {"ann": "positive", "bob": "unknown"}
    assert "attitude" not in found.left_out


def test_who_was_sent_something_and_never_ordered_is_aware_alone() -> None:
    sent = dated(("ann", 20, np.nan), ("dora", 20, np.nan), figure="cost")
    found = worth_found(seen(LONG, sendings=sent))
    assert found.customers["stage"].to_dict() == {
        "ann": "expansion",
        "bob": "dissolution",
        "dora": "awareness",
    }
    assert found.customers["cell"].isna().to_dict() == {"ann": False, "bob": False, "dora": True}


def test_stages_are_looked_at_as_often_as_there_is_room() -> None:
    asked = WorthSettings(stages=Stages(steps_most=3))
    found = worth_found(seen(LONG, asked))
    assert found.stages is not None
    assert found.stages.period_days == 28
    assert found.stages.times["count"].sum() == 2 * 3


def test_nothing_from_as_of_on_is_seen() -> None:
    future = bought(("c001", 0, 90_000), ("c002", -5, 90_000), ("new", -9, 10))
    later = pd.concat([habits(), future], ignore_index=True)
    sent = dated(("c001", -3, 100.0), figure="cost")
    again = worth_found(seen(later, sendings=sent))
    before = worth_found(seen(habits(), sendings=sent.iloc[:0]))
    for name, table in worth_tables(before).items():
        pd.testing.assert_frame_equal(worth_tables(again)[name], table, obj=name)


def test_the_same_purchases_in_another_order_give_the_same_tables(found: WorthFound) -> None:
    shuffled = habits().sample(frac=1, random_state=1)
    again = worth_tables(worth_found(seen(shuffled)))
    for name, table in worth_tables(found).items():
        pd.testing.assert_frame_equal(again[name], table, obj=name)


def test_no_customer_is_lost_on_the_way(found: WorthFound) -> None:
    everybody = habits()["customer"].nunique()
    assert len(found.customers) == everybody
    assert found.cells["customers"].sum() == everybody
    assert found.quadrants.table["customers"].sum() == len(found.profits.worth)
    assert found.profits.tiers["customers"].sum() == len(found.profits.worth)


def test_nobody_who_ordered_is_refused() -> None:
    for nobody in (bought(("ann", 5, -300)), bought()):
        told = re.escape("scores need customers who ordered before")
        with pytest.raises(NobodyToScore, match=told):
            worth_found(seen(nobody))


def test_tables_have_days_as_dates_and_no_cell_of_the_future(found: WorthFound) -> None:
    tables = worth_tables(found)
    cohorts = tables["cohorts"][tables["cohorts"]["customers"] > 0]
    assert str(cohorts["cohort"].iloc[0]).endswith("-01")
    assert (cohorts["retention"].to_numpy(dtype=float) <= 1).all()
    assert (pd.to_datetime(cohorts["cohort"]) < pd.Timestamp(AS_OF)).all()
    assert cohorts.groupby("cohort")["age"].max().is_monotonic_decreasing
