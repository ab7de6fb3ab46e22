import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipelines.graph_layout import GAP, placed

WIDTH = 360.0
SIZES = st.lists(st.tuples(st.floats(5, WIDTH / 3), st.floats(5, 40)), min_size=0, max_size=25).map(
    lambda pairs: np.array(pairs, dtype=np.float64).reshape(-1, 2)
)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    sizes = draw(SIZES)
    ends = st.integers(0, max(len(sizes) - 1, 0))
    links = draw(st.lists(st.tuples(ends, ends), max_size=40)) if len(sizes) else []
    return sizes, np.array(links, dtype=np.intp).reshape(-1, 2)


@given(graphs())
def test_no_box_touches_another_and_all_are_in_the_room(
    graph: tuple[np.ndarray, np.ndarray],
) -> None:
    sizes, links = graph
    centres = placed(sizes, links, WIDTH, 2.2)
    assert centres.shape == sizes.shape
    assert ((centres - sizes / 2).min(initial=0) > -1e-9).all()
    assert ((centres + sizes / 2)[:, 0] < WIDTH + 1e-9).all()
    for i in range(len(sizes)):
        apart = np.abs(centres[i] - centres[:i]) - (sizes[i] + sizes[:i]) / 2
        assert (apart.max(axis=1, initial=-np.inf) > GAP - 1e-6).all()


@given(graphs())
def test_the_same_graph_is_drawn_in_the_same_places(graph: tuple[np.ndarray, np.ndarray]) -> None:
    sizes, links = graph
    assert (placed(sizes, links, WIDTH, 2.2) == placed(sizes, links, WIDTH, 2.2)).all()


def test_linked_boxes_are_nearer_than_others() -> None:
    sizes = np.full((8, 2), 20.0)
    links = np.array([(0, 1), (2, 3), (4, 5), (6, 7)], dtype=np.intp)
    centres = placed(sizes, links, WIDTH, 8.0)
    far = np.sqrt(((centres[:, None] - centres[None]) ** 2).sum(axis=2))
    linked = far[links[:, 0], links[:, 1]]
    assert linked.mean() < far[np.triu_indices(8, 1)].mean() / 2
