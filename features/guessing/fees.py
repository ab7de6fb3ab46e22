"""Product codes that look like fees, postage and vouchers rather than products."""

import re

from features.guessing.evidence import Guess
from features.guessing.sample import Sample

_CODE = r".*[0-9]{3,}.*"
"""What codes of products have in common: three digits in a row."""

_WORDS = (
    "(?i).*(postage|shipping|carriage|freight|voucher|gift.?(card|certificate)|bank charges|"
    "manual|adjust|test|discount|fee|versand|porto|gutschein|pfand|trinkgeld|frais de port|"
    "livraison|bon cadeau|envío|gastos|propina|"
    "運費|郵資|禮券|折價券|手續費|运费|邮费|礼券|手续费).*"
)
_MOSTLY_CODES = 0.9
_AT_MOST = 0.05
"""Share of rows that fees have, at most; more are products with short codes."""

_LISTED = 40
_LONGEST = 40
_SPECIAL = re.compile(r"([.^$*+?()\[\]{}|\\])")


def non_products(sample: Sample) -> Guess | None:
    """Regular expression of the codes in ``lines`` that are no products, or None.

    Where nearly all rows have codes with digits, those without are suspicious, and those that name
    a fee. Where products are words, only those that name a fee.
    """
    coded, rows = sample.con.execute(f"""
        SELECT count(*) FILTER (regexp_full_match(product, '{_CODE}')), count(product)
        FROM lines""").fetchall()[0]
    named = f"regexp_full_match(product, '{_WORDS}')"
    has_codes = rows > 0 and coded >= _MOSTLY_CODES * rows
    suspicious = f"({named} OR NOT regexp_full_match(product, '{_CODE}'))" if has_codes else named
    found = sample.con.execute(f"""
        SELECT product, count(*) AS rows FROM lines
        WHERE product IS NOT NULL AND {suspicious} AND length(product) <= {_LONGEST}
        GROUP BY product ORDER BY rows DESC, product""").fetchall()
    if not found or sum(count for _, count in found) > _AT_MOST * rows:
        return None
    listed = [_SPECIAL.sub(r"\\\1", str(code)) for code, _ in found[:_LISTED]]
    more = f", {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    reason = f"{len(found)} codes that name fees or have no number{more} (left out of this list)"
    reason = reason if more else f"{len(found)} codes that name fees or have no number"
    return Guess("non_products", f"({'|'.join(listed)})", 0.55, reason)
