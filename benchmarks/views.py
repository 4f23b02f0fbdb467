"""Do many views stay cheap, in time and in bytes?

Twice as many views must take twice as long: "growth" is the time for each of 10^6
over the time for each of 10^5. A view or a snapshot takes few bytes.
"""

import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np

import cow
from benchmarks.timing import Array, Row

FEW, MANY = 10**5, 10**6
GROWTH = 2.0  # 10 where each view costs more the more there are
BYTES = 300


_Steps: TypeAlias = Iterator[tuple[str, float]]


def alive(x: Array, number: int) -> _Steps:
    """Yield (what is done, seconds for each) with `number` views alive."""
    clock = time.perf_counter
    start = clock()
    views = [x[2:9] for _ in range(number)]
    made = clock()
    x[0] = 1
    written = clock()
    view: Array | None = None
    for view in views:
        view[0] = 1
    detached = clock()
    del views, view
    dropped = clock()
    yield "make views, all alive", made - start
    yield "one write to the array under them", written - made
    yield "write each view", detached - written
    yield "drop them", dropped - detached


def dead(x: Array, number: int) -> _Steps:
    """Yield the same for views that die at once."""
    start = time.perf_counter()
    for _ in range(number):
        x[2:9]
    x[0] = 1
    yield "make and drop views, then write", time.perf_counter() - start


def least(
    steps: Callable[[Array, int], _Steps], repeat: int
) -> dict[tuple[str, bool, int], float]:
    """Return {(step, of cow, number): the least seconds for each view}."""
    best: dict[tuple[str, bool, int], float] = {}
    for _ in range(repeat):
        for number in (FEW, MANY):
            for x in (np.ones(1000), cow.ones(1000)):
                for name, seconds in steps(x, number):
                    at = name, isinstance(x, cow.CowArray), number
                    best[at] = min(best.get(at, 1e9), seconds / number)
    return best


def times(repeat: int) -> Iterator[Row]:
    for steps, most in ((alive, 5), (dead, 15)):
        best = least(steps, min(repeat, most))
        for name in dict.fromkeys(name for name, _, _ in best):
            few, many = (
                (best[name, False, n], best[name, True, n]) for n in (FEW, MANY)
            )
            yield Row(name, f"{FEW:,}", *few)
            yield Row(name, f"{MANY:,}", *many)
            growth = many[0] / few[0], many[1] / few[1]
            yield Row(f"{name}: growth", "", *growth, GROWTH, "x", "cow")


SHARES = {"a view x[2:9]": "x[2:9]", "a snapshot x[...]": "x[...]"}

RESIDENT = """
import sys, numpy as np, cow
def resident():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
x = np.ones(10) if sys.argv[1] == "plain" else cow.ones(10)
kept = [None] * {number}
before = resident()
for i in range({number}):
    kept[i] = {share}
print((resident() - before) / {number})
"""


def traced(share: str, x: Array, number: int = 10_000) -> float:
    """Return the bytes that each of many shares takes, as tracemalloc counts."""
    kept: list[object] = [None] * number
    code = compile(share, share, "eval")
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    for i in range(number):
        kept[i] = eval(code, {"x": x})
    taken = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return taken / number


def resident(share: str, kind: str) -> float:
    """Return the bytes of a process's resident memory that each share takes."""
    script = RESIDENT.format(share=share, number=FEW)
    command = [sys.executable, "-c", script, kind]
    return float(subprocess.run(command, capture_output=True, check=True).stdout)


def sizes() -> Iterator[Row]:
    for name, share in SHARES.items():
        both = traced(share, np.ones(10)), traced(share, cow.ones(10))
        yield Row(f"{name}, traced", "", *both, BYTES, "B", "cow")
        both = resident(share, "plain"), resident(share, "cow")
        yield Row(f"{name}, resident", "", *both, BYTES, "B", "cow")


def rows(repeat: int) -> Iterator[Row]:
    yield from times(repeat)
    yield from sizes()
