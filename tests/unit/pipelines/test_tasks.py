"""One table says what there is to learn; the command line offers what the table can do."""

import subprocess
import sys
from pathlib import Path

from pipelines.cli import Definable, Reviewable, Scorable, Trainable
from pipelines.jobs import DEFAULT_TASK
from pipelines.tasks import TASKS

ROOT = Path(__file__).parents[3]


def test_every_task_can_be_trained_and_in_the_order_of_the_table() -> None:
    assert [each.value for each in Trainable] == [
        *("churn", "lifetime", "rules", "offers", "value", "segments", "prices"),
    ]
    assert list(TASKS) == [each.value for each in Trainable]


def test_only_tasks_with_versions_are_reviewed_promoted_and_rolled_back() -> None:
    assert [each.value for each in Reviewable] == [
        *("churn", "lifetime", "rules", "offers", "value", "segments"),
    ]


def test_only_tasks_about_customers_score_them() -> None:
    assert [each.value for each in Scorable] == [
        *("churn", "lifetime", "offers", "value", "segments"),
    ]


def test_only_churn_has_a_definition_to_propose() -> None:
    assert [each.value for each in Definable] == ["churn"]


def test_the_task_of_a_command_that_names_none_can_do_everything() -> None:
    acts = TASKS[DEFAULT_TASK]
    assert None not in (acts.train, acts.review, acts.score, acts.propose)


def test_the_command_line_is_there_before_any_job_is_imported() -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); import pipelines.cli; "
        f"jobs = ('train', 'review', 'score', 'propose', 'results'); "
        f"print([m for m in sys.modules if m.startswith('pipelines.') and m.endswith(jobs)])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
