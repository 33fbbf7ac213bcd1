"""What a browser makes of markup, as far as the tests of rendering need it."""

from html.parser import HTMLParser


class Reading(HTMLParser):
    """Its text, its tags in order, and the text within `<mark>`."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""
        self.marked = ""
        self._open: list[str] = []
        self.feed(markup)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self._open.append(tag)

    def handle_endtag(self, tag):
        self._open.remove(tag)

    def handle_data(self, data):
        self.text += data
        self.marked += data if "mark" in self._open else ""
