"""From a comparison to the page that a reviewer reads."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from features.cohort import described
from features.contract import Column
from features.star import History
from models.metrics import Estimate
from models.spec import Fitted, FloatArray
from pipelines.artifacts import Opened
from pipelines.contest import Contest
from pipelines.evidence import Evidence
from pipelines.findings import (
    MEASURES,
    Contestant,
    DataNotes,
    Drift,
    Headline,
    Identity,
    NextStep,
    Question,
    ReviewPage,
    Role,
    money_measures,
    no_purchase,
)
from pipelines.frames import Frame
from pipelines.insight import looked_at
from pipelines.jobs import Job
from pipelines.page import review_page
from pipelines.profits import profits_of
from pipelines.rounding import money
from pipelines.season import NOT_ASKED, Season, Seasonal, asked_of
from pipelines.traces import traces
from pipelines.versions import Version

CALLED_SHARE = 0.1
"""The tenth of the customers that a headline speaks of."""

LONGEST_RECENT = 91
"""Days, at most, whose spend says what a customer is worth now."""

ABOUT = {
    "churn_gbm": "gradient-boosted trees on the behaviour table",
    "churn_logit": "logistic regression on the behaviour table",
    "churn_tree": "one decision tree on the behaviour table",
    "churn_rules": "a sum of if-then rules on the behaviour table",
    "churn_mlp": "a small neural network on the behaviour table",
    "churn_ebm": "an explainable boosting machine on the behaviour table",
    "churn_blend": "a weighted sum of models on the behaviour table",
    "recency": "ranks by days since the last order",
    "frequency": "ranks by the number of orders",
    "overdue": "ranks by days since the last order over the gap to be expected",
    "windowed_rfm": "gradient-boosted trees on recency, orders and spend alone",
    "base_rate": "gives everybody the same chance",
}


@dataclass(frozen=True)
class Judged:
    """A registered version with its model opened."""

    version: Version
    opened: Opened
    fitted: Fitted


@dataclass(frozen=True)
class Snapshot:
    """The customers of a review and the data behind them."""

    frame: Frame
    as_of: date
    columns: tuple[Column, ...]
    known: History
    data_fingerprint: str
    rows_read: int
    broken: Mapping[str, int]
    season: Season

    def chances(self, judged: Judged) -> Seasonal:
        """Chances of the frame's customers as the version gives them on this day."""
        return self.moved(judged.version, judged.fitted.predict(self.frame.features))

    def moved(self, version: Version, probability: FloatArray) -> Seasonal:
        """Chances of the frame's customers, shifted as the version asks."""
        if asked_of(version) == "season":
            return self.season.applied(probability)
        return Season(self.as_of, None, NOT_ASKED).applied(probability)


@dataclass(frozen=True)
class Dossier:
    """Everything a page of a review is made of.

    ``rival`` is the champion if it competed; ``season`` says how the challenger's chances moved.
    """

    job: Job
    evidence: Evidence
    contest: Contest
    snapshot: Snapshot
    challenger: Judged
    champion: Judged | None
    rival: Judged | None
    season: str


def page_of(dossier: Dossier) -> str:
    """The review as one HTML page without references to anything outside it."""
    job, evidence = dossier.job, dossier.evidence
    economics, currency = job.business.churn.economics, job.business.currency
    own = next(iter(dossier.contest.probabilities))
    meanings = {column.name: column.meaning for column in dossier.challenger.opened.columns}
    return review_page(
        ReviewPage(
            business=job.business.name,
            review_id=evidence.review_id,
            made_at=evidence.made_at,
            question=_question(dossier),
            headline=_headline(dossier),
            gates=evidence.gates,
            contestants=tuple(_contestant(dossier, name) for name in dossier.contest.probabilities),
            incumbent=evidence.incumbent,
            differences=evidence.differences,
            drift=tuple(
                Drift(name, meanings.get(name, name), evidence.drift[name])
                for name in evidence.settled
            ),
            drift_bound=job.business.review.drift_most,
            features=looked_at(
                dossier.challenger.fitted,
                dossier.challenger.opened.columns,
                dossier.snapshot.frame,
            ),
            next_steps=_next_steps(job, evidence),
            data=_notes(dossier),
            measures=MEASURES + (money_measures(currency) if economics else ()),
            profits=profits_of(dossier.contest, [own, evidence.incumbent], economics, currency)
            if economics
            else None,
        )
    )


def _question(dossier: Dossier) -> Question:
    churn, as_of = dossier.job.business.churn, dossier.snapshot.as_of
    labelled = churn.kind == "labelled"
    return Question(
        as_of=as_of,
        cohort=described(dossier.job.business.behaviour.cohort),
        leaving="what the labels table says"
        if labelled
        else no_purchase(as_of, churn.gap_days, churn.horizon_days),
        gap=f"{churn.gap_days} days" if churn.gap_days else "none",
    )


def _headline(dossier: Dossier) -> Headline:
    """Leavers in the first tenth of each list: lift × base rate × customers called."""
    frame, evidence = dossier.snapshot.frame, dossier.evidence
    called = max(1, round(CALLED_SHARE * len(frame.churned)))
    by_chance = float(frame.churned.mean()) * called
    own = next(iter(dossier.contest.probabilities))
    return Headline(
        called=called,
        by_chance=by_chance,
        challenger=_scaled(evidence.estimates[own]["lift_at_10"], by_chance),
        incumbent=_scaled(evidence.estimates[evidence.incumbent]["lift_at_10"], by_chance),
        money=_money(dossier, own, called),
    )


def _scaled(estimate: Estimate, factor: float) -> Estimate:
    return Estimate(estimate.value * factor, estimate.low * factor, estimate.high * factor)


def _money(dossier: Dossier, own: str, called: int) -> str | None:
    """What the leavers that the challenger named first had spent, where there is spend."""
    business, frame = dossier.job.business, dossier.snapshot.frame
    recent = [days for days in business.behaviour.windows_days if days <= LONGEST_RECENT]
    column = f"spend_{max(recent, default=0)}d"
    if column not in frame.features:
        return None
    order = np.argsort(-dossier.contest.probabilities[own], kind="stable")[:called]
    left = order[frame.churned[order]]
    spent = float(np.nansum(frame.features[column].to_numpy()[left]))
    amount = money(spent, business.currency.code, business.currency.digits)
    return f"The leavers among them spent {amount} in the {max(recent)} days before the cutoff."


def _contestant(dossier: Dossier, name: str) -> Contestant:
    roles: dict[str, tuple[Role, Judged | None]] = {
        "challenger": ("challenger", dossier.challenger),
        "champion": ("champion", dossier.rival),
    }
    role, judged = roles.get(name.partition(" ")[0], ("baseline", None))
    kind = judged.version.said("kind") if judged else name
    return Contestant(
        name=name,
        role=role,
        about=ABOUT.get(kind, kind),
        estimates=dossier.evidence.estimates[name],
        traces=traces(dossier.contest.churned, dossier.contest.probabilities[name]),
        identity=_identity(judged.version) if judged else None,
    )


def _identity(version: Version) -> Identity:
    days: list[str] = json.loads(version.said("trained_on"))
    return Identity(
        version=str(version.number),
        kind=version.said("kind"),
        run_id=version.run_id,
        trained_on=tuple(date.fromisoformat(day) for day in days),
        data_fingerprint=version.said("data_fingerprint"),
        behaviour_fingerprint=version.said("behaviour_fingerprint"),
    )


def _next_steps(job: Job, evidence: Evidence) -> tuple[NextStep, ...]:
    promote = job.command("promote", job.task, "--review", evidence.review_id)
    if evidence.is_passed:
        back = NextStep(
            "Should it disappoint, go back to the version before:",
            job.command("rollback", job.task),
        )
        return (NextStep("Let it go live:", promote), back)
    return (
        NextStep("Train a better version:", job.command("train", job.task)),
        NextStep(
            "Or let it go live all the same; the reason is recorded:",
            f'{promote} --override "reason"',
        ),
    )


def _notes(dossier: Dossier) -> DataNotes:
    snapshot, evidence = dossier.snapshot, dossier.evidence
    known, remarks = snapshot.known, [dossier.season]
    if known.sales_lines:
        remarks.append(
            f"The warehouse holds {known.sales_lines:,} sales lines of {known.customers:,} "
            f"customers, from {known.first_on} to {known.last_on}."
        )
    if known.customers_without_row:
        remarks.append(
            f"{known.customers_without_row:,} customers with orders have no row in the customers "
            f"table; their attributes are unknown."
        )
    growing = len(evidence.drift) - len(evidence.settled)
    if growing:
        remarks.append(
            f"{growing} features look back further than the data reached when training began; "
            f"they still grow with the history, and their drift is not judged."
        )
    if dossier.champion and not dossier.rival:
        remarks.append(
            f"Version {dossier.champion.version.number}, which is live, was trained on other "
            f"columns or under other settings; it cannot be compared, so the challenger was held "
            f"against the simple rules."
        )
    return DataNotes(
        customers=len(snapshot.frame.churned),
        leavers=int(snapshot.frame.churned.sum()),
        rows_read=snapshot.rows_read,
        rows_quarantined=sum(snapshot.broken.values()),
        quarantined_by_rule=snapshot.broken,
        remarks=tuple(remarks),
    )
