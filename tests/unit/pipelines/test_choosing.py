import io
import json

import pandas as pd
import pytest

from models.candidates import Choice
from models.search import Found, Trial
from models.spec import ChurnGbm, ChurnLogit, ChurnTree
from models.winner import Standing, Verdict
from pipelines.choosing import reason, told_files, told_metrics, told_params, trials_of
from pipelines.fronting import figures

PRUNED = Trial(1, {"leaves": 9}, 0.6, 1.0, is_pruned=True)
WHOLE = Found({"leaves": 4}, 0.4, (Trial(0, {"leaves": 4}, 0.4, 1.0), PRUNED), "s")
CUT = Found({"trees": 150}, 0.3, (Trial(0, {"trees": 150}, 0.3, 9.0),), "s", is_cut=True)
TIE, LOST = Standing(0.5, 0.0, 0.0), Standing(0.4, 0.1, 0.02)


def choice(tree: dict[str, Standing], gbm: dict[str, Standing]) -> Choice:
    """A tree and boosted trees; the first of them wins where it is as good."""
    is_tree = all(standing.is_as_good for standing in tree.values())
    verdict = Verdict(
        "churn_tree" if is_tree else "churn_gbm", {"churn_tree": tree, "churn_gbm": gbm}
    )
    found = {"churn_tree": WHOLE, "churn_gbm": CUT}
    return Choice(ChurnTree() if is_tree else ChurnGbm(), found, verdict)


ALONE = Choice(ChurnLogit(), {"churn_logit": WHOLE})
SIMPLER = choice({"a": TIE, "b": Standing(0.4, 0.01, 0.02)}, {"a": TIE, "b": TIE})
CLEAR = choice({"a": TIE, "b": LOST}, {"a": TIE, "b": TIE})
SPLIT = choice({"a": TIE, "b": LOST}, {"a": LOST, "b": TIE})


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (ALONE, ""),
        (SIMPLER, "as good as churn_gbm within one standard error in a and b, and simpler"),
        (CLEAR, "of 2 it alone is within one standard error of the best in a and b"),
        (SPLIT, "none of 2 is as good as the best in a and b; it is the least behind"),
    ],
)
def test_why_a_model_won_is_one_line(made: Choice, words: str) -> None:
    assert reason(made) == words


def test_a_run_says_how_the_winners_search_ended() -> None:
    assert figures(WHOLE) == {"trials": 2, "pruned": 1, "ended_by": "churn.search.trials"}
    assert told_params(ALONE) == {
        "search.trials": 2,
        "search.pruned": 1,
        "search.ended_by": "churn.search.trials",
    }
    told = told_params(CLEAR)
    assert told["search.ended_by"] == "churn.search.seconds"
    assert told["candidates.reason"] == reason(CLEAR)


def test_one_model_alone_leaves_no_table_of_candidates() -> None:
    assert told_files(ALONE) == {}
    assert told_metrics(ALONE) == {}


def test_the_table_of_candidates_has_a_line_for_each_with_its_standing() -> None:
    table = pd.read_csv(io.StringIO(told_files(SIMPLER)["candidates.csv"]))
    assert list(table["kind"]) == ["churn_tree", "churn_gbm"]
    assert list(table["is_trained"]) == [True, False]
    assert list(table["is_as_good"]) == [True, True]
    assert list(table["b_behind"]) == [0.01, 0.0]
    assert list(table["b_behind_error"]) == [0.02, 0.0]
    assert list(table["ended_by"]) == ["churn.search.trials", "churn.search.seconds"]
    assert [json.loads(params) for params in table["params"]] == [{"leaves": 4}, {"trees": 150}]


def test_metrics_say_how_far_behind_the_best_each_candidate_is() -> None:
    told = told_metrics(CLEAR)
    assert told["candidate.churn_tree.b"] == 0.4
    assert told["candidate.churn_tree.b.behind"] == 0.1
    assert told["candidate.churn_tree.b.behind_error"] == 0.02
    assert len(told) == 12


def test_trials_of_all_candidates_are_numbered_through() -> None:
    trials = list(trials_of(CLEAR))
    assert [trial.number for trial in trials] == [0, 1, 2]
    assert [trial.params["kind"] for trial in trials] == ["churn_tree", "churn_tree", "churn_gbm"]
    assert [dict(trial.metrics) for trial in trials] == [
        {"log_loss": 0.4},
        {"log_loss_of_first_folds": 0.6},
        {"log_loss": 0.3},
    ]
