"""How much a column's name looks like each canonical column."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache

from features.guessing.vocabulary import NUMBERINGS, SMALL_WORDS, VOCABULARY, Language, Role

SAME = 1.0
HEAD = 0.85
ENDING = 0.75
MENTIONED = 0.35
"""How sure each kind of likeness is: the whole name, its main word, its end, any of its words."""

_WORD = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NUMBERINGS = tuple(NUMBERINGS.split())
_ASIDE = frozenset((*_NUMBERINGS, *SMALL_WORDS.split()))
_MIN_ENDING = {True: 2, False: 5}
"""Letters of a word that may end a longer one; Chinese says as much with fewer."""


def likeness(name: str) -> dict[Role, float]:
    """How much the name looks like each role, 0..1; roles it does not look like are absent.

    The last word is the main one (``order date`` is a date, ``customer city`` is a city), except
    in French and Spanish, where the first one is (``date de commande``).
    """
    words = words_of(name)
    core = [word for word in words if word not in _ASIDE] or words
    found: dict[Role, float] = {}
    for role in VOCABULARY:
        score = _score(words, core, role)
        if score:
            found[role] = score
    other = found.get("other", 0.0)
    return {
        role: score * (0.4 if role != "other" and other > score else 1.0)
        for role, score in found.items()
    }


def words_of(name: str) -> list[str]:
    """Lower-case words of a name: ``transactionTimestamp_UTC`` gives three."""
    plain = unicodedata.normalize("NFKC", name)
    return [_bare(word) for part in _CAMEL.split(plain) for word in _WORD.findall(part)]


def languages(names: Iterable[str]) -> Counter[Language]:
    """How many of the names each language claims with a word that it alone uses."""
    claims: Counter[Language] = Counter()
    for name in names:
        words = words_of(name)
        tries = {"".join(words), *words, *(_shortened("".join(words)))}
        owners = {
            language for word in tries for language in _owners().get(word, frozenset[Language]())
        }
        claims.update(owners if len(owners) == 1 else ())
    return claims


def _bare(word: str) -> str:
    """The word in small letters without accents; ``ß`` becomes ``ss``."""
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _score(words: list[str], core: list[str], role: Role) -> float:
    if not words:
        return 0.0
    known = _known(role)
    whole = {"".join(words), "".join(core), *_shortened("".join(words))}
    if whole & known:
        return SAME
    romance = {core[0]} & _romance(role)
    if core[-1] in known or romance or set(_shortened(core[-1])) & known:
        return HEAD
    if any(_ends(form, word) for form in whole for word in known):
        return ENDING
    mentioned = any(word in known for word in core) or any(
        word in form for form in whole for word in known if not word.isascii() and len(word) > 1
    )
    return MENTIONED if mentioned else 0.0


def _shortened(joined: str) -> list[str]:
    """The name without one numbering at its end or its beginning: ``kundennr`` gives ``kunden``."""
    ends = [joined.removesuffix(part) for part in _NUMBERINGS if joined.endswith(part)]
    starts = [joined.removeprefix(part) for part in _NUMBERINGS if joined.startswith(part)]
    return [form for form in (*ends, *starts) if len(form) > 1]


def _ends(form: str, word: str) -> bool:
    return form.endswith(word) and len(word) >= _MIN_ENDING[not word.isascii()]


@cache
def _known(role: Role) -> frozenset[str]:
    return frozenset(_bare(word) for text in VOCABULARY[role].values() for word in text.split())


@cache
def _romance(role: Role) -> frozenset[str]:
    texts = (VOCABULARY[role]["fr"], VOCABULARY[role]["es"])
    words = {_bare(word) for text in texts for word in text.split()}
    return frozenset(words | ({"date"} if role == "ordered_at" else set()))


@cache
def _owners() -> dict[str, frozenset[Language]]:
    owners: dict[str, set[Language]] = {}
    for by_language in VOCABULARY.values():
        for language, text in by_language.items():
            for word in text.split():
                owners.setdefault(_bare(word), set()).add(language)
    return {word: frozenset(languages) for word, languages in owners.items()}
