"""Every kind of churn model, one line each."""

from collections.abc import Mapping
from typing import Annotated, Any, Final

from pydantic import Field

from models.churn import gbm, logit
from models.spec import ChurnGbm, ChurnKind, ChurnLogit

ChurnSpec = Annotated[ChurnLogit | ChurnGbm, Field(discriminator="kind")]
"""Settings of one churn model; ``kind`` says which."""

# Any: each kind takes its own settings, and `kind` is what pairs the two.
CHURN_KINDS: Final[Mapping[str, ChurnKind[Any]]] = {
    "churn_logit": logit,
    "churn_gbm": gbm,
}
