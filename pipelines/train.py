"""Job: a churn model that is searched, calibrated, tested out of time, and registered."""

from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from features.behaviour import columns, shape_of
from features.contract import Column, fingerprint
from features.errors import RegularsError
from features.loads import data_fingerprint
from features.star import history
from features.warehouse import Connection
from models.candidates import Choice
from models.drift import reference
from models.leaks import check_the_check
from models.metrics import Estimate
from models.spec import Fitted
from models.splits import folds_of
from models.stability import Told
from pipelines.card import Card, card_of
from pipelines.card_page import card_files
from pipelines.card_words import summary
from pipelines.choosing import chosen as choose_model
from pipelines.choosing import told_files, told_metrics, told_params, trials_of
from pipelines.contest import MODEL, baselines_table
from pipelines.frames import Frame, labelled_frame
from pipelines.insight import Insight, insight_of, refitted, told_of, with_stability
from pipelines.jobs import Job
from pipelines.judgement import Judgement, judgement_of
from pipelines.plan import SPLIT_SEED, Origin, Part, Plan, plan
from pipelines.progress import fact
from pipelines.proposal_page import definition_files
from pipelines.proposal_record import Defined, define
from pipelines.provenance import Provenance, provenance_of
from pipelines.rolling import Rolled, Stage, at_origins, random_split, split
from pipelines.runs import Run
from pipelines.season import Season, season_of
from pipelines.tracked import training, training_run
from pipelines.versions import Logged, Version
from pipelines.writeup import Recipe, Writeup, model_tags, recipe_of


class LeakFound(RegularsError):
    """A column knows the outcome: the features see the future, or the label."""


@dataclass(frozen=True)
class Material:
    """All that one training looks at."""

    plan: Plan
    frame: Frame
    columns: tuple[Column, ...]
    recipe: Recipe
    defined: Defined
    provenance: Provenance
    seasons: Mapping[date, Season]

    def parts(self, origin: Origin) -> dict[Part, Frame]:
        """Rows to train, calibrate and test on."""
        if origin == self.plan.newest:
            return self.newest
        return split(self.frame, origin, by_customer=self.plan.by_customer)

    @cached_property
    def newest(self) -> dict[Part, Frame]:
        """Rows of the registered model, which are asked for again and again."""
        return split(self.frame, self.plan.newest, by_customer=self.plan.by_customer)


@dataclass(frozen=True)
class Learned:
    """How the model was found, what it and the others said on every test day, and a flattery.

    Attributes
    ----------
    choice
        What the search of every candidate found, and which of them is trained.
    rolled
        Model, rivals and baselines at every origin; the newest is registered.
    flattered
        Metric to what a random split of the rows makes of it; None where customers are split.
    """

    choice: Choice
    rolled: Rolled
    flattered: Mapping[str, Estimate] | None


@dataclass(frozen=True)
class Trained:
    """A registered version and what every contestant reached on the test days.

    Attributes
    ----------
    version
        As the registry has it.
    rolled
        Model, rivals and baselines at every origin.
    estimates
        Contestant to metric to its mean over the test days.
    flattered
        See `Learned`.
    """

    version: Version
    rolled: Rolled
    estimates: Mapping[str, Mapping[str, Estimate]]
    flattered: Mapping[str, Estimate] | None


def run(job: Job) -> Trained:
    """Search, fit, calibrate, test at every origin, and register the newest as ``challenger``.

    Raises
    ------
    LeakFound
        When a column tells the outcome by itself.
    LeakCheckBroken
        When the leak check does not notice planted copies of the label.
    RegularsError
        When days, cohort or labels do not allow a training.
    """
    business = job.business
    with training(job) as registry:
        material = gather(job)
        tags = model_tags(job, material.recipe, material.plan)
        with training_run(job, registry, tags) as tracked:
            train = material.newest["train"]
            check_leaks(train, business.churn.leak_bound)
            learned = _learn(job, material)
            judged, insight = _looked_at(job, learned, material)
            writeup = Writeup(
                job, learned.rolled, material.columns, judged, learned.flattered, insight
            )
            card = _card(writeup, learned, material)
            with job.steps.step("tracking: metrics, plots, model"):
                _log(tracked, writeup, card, learned, material)
                logged = _log_model(tracked, material, learned.rolled.newest)
        tags |= {
            "kind": learned.choice.spec.kind,
            "calibrated": learned.rolled.contest.calibrated(MODEL),
            "season": learned.rolled.newest.season,
        }
        version = registry.register(job.model_name, logged, tags, summary(card))
    auc = judged.estimates[MODEL]["roc_auc"]
    fact("trained", business=business.name, version=version.number, roc_auc=f"{auc.value:.4f}")
    return Trained(version, learned.rolled, judged.estimates, learned.flattered)


def _log(tracked: Run, writeup: Writeup, card: Card, learned: Learned, material: Material) -> None:
    """Everything that is said of a training, in its run."""
    choice = learned.choice
    about = definition_files(writeup.job.business, material.defined)
    tracked.log(
        params={**writeup.params(choice.winner.params), **told_params(choice)},
        metrics={**writeup.metrics(), **told_metrics(choice)},
        files={**writeup.files(), **told_files(choice), **about, **card_files(card)},
        tags={"kind": choice.spec.kind},
    )
    tracked.log_trials(trials_of(choice))


def _looked_at(job: Job, learned: Learned, material: Material) -> tuple[Judgement, Insight]:
    """What the test days say, what the model looks at, and whether refits say the same.

    Refits are fitted one after the other; what waits for none of them is done beside them.
    """
    newest, columns = learned.rolled.newest, material.columns
    with ThreadPoolExecutor(1) as beside:

        def told(fitted: Fitted) -> Future[Told]:
            return beside.submit(told_of, fitted, columns, newest.test)

        looking = beside.submit(insight_of, newest.fitted, columns, newest.test)
        judging = beside.submit(judgement_of, learned.rolled)
        own = told(newest.fitted)
        others = [told(refit) for refit in _refits(job, learned, material)]
        with job.steps.step("intervals, importance, dependence, stability"):
            said = [other.result() for other in others]
            return judging.result(), with_stability(looking.result(), own.result(), said)


def _refits(job: Job, learned: Learned, material: Material) -> Iterator[Fitted]:
    """The model of the same hyperparameters on resampled training customers."""
    churn = learned.rolled.business.churn
    train = material.newest["train"].heeding(churn.columns)
    with job.steps.step("refits: do reasons stay", churn.stability_refits) as advance:
        made = refitted(churn, learned.choice.winner.params, train)
        for number, refit in enumerate(made, start=1):
            advance(number)
            yield refit


def _card(writeup: Writeup, learned: Learned, material: Material) -> Card:
    with writeup.job.steps.step("model card"):
        return card_of(
            writeup,
            learned.choice.winner,
            plan=material.plan,
            parts=material.newest,
            recipe=material.recipe,
            provenance=material.provenance,
        )


def _log_model(tracked: Run, material: Material, stage: Stage) -> Logged:
    """The model with what a review needs to know of its training."""
    train = material.newest["train"]
    return tracked.log_model(
        stage.fitted.library_object,
        material.columns,
        stage.test.features.head(200),
        {
            "reference": reference(train.features),
            "baselines": baselines_table(stage.baselines),
        },
    )


def gather(job: Job) -> Material:
    """Behaviour and labels of every part of the plan.

    Raises
    ------
    RegularsError
        When a day has no history, no cohort, or no label yet.
    """
    business = job.business
    shape = shape_of(business.sources, business.behaviour)
    with job.opened() as con, job.steps.step("behaviour table and labels"):
        known = history(con, business.sources)
        chosen = plan(con, business.churn, known)
        frame = labelled_frame(con, business, chosen.as_ofs, known)
        followed = _recipe(job, con)
        defined = define(con, business, known)
        provenance = provenance_of(con, business, known, chosen.test[-1])
        asked = business.churn.recalibrate
        seasons = {day: season_of(con, business, known, day, asked) for day in chosen.test}
    return Material(
        chosen, frame, columns(shape), followed, defined, provenance=provenance, seasons=seasons
    )


def recipe(job: Job) -> Recipe:
    """What a training would follow now: data, columns, settings and code."""
    with job.opened() as con:
        return _recipe(job, con)


def _recipe(job: Job, con: Connection) -> Recipe:
    business = job.business
    promised = fingerprint(columns(shape_of(business.sources, business.behaviour)))
    return recipe_of(business, promised, data_fingerprint(con))


def check_leaks(frame: Frame, bound: float) -> None:
    """Refuse columns that tell the outcome; first prove that planted copies are noticed.

    Raises
    ------
    LeakFound
        Naming the columns.
    LeakCheckBroken
        When a planted copy of the label goes unnoticed.
    """
    leaks = check_the_check(frame.features, frame.churned, SPLIT_SEED, bound)
    if leaks:
        named = ", ".join(f"{leak.column} (AUC {leak.auc:.3f} by {leak.how})" for leak in leaks)
        message = (
            f"training needs columns that do not know the outcome, but these tell it by "
            f"themselves: {named}; look where they come from, or raise churn.leak_bound={bound} "
            f"if they are right"
        )
        raise LeakFound(message)


def _learn(job: Job, material: Material) -> Learned:
    """Search on the earliest origin's training rows, then fit and test at every origin.

    So no test day has had a say in the hyperparameters.
    """
    churn, chosen = job.business.churn, material.plan
    train = material.parts(chosen.earliest)["train"]
    label_days = 0 if churn.kind == "labelled" else churn.label_days
    folds = folds_of(
        list(train.customers), train.as_of, label_days, churn.search.folds, churn.search.seed
    )
    choice = choose_model(job, train, folds)
    business, params = job.business.with_model(choice.spec, choice.columns), choice.winner.params
    days = len(chosen.test)
    what = f"fit, calibrate, test: {days} test day{'s' if days > 1 else ''}"
    with job.steps.step(what, days) as advance:
        stages = at_origins(
            business,
            params,
            chosen,
            material.parts,
            seasons=material.seasons,
            on_day=advance,
        )
        flattered = random_split(business.churn, params, material.frame, chosen)
    return Learned(choice, Rolled(business, stages), flattered)
