"""Where the boxes of a drawn graph stand: the same places every time, and none over another."""

from typing import Final

import numpy as np
import numpy.typing as npt

from models.spec import FloatArray

STEPS: Final = 300
GAP: Final = 18.0
"""Pixels between two boxes, at least."""

TURN: Final = np.pi * (3 - np.sqrt(5))
"""Golden angle: points at its multiples never lie in rows."""

LEAST: Final = 1e-4
"""Two points are never nearer for the forces between them."""

Links = npt.NDArray[np.intp]
"""Shape (links, 2): positions of two boxes that belong together."""


def placed(sizes: FloatArray, links: Links, width: float, sparsity: float) -> FloatArray:
    """Centres of boxes, shape (n, 2) in pixels: linked ones near each other, none over another.

    All lie between 0 and the width; below, they need what they need.

    Parameters
    ----------
    sizes
        Shape (n, 2): width and height of each box in pixels, none wider than the room.
    links
        Which belong together.
    width
        Of the room.
    sparsity
        How many times the area of the boxes the drawing is meant to have.
    """
    if not len(sizes):
        return np.empty((0, 2))
    height = sparsity * float((sizes + GAP).prod(axis=1).sum()) / width
    room = np.maximum([width, height] - sizes, 0.0)
    centres = sizes / 2 + _spread(_drawn(len(sizes), links)) * room
    return _apart(centres, sizes)


def _drawn(n: int, links: Links) -> FloatArray:
    """Points, shape (n, 2): links pull, all push each other away, and the middle pulls gently.

    Source: Fruchterman and Reingold 1991, "Graph drawing by force-directed placement"; gravity
    keeps parts together that nothing links. It begins on a spiral instead of at random.
    """
    order = np.arange(n)
    radius = np.sqrt((order + 0.5) / n) / 2
    points = np.column_stack((radius * np.cos(order * TURN), radius * np.sin(order * TURN)))
    near = 1 / np.sqrt(n)
    pull = np.zeros((n, n))
    pull[links[:, 0], links[:, 1]] = pull[links[:, 1], links[:, 0]] = 1
    np.fill_diagonal(pull, 0)
    for step in range(STEPS):
        between = points[:, None] - points[None]
        far = np.maximum(np.sqrt((between**2).sum(axis=2)), LEAST)
        force = (near / far) ** 2 - pull * far / near
        moves = (between * force[..., None]).sum(axis=1) - points * near
        length = np.maximum(np.sqrt((moves**2).sum(axis=1, keepdims=True)), LEAST)
        points = points + moves / length * np.minimum(length, 0.1 * (1 - step / STEPS))
    return points


def _spread(points: FloatArray) -> FloatArray:
    """Points in the unit square, halfway between their places and an even spread."""
    low, span = points.min(axis=0), np.ptp(points, axis=0)
    scaled = (points - low) / np.where(span > 0, span, 1.0)
    ranks = np.argsort(np.argsort(points, axis=0, kind="stable"), axis=0, kind="stable")
    spread: FloatArray = (scaled + ranks / max(len(points) - 1, 1)) / 2
    return spread


def _apart(centres: FloatArray, sizes: FloatArray) -> FloatArray:
    """The centres from above to below, each moved down just below the boxes it would touch."""
    found = centres.copy()
    done: list[int] = []
    for each in np.argsort(centres[:, 1], kind="stable").tolist():
        for other in sorted(done, key=lambda one: found[one, 1]):
            across, down = (sizes[each] + sizes[other]) / 2 + GAP
            if (np.abs(found[each] - found[other]) < (across, down)).all():
                found[each, 1] = found[other, 1] + down
        done.append(each)
    return found
