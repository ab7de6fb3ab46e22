"""Currency and time zone that a file hints at: by signs, names, countries and its language."""

from dataclasses import dataclass

from features.guessing.columns import Table
from features.guessing.evidence import Guess
from features.guessing.names import languages, words_of
from features.guessing.vocabulary import Language
from features.sql import literal

WITHOUT_DIGITS = frozenset({"TWD", "JPY", "KRW", "VND", "CLP", "HUF", "IDR"})
"""Currencies whose minor unit nobody pays with."""

_BY_LANGUAGE: dict[Language, tuple[str, str]] = {
    "zh_hant": ("TWD", "Asia/Taipei"),
    "zh_hans": ("CNY", "Asia/Shanghai"),
    "de": ("EUR", "Europe/Berlin"),
    "fr": ("EUR", "Europe/Paris"),
    "es": ("EUR", "Europe/Madrid"),
}
_LANGUAGE_NAMES: dict[Language, str] = {
    "zh_hant": "traditional Chinese",
    "zh_hans": "simplified Chinese",
    "de": "German",
    "fr": "French",
    "es": "Spanish",
}
_BY_COUNTRY = {
    "united kingdom": ("GBP", "Europe/London"),
    "uk": ("GBP", "Europe/London"),
    "great britain": ("GBP", "Europe/London"),
    "germany": ("EUR", "Europe/Berlin"),
    "deutschland": ("EUR", "Europe/Berlin"),
    "austria": ("EUR", "Europe/Vienna"),
    "france": ("EUR", "Europe/Paris"),
    "spain": ("EUR", "Europe/Madrid"),
    "españa": ("EUR", "Europe/Madrid"),
    "italy": ("EUR", "Europe/Rome"),
    "netherlands": ("EUR", "Europe/Amsterdam"),
    "switzerland": ("CHF", "Europe/Zurich"),
    "japan": ("JPY", "Asia/Tokyo"),
    "taiwan": ("TWD", "Asia/Taipei"),
    "台灣": ("TWD", "Asia/Taipei"),
    "臺灣": ("TWD", "Asia/Taipei"),
    "china": ("CNY", "Asia/Shanghai"),
    "中国": ("CNY", "Asia/Shanghai"),
    "hong kong": ("HKD", "Asia/Hong_Kong"),
    "singapore": ("SGD", "Asia/Singapore"),
    "mexico": ("MXN", "America/Mexico_City"),
    "méxico": ("MXN", "America/Mexico_City"),
}
_SIGNS = {"NT$": "TWD", "HK$": "HKD", "US$": "USD", "€": "EUR", "£": "GBP", "$": "USD"}
_CODES = "USD EUR GBP TWD CNY JPY CHF HKD SGD MXN KRW AUD CAD INR BRL SEK NOK DKK"
_ALSO = {"ntd": "TWD", "rmb": "CNY", "ntdollar": "TWD"}
_DEFAULT = ("USD", "UTC")
_MOSTLY = 0.5


@dataclass(frozen=True)
class Place:
    """Guesses of the currency's code and the time zone."""

    currency: Guess
    time_zone: Guess


def place_of(table: Table) -> Place:
    """Currency and time zone, from the surest hint of each."""
    by_sign = _sign(table)
    country, language = _country(table), _language(table)
    elsewhere = [hint for hint in (country, language) if hint is not None]
    code = by_sign or next((_guess("currency", hint[0], hint) for hint in elsewhere), None)
    zone = next((_guess("time_zone", hint[1], hint) for hint in elsewhere), None)
    nothing = "nothing in the file hints at it"
    return Place(
        code or Guess("currency", _DEFAULT[0], 0.3, nothing),
        zone or Guess("time_zone", _DEFAULT[1], 0.3, nothing),
    )


Hint = tuple[str, str, float, str]
"""Currency, time zone, confidence, reason."""


def _guess(what: str, value: str, hint: Hint) -> Guess:
    return Guess(what, value, hint[2], hint[3])


def _sign(table: Table) -> Guess | None:
    """Currency by a column that names it, by a column's name, or by signs in the values."""
    for look in table.looks:
        if look.names.get("currency", 0) >= _MOSTLY and look.distinct:
            code, kinds = _most(table, look.key), look.distinct
            if code.upper() in _CODES.split():
                words = f"{look.name} says so" + (f", among {kinds} others" if kinds > 1 else "")
                return Guess("currency", code.upper(), 0.95 if kinds == 1 else 0.4, words)
    for look in table.looks:
        for word in words_of(look.name):
            named = _ALSO.get(word) or (word.upper() if word.upper() in _CODES.split() else None)
            if named:
                return Guess("currency", named, 0.85, f"the column {look.name} is named so")
        for sign, code in _SIGNS.items():
            is_inside = look.numbers.is_numeric and look.numbers.style.is_decorated
            if sign in look.name or (is_inside and _has_sign(table, look.key, sign)):
                return Guess("currency", code, 0.6 if sign == "$" else 0.9, f"the sign {sign}")
    return None


def _has_sign(table: Table, key: str, sign: str) -> bool:
    row = table.sample.con.execute(f"""
        SELECT avg(CAST(contains({key}, {literal(sign)}) AS INT)) FROM head""").fetchall()[0]
    return (row[0] or 0.0) > _MOSTLY


def _country(table: Table) -> Hint | None:
    for look in table.looks:
        if "country" in look.names:
            name = _most(table, look.key)
            if name.lower() in _BY_COUNTRY:
                code, zone = _BY_COUNTRY[name.lower()]
                return (code, zone, 0.7, f"{look.name} is mostly {name}")
    return None


def _language(table: Table) -> Hint | None:
    claims = languages(table.sample.names).most_common(1)
    if not claims or claims[0][0] not in _BY_LANGUAGE:
        return None
    language = claims[0][0]
    code, zone = _BY_LANGUAGE[language]
    return (code, zone, 0.5, f"the columns are named in {_LANGUAGE_NAMES[language]}")


def _most(table: Table, key: str) -> str:
    """The value of most rows, when more than half have it."""
    row = table.sample.con.execute(f"""
        SELECT {key}, count(*) > {_MOSTLY} * sum(count(*)) OVER () FROM head
        WHERE {key} IS NOT NULL GROUP BY {key} ORDER BY count(*) DESC, {key} LIMIT 1""").fetchall()
    return str(row[0][0]) if row and row[0][1] else ""
