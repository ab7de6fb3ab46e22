"""A page as its text and its tags."""

from html.parser import HTMLParser


class Words(HTMLParser):
    """The text of a page and its tags; nothing of it may be loaded from elsewhere or run."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.text: list[str] = []
        self.tags: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        assert not any(name in ("src", "href") or name.startswith("on") for name, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text.append(data.replace("\xa0", " "))
