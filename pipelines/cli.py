"""The command line: reads what was typed, calls one job, shows what came out."""

import logging
import shutil
import sys
import time
from collections.abc import Callable
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
from pipelines.jobs import DEFAULT_HOME, Home, Job
from pipelines.progress import Steps

ResultT = TypeVar("ResultT")


class Task(StrEnum):
    """What there is a model for."""

    CHURN = "churn"
    LIFETIME = "lifetime"
    RULES = "rules"


class Trainable(StrEnum):
    """What there is to train; prices are a table and a page, of which no version goes live."""

    CHURN = "churn"
    LIFETIME = "lifetime"
    RULES = "rules"
    PRICES = "prices"


class Scorable(StrEnum):
    """What customers of a day are scored for; rules are asked with baskets instead."""

    CHURN = "churn"
    LIFETIME = "lifetime"


class Definable(StrEnum):
    """What `regulars propose` can propose a definition of."""

    CHURN = "churn"


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
TaskArgument = Annotated[Task, typer.Argument(help="What there is a model for.")]


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
    task: Task | Trainable = Task.CHURN


def call(job: Callable[[Job], ResultT], typed: Typed) -> ResultT:
    """Result of a job with what the reader typed."""
    config = load_config(typed.config, tuple(typed.assignments or ()))
    steps = Steps(Console(stderr=True))
    return job(Job(config, Home(typed.home), datetime.now(UTC), steps, typed.task.value))


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
    from pipelines import proposal_lines, propose

    day = as_of.date() if as_of else None
    shown(
        call(
            lambda job: proposal_lines.proposed(job, propose.run(job, day, by)),
            Typed(config, home, set_, Task(task)),
        )
    )


@app.command()
def train(
    task: Annotated[Trainable, typer.Argument(help="What is learnt.")],
    config: ConfigOption = None,
    home: HomeOption = Path(DEFAULT_HOME),
    set_: SetOption = None,
) -> None:
    """Fit and test a model out of time, and register it as challenger; or estimate prices."""
    from pipelines import lifetime_results, lifetime_train, results, train

    typed = Typed(config, home, set_, task)
    if task is Trainable.PRICES:
        from pipelines import prices_results, prices_train

        shown(call(lambda job: prices_results.trained(job, prices_train.run(job)), typed))
        return
    if task is Trainable.RULES:
        from pipelines import rules_results, rules_train

        shown(call(lambda job: rules_results.trained(job, rules_train.run(job)), typed))
        return
    if task is Trainable.LIFETIME:
        shown(call(lambda job: lifetime_results.trained(job, lifetime_train.run(job)), typed))
        return
    shown(call(lambda job: results.trained(job, train.run(job)), typed))


@app.command()
def review(
    task: TaskArgument,
    config: ConfigOption = None,
    home: HomeOption = Path(DEFAULT_HOME),
    set_: SetOption = None,
) -> None:
    """Hold the challenger against what is live; write the page on which a person decides."""
    from pipelines import lifetime_results, lifetime_review, results, review

    if task is Task.RULES:
        from pipelines import rules_results, rules_review

        typed = Typed(config, home, set_, task)
        shown(call(lambda job: rules_results.reviewed(job, rules_review.run(job)), typed))
        return
    if task is Task.LIFETIME:
        typed = Typed(config, home, set_, task)
        shown(call(lambda job: lifetime_results.reviewed(job, lifetime_review.run(job)), typed))
        return
    shown(call(lambda job: results.reviewed(job, review.run(job)), Typed(config, home, set_, task)))


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
            Typed(config, home, set_, task),
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
            Typed(config, home, set_, task),
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
    from pipelines import lifetime_results, lifetime_score, results, score

    day = as_of.date()
    typed = Typed(config, home, set_, Task(task))
    if task is Scorable.LIFETIME:
        shown(call(lambda job: lifetime_results.scored(job, lifetime_score.run(job, day)), typed))
        return
    shown(call(lambda job: results.scored(job, score.run(job, day)), typed))


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
