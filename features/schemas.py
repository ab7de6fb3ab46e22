"""The canonical inputs: which columns each has, of which type, and how a config maps them."""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, FiniteFloat, SecretStr, model_validator

from features.dialect import require_expression, require_format, require_pattern
from features.settings import Setting, TimeZone
from features.textfile import require_encoding

Type = Literal["text", "instant", "day", "money", "quantity", "number", "flag"]

EPOCHS = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1, "epoch_ns": -1_000}
"""Microseconds in one; a negative one: so many of them in a microsecond."""

SqlExpression = Annotated[str, AfterValidator(require_expression)]
Name = Annotated[str, Field(pattern=r"^[^\W\d]\w{0,62}$")]
"""Name that a config invents for a column: letters of any script, digits, underscores."""


class Expression(Setting):
    """A column computed from others of the same file, in the engine's SQL."""

    expression: SqlExpression = Field(description="Such as Quantity * Price.")


class Constant(Setting):
    """The same value for every row."""

    constant: str | int | FiniteFloat | date = Field(description="Such as 2024-01-31 or web.")


ColumnRef = str | Expression | Constant
"""Where a canonical column comes from: a column's name, an expression, or a constant."""

Text = Annotated[ColumnRef, "text"]
Instant = Annotated[ColumnRef, "instant"]
Day = Annotated[ColumnRef, "day"]
Money = Annotated[ColumnRef, "money"]
Quantity = Annotated[ColumnRef, "quantity"]
Number = Annotated[ColumnRef, "number"]
Flag = Annotated[ColumnRef, "flag"]


class OrdersColumns(Setting):
    """One row per order and item."""

    order: Text = Field(description="Identifier of the order (basket, invoice, receipt).")
    ordered_at: Instant = Field(description="Instant of the order.")
    customer: Text = Field(description="Identifier of the customer, kept exactly as it is.")
    amount: Money = Field(description="What was paid for the line, after discount.")
    product: Text | None = Field(None, description="Identifier of the product.")
    quantity: Quantity | None = Field(None, description="Units bought; negative: returned.")
    discount: Money | None = Field(None, description="What was taken off the price, >= 0.")
    coupon: Money | None = Field(
        None, description="Part of the discount that a coupon gave, from 0 to the discount."
    )
    store: Text | None = Field(None, description="Where it was bought.")
    channel: Text | None = Field(None, description="How it was bought, such as web or shop.")


class CustomersColumns(Setting):
    """One row per customer, or per customer and day from which the attributes hold."""

    customer: Text = Field(description="Identifier of the customer.")
    valid_from_on: Day | None = Field(None, description="First day on which the row holds.")


class ProductsColumns(Setting):
    """One row per product."""

    product: Text = Field(description="Identifier of the product.")
    unit_cost: Money | None = Field(None, description="What one unit costs the business.")
    private_label: Flag | None = Field(None, description="Whether it is of the shop's own brand.")


class ContactsColumns(Setting):
    """One row per contact between the customer and the business."""

    customer: Text = Field(description="Identifier of the customer.")
    contacted_at: Instant = Field(description="Instant of the contact.")
    kind: Text = Field(description="Such as complaint, call, visit, mail.")
    topic: Text | None = Field(None, description="What it was about.")
    channel: Text | None = Field(None, description="How it came.")
    outcome: Text | None = Field(None, description="How it ended, such as resolved.")
    duration_seconds: Number | None = Field(None, description="How long it took, in seconds.")
    satisfaction: Number | None = Field(None, description="Score the customer gave.")


class VisitsColumns(Setting):
    """One row per page view or visit of the website or app."""

    customer: Text = Field(description="Identifier of the customer.")
    visited_at: Instant = Field(description="Instant of the page view or visit.")
    session: Text | None = Field(None, description="Identifier of the visit, shared by its rows.")
    pages: Quantity | None = Field(None, description="Pages seen, a whole number; null: 1.")


class CampaignsColumns(Setting):
    """One row per customer who was sent a campaign."""

    customer: Text = Field(description="Identifier of the customer.")
    sent_at: Instant = Field(description="Instant of sending.")
    campaign: Text = Field(description="Identifier of the campaign.")
    arm: Text | None = Field(None, description="Arm of the trial, such as control.")
    offer: Text | None = Field(None, description="What was offered.")
    cost: Money | None = Field(None, description="What sending cost.")


class ResponsesColumns(Setting):
    """One row per response to a campaign."""

    customer: Text = Field(description="Identifier of the customer.")
    responded_at: Instant = Field(description="Instant of the response.")
    campaign: Text = Field(description="Identifier of the campaign.")


class LabelsColumns(Setting):
    """One row per customer and as_of whose fate is known."""

    customer: Text = Field(description="Identifier of the customer.")
    as_of: Day = Field(description="Day from which the label looks ahead.")
    churned: Flag = Field(description="Whether the customer left.")


class DatabaseTable(Setting):
    """A table of a database that the engine can attach."""

    type: Literal["duckdb", "sqlite", "postgres", "mysql"] = Field(
        "duckdb", description="Kind of database; the engine fetches what it needs for the others."
    )
    address: SecretStr = Field(
        description="File, beside the config file, or the connection text of a server; never shown."
    )
    table: str = Field(description="Table, with its schema where needed: sales.orders.")


class Lookup(Setting):
    """A second file whose columns are joined to each row by a key, such as campaign dates."""

    path: str = Field(
        min_length=1, description="One file, Parquet or CSV in the encoding of the source."
    )
    key: str = Field(description="Column of both files; unique in this one.")


def _known_format(text: str) -> str:
    return text if text in EPOCHS else require_format(text)


PathText = Annotated[str, Field(min_length=1)]
InstantFormat = Annotated[str, AfterValidator(_known_format)]


class Source(Setting):
    """Where rows come from and how they are written."""

    path: PathText | tuple[PathText, ...] | None = Field(
        None,
        description="File, folder, glob or a list of them, beside the config file; in folders, "
        "names that begin with . or _ are passed over, and those such as year=2024 are columns; "
        "package://NAME/FILE reads a file that an installed package carries.",
    )
    database: DatabaseTable | None = Field(None, description="Instead of path.")
    encoding: Annotated[str, AfterValidator(require_encoding)] = Field(
        "utf-8", description="Of CSV files, such as cp950 or big5."
    )
    delimiter: str | None = Field(
        None,
        pattern=r"^[^\x00\r\n\"]$",
        description="Between the columns of CSV files, one character; null: found out.",
    )
    decimal_separator: Literal[".", ","] = Field(".", description="In CSV files.")
    instant_format: tuple[InstantFormat, ...] = Field(
        (),
        description="How text instants are written, such as %d/%m/%Y %H:%M, tried in turn; or one "
        "of epoch_s, epoch_ms, epoch_us, epoch_ns; empty: ISO 8601.",
    )
    time_zone: TimeZone | None = Field(
        None, description="Of instants without an offset; null: the business's."
    )
    where: SqlExpression | None = Field(
        None, description="SQL condition: other rows are left out, counted."
    )
    lookup: Lookup | None = Field(None, description="Columns joined from a second file.")
    quarantine_limit: float = Field(
        0.01, ge=0, le=1, description="Share of rows that may break the contract."
    )

    @model_validator(mode="after")
    def _one_place(self) -> "Source":
        if (self.path is None) == (self.database is None):
            message = "needs either path or database"
            raise ValueError(message)
        if self.path == ():
            message = "needs at least one path"
            raise ValueError(message)
        if len(self.instant_format) > 1 and not EPOCHS.keys().isdisjoint(self.instant_format):
            message = f"needs an instant_format of one entry where it is one of {list(EPOCHS)}"
            raise ValueError(message)
        return self


class OrdersSource(Source):
    """Purchases."""

    columns: OrdersColumns = Field(description="Which column of the file is which.")
    returns: Literal["quarantine", "negative_quantity"] = Field(
        "quarantine",
        description="Whether lines with negative quantity and amount are returns or broken rows.",
    )
    anonymous: Literal["quarantine", "keep"] = Field(
        "quarantine",
        description="Lines without customer: broken, or kept for baskets and seen by no feature.",
    )
    non_products: Annotated[str, AfterValidator(require_pattern)] | None = Field(
        None, description="Regular expression of product codes that are fees, postage, vouchers."
    )


class Attribute(Setting):
    """A customer attribute and how it enters the behaviour table."""

    column: ColumnRef = Field(description="Where its values come from.")
    type: Literal["number", "category"] = Field("category", description="How values are read.")
    levels: tuple[str, ...] = Field(
        (), description="Values of a category that get a column of their own; others share one."
    )
    meaning: str | None = Field(None, description="Noun phrase for people; default: the name.")


class CustomersSource(Source):
    """Customer attributes."""

    columns: CustomersColumns = Field(description="Which column of the file is which.")
    attributes: dict[Name, Attribute] = Field(
        default_factory=dict, description="Attribute name to where it comes from."
    )


class ProductsSource(Source):
    """Products and their hierarchy."""

    columns: ProductsColumns = Field(description="Which column of the file is which.")
    hierarchy: dict[Name, ColumnRef] = Field(
        default_factory=dict, description="Levels from the widest to the narrowest."
    )
    groups: dict[Name, ColumnRef] = Field(
        default_factory=dict,
        description="Groups beside the hierarchy, such as brand; items of baskets (rules.items).",
    )


class ContactsSource(Source):
    """Contacts of the customer with the business."""

    columns: ContactsColumns = Field(description="Which column of the file is which.")
    resolved_outcomes: tuple[str, ...] = Field(
        ("resolved",),
        min_length=1,
        description="Outcomes that mean resolved, capitals aside; any other means unresolved.",
    )


class VisitsSource(Source):
    """Visits of the website or app; those of nobody known are left out with where."""

    columns: VisitsColumns = Field(description="Which column of the file is which.")


class CampaignsSource(Source):
    """What was sent to whom."""

    columns: CampaignsColumns = Field(description="Which column of the file is which.")


class ResponsesSource(Source):
    """Who responded to what."""

    columns: ResponsesColumns = Field(description="Which column of the file is which.")


class LabelsSource(Source):
    """Known outcomes of a contractual business."""

    columns: LabelsColumns = Field(description="Which column of the file is which.")


class Sources(Setting):
    """The canonical inputs; orders, or customers with labels, are the least there must be."""

    orders: OrdersSource | None = Field(None, description="Purchases: one row per order and item.")
    customers: CustomersSource | None = Field(None, description="Attributes of customers.")
    products: ProductsSource | None = Field(None, description="Products, their hierarchy and cost.")
    contacts: ContactsSource | None = Field(None, description="Complaints, calls, mails.")
    visits: VisitsSource | None = Field(None, description="Page views or visits of the website.")
    campaigns: CampaignsSource | None = Field(None, description="What was sent to whom.")
    responses: ResponsesSource | None = Field(None, description="Who responded to which campaign.")
    labels: LabelsSource | None = Field(
        None, description="Known outcomes of a contractual business."
    )

    def given(self) -> dict[str, Source]:
        """Name and settings of every source that the config names."""
        return {name: source for name, source in self if source is not None}
