"""Pictures of memory: one bar for each array, over the memory that it looks at.

Inline SVG that takes its colours from the page, so that it can be read in
light and in dark notebooks, and says the same as the text below it.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from itertools import islice
from typing import NamedTuple, Protocol

__all__ = ["Part", "html"]

_WIDTH = 360
_HEIGHT = 16
_GAP = 6
_MOST = 8


class Stretch(Protocol):
    """A part of the memory, from its first byte to its last."""

    @property
    def name(self) -> str: ...
    @property
    def first(self) -> int: ...
    @property
    def last(self) -> int: ...


class Part(NamedTuple):
    """A part that is nothing else."""

    name: str
    first: int
    last: int


def html(text: str, nbytes: int, array: Stretch, others: Iterable[Stretch]) -> str:
    """Return the picture and the text below it, for a notebook.

    `nbytes`: of the memory, which `array` and some `others` look at.
    """
    rows = [("#d95f02", array)]
    rows += [("#1b9e77", other) for other in islice(others, _MOST)]
    bars = [
        f'<rect x="0" y="0" width="{_WIDTH}" height="{_HEIGHT}" fill="none" '
        'stroke="currentColor"/>' + _label(0, f"{nbytes:,} bytes")
    ]
    bars += [
        _bar(at, colour, each, nbytes) for at, (colour, each) in enumerate(rows, 1)
    ]
    height = (len(rows) + 1) * (_HEIGHT + _GAP)
    text = escape(text)
    return (
        f'<div><svg role="img" viewBox="0 0 {_WIDTH + 240} {height}" '
        f'style="width:100%;max-width:{_WIDTH + 240}px;color:inherit">'
        f"<title>{text}</title>{''.join(bars)}</svg>"
        '<pre style="color:inherit;background:none;border:none;white-space:pre-wrap">'
        f"{text}</pre></div>"
    )


def _bar(at: int, colour: str, stretch: Stretch, nbytes: int) -> str:
    scale = _WIDTH / max(1, nbytes)
    left = stretch.first * scale
    # an element of a large array is still to be seen
    width = max(2.0, (stretch.last - stretch.first) * scale)
    top = at * (_HEIGHT + _GAP)
    return (
        f'<rect x="{min(left, _WIDTH - width):.1f}" y="{top}" width="{width:.1f}" '
        f'height="{_HEIGHT}" fill="{colour}"/>' + _label(at, stretch.name)
    )


def _label(at: int, text: str) -> str:
    top = at * (_HEIGHT + _GAP) + _HEIGHT - 4
    return (
        f'<text x="{_WIDTH + 8}" y="{top}" font-size="12" fill="currentColor">'
        f"{escape(text)}</text>"
    )
