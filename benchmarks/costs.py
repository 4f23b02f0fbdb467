"""``python -m benchmarks.costs``: write what begins docs/costs.md, and its picture.

Both are of the figures in docs/speed.md: three sentences, and for each group of figures
the ratios to `np.ndarray` from the least to the largest, with their median.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from statistics import median

DOCS = Path(__file__).parents[1] / "docs"
BEGIN, END = "<!-- begin: python -m benchmarks.costs -->\n", "<!-- end -->\n"
CALLS = "What do operators, ufuncs, methods and functions cost on small arrays?"
LARGE = "Are large arrays as fast as plain ones?"
WRITES = "What does copy-on-write itself cost?"
PROGRAMS = "What does a whole program cost, in time and in memory?"
GUARD = "What does `@cow.no_mutate` cost? (unguarded or on copies, guarded)"


@dataclass
class Figure:
    """A line of a table of docs/speed.md."""

    chapter: str
    operation: str
    size: str
    cow: str
    ratio: float


def figures(text: str) -> list[Figure]:
    """Return the figures of the page on speed."""
    found: list[Figure] = []
    chapter = ""
    for line in text.splitlines():
        if line.startswith("## "):
            chapter = line[3:]
        row = re.match(
            r"\| `(.+)` \| (.*) \| (.*) \| (.*) \| \**([\d.]+)\** \| (.*) \|$", line
        )
        if row:
            operation, size, _, cow, ratio, _ = row.groups()
            found.append(Figure(chapter, operation, size, cow, float(ratio)))
    return found


def is_expression(operation: str) -> bool:
    """Has it more than one operation, so that there are temporaries?"""
    return len(re.findall(r"\*\*|(?<= )[-+*/](?= )", operation)) > 1


def groups(found: list[Figure]) -> dict[str, list[float]]:
    """Return the ratios of each group, by its name."""

    def ratios(chapter: str, size: str = "", expression: bool = False) -> list[float]:
        return [
            f.ratio
            for f in found
            if f.chapter == chapter
            and size in ("", f.size)
            and is_expression(f.operation) == expression
        ]

    eager = [
        f.ratio
        for f in found
        if f.chapter == WRITES and re.match(r"[yv] = x.*; ", f.operation)
    ]
    programs = [
        f.ratio
        for f in found
        if f.chapter == PROGRAMS
        and f.size == "seconds"
        and f.operation.endswith("NumPy as written")
    ]
    return {
        "one operation, 10 elements": ratios(CALLS, "10"),
        "one operation, 1,000 elements": ratios(CALLS, "1,000"),
        "one operation, 100,000 elements": ratios(LARGE, "100,000"),
        "one operation, 1,000,000 elements": ratios(LARGE, "1,000,000"),
        "expressions with temporaries": ratios(LARGE, expression=True),
        "copy and write, against eager copies": eager,
        "three whole programs": programs,
    }


def sentences(found: list[Figure]) -> str:
    """Return the three sentences."""
    known = groups(found)
    small = [r for name in list(known)[:2] for r in known[name]]
    large = [r for name in list(known)[2:4] for r in known[name]]
    mixed = known["expressions with temporaries"]
    reads = next(
        f.cow
        for f in found
        if f.chapter == GUARD and f.operation == "f(x) that reads" and "80 MB" in f.size
    )
    return (
        f"An operation on a small array takes {median(small):.2f} times what it takes "
        f"with NumPy ({min(small):.2f} to {max(small):.2f} times, for 10 and 1,000 "
        "elements).\n"
        f"On arrays of 100,000 elements and more it takes {median(large):.2f} times as "
        f"long, and expressions with temporaries, such as `x * y + x - y`, take "
        f"{min(mixed):.2f} to {max(mixed):.2f} times as long.\n"
        f"A call of a function under `cow.no_mutate` takes {reads} more if it only "
        "reads, whatever the size, and one copy of each array that it writes.\n"
    )


WIDTH, LEFT, RIGHT, ROW = 700, 290, 20, 34
LEAST, MOST = 0.4, 2.6


def picture(found: list[Figure]) -> str:
    """Return the picture: a row for each group, on one axis of ratios."""
    rows = list(_rows(groups(found)))
    height = 60 + ROW * len(groups(found))
    body = "\n".join(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        'font-family="DejaVu Sans, Helvetica, Arial, sans-serif" role="img">\n'
        "<title>Time with cow, as a multiple of the time with NumPy</title>\n"
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def _rows(known: dict[str, list[float]]) -> Iterator[str]:
    bottom = 44 + ROW * len(known)
    yield _text(LEFT, 18, "time with cow / time with NumPy", "start")
    for tick in (0.5, 1.0, 1.5, 2.0, 2.5):
        width, colour = (2, "#222222") if tick == 1 else (1, "#bbbbbb")
        yield (
            f'<path d="M{_x(tick):g} 44 V{bottom}" stroke="{colour}" '
            f'stroke-width="{width}"/>'
        )
        yield _text(_x(tick), 38, f"{tick:g}")
    for at, (name, ratios) in enumerate(known.items()):
        y = 44 + ROW * at + ROW / 2
        yield _text(LEFT - 14, y + 5, name, "end")
        first, last = _x(min(ratios)), _x(max(ratios))
        yield (
            f'<rect x="{first:g}" y="{y - 7:g}" width="{max(2, last - first):g}" '
            'height="14" rx="7" fill="#9ecae1"/>'
        )
        yield f'<circle cx="{_x(median(ratios)):g}" cy="{y:g}" r="7" fill="#d95f02"/>'
    yield _text(LEFT, bottom + 14, "bar: least to most; dot: median", "start", 12)


def _x(ratio: float) -> float:
    share = (min(max(ratio, LEAST), MOST) - LEAST) / (MOST - LEAST)
    return round(LEFT + share * (WIDTH - LEFT - RIGHT), 1)


def _text(x: float, y: float, text: str, anchor: str = "middle", size: int = 14) -> str:
    return (
        f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" font-size="{size}" '
        f'fill="#222222">{escape(text)}</text>'
    )


def page(text: str, found: list[Figure]) -> str:
    """Return the page with its beginning written anew."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{sentences(found)}\n{END}{after}"


def main() -> None:
    found = figures((DOCS / "speed.md").read_text())
    path = DOCS / "costs.md"
    path.write_text(page(path.read_text(), found))
    (DOCS / "pictures" / "costs.svg").write_text(picture(found))


if __name__ == "__main__":
    main()
