import re
from pathlib import Path

import pytest

from features.guessing.encodings import guess_encoding
from features.textfile import FileUnreadable

TRADITIONAL = "會員編號,商品名稱,金額\n1,高山烏龍茶葉禮盒,300\n2,鳳梨酥,250\n"
SIMPLIFIED = "会员编号,商品名称,金额\n1,龙井茶叶礼盒,300\n2,绿茶,250\n"
GERMAN = "Kundennummer;Straße;Stückzahl\n1;Mühlgäßchen;3\n2;Kölner Straße;5\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("customer,amount\n1,2\n", "utf-8"),
        (TRADITIONAL, "utf-8"),
        (TRADITIONAL, "cp950"),
        (TRADITIONAL, "utf-16"),
        (SIMPLIFIED, "gb18030"),
        (GERMAN, "cp1252"),
        (GERMAN + "3;Café à l’Été;2\n", "cp1252"),
    ],
)
def test_the_encoding_is_the_one_it_was_written_in(
    text: str, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(text.encode(encoding))
    guess = guess_encoding(path)
    assert guess.name == encoding
    assert guess.confidence > 0.9


def test_traditional_text_in_the_encoding_of_the_mainland_is_recognised_with_doubt(
    tmp_path: Path,
) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(TRADITIONAL.encode("gb18030"))
    guess = guess_encoding(path)
    assert guess.name == "gb18030"
    assert guess.confidence < 0.9


def test_a_workbook_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_bytes(b"PK\x03\x04 and so on")
    text = f"{path} needs to be CSV, but is a workbook or a zip archive: export or unpack CSV files"
    with pytest.raises(FileUnreadable, match=re.escape(text)):
        guess_encoding(path)
