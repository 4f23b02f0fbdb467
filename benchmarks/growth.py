"""How does the cost grow? ``python -m benchmarks.growth [--page PAGE] [--quick]``

Views alive, arrays in a guarded container, threads, bytes: each point is measured with
plain arrays and with cow in the same run, in turns. Writes a page with a table and a
picture beside it.
"""

import argparse
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

import cow
from benchmarks.machine import machine
from benchmarks.plot import Line, Panel, picture
from benchmarks.timing import Array, Make, written

Clock = Callable[[], float]
KINDS: dict[str, Make] = {"np.ndarray": np.array, "cow": cow.array}


class Point(NamedTuple):
    """Seconds for one of what is counted, at a size."""

    size: int
    seconds: dict[str, float]


class Growth(NamedTuple):
    """A question, and its answer."""

    question: str
    of: str  # the axis
    each: str  # what the seconds are for
    points: list[Point]


def least(
    calls: Mapping[str, Callable[[], object]], budget: float, clock: Clock
) -> dict[str, float]:
    """Return the least seconds of each call, which take turns."""
    best = dict.fromkeys(calls, float("inf"))
    start, turn = time.perf_counter(), 0
    while turn < 3 or (time.perf_counter() - start < budget and turn < 1000):
        for name, call in calls.items():
            before = clock()
            call()
            best[name] = min(best[name], clock() - before)
        turn += 1
    return best


def divided(seconds: dict[str, float], by: float) -> dict[str, float]:
    return {name: value / by for name, value in seconds.items()}


def make_views(x: Array, n: int) -> list[Array]:
    return [x[1:9] for _ in range(n)]


def views(sizes: list[int], budget: float) -> Iterator[Point]:
    """Make and drop so many views of one array, which are alive together."""
    for n in sizes:
        arrays = {name: make(np.arange(10.0)) for name, make in KINDS.items()}
        calls = {k: partial(make_views, x, n) for k, x in arrays.items()}
        yield Point(n, divided(least(calls, budget, time.process_time), n))


def read(items: list[Array]) -> float:
    return float(sum(item[0] for item in items))


def write(items: list[Array]) -> None:
    for item in items:
        item += 1.0


def copied(items: list[Array]) -> None:
    write([item.copy() for item in items])


def containers(sizes: list[int], budget: float) -> Iterator[Point]:
    """Call a function that writes each array of a list: bare, copied, guarded."""
    guarded = cow.no_mutate(write)
    for n in sizes:
        items = [np.arange(100.0) for _ in range(n)]
        calls = {"np.ndarray": partial(copied, items), "cow": partial(guarded, items)}
        yield Point(n, divided(least(calls, budget, time.process_time), n))


def work(x: Array, steps: int) -> None:
    for _ in range(steps):
        x[1:-1] += 1.0
        x *= 0.5


def together(arrays: list[Array], steps: int) -> None:
    threads = [threading.Thread(target=work, args=(x, steps)) for x in arrays]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def in_threads(sizes: list[int], budget: float) -> Iterator[Point]:
    """So many threads write arrays of their own, 800 kB each; seconds by the clock."""
    steps = 40
    for n in sizes:
        arrays = {
            name: [make(np.arange(1e5)) for _ in range(n)]
            for name, make in KINDS.items()
        }
        calls = {k: partial(together, xs, steps) for k, xs in arrays.items()}
        yield Point(n, divided(least(calls, budget, time.perf_counter), n * steps))


def snapshot_and_write(x: Array, make: bool) -> object:
    s = x[...] if make else x.copy()
    x += 1.0
    return s


def sizes_in_bytes(sizes: list[int], budget: float) -> Iterator[Point]:
    """Take a snapshot (plain: a copy), then write all of the array."""
    for n in sizes:
        plain = np.zeros(max(n // 8, 1))
        ours = cow.array(plain)
        calls = {
            "np.ndarray": partial(snapshot_and_write, plain, False),
            "cow": partial(snapshot_and_write, ours, True),
        }
        yield Point(n, least(calls, budget, time.process_time))


def measure(quick: bool) -> list[Growth]:
    most, budget = (3, 0.01) if quick else (9, 1.0)
    tens = [10**k for k in range(10)]
    return [
        Growth(
            "views alive of one array",
            "views",
            "a view",
            list(views(tens[: 3 if quick else 7], budget)),
        ),
        Growth(
            "arrays in a list, a guarded function writes each",
            "arrays",
            "an array",
            list(containers(tens[: 3 if quick else 5], budget)),
        ),
        Growth(
            "threads, each writes an array of its own",
            "threads",
            "two statements",
            list(in_threads([1, 2] if quick else [1, 2, 4, 8], budget)),
        ),
        Growth(
            "bytes of an array: a snapshot, then all is written",
            "bytes",
            "both",
            list(sizes_in_bytes(tens[2 : 1 + most], budget)),
        ),
    ]


def drawn(found: list[Growth]) -> str:
    """Return the picture, an SVG."""
    panels: list[Panel] = []
    for growth in found:
        lines = [
            Line(name, [(p.size, p.seconds[name]) for p in growth.points])
            for name in KINDS
        ]
        title = f"{growth.question}: seconds for {growth.each}"
        panels.append(Panel(title, growth.of, lines))
    return picture(panels)


def page(found: list[Growth], image: str) -> Iterator[str]:
    """Yield the lines of the page."""
    told = machine()
    yield "# How the cost grows\n"
    yield "Seconds with plain arrays and with cow, both axes in powers of ten: what is"
    yield "flat takes as long for each, however many there are. For plain arrays the"
    yield "guarded function gets copies, and the snapshot is a copy.\n"
    yield f"![Four pictures: views, arrays, threads, bytes]({image})\n"
    yield "`make growth-page` measures anew and draws the picture. Measured with cow"
    yield f"{told['cow']}, {told['python']} and NumPy {told['numpy']} on"
    yield f"{told['processor']}, {told['cores']} cores, {told['system']}.\n"
    for growth in found:
        yield f"## {growth.question.capitalize()}\n"
        heads = " | ".join(f"{name}, {growth.each}" for name in KINDS)
        yield f"| {growth.of} | {heads} | ratio |"
        yield "|---:|---:|---:|---:|"
        for size, seconds in growth.points:
            cells = " | ".join(written(seconds[name], "s") for name in KINDS)
            ratio = seconds["cow"] / seconds["np.ndarray"]
            yield f"| {size:,} | {cells} | {ratio:.2f} |"
        yield ""


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.growth")
    parser.add_argument("--page", type=Path, help="write the page, and the picture")
    parser.add_argument("--quick", action="store_true", help="a few small points")
    options = parser.parse_args()
    found = measure(options.quick)
    image = options.page.with_suffix(".svg") if options.page else Path("growth.svg")
    text = "\n".join(page(found, image.name))
    print(text)
    if options.page:
        options.page.write_text(text.rstrip() + "\n")
        image.write_text(drawn(found))


if __name__ == "__main__":
    main()
