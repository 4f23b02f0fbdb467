"""The drawings of the explanation: `python docs/drawings.py` writes docs/pictures/.

Light colours and one font; the site turns them over on a dark page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from pathlib import Path

PICTURES = Path(__file__).parent / "pictures"

_INK, _PAPER = "#222222", "#ffffff"
_OLD, _NEW, _SHARED = "#9ecae1", "#fdae6b", "#c7e9c0"
_CELL = 46


def _text(x: float, y: float, text: str, anchor: str = "middle", size: int = 15) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="{_INK}">{escape(text)}</text>'
    )


def _cells(x: float, y: float, values: list[str], colours: list[str]) -> Iterator[str]:
    """Yield a block of memory: one cell for each element."""
    for at, (value, colour) in enumerate(zip(values, colours, strict=True)):
        left = x + at * _CELL
        yield (
            f'<rect x="{left:g}" y="{y:g}" width="{_CELL}" height="34" '
            f'fill="{colour}" stroke="{_INK}"/>'
        )
        yield _text(left + _CELL / 2, y + 23, value)


def _looks(
    x: float, y: float, cells: int, name: str, over: bool = True
) -> Iterator[str]:
    """Yield the bracket of an array that looks at so many cells."""
    right, up = x + cells * _CELL, -8 if over else 8
    yield _line(f"M{x + 3:g} {y:g} v{up} H{right - 3:g} v{-up}")
    yield _text((x + right) / 2, y + (-14 if over else 26), name)


def _arrow(x: float, y: float, length: float) -> str:
    return _line(f"M{x:g} {y:g} H{x + length:g} m-9 -6 l9 6 l-9 6")


def _line(path: str) -> str:
    return f'<path d="{path}" fill="none" stroke="{_INK}" stroke-width="2"/>'


def _drawing(width: int, height: int, title: str, parts: Iterator[str]) -> str:
    lines = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'font-family="DejaVu Sans, Helvetica, Arial, sans-serif" role="img">\n'
        f"<title>{escape(title)}</title>\n"
        f'<rect width="{width}" height="{height}" fill="{_PAPER}"/>\n{lines}\n</svg>\n'
    )


def _write_through_a_view() -> Iterator[str]:
    old = ["0", "1", "2", "3", "4"]
    yield _text(20, 30, "v = a[1:4]", "start", 16)
    yield from _looks(20, 80, 5, "a")
    yield from _cells(20, 84, old, [_OLD] + [_SHARED] * 3 + [_OLD])
    yield from _looks(20 + _CELL, 122, 3, "v", over=False)
    yield _arrow(275, 101, 60)
    yield _text(305, 90, "v[0] = 99", size=14)
    yield _text(360, 30, "NumPy", "start", 16)
    yield from _looks(360, 80, 5, "a")
    new = ["0", "99", "2", "3", "4"]
    yield from _cells(360, 84, new, [_OLD, _NEW, _OLD, _OLD, _OLD])
    yield from _looks(360 + _CELL, 122, 3, "v", over=False)
    yield _text(360, 200, "cow", "start", 16)
    yield from _looks(360, 250, 5, "a")
    yield from _cells(360, 254, old, [_OLD] * 5)
    yield from _cells(360 + _CELL, 304, ["99", "2", "3"], [_NEW, _OLD, _OLD])
    yield from _looks(360 + _CELL, 342, 3, "v", over=False)


def _snapshot() -> Iterator[str]:
    old = ["0", "1", "2", "3"]
    yield _text(20, 30, "s = a[...]   costs nothing", "start", 16)
    yield from _looks(20, 80, 4, "a")
    yield from _cells(20, 84, old, [_SHARED] * 4)
    yield from _looks(20, 122, 4, "s", over=False)
    yield _arrow(235, 101, 70)
    yield _text(270, 90, "a[0] = 9", size=14)
    yield _text(340, 30, "one copy, at the first write", "start", 16)
    yield from _looks(340, 80, 4, "a")
    yield from _cells(340, 84, ["9", "1", "2", "3"], [_NEW, _OLD, _OLD, _OLD])
    yield from _cells(340, 134, old, [_OLD] * 4)
    yield from _looks(340, 172, 4, "s", over=False)


def _guarded_call() -> Iterator[str]:
    old = ["3", "1", "2"]
    yield _text(20, 30, "total(x): reads", "start", 16)
    yield from _looks(20, 80, 3, "data, of the caller")
    yield from _cells(20, 84, old, [_SHARED] * 3)
    yield from _looks(20, 122, 3, "x, lent: read-only", over=False)
    yield _text(250, 30, "ranked(x): writes", "start", 16)
    yield from _looks(250, 80, 3, "data, of the caller")
    yield from _cells(250, 84, old, [_OLD] * 3)
    yield _arrow(410, 101, 60)
    yield _text(440, 90, "copy", size=14)
    yield from _looks(490, 80, 3, "x, and the result")
    yield from _cells(490, 84, ["1", "2", "3"], [_NEW] * 3)


def _family() -> Iterator[str]:
    yield _text(20, 30, "inside of a guarded function", "start", 16)
    yield from _looks(20, 80, 5, "x")
    yield from _cells(
        20, 84, ["0", "1", "2", "3", "4"], [_OLD] + [_SHARED] * 3 + [_OLD]
    )
    yield from _looks(20 + _CELL, 122, 3, "row = x[1:4]", over=False)
    yield _arrow(275, 101, 70)
    yield _text(310, 90, "row *= 2", size=14)
    yield _text(370, 30, "one family: x changes, too", "start", 16)
    yield from _looks(370, 80, 5, "x")
    new = ["0", "2", "4", "6", "4"]
    yield from _cells(370, 84, new, [_OLD] + [_NEW] * 3 + [_OLD])
    yield from _looks(370 + _CELL, 122, 3, "row", over=False)
    yield _text(20, 195, "the caller's array", "start", 16)
    yield from _cells(370, 172, ["0", "1", "2", "3", "4"], [_OLD] * 5)


def _read_then_write() -> Iterator[str]:
    """What happens at a write: the three questions."""
    boxes = [
        (20, "who else looks at", "this memory?"),
        (250, "is that array", "the smaller side?"),
        (480, "write", "in place"),
    ]
    for x, first, second in boxes:
        yield (
            f'<rect x="{x}" y="40" width="170" height="64" rx="8" fill="{_SHARED}" '
            f'stroke="{_INK}"/>'
        )
        yield _text(x + 85, 68, first)
        yield _text(x + 85, 90, second)
    yield _arrow(192, 72, 54)
    yield _text(219, 62, "cow arrays", size=11)
    yield _arrow(422, 72, 54)
    yield _text(449, 62, "they copy", size=11)
    yield _line("M105 40 V20 H565 V37 m-6 -9 l6 9 l6 -9")
    yield _text(335, 15, "nobody, or only at another part", size=12)
    yield _line("M335 104 V138 m-6 -9 l6 9 l6 -9")
    yield (
        f'<rect x="220" y="140" width="230" height="44" rx="8" fill="{_NEW}" '
        f'stroke="{_INK}"/>'
    )
    yield _text(335, 167, "the writer gets a copy")
    yield _text(345, 126, "no, or plain views look", "start", 12)


DRAWINGS: dict[str, tuple[int, int, str, Callable[[], Iterator[str]]]] = {
    "view": (
        620,
        385,
        "A write through a view changes the array in NumPy, and the view alone in cow",
        _write_through_a_view,
    ),
    "snapshot": (
        560,
        215,
        "A snapshot shares the memory until one of the two is written",
        _snapshot,
    ),
    "guarded": (
        660,
        165,
        "An argument that is read is lent, one that is written is copied",
        _guarded_call,
    ),
    "family": (
        630,
        225,
        "Inside of a guarded function views are NumPy's; the caller's array stays",
        _family,
    ),
    "write": (
        670,
        200,
        "At a write: who else looks at the memory, and which side is smaller",
        _read_then_write,
    ),
}


def drawings() -> dict[str, str]:
    """Return the text of each drawing, by the name of its file."""
    return {
        f"{name}.svg": _drawing(width, height, title, draw())
        for name, (width, height, title, draw) in DRAWINGS.items()
    }


if __name__ == "__main__":
    PICTURES.mkdir(exist_ok=True)
    for file, text in drawings().items():
        (PICTURES / file).write_text(text)
