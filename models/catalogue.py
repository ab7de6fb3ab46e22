"""Every kind of churn model, one line each."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from models.churn import blend, ebm, gbm, logit, mlp, rules, tree
from models.spec import (
    ChurnEbm,
    ChurnGbm,
    ChurnKind,
    ChurnLogit,
    ChurnMlp,
    ChurnRules,
    ChurnTree,
)
from models.spec_blend import ChurnBlend

ChurnSpec = Annotated[
    ChurnLogit | ChurnGbm | ChurnTree | ChurnRules | ChurnMlp | ChurnEbm | ChurnBlend,
    Field(discriminator="kind"),
]
"""Settings of one churn model; ``kind`` says which."""

# Any: each kind takes its own settings, and `kind` is what pairs the two.
CHURN_KINDS: Final[Mapping[str, ChurnKind[Any]]] = {
    "churn_logit": logit,
    "churn_gbm": gbm,
    "churn_tree": tree,
    "churn_rules": rules,
    "churn_mlp": mlp,
    "churn_ebm": ebm,
    "churn_blend": blend,
}

KINDS_OF_RULES: Final = ("churn_tree", "churn_rules")
"""Kinds that are a list of rules which people can read: `models.churn.rulebook`."""

SIMPLEST_FIRST: Final = (
    "churn_tree",
    "churn_rules",
    "churn_logit",
    "churn_ebm",
    "churn_gbm",
    "churn_mlp",
    "churn_blend",
)
"""Every kind by how much a person must read to follow one score.

A path of a tree; some dozens of rules; a curve for every column; a curve for every column and some
surfaces; hundreds of trees in which everything may act together, but whose shares are exact; a
network, whose shares are a convention; several models at once.
"""
