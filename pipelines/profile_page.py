"""How groups of customers differ, as one HTML page that needs nothing but itself."""

from collections.abc import Iterator

import numpy as np

from models.profile.findings import Finding
from models.profile.sentences_of_many import HEAVY
from pipelines.card_parts import DASH
from pipelines.page import Figure
from pipelines.profile_charts import (
    effects_chart,
    groups_chart,
    hits_chart,
    map_chart,
    marks_chart,
    scree_chart,
    slopes_chart,
)
from pipelines.profile_found import Found
from pipelines.profile_words import (
    MOST_LOGISTIC,
    WORDS,
    assumption_rows,
    column_rows,
    headline,
    label,
    method_rows,
    methods,
    notes,
    pair_rows,
    plain_words,
    reading,
    refused_rows,
    tiles,
)
from pipelines.proposal_words import Rows
from pipelines.rounding import day, fraction
from pipelines.templating import environment


def profile_page(found: Found) -> str:
    """The whole page as HTML; the same text for the same findings."""
    tables = [column_rows(found), pair_rows(found), factor_rows(found), method_rows(found)]
    tables += [assumption_rows(found), refused_rows(found)]
    page = {
        "business": found.business,
        "by": found.seen.by.name,
        "as_of": day(found.seen.as_of),
        "is_good": bool(found.strongest),
        "label": label(found),
        "headline": headline(found),
        "reading": reading(found),
        "tiles": tiles(found),
        "sentences": plain_words(found),
        "methods": methods(found),
        "figures": list(_figures(found)),
        "tables": [each for each in tables if each.cells],
        "notes": list(notes(found)),
        "words": WORDS,
    }
    return environment().get_template("profile.html.j2").render(page)


def _figures(found: Found) -> Iterator[Figure]:
    details, words = found.profile.details, found.seen.words
    if found.strongest:
        title = "Columns that differ most"
        text = "Effect with its interval; 0: no difference. Point at a bar for its sentence."
        yield Figure(title, text, effects_chart(title, found.strongest, words))
    if details.discriminant is not None and _is_sure(found, details.discriminant.finding):
        title = "What tells the groups apart"
        text = "Correlation of columns with the line along which groups lie farthest apart."
        yield Figure(title, text, marks_chart(title, details.discriminant, words))
    if details.discriminant is not None:
        title = "Who is put into the right group"
        text = "Share of each group, by all columns, of customers that nothing was fitted to."
        yield Figure(title, text, hits_chart(title, details.discriminant))
    if details.mapped is not None:
        title = "A map of customers"
        text = "Customers near each other are alike; diamonds are the middles of the groups."
        yield Figure(title, text, map_chart(title, details.mapped))
        if details.mapped.of_groups is not None:
            title = "A map of the groups"
            text = "Groups near each other are alike, for how customers differ within them."
            yield Figure(title, text, groups_chart(title, details.mapped))
    for name in list(details.logistic)[:MOST_LOGISTIC]:
        title = f"What goes with {name}"
        text = (
            "Log-odds for one standard deviation more, all else equal; right of 0: more of them. "
            "Grey: may be chance."
        )
        yield Figure(title, text, slopes_chart(title, details.logistic[name], words))
    if details.components is not None:
        title = "How many directions there are"
        text = "Components above the dotted line hold more than single columns."
        yield Figure(title, text, scree_chart(title, details.components))


def _is_sure(found: Found, finding: Finding) -> bool:
    """Whether a finding of a method on several columns is certain, corrected for their number."""
    return any(each.is_sure for each in found.profile.together if each.finding is finding)


def factor_rows(found: Found) -> Rows:
    """Loadings of the columns on the factors; the heavy ones are told by their place."""
    factors, words = found.profile.details.factors, found.seen.words
    if factors is None:
        return Rows("", "", (), ())
    loadings = factors.loadings.to_numpy(dtype=np.float64)
    common = factors.communalities.to_numpy(dtype=np.float64)
    heavy, size = np.abs(loadings).argmax(axis=1), np.abs(loadings).max(axis=1)
    cells = tuple(
        (
            words.meaning(str(factors.loadings.index[row])),
            *(_loading(float(value)) for value in loadings[row]),
            fraction(float(common[row]), 2),
        )
        for row in np.lexsort((-size, heavy))
    )
    text = (
        f"Correlations of columns with what lies behind them, from {HEAVY:g} on; common: the share "
        "of a column that factors explain."
    )
    columns = ("", *map(str, factors.loadings.columns), "common")
    return Rows("What lies behind the columns", text, columns, cells)


def _loading(value: float) -> str:
    return fraction(value, 2) if abs(value) >= HEAVY else DASH
