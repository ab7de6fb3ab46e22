"""Loops compiled by numba the first time they are called; the machine keeps what was compiled."""

from collections.abc import Callable
from functools import wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")

_COMPILING = Lock()


def compiled(loop: Callable[P, R]) -> Callable[P, R]:
    """The loop as machine code, which lets other threads run beside it.

    It must return what it makes: arrays are handed to it as read-only, so that there is one variant
    for those that are and those that are not. numba itself is imported with the first call.

    Parameters
    ----------
    loop
        Function of arrays and numbers, in the subset of Python that numba compiles.
    """
    made: list[Callable[..., R]] = []

    @wraps(loop)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if not made:
            with _COMPILING:
                if not made:
                    made.append(_compiled(loop))
        named = {name: _frozen(value) for name, value in kwargs.items()}
        return made[0](*map(_frozen, args), **named)

    return call


def _compiled(loop: Callable[..., R]) -> Callable[..., R]:
    import numba  # noqa: PLC0415  half a second that commands without a table need not spend

    try:
        machine_code: Callable[..., R] = numba.njit(nogil=True, cache=True)(loop)
    except RuntimeError:  # no folder to keep it in can be written
        machine_code = numba.njit(nogil=True)(loop)
    return machine_code


def _frozen(value: object) -> Any:  # noqa: ANN401  arrays and numbers alike
    if isinstance(value, tuple):
        return tuple(map(_frozen, value))
    if not isinstance(value, np.ndarray) or not value.flags.writeable:
        return value
    view = value.view()
    view.flags.writeable = False
    return view
