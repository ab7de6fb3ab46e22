"""Who is most endangered: ranks of everybody, and the first of them with what is known of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from models.spec import FloatArray


@dataclass(frozen=True)
class Endangered:
    """Rows of highest probability so far: their positions in the table and their features."""

    probability: FloatArray
    row: np.ndarray[tuple[int], np.dtype[np.int64]]
    features: pd.DataFrame

    def merged(self, other: "Endangered | None", most: int) -> "Endangered":
        """The ``most`` highest of both; of equal probabilities the earlier row."""
        if other is None:
            other = Endangered(self.probability[:0], self.row[:0], self.features[:0])
        probability = np.concatenate([self.probability, other.probability])
        row = np.concatenate([self.row, other.row])
        features = pd.concat([self.features, other.features], ignore_index=True)
        kept = np.lexsort((row, -probability))[:most]
        return Endangered(probability[kept], row[kept], features.iloc[kept].reset_index(drop=True))


def deciles(probability: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    """1 for the most endangered tenth to 10; ties in order of the rows."""
    order = np.argsort(-probability, kind="stable")
    decile = np.empty(len(order), dtype=np.int8)
    decile[order] = np.arange(len(order)) * 10 // max(len(order), 1) + 1
    return decile
