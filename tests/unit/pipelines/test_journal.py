from pathlib import Path

import optuna
import pytest

from pipelines.journal import opened_journal

optuna.logging.set_verbosity(optuna.logging.WARNING)


def tried(path: Path, values: list[float]) -> int:
    """Trials in the journal after some more were added."""
    storage = opened_journal(path)
    study = optuna.create_study(storage=storage, study_name="churn", load_if_exists=True)
    for value in values:
        study.tell(study.ask(), value)
    return len(study.trials)


def test_trials_are_still_there_when_a_journal_is_opened_again(tmp_path: Path) -> None:
    tried(tmp_path / "shop.journal", [0.3, 0.2])
    assert tried(tmp_path / "shop.journal", []) == 2


def test_a_half_written_line_is_cut_off_and_the_trials_before_it_stay(tmp_path: Path) -> None:
    path = tmp_path / "shop.journal"
    tried(path, [0.3, 0.2])
    with path.open("ab") as file:
        file.write(b'{"op_code": 4, "worker')
    assert tried(path, [0.1]) == 3


def test_the_lock_of_a_killed_process_does_not_make_anyone_wait(tmp_path: Path) -> None:
    path = tmp_path / "shop.journal"
    tried(path, [0.3])
    path.with_name("shop.journal.lock").symlink_to(path)
    assert tried(path, [0.2]) == 2


@pytest.mark.parametrize("damage", [b'{"garbage": 1}\n', b"\xff\xfe\x00\n", b"[1]\n"])
def test_a_damaged_journal_is_set_aside_and_the_search_begins_anew(
    tmp_path: Path, damage: bytes
) -> None:
    path = tmp_path / "shop.journal"
    path.write_bytes(damage)
    assert tried(path, [0.3]) == 1
    assert (tmp_path / "shop.journal.damaged").read_bytes() == damage
