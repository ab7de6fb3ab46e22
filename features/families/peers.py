"""Peers: a customer's spend against that of customers alike."""

from features.contract import Family, Feature, Shape, feature
from features.measures import SPEND
from features.population import PEERS_DAYS, STORE, peers_mean
from features.wording import lately


def peers(shape: Shape) -> Family:
    """Spend over the mean spend of buyers at the same main store, or with the same attribute.

    Own spend is that at all stores; the mean is of what its buyers spent at the store.
    """
    if shape.orders is None:
        return Family("peers", ())
    return Family("peers", tuple(_against(shape, by) for by in shape.peers_by))


def _against(shape: Shape, by: str) -> Feature:
    days = shape.nearest(PEERS_DAYS)
    alike = "at the main store" if by == STORE else f"with the same {by}"
    return feature(
        f"spend_to_{by}_peers_{days}d",
        "ratio",
        days,
        "never ordered, or no peers in the window",
        lately(f"spend over the mean of customers {alike}", days),
        term=SPEND.within(days) / peers_mean(shape, by),
        cause="rival",
    )
