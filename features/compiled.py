"""Loops compiled by numba the first time they are called; the machine keeps what was compiled."""

from collections.abc import Callable, Iterator
from functools import update_wrapper, wraps
from hashlib import sha256
from threading import Lock
from types import FunctionType
from typing import Any, ParamSpec, TypeVar, cast

import numpy as np

P = ParamSpec("P")
R = TypeVar("R")

_PLAIN = (bool, int, float, str, tuple)
_COMPILING = Lock()
_LOOPS: dict[Callable[..., object], FunctionType] = {}
"""Loops by what is called in their place."""
_LEAN: set[Callable[..., object]] = set()
_MADE: dict[Callable[..., object], Callable[..., Any]] = {}
"""Machine code by what is called in its place, for all loops that call the same one."""


def compiled(loop: Callable[P, R]) -> Callable[P, R]:
    """The loop as machine code, which lets other threads run beside it.

    It must return what it makes: arrays are handed to it as read-only, so that there is one variant
    for those that are and those that are not. It may call other compiled loops of its module, which
    may also change what they are given by it. numba itself is imported with the first call.

    Parameters
    ----------
    loop
        Function of arrays and numbers, in the subset of Python that numba compiles.
    """
    return _called_for(loop, filled=0)


def filling(loop: Callable[P, R]) -> Callable[P, R]:
    """A compiled loop that also writes to its first argument: an array, or a tuple of them.

    Parameters
    ----------
    loop
        As of `compiled`; its first argument is given by place.
    """
    return _called_for(loop, filled=1)


def lean(loop: Callable[P, R]) -> Callable[P, R]:
    """A compiled loop for others to call often, which makes no array.

    Nobody counts who holds the arrays that it is given. To count them takes longer than a short
    loop does, and its caller holds them all the while.

    Parameters
    ----------
    loop
        As of `compiled`; numba refuses one that makes an array.
    """
    _LEAN.add(loop)
    return compiled(loop)


def _called_for(loop: Callable[P, R], *, filled: int) -> Callable[P, R]:
    """What is called in the place of a loop; it may write to so many of its first arguments."""
    made: list[Callable[..., R]] = []

    @wraps(loop)
    def call(*args: P.args, **kwargs: P.kwargs) -> R:
        if not made:
            with _COMPILING:
                if not made:
                    made.append(_machine_code(call))
        named = {name: _frozen(value) for name, value in kwargs.items()}
        return made[0](*args[:filled], *map(_frozen, args[filled:]), **named)

    _LOOPS[call] = cast("FunctionType", loop)
    return call


def interpreted(loop: Callable[P, R]) -> Callable[P, R]:
    """The same loop as the Python it was written in, with the loops that it calls.

    For inputs that are not worth loading machine code: it never compiles. Numbers of numpy overflow
    where those of the compiled loop do, but with a warning.

    Parameters
    ----------
    loop
        What `compiled` returned.
    """
    written = _LOOPS[loop]
    inner = {name: interpreted(each) for name, each in _called(written).items()}
    return cast("Callable[P, R]", FunctionType(written.__code__, written.__globals__ | inner))


def _called(loop: FunctionType) -> dict[str, FunctionType]:
    """Compiled loops that a loop calls, by the names it calls them."""
    known: dict[str, Any] = loop.__globals__
    called = {name: known[name] for name in loop.__code__.co_names if name in known}
    return {
        name: each
        for name, each in called.items()
        if isinstance(each, FunctionType) and each in _LOOPS
    }


def _written(loop: FunctionType) -> Iterator[str]:
    """All that a loop's machine code is made of, with the loops that it calls, wherever these are.

    numba looks at the file of a loop alone to see whether what it kept is still right. It keeps
    machine code by name, so this becomes part of the name.
    """
    known = loop.__globals__
    yield loop.__code__.co_code.hex()
    yield repr([each for each in loop.__code__.co_consts if isinstance(each, _PLAIN)])
    yield repr([(n, known[n]) for n in loop.__code__.co_names if isinstance(known.get(n), _PLAIN)])
    for each in _called(loop).values():
        yield from _written(_LOOPS[each])


def _machine_code(call: Callable[..., object]) -> Callable[..., Any]:
    """What runs in the place of a call, made once however many loops call the same one."""
    if call not in _MADE:
        _MADE[call] = _compiled(_LOOPS[call])
    return _MADE[call]


def _compiled(loop: FunctionType) -> Callable[..., Any]:
    import numba  # noqa: PLC0415  half a second that commands without a table need not spend

    inner = {name: _machine_code(each) for name, each in _called(loop).items()}
    whole = update_wrapper(FunctionType(loop.__code__, loop.__globals__ | inner), loop)
    whole.__qualname__ += "_" + sha256("\n".join(_written(loop)).encode()).hexdigest()[:12]
    options: dict[str, Any] = {"nogil": True} | ({"_nrt": False} if loop in _LEAN else {})
    try:
        machine_code: Callable[..., Any] = numba.njit(cache=True, **options)(whole)
    except RuntimeError:  # no folder to keep it in can be written
        machine_code = numba.njit(**options)(whole)
    return machine_code


def _frozen(value: object) -> Any:  # noqa: ANN401  arrays and numbers alike
    if isinstance(value, tuple):
        return tuple(map(_frozen, value))
    if not isinstance(value, np.ndarray) or not value.flags.writeable:
        return value
    view = value.view()
    view.flags.writeable = False
    return view
