"""A warehouse that grows: files loaded one after the other, and what a build from scratch holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from features.behaviour import shape_of
from features.contract import Orders
from features.daily import CATEGORY_PRICE, category_day, customer_day
from features.kept import refresh
from features.loads import load_sources
from features.schemas import Sources
from features.settings import Engine
from features.slices import Keys
from features.spelling import DuckDB
from features.star import build_star
from features.warehouse import Connection, transaction, warehouse
from tests.builders import NOW, SETTINGS, Order, Shop, stage, write_shop

GROWING = SETTINGS.model_copy(update={"channels": ("web", "shop")})
TURNS = (Keys(1, 2), Keys(3, 3), Keys(4, 1_000))
MEMORY = Path(":memory:")

Row = tuple[object, ...]


@dataclass(frozen=True)
class Growing:
    """A warehouse, the folder of its files, and the settings that read them."""

    con: Connection
    folder: Path
    sources: Sources
    time_zone: str

    @property
    def orders(self) -> Orders:
        """What the sources tell of purchases."""
        orders = shape_of(self.sources, GROWING).orders
        assert orders is not None
        return orders

    def add(self, more: Shop) -> None:
        """Load one more file of each kind of row that there is, and rebuild the star."""
        put_files(self.folder, more)
        self.load()

    def load(self) -> None:
        """Load what is new and rebuild the star, as a build does."""
        with transaction(self.con):
            load_sources(self.con, self.sources, stage(self.folder, self.time_zone), NOW)
            build_star(self.con, self.sources, self.time_zone)

    def buy(self, *rows: Order) -> None:
        """Load one more file of these lines."""
        self.add(Shop(rows))

    def refresh(self) -> int | None:
        """The first day that was made again; None where nothing was."""
        with transaction(self.con):
            return refresh(self.con, self.orders, TURNS)

    def days(self, table: str = "customer_day") -> list[Row]:
        """Rows that are kept."""
        return self.con.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall()

    def days_from_scratch(self, orders: Orders | None = None, columns: str = "*") -> list[Row]:
        """Rows of customers and days, made of the star alone by grouping its lines."""
        known = orders or self.orders
        query = customer_day(known, DuckDB())
        if known.category is not None:
            query = f"""WITH category_day AS ({category_day(known.category, DuckDB())}),
                category_price AS ({CATEGORY_PRICE}) SELECT * FROM ({query})"""
        return self.con.execute(f"SELECT {columns} FROM ({query}) ORDER BY ALL").fetchall()

    def shuffle(self, seed: int = 0) -> None:
        """Let the lines lie in another order."""
        told = f"hash({seed}, customer_key, ordered_at, product_key, amount, quantity)"
        self.con.execute(
            f"CREATE OR REPLACE TABLE fact_sales AS SELECT * FROM fact_sales ORDER BY {told}"
        )

    def mark(self, condition: str = "true") -> None:
        """Spoil kept rows, so that it shows whether they were made again."""
        self.con.execute(f"UPDATE customer_day SET spend = -1 WHERE {condition}")

    def marked(self) -> list[int]:
        """Days of the spoilt rows that are still there."""
        query = "SELECT day FROM customer_day WHERE spend = -1 ORDER BY day"
        return [int(row[0]) for row in self.con.execute(query).fetchall()]


def state(con: Connection) -> list[list[Row]]:
    """Databases, tables and views that the connection sees, and whether rows keep their order."""
    queries = (
        "SELECT database_name FROM duckdb_databases() ORDER BY ALL",
        "SELECT database_name, table_name FROM duckdb_tables() ORDER BY ALL",
        "SELECT database_name, view_name FROM duckdb_views() WHERE NOT internal ORDER BY ALL",
        "SELECT current_setting('preserve_insertion_order')",
    )
    return [con.execute(query).fetchall() for query in queries]


@contextmanager
def growing(shop: Shop, file: Path = MEMORY, *, read_only: bool = False) -> Iterator[Growing]:
    """Warehouse of a shop with orders and contacts, to which more can be added.

    A file is kept between two calls; then the shop's rows must be the same.
    """
    with TemporaryDirectory() as name:
        folder = Path(name)
        sources = in_folders(write_shop(folder, shop))
        put_files(folder, shop)
        with warehouse(file, Engine(memory_limit="1GB"), folder, read_only=read_only) as con:
            grown = Growing(con, folder, sources, shop.time_zone)
            if not read_only:
                grown.load()
            yield grown


def in_folders(sources: Sources) -> Sources:
    """The same sources, each with a folder of files."""
    settings = sources.model_dump()
    paths = {name: {**settings[name], "path": name} for name in sources.given()}
    return Sources.model_validate({**settings, **paths})


def put_files(folder: Path, shop: Shop) -> None:
    """One more file in the folder of each source of which the shop has rows."""
    with TemporaryDirectory(dir=folder) as name:
        written = Path(name)
        write_shop(written, shop)
        if not (shop.categories or shop.unit_costs or shop.private_labels):
            (written / "products.parquet").unlink()
        for path in sorted(written.iterdir()):
            target = folder / path.stem
            target.mkdir(exist_ok=True)
            path.rename(target / f"{len(list(target.iterdir()))}.parquet")
