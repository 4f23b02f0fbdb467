"""Pictures of lines on logarithmic axes, as SVG for light and dark pages."""

import math
from collections.abc import Iterator
from html import escape
from typing import NamedTuple

WIDTH, HEIGHT, LEFT, BELOW, ABOVE, RIGHT = 420, 260, 58, 36, 34, 12
COLUMNS = 2
COLOURS = ["#7f8fa6", "#d35400"]
STYLE = (
    "text{font:11px sans-serif;fill:#555}.t{font-size:12px}"
    ".g{stroke:#8884;stroke-width:1}.l{fill:none;stroke-width:2}"
    "@media(prefers-color-scheme:dark){text{fill:#bbb}}"
)


class Line(NamedTuple):
    """A name, and points of positive numbers."""

    name: str
    points: list[tuple[float, float]]


class Panel(NamedTuple):
    title: str
    axis: str
    lines: list[Line]


def powers(values: list[float]) -> range:
    """Return the exponents of ten that hold all values."""
    low = math.floor(math.log10(min(values)) + 1e-9)
    return range(low, max(math.ceil(math.log10(max(values)) - 1e-9), low + 1) + 1)


def short(exponent: int, seconds: bool) -> str:
    """Return a power of ten as its tick has it."""
    if seconds:
        for least, unit in ((0, "s"), (-3, "ms"), (-6, "us"), (-9, "ns")):
            if exponent >= least:
                return f"{10 ** (exponent - least):,} {unit}"
    return f"{10**exponent:,}" if exponent < 4 else f"10^{exponent}"


def panel(p: Panel) -> Iterator[str]:
    """Yield the elements of one picture."""
    across = powers([x for line in p.lines for x, _ in line.points])
    up = powers([y for line in p.lines for _, y in line.points])
    wide, high = WIDTH - LEFT - RIGHT, HEIGHT - ABOVE - BELOW

    def at(x: float, y: float) -> tuple[float, float]:
        right = (math.log10(x) - across[0]) / (across[-1] - across[0])
        top = (math.log10(y) - up[0]) / (up[-1] - up[0])
        return LEFT + right * wide, ABOVE + (1 - top) * high

    yield f'<text class="t" x="8" y="16">{escape(p.title)}</text>'
    for k in up:
        _, y = at(10.0 ** across[0], 10.0**k)
        yield f'<path class="g" d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">'
        yield f"{short(k, True)}</text>"
    for k in across:
        x, _ = at(10.0**k, 10.0 ** up[0])
        yield f'<text x="{x:.1f}" y="{HEIGHT - BELOW + 16}" text-anchor="middle">'
        yield f"{short(k, False)}</text>"
    yield f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" text-anchor="end">'
    yield f"{escape(p.axis)}</text>"
    for i, (line, colour) in enumerate(zip(p.lines, COLOURS, strict=False)):
        places = [at(x, y) for x, y in line.points]
        path = "L".join(f"{x:.1f} {y:.1f}" for x, y in places)
        yield f'<path class="l" stroke="{colour}" d="M{path}"/>'
        for x, y in places:
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="2.5" fill="{colour}"/>'
        yield f'<text x="{LEFT + 8 + 90 * i}" y="{ABOVE - 6}" style="fill:{colour}">'
        yield f"{escape(line.name)}</text>"


def picture(panels: list[Panel]) -> str:
    """Return an SVG of the panels, two in a row."""
    rows = -(-len(panels) // COLUMNS)
    width, height = COLUMNS * WIDTH, rows * HEIGHT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}"><style>{STYLE}</style>'
    ]
    for i, p in enumerate(panels):
        where = f"{i % COLUMNS * WIDTH} {i // COLUMNS * HEIGHT}"
        parts += [f'<g transform="translate({where})">', *panel(p), "</g>"]
    return "\n".join([*parts, "</svg>"]) + "\n"
