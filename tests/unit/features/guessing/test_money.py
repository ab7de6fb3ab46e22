from pathlib import Path

from tests.guesses import guessed, mapping, reason, sure, without
from tests.till import PLAIN, Sold


def test_an_orders_total_on_every_line_is_shared_out(tmp_path: Path) -> None:
    columns = {**without("amount"), "order_total": lambda line: line.order * 7919 % 10_000 / 100}
    found = guessed(tmp_path, columns)
    assert mapping(found)["amount"] == (
        "try_cast(order_total AS DOUBLE) / count(*) OVER (PARTITION BY order_id)"
    )
    assert sure(found, "amount") < 0.6


def test_an_amount_before_the_discount_has_it_taken_off(tmp_path: Path) -> None:
    columns = {
        **PLAIN,
        "unit_price": lambda line: f"{line.price:.2f}",
        "amount": lambda line: round(line.quantity * round(line.price, 2), 2),
        "discount": lambda line: 1.5 if line.order % 4 == 0 else 0,
    }
    found = guessed(tmp_path, columns)
    assert mapping(found)["amount"] == (
        "try_cast(amount AS DOUBLE) - coalesce(try_cast(discount AS DOUBLE), 0)"
    )
    assert mapping(found)["discount"] == "discount"


def test_an_amount_after_the_discount_stays_as_it_is(tmp_path: Path) -> None:
    def paid(line: Sold) -> float:
        return round(line.quantity * round(line.price, 2) - (line.order % 4 == 0) / 2, 2)

    columns = {
        **PLAIN,
        "unit_price": lambda line: f"{line.price:.2f}",
        "amount": paid,
        "discount": lambda line: 0.5 if line.order % 4 == 0 else 0,
    }
    found = guessed(tmp_path, columns)
    assert (mapping(found)["amount"], mapping(found)["discount"]) == ("amount", "discount")
    assert reason(found, "amount") == "named so; quantity × unit_price, less the discount"


def test_a_discount_in_shares_is_no_money(tmp_path: Path) -> None:
    columns = {**PLAIN, "discount": lambda line: 0.15 if line.order % 4 == 0 else 0}
    found = guessed(tmp_path, columns)
    assert "discount" not in mapping(found)
    assert reason(found, "discount") == "discount holds shares, not money"


def test_a_price_that_grows_with_the_quantity_is_an_amount(tmp_path: Path) -> None:
    found = guessed(tmp_path, {**without("amount"), "price": PLAIN["amount"]})
    assert mapping(found)["amount"] == "price"


def test_signs_and_thousands_are_taken_off_amounts(tmp_path: Path) -> None:
    found = guessed(tmp_path, {**PLAIN, "amount": lambda line: f"NT${line.amount * 1000:,.2f}"})
    assert mapping(found)["amount"] == (
        "replace(regexp_replace(amount, '[^0-9.,+-]', '', 'g'), ',', '')"
    )
    assert found.currency.origin == "TWD"
    assert found.broken == {}


def test_negative_quantities_are_returns(tmp_path: Path) -> None:
    def sign(line: Sold) -> int:
        return -1 if line.order % 50 == 0 else 1

    columns = {
        **PLAIN,
        "quantity": lambda line: sign(line) * line.quantity,
        "amount": lambda line: sign(line) * line.amount,
    }
    found = guessed(tmp_path, columns)
    assert found.source.returns == "negative_quantity"
    assert found.settings["returns"].reason == "68 of 3,067 rows have a negative quantity"
    assert found.broken == {}


def test_returns_with_negative_amounts_only_get_negative_quantities(tmp_path: Path) -> None:
    def amount(line: Sold) -> float:
        return -line.amount if line.order % 50 == 0 else line.amount

    found = guessed(tmp_path, {**PLAIN, "amount": amount})
    assert found.source.returns == "negative_quantity"
    assert found.facts.returned == 68
    assert found.broken == {}
