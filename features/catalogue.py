"""Every feature family, by hand: the table of contents of the behaviour table."""

from features.contract import Family, Shape
from features.families.basket import basket
from features.families.breadth import breadth
from features.families.campaigns import campaigns
from features.families.contacts import contacts
from features.families.frequency import frequency
from features.families.monetary import monetary
from features.families.peers import peers
from features.families.place import place
from features.families.price import price
from features.families.profile import profile
from features.families.recency import recency
from features.families.returns import returns
from features.families.rhythm import rhythm
from features.families.season import season
from features.families.tenure import tenure
from features.families.trend import trend
from features.families.web import web

FAMILIES = (
    recency,
    frequency,
    monetary,
    tenure,
    rhythm,
    trend,
    breadth,
    basket,
    price,
    place,
    returns,
    season,
    contacts,
    web,
    campaigns,
    peers,
    profile,
)
"""Each gives its `Family` for a `Shape`; one without columns for that shape is left out."""


def families(shape: Shape) -> tuple[Family, ...]:
    """Families that have columns for the shape, in order."""
    made = (family(shape) for family in FAMILIES)
    return tuple(family for family in made if family.features)
