"""What a review found, as JSON: the ground on which a promotion stands."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from hashlib import sha256
from pathlib import Path

from features.errors import RegularsError
from models.metrics import Estimate
from pipelines.findings import Gate
from pipelines.tables import replace_text

FILE = "evidence.json"


class NothingToReview(RegularsError):
    """There is no version that waits for a review."""


class ReviewUnknown(RegularsError):
    """There is no review of that identity, or its evidence is damaged."""


@dataclass(frozen=True)
class Evidence:
    """One review.

    Attributes
    ----------
    review_id
        Digest of what was compared, on which day and data, under which gates.
    made_at
        When, in UTC.
    as_of
        Day on which the contestants were compared.
    challenger, champion
        Versions; champion is None when none was live.
    challenger_run
        Run that made the challenger: version numbers begin again in a new store.
    incumbent
        Name of the contestant that had to be beaten.
    data_fingerprint
        Of the snapshot that both were judged on.
    gates
        Conditions and what was found.
    estimates
        Contestant to metric to value with interval.
    differences
        Metric to paired difference, challenger minus incumbent.
    drift
        Column to population stability index.
    settled
        Columns whose drift a gate judges: the others still grow with the history.
    """

    review_id: str
    made_at: datetime
    as_of: date
    challenger: int
    challenger_run: str
    champion: int | None
    incumbent: str
    data_fingerprint: str
    gates: tuple[Gate, ...]
    estimates: Mapping[str, Mapping[str, Estimate]]
    differences: Mapping[str, Estimate]
    drift: Mapping[str, float]
    settled: tuple[str, ...]

    @property
    def is_passed(self) -> bool:
        """Whether there were gates and every one passed."""
        return bool(self.gates) and all(gate.is_passed for gate in self.gates)


def write_evidence(folder: Path, evidence: Evidence, page: str) -> Path:
    """Write page and evidence below ``folder``; the evidence last, so that it proves both."""
    place = folder / evidence.review_id
    replace_text(place / "review.html", page)
    replace_text(place / FILE, to_json(evidence))
    return place


def to_json(evidence: Evidence) -> str:
    """The evidence as one JSON object."""
    return json.dumps(asdict(evidence), indent=2, ensure_ascii=False, default=str) + "\n"


def seal(evidence: Evidence) -> dict[str, str]:
    """Tag for the challenger's version: review and SHA-256 of its evidence as it was written."""
    return {f"review.{evidence.review_id}": sha256(to_json(evidence).encode()).hexdigest()}


def require_sealed(evidence: Evidence, tags: Mapping[str, str]) -> None:
    """Nothing, when the evidence is what the review wrote and sealed.

    Raises
    ------
    ReviewUnknown
        When somebody changed it since, or the review was stopped before its seal.
    """
    if seal(evidence).items() <= tags.items():
        return
    message = (
        f"the evidence of review {evidence.review_id} is not what its review sealed: it was "
        f"changed, or the review was stopped; run regulars review again"
    )
    raise ReviewUnknown(message)


def read_evidence(folder: Path, review_id: str) -> Evidence:
    """Evidence of one review, as the file has it; see `require_sealed`.

    Raises
    ------
    ReviewUnknown
        Naming the reviews that there are, or saying that the file is damaged.
    """
    known = sorted(path.parent.name for path in folder.glob(f"*/{FILE}"))
    if review_id not in known:
        message = (
            f"a promotion needs the identity of a review, but there is no {review_id!r}; there is "
            f"{', '.join(known) or 'none yet: run regulars review'}"
        )
        raise ReviewUnknown(message)
    try:
        return _parsed((folder / review_id / FILE).read_text(encoding="utf-8"))
    except (ValueError, KeyError, TypeError) as error:
        message = f"the evidence of review {review_id} is damaged; run regulars review again"
        raise ReviewUnknown(message) from error


def _parsed(text: str) -> Evidence:
    found = json.loads(text)
    return Evidence(
        review_id=found["review_id"],
        made_at=datetime.fromisoformat(found["made_at"]),
        as_of=date.fromisoformat(found["as_of"]),
        challenger=int(found["challenger"]),
        challenger_run=found["challenger_run"],
        champion=None if found["champion"] is None else int(found["champion"]),
        incumbent=found["incumbent"],
        data_fingerprint=found["data_fingerprint"],
        gates=tuple(Gate(**gate) for gate in found["gates"]),
        estimates={
            name: {key: Estimate(**value) for key, value in figures.items()}
            for name, figures in found["estimates"].items()
        },
        differences={key: Estimate(**value) for key, value in found["differences"].items()},
        drift=dict(found["drift"]),
        settled=tuple(found["settled"]),
    )
