"""Settings of the warehouse and the behaviour table: each class is schema, default and text."""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator


class Setting(BaseModel):
    """Frozen settings that refuse unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


_OF_ONE_MACHINE = ("localtime", "posix", "right/")
"""Names that Python finds on some machines and the engine nowhere."""


def _known_zone(name: str) -> str:
    message = "needs a time zone of the IANA database, such as Europe/London"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(message) from error
    if name.startswith(_OF_ONE_MACHINE):
        raise ValueError(message)
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]


class Currency(Setting):
    """The one currency of a business; money is kept as integers of its minor unit."""

    code: str = Field("USD", pattern="^[A-Z]{3}$", description="ISO 4217 code, such as TWD.")
    digits: int = Field(
        2, ge=0, le=4, description="Digits after the point in practice: 2 for USD, 0 for TWD."
    )


class Cluster(Setting):
    """The Spark cluster of behaviour tables, and of itemsets where ``rules.engine`` is spark."""

    master: str = Field(
        "local[2]",
        description="Spark master, such as spark://host:7077; local[2]: two threads of this "
        "machine. Its workers must see engine.spill_folder under the same path.",
    )
    memory: str = Field(
        "2g", pattern="^[0-9]{1,6}[mg]$", description="Of the driver and of each executor."
    )


class Engine(Setting):
    """Which engine computes behaviour tables, and the limits of the embedded one.

    ``engine: spark`` is short for ``engine: {name: spark}``.
    """

    name: Literal["duckdb", "spark"] = Field(
        "duckdb",
        description="spark: behaviour tables are computed by a Spark cluster (needs the extra "
        "regulars[spark] and Java 17); the warehouse stays with the embedded engine.",
    )
    spark: Cluster = Field(Cluster(), description="Read where name is spark, or rules.engine.")
    memory_limit: str = Field(
        "2GB",
        pattern=r"^[0-9]{1,6}(\.[0-9]+)?(MB|GB)$",
        description="Beyond this the engine spills.",
    )
    threads: int = Field(
        2, ge=1, le=256, description="Threads; results are equal to the byte at any."
    )
    spill_folder: str | None = Field(None, description="Where it spills; default: the home folder.")
    turn_rows: int = Field(
        1_000_000,
        ge=1,
        description="Rows of the sources whose customers are computed at a time; a million take "
        "up to a gigabyte in each of the engine's threads, beside the engine's own memory.",
    )

    @model_validator(mode="before")
    @classmethod
    def _short_form(cls, given: object) -> object:
        return {"name": given} if isinstance(given, str) else given


class Cohort(Setting):
    """Whom the behaviour table has a row for, at each as_of."""

    active_within_days: int | None = Field(
        None, ge=1, description="Bought within this many days before as_of; null: ever."
    )
    min_orders: int = Field(1, ge=1, description="Orders before as_of, at the least.")
    contract: Literal["none", "active", "prospect"] = Field(
        "none",
        description="active: every customer whom the customers table holds as valid at as_of, "
        "whether they order or not (contractual business); prospect: those of them who have not "
        "ordered yet, described by their profile alone.",
    )


class Behaviour(Setting):
    """What the behaviour table looks back on."""

    windows_days: tuple[Annotated[int, Field(ge=1, le=3650)], ...] = Field(
        (7, 14, 28, 56, 91, 182, 364),
        min_length=1,
        description="Lengths of the half-open windows [as_of - days, as_of), ascending.",
    )
    category_level: str | None = Field(
        None, description="Level of sources.products.hierarchy that counts as category."
    )
    categories: tuple[str, ...] = Field(
        (), description="Categories with columns of their own: time since, share of spend."
    )
    channels: tuple[str, ...] = Field(
        (), description="Channels with columns of their own: share of orders."
    )
    contact_kinds: tuple[str, ...] = Field(
        ("complaint",), description="Kinds of contact with columns of their own."
    )
    peers_by: tuple[str, ...] = Field(
        (),
        description="What makes customers alike: store (the one they mostly buy at), or attributes "
        "of sources.customers; their spend is held against the mean of their like.",
    )
    cohort: Cohort = Field(Cohort(), description="Whom the table has a row for.")


class ChurnDefinition(Setting):
    """When a customer counts as lost."""

    kind: Literal["silent", "labelled"] = Field(
        "silent",
        description="silent: no purchase in [as_of + gap, as_of + gap + horizon); "
        "labelled: what the labels table says for that as_of (contractual business).",
    )
    gap_days: int = Field(0, ge=0, le=365, description="Days between as_of and the horizon.")
    horizon_days: int = Field(28, ge=1, le=730, description="Days without a purchase that count.")

    @property
    def label_days(self) -> int:
        """Days after as_of until the label is known."""
        return self.gap_days + self.horizon_days


class BasketDefinition(Setting):
    """What a basket is, what counts as an item of it, and into which groups baskets fall."""

    basket: Literal["order", "visit", "customer_day", "customer"] = Field(
        "order",
        description="What is bought together: in one order; by a customer in a store on a day "
        "(visit); by a customer on a day; by a customer at all. Lines without a customer are seen "
        "by order only.",
    )
    items: tuple[str, ...] = Field(
        ("product",),
        min_length=1,
        description="What a line counts as: product, levels of sources.products.hierarchy, "
        "sources.products.groups. Each line is an item of each; no rule holds an item and what it "
        "belongs to.",
    )
    context: tuple[
        Literal["weekday", "store", "channel", "segment", "promotion", "promoted"], ...
    ] = Field(
        (),
        description="What antecedents may hold besides, and consequents never: the weekday, store, "
        "channel or segment; promotion: something in the basket was discounted; promoted: this "
        "item was.",
    )
    segment: str | None = Field(
        None,
        description="Category of sources.customers.attributes that is the segment, as it was on "
        "the day; null: the first that has levels.",
    )
    weights: tuple[Literal["quantity", "amount", "margin"], ...] = Field(
        (),
        description="What is added up per basket and item: quantity; amount and margin in minor "
        "units (margin: amount less quantity times unit_cost, 0 where the cost is not known).",
    )
    largest: int = Field(
        500,
        ge=1,
        description="Items of a basket, at most: a larger one keeps those that are in most "
        "baskets, and how many were larger is told.",
    )
    splits: tuple[Literal["overall", "segment", "store"], ...] = Field(
        ("overall",),
        min_length=1,
        description="Groups of baskets that are looked at: all of them, each segment, each store; "
        "a basket of several is of the one of most of its lines.",
    )


class PriceDefinition(Setting):
    """What has a price, and whether it is looked at store by store."""

    item: str = Field(
        "product",
        description="What has a price: product, a level of sources.products.hierarchy, or one of "
        "sources.products.groups. Of a level it is the mean price of what was bought, which also "
        "falls when customers turn to cheaper products.",
    )
    by_store: bool = Field(
        default=False,
        description="Whether units and prices are taken store by store; else of all together.",
    )


class JourneyDefinition(Setting):
    """What counts as an item of what customers bought day by day."""

    item: str = Field(
        "product",
        description="What a line counts as: product, a level of sources.products.hierarchy, or one "
        "of sources.products.groups.",
    )
