"""Tables for notebooks: what a printed report says, in the colours of the page.

No colour but that of the text, and one that is seen on light and on dark pages.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

__all__ = ["paragraph", "table"]

_LINE = "border-bottom:1px solid color-mix(in srgb,currentColor 25%,transparent)"
_CELL = f"padding:0.2em 0.8em;{_LINE};background:none;white-space:nowrap"


def table(
    caption: str,
    head: Sequence[str],
    rows: Iterable[Sequence[str]],
    foot: str = "",
    numbers: int = 0,
) -> str:
    """Return a table; the first columns, so many as `numbers` says, are numbers."""
    lines = [_row("th", head, numbers)]
    lines += [_row("td", row, numbers) for row in rows]
    below = paragraph(foot) if foot else ""
    return (
        '<div style="overflow-x:auto">'
        '<table style="border-collapse:collapse;color:inherit;'
        'background:none;font-variant-numeric:tabular-nums">'
        f'<caption style="text-align:left;color:inherit">{escape(caption)}</caption>'
        f"{''.join(lines)}</table>{below}</div>"
    )


def paragraph(text: str) -> str:
    """Return a line of text."""
    return f"<p>{escape(text)}</p>"


def _row(tag: str, cells: Sequence[str], numbers: int) -> str:
    written = [
        f'<{tag} style="{_CELL};text-align:{"right" if i < numbers else "left"}">'
        f"{escape(cell)}</{tag}>"
        for i, cell in enumerate(cells)
    ]
    return f'<tr style="background:none">{"".join(written)}</tr>'
