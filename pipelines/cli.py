"""The command line: reads what was typed, calls one job, shows what came out."""

import logging
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from typer.core import TyperGroup

from features.errors import RegularsError
from pipelines.check import load_config
from pipelines.jobs import DEFAULT_HOME, DEFAULT_TASK, Home, Job
from pipelines.progress import Steps
from pipelines.tasks import PROPOSE, REVIEW, SCORE, TRAIN

ResultT = TypeVar("ResultT")


def _members(tasks: Iterable[str]) -> dict[str, str]:
    """Members of an enum of tasks, each called by its own name; `vars` of its body takes them."""
    return {task.upper(): task for task in tasks}


class Reviewable(StrEnum):
    """Tasks of which a version is reviewed, and so can go live."""

    vars().update(_members(REVIEW))


class Trainable(StrEnum):
    """Tasks for which there is something to learn."""

    vars().update(_members(TRAIN))


class Scorable(StrEnum):
    """Tasks for which the customers of a day are scored."""

    vars().update(_members(SCORE))


class Definable(StrEnum):
    """Tasks of which `regulars propose` can propose a definition."""

    vars().update(_members(PROPOSE))


class Told(TyperGroup):
    """Turns a user's mistake into one message and exit code 1, without a traceback."""

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401  # the library's own types are private
        """Call the command; its result, or the message of what was wrong."""
        try:
            return super().invoke(ctx)
        except RegularsError as error:
            typer.echo(f"regulars: {error}", err=True)
            raise typer.Exit(1) from error


app = typer.Typer(
    cls=Told,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Raw purchases in, reviewed decisions about customers out; honest in time.",
)

features_app = typer.Typer(
    no_args_is_help=True, help="What is known of a customer at a time: the columns, and a value."
)
app.add_typer(features_app, name="features")

ConfigOption = Annotated[
    str | None,
    typer.Option("--config", "-c", help="A config file, or the name of a shipped one."),
]
HomeOption = Annotated[
    Path, typer.Option("--home", envvar="REGULARS_HOME", help="Folder that holds all state.")
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", help="Replace one setting: churn.horizon_days=42. Repeatable."),
]
AsOfOption = Annotated[
    datetime,
    typer.Option("--as-of", formats=["%Y-%m-%d"], help="Day before which all is known."),
]
TaskArgument = Annotated[Reviewable, typer.Argument(help="What there is a model for.")]


@app.callback()
def prepare() -> None:
    """Log facts, with their fields, wherever nobody watches a terminal."""
    level = logging.WARNING if sys.stderr.isatty() else logging.INFO
    logging.basicConfig(level=logging.WARNING, format="%(asctime)sZ %(levelname)s %(message)s")
    logging.Formatter.converter = time.gmtime
    logging.getLogger("regulars").setLevel(level)


@dataclass(frozen=True)
class Typed:
    """What the reader typed, whatever the command."""

    config: str | None
    home: Path
    assignments: list[str] | None
    task: str = DEFAULT_TASK


def call(job: Callable[[Job], ResultT], typed: Typed) -> ResultT:
    """Result of a job with what the reader typed."""
    config = load_config(typed.config, tuple(typed.assignments or ()))
    steps = Steps(Console(stderr=True))
    return job(Job(config, Home(typed.home), datetime.now(UTC), steps, typed.task))


def shown(lines: list[str]) -> None:
    """Write a result to standard output, plainly."""
    for line in lines:
        typer.echo(line)


def terminal_width() -> int:
    """Width of the terminal in letters; 120 where there is none."""
    return shutil.get_terminal_size((120, 24)).columns


@app.command()
def run(
    config: ConfigOption = None, home: HomeOption = Path(DEFAULT_HOME), set_: SetOption = None
) -> None:
    """Build, train, review, promote the first champion and score: the whole way."""
    from pipelines import results, run

    shown(call(lambda job: results.whole_way(job, run.run(job)), Typed(config, home, set_)))


@app.command()
def build(
    config: ConfigOption = None, home: HomeOption = Path(DEFAULT_HOME), set_: SetOption = None
) -> None:
    """Load what is new in the sources into the warehouse, all of it or nothing."""
    from pipelines import build, results

    shown(call(lambda job: results.built(build.run(job)), Typed(config, home, set_)))


@app.command()
def propose(
    task: Annotated[Definable, typer.Argument(help="What is to be defined.")],
    as_of: Annotated[
        datetime | None,
        typer.Option(
            "--as-of",
            formats=["%Y-%m-%d"],
            help="Day before which all is known; default: the day after the last order.",
        ),
    ] = None,
    by: Annotated[
        str | None,
        typer.Option("--by", help="Attribute that tells customers apart, or orders."),
    ] = None,
    *,
    config: ConfigOption = None,
    home: HomeOption = Path(DEFAULT_HOME),
    set_: SetOption = None,
) -> None:
    """Propose what churn should mean, from how customers return; writes a page of it."""
    day = as_of.date() if as_of else None
    shown(call(lambda job: PROPOSE[task](job, day, by), Typed(config, home, set_, task.value)))


@app.command()
def train(
    task: Annotated[Trainable, typer.Argument(help="What is learnt.")],
    config: ConfigOption = None,
    home: HomeOption = Path(DEFAULT_HOME),
    set_: SetOption = None,
) -> None:
    """Fit and test a model out of time, and register it as challenger; or estimate prices."""
    shown(call(TRAIN[task], Typed(config, home, set_, task.value)))


@app.command()
def review(
    task: TaskArgument,
    config: ConfigOption = None,
    home: HomeOption = Path(DEFAULT_HOME),
    set_: SetOption = None,
) -> None:
    """Hold the challenger against what is live; write the page on which a person decides."""
    shown(call(REVIEW[task], Typed(config, home, set_, task.value)))


@app.command()
def promote(
    task: TaskArgument,
    review: Annotated[str, typer.Option("--review", help="Identity that a review printed.")],
    *,
    override: Annotated[
        str | None, typer.Option("--override", help="Reason to promote although gates failed.")
    ] = None,
    config: ConfigOption = None,
    home: HomeOption = Path(DEFAULT_HOME),
    set_: SetOption = None,
) -> None:
    """Make the reviewed version the champion; who, when and why goes into the audit."""
    from pipelines import promote, results

    shown(
        call(
            lambda job: results.moved(promote.run(job, review, override)),
            Typed(config, home, set_, task.value),
        )
    )


@app.command()
def rollback(
    task: TaskArgument,
    reason: Annotated[str, typer.Option("--reason", help="Goes into the audit.")] = "rolled back",
    config: ConfigOption = None,
    home: HomeOption = Path(DEFAULT_HOME),
    set_: SetOption = None,
) -> None:
    """Make the former champion the champion again."""
    from pipelines import promote, results

    shown(
        call(
            lambda job: results.moved(promote.rollback(job, reason)),
            Typed(config, home, set_, task.value),
        )
    )


@app.command()
def score(
    task: Annotated[Scorable, typer.Argument(help="What customers are scored for.")],
    as_of: AsOfOption,
    config: ConfigOption = None,
    home: HomeOption = Path(DEFAULT_HOME),
    set_: SetOption = None,
) -> None:
    """Score the customers of a day with the champion."""
    day = as_of.date()
    shown(call(lambda job: SCORE[task](job, day), Typed(config, home, set_, task.value)))


@app.command()
def table(
    as_of: Annotated[
        list[datetime],
        typer.Option("--as-of", formats=["%Y-%m-%d"], help="Day of the table. Repeatable."),
    ],
    config: ConfigOption = None,
    home: HomeOption = Path(DEFAULT_HOME),
    set_: SetOption = None,
) -> None:
    """Write the behaviour table of some days as Parquet, all days in one pass."""
    from pipelines import results, table

    days = [each.date() for each in as_of]
    shown(call(lambda job: results.tabled(table.run(job, days)), Typed(config, home, set_)))


@app.command()
def profile(
    by: Annotated[
        str,
        typer.Option(
            "--by",
            help="churned, responded, campaign:NAME, segment, an attribute, or "
            "FILE.parquet:COLUMN.",
        ),
    ],
    as_of: AsOfOption,
    *,
    config: ConfigOption = None,
    home: HomeOption = Path(DEFAULT_HOME),
    set_: SetOption = None,
) -> None:
    """Compare groups of customers by statistics: how leavers differ from stayers, and the like."""
    from pipelines import profile, profile_results

    day, typed = as_of.date(), Typed(config, home, set_, "profile")
    shown(call(lambda job: profile_results.profiled(profile.run(job, by, day)), typed))


@app.command()
def init(
    source: Annotated[Path, typer.Option("--from", help="A CSV or Parquet file of purchases.")],
    target: Annotated[
        Path | None, typer.Option("--to", help="The config to write; default: NAME.yaml.")
    ] = None,
) -> None:
    """Look at a file of purchases and write a commented config, saying how sure it is."""
    from pipelines import init, results

    shown(results.initialised(init.run(source, target)))


@app.command()
def settings(
    below: Annotated[str, typer.Argument(help="A section, such as churn.search.")] = "",
) -> None:
    """List every setting of a config: what it is, which values it takes, its default."""
    from pipelines import reference

    shown(reference.lines(below))


@features_app.command("list")
def list_features(
    family: Annotated[str | None, typer.Option("--family", help="Only those of one.")] = None,
    config: ConfigOption = None,
    home: HomeOption = Path(DEFAULT_HOME),
    set_: SetOption = None,
) -> None:
    """List the columns of the behaviour table; through a pipe, with tabs between the fields."""
    from pipelines import feature_lines, feature_list

    found = call(lambda job: feature_list.run(job, family), Typed(config, home, set_))
    shown(feature_lines.listed(found, terminal_width() if sys.stdout.isatty() else None))


@features_app.command("dictionary")
def features_dictionary(
    config: ConfigOption = None, home: HomeOption = Path(DEFAULT_HOME), set_: SetOption = None
) -> None:
    """Write the columns as one HTML page that needs nothing but itself; say where it lies."""
    from pipelines import feature_dictionary

    shown([str(call(feature_dictionary.run, Typed(config, home, set_)))])


@features_app.command("explain")
def explain_feature(
    column: Annotated[str, typer.Argument(help="Name of a column, such as spend_28d.")],
    customer: Annotated[str, typer.Option("--customer", help="As the sources write them.")],
    as_of: AsOfOption,
    *,
    rows: Annotated[int, typer.Option("--rows", min=1, help="Rows of a kind, at most.")] = 50,
    config: ConfigOption = None,
    home: HomeOption = Path(DEFAULT_HOME),
    set_: SetOption = None,
) -> None:
    """Show a customer's value, its formula, and the rows of the warehouse that made it."""
    from features.explanation import Question
    from pipelines import feature_explanation, feature_lines

    question = Question(column, customer, as_of.date(), rows)
    shown(
        call(
            lambda job: feature_lines.explained(
                feature_explanation.run(job, question), job.business, terminal_width()
            ),
            Typed(config, home, set_),
        )
    )
