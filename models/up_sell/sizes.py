"""Pack sizes: from text such as ``12 PK/12 OZ`` to an amount that can be compared."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from models.spec import BoolArray, FloatArray

Kind = Literal["weight", "volume", "ounce", "count", "number"]
"""What a size is an amount of: grams, millilitres, ounces that may be either, pieces, unknown."""

KINDS: Final[tuple[Kind, ...]] = ("weight", "volume", "ounce", "count", "number")

_UNITS: Final[dict[str, tuple[Kind, float]]] = {
    "OZ": ("ounce", 1.0),
    **dict.fromkeys(("LB", "LBS"), ("weight", 453.592)),
    **dict.fromkeys(("G", "GR", "GM"), ("weight", 1.0)),
    "KG": ("weight", 1000.0),
    **dict.fromkeys(("FL OZ", "FZ"), ("volume", 29.5735)),
    "ML": ("volume", 1.0),
    "CL": ("volume", 10.0),
    **dict.fromkeys(("L", "LT", "LTR", "LITER"), ("volume", 1000.0)),
    **dict.fromkeys(("GAL", "GA"), ("volume", 3785.41)),
    "QT": ("volume", 946.353),
    "PT": ("volume", 473.176),
    **dict.fromkeys(("CT", "PK", "PC", "LD", "LOAD", "LOADS", "STEM", "ROLL"), ("count", 1.0)),
    "DZ": ("count", 12.0),
}
_GRAMS_OF_OUNCE: Final = 28.3495
_MILLILITRES_OF_OUNCE: Final = 29.5735

_NUMBER: Final = r"\d+(?:\.\d+)?|\.\d+"
_UNIT: Final = "|".join(sorted((name.replace(" ", r"\s") for name in _UNITS), key=len)[::-1])
_AMOUNT: Final = rf"(?P<whole>{_NUMBER})?(?:\s(?P<part>\d+/[1-9]\d*))?\s?(?P<unit>{_UNIT})"
_PLAIN: Final = re.compile(_AMOUNT)
_FRACTION: Final = re.compile(r"(?P<part>1/2|1/4|3/4|HALF)\s?(?P<unit>GAL|GA|PT|QT|LB|L)")
_PACKS: Final = re.compile(rf"(?P<packs>\d+)\s?(?:PK|CT)?\s?[/X]\s?{_AMOUNT}")
_PACKS_BEHIND: Final = re.compile(rf"{_AMOUNT}\s?/\s?(?P<packs>\d+)\s?(?:PK|CT)")
_AMBIGUOUS: Final = re.compile(rf"[1-7]/[2348]\s?(?:{_UNIT})")
_VESSEL: Final = re.compile(r"\s(?:BTL|CAN|BAG|BOX|JAR|TUB|PKG)$")


@dataclass(frozen=True)
class Size:
    """An amount: grams, millilitres, ounces, pieces, or a bare number."""

    amount: float
    kind: Kind


def size_of(text: object) -> Size | None:
    """The size that a text or a number tells; None where it tells none for sure.

    Known are weights, volumes and counts, mixed fractions (``10 3/4 OZ``), halves and quarters of
    gallons, pints, quarts, pounds and litres, and packs (``12 PK/12 OZ``, ``6/4 OZ``: the amounts
    multiply). ``3/4 OZ`` may be a fraction or three packs, lengths tell no content: None.

    Parameters
    ----------
    text
        Such as ``"1.5 L"``; a number stands for itself.
    """
    if isinstance(text, (int, float, np.integer, np.floating)) and not isinstance(text, bool):
        return Size(float(text), "number") if np.isfinite(text) and text > 0 else None
    if not isinstance(text, str):
        return None
    plain = re.sub(r"\(.*\)|\*", "", text.upper()).replace("-", " ").strip()
    return _parsed(_VESSEL.sub("", re.sub(r"\s+", " ", plain)))


def _parsed(plain: str) -> Size | None:
    if found := _FRACTION.fullmatch(plain):
        part = Fraction(1, 2) if found["part"] == "HALF" else Fraction(found["part"])
        return _size(float(part), found["unit"])
    if _AMBIGUOUS.fullmatch(plain) and int(plain[0]) < int(plain[2]):
        return None
    if found := _PLAIN.fullmatch(plain):
        return _size(_read(found), found["unit"])
    if found := _PACKS.fullmatch(plain) or _PACKS_BEHIND.fullmatch(plain):
        return _size(int(found["packs"]) * _read(found), found["unit"])
    return None


def comparable(sizes: list[Size | None], weights: FloatArray) -> tuple[FloatArray, Kind | None]:
    """Amounts of the kind that most of the weight has, NaN for the others; and that kind.

    An ounce is one of volume where some of the sizes are volumes and none are weights, otherwise
    one of weight. Of equal weights the kind first in `KINDS`.

    Parameters
    ----------
    sizes
        Of the products of one need.
    weights
        Shape (products,): what each counts for.
    """
    kinds = {each.kind for each in sizes if each is not None}
    is_fluid = "volume" in kinds and "weight" not in kinds
    resolved = [None if each is None else _resolved(each, is_fluid=is_fluid) for each in sizes]
    whole = {
        kind: float(weights[_of_kind(resolved, kind)].sum())
        for kind in KINDS
        if any(each is not None and each.kind == kind for each in resolved)
    }
    if not whole:
        return np.full(len(sizes), np.nan), None
    most = max(whole, key=lambda kind: whole[kind])
    amounts = [
        each.amount if each is not None and each.kind == most else np.nan for each in resolved
    ]
    return np.array(amounts, dtype=np.float64), most


def told(amount: float, kind: Kind | None) -> str:
    """A size in words, such as ``340 g`` or ``12 pieces``."""
    unit = {"weight": " g", "volume": " ml", "count": " pieces"}.get(kind or "number", "")
    return f"{amount:.4g}{unit}" if amount < 10_000 else f"{amount:,.0f}{unit}"  # noqa: PLR2004


def _of_kind(sizes: list[Size | None], kind: Kind) -> BoolArray:
    found: npt.NDArray[np.bool_] = np.array(
        [each is not None and each.kind == kind for each in sizes], dtype=np.bool_
    )
    return found


def _resolved(size: Size, *, is_fluid: bool) -> Size:
    if size.kind != "ounce":
        return size
    if is_fluid:
        return Size(size.amount * _MILLILITRES_OF_OUNCE, "volume")
    return Size(size.amount * _GRAMS_OF_OUNCE, "weight")


def _read(found: re.Match[str]) -> float:
    """The number of a match; a unit without one is one of it."""
    whole, part = found["whole"], found["part"]
    if whole is None and part is None:
        return 1.0
    return float(whole or 0) + float(Fraction(part) if part else 0)


def _size(amount: float, unit: str) -> Size | None:
    kind, scale = _UNITS[unit]
    return Size(amount * scale, kind) if amount > 0 else None
