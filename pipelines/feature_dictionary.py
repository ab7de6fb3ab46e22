"""Job: write what every column means into one HTML page that needs nothing but itself."""

from pathlib import Path

from features.contract import Feature
from features.terms import Atom
from pipelines.feature_catalogue import Catalogue, catalogue
from pipelines.feature_words import formula, in_words, window
from pipelines.jobs import Job
from pipelines.tables import replace_text
from pipelines.templating import environment


def run(job: Job) -> Path:
    """The page, whole or not at all; needs no warehouse."""
    page = dictionary_page(job.business.name, catalogue(job.business))
    path = job.home.reports(job.business.name) / "features.html"
    job.home.prepare()
    replace_text(path, page)
    return path


def dictionary_page(business: str, known: Catalogue) -> str:
    """The whole page as HTML; the same text for the same columns."""
    template = environment().get_template("features.html.j2")
    return template.render(
        business=business,
        known=known,
        window=window,
        formula=formula,
        atoms=_atoms,
        in_words=in_words,
    )


def _atoms(feature: Feature) -> list[Atom]:
    return sorted(feature.term.atoms, key=lambda atom: atom.name)
