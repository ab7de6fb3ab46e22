import pytest

from features.guessing.names import languages, likeness
from features.guessing.vocabulary import Role


def likeliest(name: str) -> Role | None:
    found = likeness(name)
    return max(found, key=lambda role: found[role], default=None)


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("InvoiceNo", "order"),
        ("Rechnungsnr.", "order"),
        ("N° de commande", "order"),
        ("ID pedido", "order"),
        ("訂單編號", "order"),
        ("订单号", "order"),
        ("transactionTimestamp", "ordered_at"),
        ("Order Date", "ordered_at"),
        ("Bestelldatum", "ordered_at"),
        ("Date de commande", "ordered_at"),
        ("Fecha del pedido", "ordered_at"),
        ("交易日期", "ordered_at"),
        ("下单时间", "ordered_at"),
        ("CustomerID", "customer"),
        ("household_id", "customer"),
        ("Kundennummer", "customer"),
        ("Numéro client", "customer"),
        ("会员卡号", "customer"),
        ("sales_value", "amount"),
        ("Gesamtbetrag", "amount"),
        ("Montant TTC", "amount"),
        ("Importe", "amount"),
        ("實付金額", "amount"),
        ("StockCode", "product"),
        ("商品編號", "product"),
        ("QTY", "quantity"),
        ("Stückzahl", "quantity"),
        ("數量", "quantity"),
        ("coupon_match_disc", "discount"),
        ("Filiale", "store"),
        ("門市", "store"),
        ("Canal", "channel"),
        ("Einzelpreis (€)", "unit_price"),
        ("ｕｎｉｔ　ｐｒｉｃｅ", "unit_price"),
    ],
)
def test_a_name_says_what_the_column_is(name: str, role: Role) -> None:
    assert likeliest(name) == role


@pytest.mark.parametrize(
    "name",
    ["customer_city", "product name", "會員生日", "Ship Date", "order_status", "Lieferdatum"],
)
def test_an_attribute_is_not_taken_for_what_it_belongs_to(name: str) -> None:
    assert likeliest(name) == "other"


@pytest.mark.parametrize("name", ["c0", "", "!!", "42"])
def test_a_name_without_meaning_says_nothing(name: str) -> None:
    assert likeness(name) == {}


def test_words_that_one_language_alone_uses_tell_the_language() -> None:
    assert languages(["Kundennummer", "Menge", "Datum"]).most_common(1) == [("de", 3)]
    assert languages(["會員編號", "數量"]).most_common(1) == [("zh_hant", 2)]
    assert not languages(["商品", "x"])
