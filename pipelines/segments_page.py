"""What a search for segments found, as one HTML page that needs nothing but itself."""

from pipelines.config import Business
from pipelines.segments_found import SegmentsFound


def segments_page(business: Business, found: SegmentsFound) -> str:
    """The whole page as HTML; the same text for the same findings."""
    return f"<!doctype html><title>{business.name}</title><p>{found.search.reason}</p>"
