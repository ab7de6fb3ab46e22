import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import optuna
import pytest
from optuna.storages import InMemoryStorage, JournalStorage
from optuna.storages.journal import JournalFileBackend, JournalFileOpenLock
from optuna.trial import TrialState

from models.catalogue import ChurnSpec
from models.churn import gbm
from models.metrics import log_loss
from models.search import Found, Task, Trial, digest, search
from models.spec import ChurnEbm, ChurnGbm, ChurnLogit, ChurnMlp, ChurnRules, OneClassOnly, Search
from models.splits import Fold, customer_folds
from tests.churners import churners

PEOPLE = churners(400)
FOLDS = customer_folds([str(row) for row in range(400)], folds=2, seed=1)
TASK = Task(PEOPLE.features, PEOPLE.churned, FOLDS)
LOGIT = ChurnLogit()
PLAN = Search(trials=14, seed=5)


class Killed(BaseException):
    """What no code catches, like a kill."""


def journal(path: Path) -> JournalStorage:
    return JournalStorage(JournalFileBackend(str(path), JournalFileOpenLock(str(path))))


def facts(found: Found) -> list[tuple[int, dict[str, float], float, bool]]:
    return [
        (trial.place, dict(trial.params), trial.value, trial.is_pruned) for trial in found.trials
    ]


def test_the_first_trial_is_the_hand_set_one() -> None:
    spec = ChurnGbm(trees=60, leaves=5)
    found = search(spec, Search(trials=1), TASK, InMemoryStorage(), "s")
    assert found.params == gbm.first_params(spec)
    assert len(found.trials) == 1


def test_the_value_of_a_trial_is_the_mean_log_loss_over_the_folds() -> None:
    spec = ChurnGbm(trees=60)
    found = search(spec, Search(trials=1, seed=3), TASK, InMemoryStorage(), "s")
    losses = []
    for fold in FOLDS:
        rows, judged = PEOPLE.features.iloc[fold.train], PEOPLE.features.iloc[fold.valid]
        fitted = gbm.fit(spec, gbm.first_params(spec), rows, PEOPLE.churned[fold.train], seed=3)
        losses.append(log_loss(PEOPLE.churned[fold.valid], fitted.predict(judged)))
    assert found.value == pytest.approx(np.mean(losses), rel=1e-12)


def test_the_best_trial_is_chosen_and_no_worse_than_the_first() -> None:
    found = search(LOGIT, PLAN, TASK, InMemoryStorage(), "s")
    assert found.value == min(trial.value for trial in found.trials if not trial.is_pruned)
    assert found.value <= found.trials[0].value
    assert [trial.place for trial in found.trials] == list(range(14))


@pytest.mark.parametrize(
    ("spec", "trials"),
    [
        (LOGIT, 12),
        (ChurnGbm(), 4),
        (ChurnRules(), 2),
        pytest.param(ChurnMlp(), 2, marks=pytest.mark.slow),
        (ChurnEbm(), 3),
    ],
)
def test_equal_seeds_search_alike_at_any_number_of_threads(spec: ChurnSpec, trials: int) -> None:
    one, two = (
        search(spec, Search(trials=trials, seed=5, threads=threads), TASK, InMemoryStorage(), "s")
        for threads in (1, 2)
    )
    assert facts(one) == facts(two)


def test_every_completed_trial_is_reported_once() -> None:
    seen: list[Trial] = []
    found = search(LOGIT, PLAN, TASK, InMemoryStorage(), "s", on_trial=seen.append)
    assert tuple(seen) == found.trials


@pytest.mark.parametrize("last_words", [1, 2, 11, 13])
def test_a_search_killed_in_a_trial_ends_like_an_uninterrupted_one(
    last_words: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = search(LOGIT, PLAN, TASK, InMemoryStorage(), "s")

    def die(*_: object) -> float:
        raise Killed

    def then_die_in_the_next(trial: Trial) -> None:
        if trial.place + 1 == last_words:
            monkeypatch.setattr("models.search.log_loss", die)

    with pytest.raises(Killed):
        search(LOGIT, PLAN, TASK, journal(tmp_path / "j"), "s", on_trial=then_die_in_the_next)
    monkeypatch.undo()
    resumed = search(LOGIT, PLAN, TASK, journal(tmp_path / "j"), "s")
    assert facts(resumed) == facts(whole)
    assert states(tmp_path / "j", resumed.study_name) == {**ends(whole), "FAIL": 1}


def test_a_search_killed_in_its_very_first_trial_still_begins_with_the_hand_set_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> float:
        raise Killed

    monkeypatch.setattr("models.search.log_loss", die)
    with pytest.raises(Killed):
        search(LOGIT, PLAN, TASK, journal(tmp_path / "j"), "s")
    monkeypatch.undo()
    resumed = search(LOGIT, PLAN, TASK, journal(tmp_path / "j"), "s")
    assert resumed.trials[0].params == {"inverse_penalty": LOGIT.inverse_penalty}
    assert states(tmp_path / "j", resumed.study_name) == {**ends(resumed), "FAIL": 1}


def test_a_search_killed_before_its_first_trial_was_asked_for_doubles_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object, **__: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(optuna.Study, "ask", die)
        with pytest.raises(Killed):
            search(LOGIT, PLAN, TASK, journal(tmp_path / "j"), "s")
    resumed = search(LOGIT, PLAN, TASK, journal(tmp_path / "j"), "s")
    assert facts(resumed) == facts(search(LOGIT, PLAN, TASK, InMemoryStorage(), "s"))
    assert states(tmp_path / "j", resumed.study_name) == ends(resumed)


def test_a_finished_search_is_not_searched_again(tmp_path: Path) -> None:
    first = search(LOGIT, PLAN, TASK, journal(tmp_path / "j"), "s")
    seen: list[Trial] = []
    again = search(LOGIT, PLAN, TASK, journal(tmp_path / "j"), "s", on_trial=seen.append)
    assert again == first
    assert seen == []


def test_more_trials_continue_and_fewer_look_at_the_first_ones_only(tmp_path: Path) -> None:
    plans = [Search(trials=trials, seed=5) for trials in (4, 8, 3)]
    few, more, fewest = (search(LOGIT, plan, TASK, journal(tmp_path / "j"), "s") for plan in plans)
    assert more.trials[:4] == few.trials
    assert fewest.trials == few.trials[:3]


def test_trials_of_other_data_or_settings_are_never_taken_for_these() -> None:
    told = digest(LOGIT, PLAN, TASK)
    turned = Task(PEOPLE.features, ~PEOPLE.churned, FOLDS)
    others = [
        digest(LOGIT, PLAN, turned),
        digest(LOGIT, PLAN, Task(PEOPLE.features * 2, PEOPLE.churned, FOLDS)),
        digest(LOGIT, PLAN, Task(PEOPLE.features, PEOPLE.churned, FOLDS[:1])),
        digest(LOGIT, Search(seed=6), TASK),
        digest(LOGIT, Search(seed=5, prune=False), TASK),
        digest(ChurnLogit(quantiles=50), PLAN, TASK),
    ]
    assert told not in others
    assert len(set(others)) == len(others)
    assert digest(LOGIT, Search(trials=99, seconds=1, seed=5, threads=1), TASK) == told


def test_optunas_own_lines_are_off_during_a_search_and_back_after_it() -> None:
    before = optuna.logging.get_verbosity()
    seen: list[int] = []

    def look(_: Trial) -> None:
        seen.append(optuna.logging.get_verbosity())

    search(LOGIT, Search(trials=1), TASK, InMemoryStorage(), "s", on_trial=look)
    assert seen == [optuna.logging.WARNING]
    assert optuna.logging.get_verbosity() == before


def test_a_fold_that_trains_on_one_class_is_left_out() -> None:
    stayed = np.flatnonzero(~PEOPLE.churned)
    one_class = Fold("odd", stayed, FOLDS[0].valid)
    with_it = Task(PEOPLE.features, PEOPLE.churned, [one_class, *FOLDS])
    found = search(LOGIT, Search(trials=1), with_it, InMemoryStorage(), "s")
    expected = search(LOGIT, Search(trials=1), TASK, InMemoryStorage(), "s")
    assert found.value == expected.value


def test_folds_of_one_class_only_are_refused() -> None:
    nobody = Task(PEOPLE.features, np.zeros(400, dtype=np.bool_), FOLDS)
    text = (
        "a search needs a fold that trains on both outcomes, but none of 2 folds does; "
        "widen the cohort or use more as_of dates"
    )
    with pytest.raises(OneClassOnly, match=f"^{re.escape(text)}$"):
        search(LOGIT, PLAN, nobody, InMemoryStorage(), "s")


SCRIPT = """
import sys
from pathlib import Path
from models.search import search
from tests.unit.models.test_search import LOGIT, PLAN, TASK, journal
search(LOGIT, PLAN, TASK, journal(Path(sys.argv[1])), "s",
       on_trial=lambda trial: print(trial.place, flush=True))
"""


def test_a_process_killed_with_signal_9_is_resumed(tmp_path: Path) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "j")],
        stdout=subprocess.PIPE,
        cwd=Path(__file__).parents[3],
        text=True,
    )
    assert child.stdout is not None
    for line in child.stdout:
        if line.strip() == "4":
            time.sleep(0.01)
            child.kill()
            break
    child.stdout.close()
    assert child.wait() == -9
    (tmp_path / "j.lock").unlink(missing_ok=True)  # Optuna itself would wait for half a minute
    resumed = search(LOGIT, PLAN, TASK, journal(tmp_path / "j"), "s")
    assert facts(resumed) == facts(search(LOGIT, PLAN, TASK, InMemoryStorage(), "s"))


def ends(found: Found) -> dict[str, int]:
    """How many trials of a search, some of them pruned, ended in which way."""
    pruned = sum(trial.is_pruned for trial in found.trials)
    assert 0 < pruned < 14 == len(found.trials)
    return {"COMPLETE": 14 - pruned, "PRUNED": pruned}


def states(path: Path, study_name: str) -> dict[str, int]:
    """How many trials of a study ended in which way."""
    study = optuna.load_study(study_name=study_name, storage=journal(path))
    found = [trial.state for trial in study.get_trials(deepcopy=False)]
    return {state.name: found.count(state) for state in TrialState if state in found}
