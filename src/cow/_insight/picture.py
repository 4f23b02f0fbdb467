"""Pictures of memory: one bar for each array, over the memory that it looks at.

Inline SVG that takes its colours from the page, so that it can be read in
light and in dark notebooks, and says the same as the text below it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from itertools import islice
from typing import NamedTuple, Protocol, TypeAlias

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


_Profile: TypeAlias = tuple[str, tuple[float, ...]]


def html(
    text: str,
    nbytes: int,
    array: Stretch,
    others: Iterable[Stretch],
    pages: Sequence[_Profile] | None = None,
) -> str:
    """Return the picture and the text below it, for a notebook.

    `nbytes`: of the memory, which `array` and some `others` look at. `pages`: a row
    each, with the share of the pages in each of its stretches that it is about; the
    first one is about those of the array's own.
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
    for at, (label, profile) in enumerate(pages or (), len(rows) + 1):
        colour = "#d95f02" if at == len(rows) + 1 else "#7570b3"
        bars.append(_strip(at, colour, label, profile))
    height = len(bars) * (_HEIGHT + _GAP)
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


def _strip(at: int, colour: str, label: str, profile: tuple[float, ...]) -> str:
    width, top = _WIDTH / len(profile), at * (_HEIGHT + _GAP)
    frame = (
        f'<rect x="0" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" fill="none" '
        'stroke="currentColor"/>'
    )
    cells = [
        # one page of many is still to be seen
        f'<rect x="{i * width:.1f}" y="{top}" width="{width:.1f}" '
        f'height="{_HEIGHT}" fill="{colour}" fill-opacity="{max(share, 0.2):.2f}"/>'
        for i, share in enumerate(profile)
        if share > 0
    ]
    return frame + "".join(cells) + _label(at, label)


def _label(at: int, text: str) -> str:
    top = at * (_HEIGHT + _GAP) + _HEIGHT - 4
    return (
        f'<text x="{_WIDTH + 8}" y="{top}" font-size="12" fill="currentColor">'
        f"{escape(text)}</text>"
    )
