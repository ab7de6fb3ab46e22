"""Sums over the sample's rows that tell prices from amounts, and lines from whole orders."""

from dataclasses import dataclass

from features.guessing.columns import Look, Table

_MANY = 20
"""Distinct values at least, so that being the same within an order means anything."""


@dataclass(frozen=True)
class Sums:
    """The sample, with the columns that amounts are held against.

    Attributes
    ----------
    table
        The sample's columns.
    order, product, quantity
        As found so far; None where not found.
    reductions
        Columns of discounts in money.
    """

    table: Table
    order: Look | None
    product: Look | None
    quantity: Look | None
    reductions: tuple[Look, ...]

    def is_of_order(self, look: Look) -> bool:
        """Whether the column repeats the order's total on each of its lines."""
        if self.order is None or look.distinct < _MANY:
            return False
        return (self.table.settled(look, self.order) or 0.0) > 0.98  # noqa: PLR2004  # nearly all

    def product_share(self, look: Look, price: Look, *, reduced: bool) -> float:
        """Share (0..1) of rows where the column is quantity times price, less the discounts.

        Only rows that could tell count: quantities other than 0 and 1, or any discount.
        """
        if self.quantity is None:
            return 0.0
        off = "+".join([f"abs(coalesce({one.value}, 0))" for one in self.reductions] or ["0"])
        quantity, value = self.quantity.value, look.value
        expected = f"{quantity} * {price.value}" + (f" - ({off})" if reduced else "")
        telling = f"({off}) > 0" if reduced else f"{quantity} NOT IN (0, 1)"
        row = self.table.sample.con.execute(f"""
            SELECT avg(CAST(abs({value} - ({expected})) <= 0.011 + 0.001 * abs({value}) AS INT))
            FROM head WHERE {telling}""").fetchall()[0]
        return float(row[0] or 0.0)

    def unit_and_line(self, look: Look) -> tuple[float, float]:
        """Shares (0..1) of rows that say: this is the price of a unit; this is the line's amount.

        Among rows of more than one unit: how often the value, and how often the value per unit,
        is what the product usually has.
        """
        if self.product is None or self.quantity is None:
            return (0.0, 0.0)
        row = self.table.sample.con.execute(f"""
            WITH lines AS (
                SELECT {self.product.key} AS product, {look.value} AS v, {self.quantity.value} AS q
                FROM head),
            usual AS (
                SELECT product, median(v) AS unit, median(v / q) AS line FROM lines
                WHERE q > 0 AND v > 0 GROUP BY product HAVING count(DISTINCT q) > 1)
            SELECT avg(CAST(abs(v - unit) < 0.01 * unit AS INT)),
                avg(CAST(abs(v / q - line) < 0.01 * line AS INT))
            FROM lines JOIN usual USING (product) WHERE q > 1 AND v > 0""").fetchall()[0]
        return (float(row[0] or 0.0), float(row[1] or 0.0))
