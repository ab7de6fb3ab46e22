"""Rules as a graph, in plain dictionaries and lists."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from models.rules.association import Rules
from models.rules.measures import FloatArray


def node_link(rules: Rules, columns: Iterable[str] = ("confidence", "lift")) -> dict[str, Any]:
    """Rules as a graph: a node per side, an edge per rule; `networkx.node_link_graph` reads it.

    Everything in it can be written as JSON: a measure that is no finite number is None.

    Parameters
    ----------
    rules
        To draw.
    columns
        As of `Rules.frame`; attributes of the edges.
    """
    itemsets = rules.itemsets
    sides = np.unique(np.concatenate([rules.antecedent, rules.consequent]))
    nodes = [
        {"id": int(node), "items": list(items), "support": float(itemsets.support[node])}
        for node, items in zip(sides, rules.names(sides), strict=True)
    ]
    frame = rules.frame(columns)
    values = {name: _finite(frame[name].to_numpy(dtype=np.float64)) for name in frame.columns[2:]}
    edges = [
        {"source": int(lead), "target": int(follow)}
        | {name: column[i] for name, column in values.items()}
        for i, (lead, follow) in enumerate(zip(rules.antecedent, rules.consequent, strict=True))
    ]
    return {"directed": True, "multigraph": False, "graph": {}, "nodes": nodes, "edges": edges}


def _finite(values: FloatArray) -> list[float | None]:
    return [value if np.isfinite(value) else None for value in values.tolist()]
