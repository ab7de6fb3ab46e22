"""What a review of segments looks at, and what became of each version."""

from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from models.segments.agreement import Stability
from models.segments.clusters import Assigned
from models.segments.moving import SegmentDrift
from pipelines.segments_figures import Figures
from pipelines.segments_version import SegmentsVersion

RAND: Final = "adjusted_rand"
"""What the agreement with resamples is called among the estimates of an evidence."""

SIZES: Final = "sizes"
"""What the index of the shares of segments is called among the drift of an evidence."""


@dataclass(frozen=True, eq=False)
class Newest:
    """The customers whom versions are held against.

    Attributes
    ----------
    as_of
        The day after the last order, or the newest that is known of.
    table
        The behaviour table of the day, by the customer's name.
    observed
        The newest day whose figures are known.
    observed_table, figures
        Its behaviour table, and its figures.
    last_on
        Day of the last order.
    data_fingerprint
        Of the warehouse.
    """

    as_of: date
    table: pd.DataFrame
    observed: date
    observed_table: pd.DataFrame
    figures: Figures
    last_on: date
    data_fingerprint: str


@dataclass(frozen=True, eq=False)
class Held:
    """What became of a version on the customers of the newest day.

    Attributes
    ----------
    version
        What it knows.
    assigned
        Where each customer belongs by it.
    observed
        The same of the newest day whose figures are known.
    stability
        How its split of these customers fares among resamples of them.
    drift
        Of sizes and distances since the training.
    """

    version: SegmentsVersion
    assigned: Assigned
    observed: Assigned
    stability: Stability
    drift: SegmentDrift
