"""`python docs/check_site.py build/docs`: is each link of the site to something there?

Offline: files and anchors of the site. Links to other sites are counted, not followed.
"""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The links and the anchors of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Put down what an element links to, and its anchor."""
        for name, value in attrs:
            if value is None:
                continue
            if name in ("id", "name"):
                self.anchors.add(value)
            elif name == "src" or (name == "href" and tag != "link"):
                self.links.append(value)


def broken(site: Path) -> tuple[list[str], int, int]:
    """Return the broken links, and the numbers of those within and without."""
    found = [p for p in site.rglob("*.html") if "_static" not in p.parts]
    pages = {path: Page(path) for path in found}
    wrong: list[str] = []
    within = without = 0
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                without += 1
                continue
            within += 1
            target = path
            if parts.path:
                target = (path.parent / unquote(parts.path)).resolve()
            if target.is_dir():
                target /= "index.html"
            there = target.exists()
            if there and parts.fragment and target in pages:
                there = unquote(parts.fragment) in pages[target].anchors
            if not there:
                wrong.append(f"{path.relative_to(site)}: {link}")
    return wrong, within, without


def main() -> int:
    site = Path(sys.argv[1]).resolve()
    wrong, within, without = broken(site)
    print(f"{within:,} links within the site, {without:,} to others, not followed")
    for line in wrong:
        print(f"broken: {line}")
    return 1 if wrong or not within else 0


if __name__ == "__main__":
    sys.exit(main())
