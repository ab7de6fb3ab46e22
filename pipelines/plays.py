"""The retention play that answers each cause of leaving, an editable table of the config."""

from typing import Annotated

from pydantic import Field

from features.contract import Cause
from features.settings import Setting

Play = Annotated[str, Field(min_length=1, max_length=100)] | None
"""Name of a play in the business's own words; null: no play answers the cause."""


class Plays(Setting):
    """Which play answers which cause: advice, an assumption until a campaign has measured it."""

    novelty: Play = Field(
        "welcome",
        description="Who tries things out and has not settled. welcome: greet newcomers, and show "
        "what else there is for them.",
    )
    dissatisfaction: Play = Field(
        "reliability",
        description="Whom goods or service have let down. reliability: make good what went wrong, "
        "and keep what is promised: stock, quality, delivery.",
    )
    rival: Play = Field(
        "personal offer",
        description="Who finds better terms or more choice elsewhere. personal offer: a price or a "
        "service made for what this customer buys.",
    )
    conflict: Play = Field(
        "responsiveness",
        description="Who has complained or is tired of being written to. responsiveness: somebody "
        "who may decide answers soon, and the next campaign waits.",
    )
    lost_trust: Play = Field(
        "reliability",
        description="Who no longer believes what is promised. reliability: as for dissatisfaction.",
    )
    need_gone: Play = Field(
        None,
        description="Whose need has passed, whatever the shop does. null: let go, and spend the "
        "money on others.",
    )
    habit_fading: Play = Field(
        "recognition",
        description="Who comes less and less without a grievance. recognition: thank them for "
        "their custom, with a status or a reward for the next visit.",
    )

    def answering(self, cause: Cause) -> str | None:
        """The play that answers a cause."""
        play: str | None = getattr(self, cause.replace(" ", "_"))
        return play
