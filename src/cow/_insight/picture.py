"""The picture of an explanation: one bar for each array, over the shared memory.

Inline SVG that takes its colours from the page, so that it can be read in
light and in dark notebooks, and says the same as the text below it.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cow._insight.explain import Explanation, Sharer

__all__ = ["html"]

_WIDTH = 360
_HEIGHT = 16
_GAP = 6
_MOST = 8


def html(explanation: Explanation) -> str:
    """Return the picture and the text of an explanation, for a notebook."""
    rows = [("#d95f02", explanation.array)]
    rows += [("#1b9e77", sharer) for sharer in explanation.sharers[:_MOST]]
    bars = [
        f'<rect x="0" y="0" width="{_WIDTH}" height="{_HEIGHT}" fill="none" '
        'stroke="currentColor"/>' + _label(0, f"{explanation.storage_nbytes:,} bytes")
    ]
    bars += [
        _bar(at, colour, sharer, explanation.storage_nbytes)
        for at, (colour, sharer) in enumerate(rows, 1)
    ]
    height = (len(rows) + 1) * (_HEIGHT + _GAP)
    text = escape(str(explanation))
    return (
        f'<div><svg role="img" width="{_WIDTH + 240}" height="{height}">'
        f"<title>{text}</title>{''.join(bars)}</svg><pre>{text}</pre></div>"
    )


def _bar(at: int, colour: str, sharer: Sharer, nbytes: int) -> str:
    scale = _WIDTH / max(1, nbytes)
    left = sharer.first * scale
    # an element of a large array is still to be seen
    width = max(2.0, (sharer.last - sharer.first) * scale)
    top = at * (_HEIGHT + _GAP)
    return (
        f'<rect x="{min(left, _WIDTH - width):.1f}" y="{top}" width="{width:.1f}" '
        f'height="{_HEIGHT}" fill="{colour}"/>' + _label(at, sharer.name)
    )


def _label(at: int, text: str) -> str:
    top = at * (_HEIGHT + _GAP) + _HEIGHT - 4
    return (
        f'<text x="{_WIDTH + 8}" y="{top}" font-size="12" fill="currentColor">'
        f"{escape(text)}</text>"
    )
