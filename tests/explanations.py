"""Explanations of the columns of small shops, and the columns that there are."""

from datetime import date

from features.behaviour import columns, shape_of
from features.explanation import Explanation, Question, explain
from features.origins import Origin
from features.schemas import Sources
from features.settings import Behaviour, Engine
from features.warehouse import Connection
from tests.builders import AS_OF, SETTINGS, Shop, built

RICH = SETTINGS.model_copy(
    update={
        "categories": ("drinks",),
        "channels": ("shop", "web"),
        "peers_by": ("store", "tier"),
    }
)
"""Every kind of column there is."""


def explained(
    shop: Shop,
    column: str,
    customer: str = "ann",
    as_of: date = AS_OF,
    *,
    rows: int | None = None,
    settings: Behaviour = RICH,
) -> Explanation:
    with built(shop) as (con, sources):
        return asked(con, sources, Question(column, customer, as_of, rows), settings)


def asked(
    con: Connection, sources: Sources, question: Question, settings: Behaviour = RICH
) -> Explanation:
    return explain(con, sources, settings, question, engine=Engine())


def names(sources: Sources, settings: Behaviour = RICH) -> list[str]:
    return [column.name for column in columns(shape_of(sources, settings))]


def origin(result: Explanation, relation: str, content: str) -> Origin:
    (found,) = (o for o in result.origins if (o.relation, o.content) == (relation, content))
    return found
