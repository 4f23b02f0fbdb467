"""``python -m benchmarks.page FIGURES PAGE``: write docs/speed.md from the JSON."""

import importlib
import json
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, TypeAlias

from benchmarks.floor import EMPTY, HOOKS, STATEMENTS
from benchmarks.reasons import reason
from benchmarks.timing import written

_Figure: TypeAlias = dict[str, Any]

INTRO = """# Speed

What cow costs, and gains, against `np.ndarray` in the same run. The two take turns in
short batches, and the least processor time of each counts. A ratio below 1 is faster,
or smaller, than NumPy; one in bold is above the limit that we set ourselves. The last
column of a limit with a unit is for cow's figure alone.

`make speed-page` measures everything anew and writes this page, `make bench` prints the
figures and `python -m benchmarks calls` those of one question.
"""


def table(head: list[str], lines: list[list[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * 2}{'---:|' * (len(head) - 2)}"
    for line in lines:
        yield f"| {' | '.join(line)} |"
    yield ""


def cells(figure: _Figure) -> list[str]:
    """Return one line of a table."""
    unit, limit = figure["unit"], figure["limit"]
    ratio = f"{figure['ratio']:.2f}"
    shown = "" if limit is None else f"{limit:g}"
    if limit is not None and figure["limits"] == "cow":
        shown += f" {unit}"
    return [
        f"`{figure['operation']}`".replace("|", "\\|"),
        figure["size"],
        written(figure["plain"], unit),
        written(figure["cow"], unit),
        f"**{ratio}**" if figure["over"] else ratio,
        shown,
    ]


def chapter(name: str, figures: list[_Figure]) -> Iterator[str]:
    """Yield the lines about one question."""
    doc = importlib.import_module(f"benchmarks.{name}").__doc__ or ""
    question, _, explanation = doc.partition("\n")
    yield f"## {question}\n"
    if explanation.strip():
        yield f"{explanation.strip()}\n"
    head = ["operation", "size", "np.ndarray", "cow", "ratio", "limit"]
    yield from table(head, [cells(figure) for figure in figures])
    over = [figure for figure in figures if figure["over"]]
    reasons = dict.fromkeys(
        reason(name, figure["operation"], figure["size"]) for figure in over
    )
    for text in filter(None, reasons):
        yield f"- {' '.join(text.split())}"
    if any(reasons):
        yield ""


def floor(figures: list[_Figure]) -> Iterator[str]:
    """Yield the lines about NumPy's own dispatch, with cow beside it."""
    yield FLOOR
    known = {(f["operation"], f["size"]): f for f in figures}
    lines: list[list[str]] = []
    for size in ("10", "1,000"):
        for statement in STATEMENTS:
            empty, hooks = (
                known[f"{statement}, {kind}", size] for kind in (EMPTY, HOOKS)
            )
            cow = known.get((statement, size))
            lines.append(
                [
                    f"`{statement}`",
                    size,
                    written(hooks["plain"], "s"),
                    written(hooks["cow"], "s"),
                    f"{empty['ratio']:.2f}",
                    f"{1 + hooks['ratio']:.2f}",
                    f"{cow['ratio']:.2f}" if cow else "",
                ]
            )
    head = ["operation", "size", "np.ndarray", "hooks alone"]
    yield from table([*head, "empty subclass", "hooks + work", "cow"], lines)


FLOOR = """## What does NumPy itself take for any subclass?

Two subclasses: an empty one, and one whose hooks are C functions that look at
nothing and return a constant. NumPy looks for the hooks and calls them before a
subclass can do anything, and the work itself takes what it takes for a plain array:
"hooks + work" is the least ratio for a subclass whose function is called through
NumPy. Operators are slots of the type and need not go that way.
"""


def page(found: dict[str, Any]) -> Iterator[str]:
    yield INTRO
    machine = found["machine"]
    yield (
        f"Measured with cow {machine['cow']}, {machine['python']} and NumPy"
        f" {machine['numpy']} on {machine['processor']}, {machine['cores']} cores,"
        f" {machine['system']}; the load average was {machine['busy']:.1f}, of which"
        " this is 1.\n"
    )
    figures: list[_Figure] = found["rows"]
    for name, group in groupby(figures, key=lambda figure: figure["file"]):
        if name == "floor":
            yield from floor(figures)
        else:
            yield from chapter(name, list(group))


def main() -> None:
    figures, target = map(Path, sys.argv[1:])
    text = "\n".join(page(json.loads(figures.read_text())))
    target.write_text(text.rstrip() + "\n")


if __name__ == "__main__":
    main()
