"""Every model of repeat buying, one entry each."""

from collections.abc import Mapping
from functools import partial
from typing import Final

from features.errors import RegularsError
from models.value import bg_bb, bg_nbd, mbg_cnbd, pareto_nbd
from models.value.process import Process

_COINS: Final = (False, True, False, False)


class NoSuchModel(RegularsError):
    """A name that no model of repeat buying has."""


BG_NBD: Final = Process(
    "bg_nbd",
    "BG/NBD",
    bg_nbd.PARAMETERS,
    _COINS,
    bg_nbd.score,
    bg_nbd.alive,
    bg_nbd.ahead,
    bg_nbd.discounted,
    bg_nbd.newcomer,
    bg_nbd.summed,
    judges_one_time=False,
)

PARETO_NBD: Final = Process(
    "pareto_nbd",
    "Pareto/NBD",
    pareto_nbd.PARAMETERS,
    (False, True, False, True),
    pareto_nbd.score,
    pareto_nbd.alive,
    pareto_nbd.ahead,
    pareto_nbd.discounted,
    pareto_nbd.newcomer,
)

BG_BB: Final = Process(
    "bg_bb",
    "BG/BB",
    bg_bb.PARAMETERS,
    (False,) * 4,
    bg_bb.score,
    bg_bb.alive,
    bg_bb.ahead,
    bg_bb.discounted,
    bg_bb.newcomer,
)


def mbg_cnbd_k(k: int) -> Process:
    """MBG/CNBD-k of a given regularity, from 1 on; MBG/NBD with 1."""
    return Process(
        "mbg_nbd" if k == 1 else f"mbg_cnbd_{k}",
        "MBG/NBD" if k == 1 else f"MBG/CNBD-{k}",
        mbg_cnbd.PARAMETERS,
        _COINS,
        partial(mbg_cnbd.score, k),
        partial(mbg_cnbd.alive, k),
        partial(mbg_cnbd.ahead, k),
        partial(mbg_cnbd.discounted, k),
        partial(mbg_cnbd.newcomer, k),
        minds_last=k > 1,
    )


MBG_NBD: Final = mbg_cnbd_k(1)

PROCESSES: Final[Mapping[str, Process]] = {
    each.name: each for each in (BG_NBD, MBG_NBD, PARETO_NBD, BG_BB)
}
"""Models by name; ``mbg_cnbd_2`` and so on are made when asked for."""


def process_of(name: str) -> Process:
    """The model of a name, such as that of a stored one.

    Raises
    ------
    NoSuchModel
        When there is none.
    """
    if name in PROCESSES:
        return PROCESSES[name]
    number = name.removeprefix("mbg_cnbd_")
    if number != name and number.isdecimal() and int(number) > 1:
        return mbg_cnbd_k(int(number))
    raise NoSuchModel(
        f"a model of repeat buying is one of {', '.join(PROCESSES)} or mbg_cnbd_K, not {name!r}"
    )
