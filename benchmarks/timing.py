"""Time statements on a plain and on a cow array, alternating, in one run.

The machine may be busy: batches are short and take turns, and the least of each side
counts, so that both sides meet the same quiet moments.
"""

import time
import timeit
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any, TypeAlias

import numpy as np

import cow

HEADER = f"{'':44}{'size':>14}{'np.ndarray':>13}{'cow':>13}{'ratio':>8}{'limit':>10}"
BATCH = 2e-4  # seconds
BUDGET = 0.7  # seconds for each row, but at least LEAST turns
LEAST = 3
PLACES = 3  # arrays in other places of the memory, which differ in the caches


Array: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Make: TypeAlias = Callable[[Any], Array]  # np.array or cow.array


@dataclass
class Row:
    """One figure: `plain` and `cow` in seconds, bytes ("B") or as a factor ("x")."""

    operation: str
    size: str
    plain: float
    cow: float
    limit: float | None = None
    unit: str = "s"
    limits: str = "ratio"  # or "cow": the limit is for cow's own figure

    @property
    def ratio(self) -> float:
        return self.cow / self.plain if self.plain else float("inf")

    @property
    def over(self) -> bool:
        judged = self.ratio if self.limits == "ratio" else self.cow
        return self.limit is not None and judged > self.limit

    def json(self) -> dict[str, Any]:
        return {**asdict(self), "ratio": self.ratio, "over": self.over}

    def __str__(self) -> str:
        both = (f"{written(value, self.unit):>13}" for value in (self.plain, self.cow))
        line = f"{self.operation:44}{self.size:>14}{''.join(both)}{self.ratio:>8.2f}"
        if self.limit is None:
            return line
        unit = f" {self.unit}" if self.limits == "cow" else ""
        return f"{line}{f'{self.limit:g}{unit}':>10}  {'OVER' if self.over else 'ok'}"


def written(value: float, unit: str) -> str:
    """Return `value` as a reader wants it."""
    if unit != "s":
        return f"{value:,.{2 if unit == 'x' else 0}f} {unit}"
    for factor, name in ((1, "s"), (1e3, "ms"), (1e6, "us")):
        if value * factor >= 1:
            return f"{value * factor:,.2f} {name}"
    return f"{value * 1e9:,.0f} ns"


def loops(timer: timeit.Timer) -> int:
    """Return how many loops of `timer` take one batch."""
    number = 1
    timer.timeit(2)  # what is done once, for each line
    while (taken := timer.timeit(number)) < BATCH and number < 10**6:
        number *= 2 if taken > BATCH / 10 else 10
    return number


def alternate(
    first: timeit.Timer, second: timeit.Timer, repeat: int
) -> tuple[float, float]:
    """Return the least seconds of each of two `timeit.Timer`, which take turns."""
    timers = first, second
    numbers = [loops(timer) for timer in timers]
    best = [float("inf")] * 2
    spent, turn = 0.0, 0
    while turn < max(repeat, 1) and (turn < LEAST or spent < BUDGET):
        for at, timer in enumerate(timers):
            taken = timer.timeit(numbers[at])
            best[at] = min(best[at], taken / numbers[at])
            spent += taken
        turn += 1
    return best[0], best[1]


def timer(statement: str, x: Array, setup: str = "pass") -> timeit.Timer:
    """Return a timer of `statement`, which uses the local variable ``x``."""
    made: dict[str, Any] = {"x": x}
    exec(setup, {"np": np}, made)  # once, not before each batch
    names: dict[str, Any] = {"_made": made, "cow": cow, "np": np, "timeit": timeit}
    # garbage is collected, as in a user's program
    start = "timeit.gc.enable()\n" + "".join(f"{n} = _made[{n!r}]\n" for n in made)
    # not the time that other programs take
    return timeit.Timer(statement, start, time.process_time, names)


def aligned(new: Callable[[], Array]) -> Array:
    """Return an array of `new` at the start of a cache line, if one is found soon.

    Where an array begins is luck, and decides by up to 1.5 what its loops take.
    """
    found = [new()]
    # a plain view is asked, since an array whose address is known moves at a write
    while np.asarray(found[-1]).__array_interface__["data"][0] % 64:
        if len(found) == 16 or found[-1].nbytes > 1 << 23:
            break
        found.append(new())
    return found[-1]


def compare(
    statement: str,
    x: Array,
    size: str,
    limit: float | None,
    repeat: int,
    setup: str = "pass",
    plain: str | None = None,
    name: str | None = None,
) -> Row:
    """Return the Row of `statement` on the plain array `x` and on a cow array.

    `setup` may define more names; `plain` is the statement for the plain array where
    it is another one, for example with an eager copy; `name` stands in the table.
    """
    kept: list[tuple[Array, Array]] = []
    best = [float("inf")] * 2
    for _ in range(PLACES):
        kept.append((aligned(x.copy), aligned(lambda: cow.array(x))))
        first = timer(plain or statement, kept[-1][0], setup)
        found = alternate(first, timer(statement, kept[-1][1], setup), repeat // PLACES)
        best = list(map(min, best, found))
    return Row(name or statement, size, best[0], best[1], limit)
