import io
import json

import pandas as pd

from models.candidates import Choice
from models.economics import Economics
from models.front import Front
from models.search import Found, Trial
from models.spec import ChurnTree
from models.winner import Standing, Verdict
from pipelines.choosing import told_files, told_metrics, told_params, trials_of
from pipelines.fronting import telling

TRIALS = (
    Trial(0, {"leaves": 16, "columns": 40}, 0.50, 1.0),
    Trial(1, {"leaves": 4, "columns": 3}, 0.49, 1.0),
    Trial(2, {"leaves": 8, "columns": 9}, 0.30, 1.0),
    Trial(3, {"leaves": 2, "columns": 1}, 0.20, 1.0),
)
VERDICT = Verdict(
    "1",
    {
        "3": {"average_precision": Standing(0.20, 0.30, 0.02)},
        "1": {"average_precision": Standing(0.49, 0.01, 0.02)},
        "0": {"average_precision": Standing(0.50, 0.00, 0.00)},
    },
)
FRONT = Front((TRIALS[3], TRIALS[1], TRIALS[0]), TRIALS, VERDICT, "s", is_cut=False)
FOUND = Found({"leaves": 4}, 0.49, TRIALS, "s")
CHOICE = Choice(ChurnTree(), {"churn_tree": FOUND}, front=FRONT, columns=("a", "b", "c"))


def test_money_decides_where_it_is_known_and_precision_elsewhere() -> None:
    assert list(telling(None)) == ["average_precision"]
    assert list(telling(Economics())) == ["expected_maximum_profit", "average_precision"]


def test_the_front_is_kept_as_a_table_with_the_trained_point_marked() -> None:
    table = pd.read_csv(io.StringIO(told_files(CHOICE)["front.csv"]))
    assert list(table["columns"]) == [1, 3, 40]
    assert list(table["average_precision_behind"]) == [0.30, 0.01, 0.0]
    assert list(table["is_as_good"]) == [False, True, True]
    assert list(table["is_trained"]) == [False, True, False]
    assert json.loads(table["params"][1]) == {"leaves": 4}


def test_the_chart_of_the_front_begins_with_the_trained_model() -> None:
    chart = told_files(CHOICE)["plots/front.svg"]
    places = [chart.index(f">{columns} columns") for columns in ("3", "1", "40")]
    assert places == sorted(places)
    assert "3 columns (trained)" in chart
    assert "Behind the best in average precision, by number of columns" in chart


def test_trials_of_two_goals_are_kept_with_their_metric() -> None:
    trials = list(trials_of(CHOICE))
    assert [trial.number for trial in trials] == [0, 1, 2, 3]
    assert trials[1].params == {"kind": "churn_tree", "leaves": 4, "columns": 3}
    assert trials[1].metrics == {"average_precision": 0.49}


def test_a_run_says_how_many_columns_its_model_heeds() -> None:
    assert told_params(CHOICE)["columns_heeded"] == 3
    assert told_metrics(CHOICE) == {}
