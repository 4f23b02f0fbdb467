"""Time statements on a plain and on a cow array, alternating, in one run."""

import timeit

import numpy as np

import cow


def ratio(statement, plain, repeats=15, seconds=0.02, setup="pass", number=None):
    """Return (ns on a plain array, ns on a cow array), each the least of many.

    `statement` uses ``x``; `plain` is the plain array; `setup` may define more;
    `number`: loops for each of the two, when they differ by orders of magnitude.
    """
    timers = []
    for x in (plain, cow.array(plain)):
        # `x` is a local variable of the timed loop, as in a user's function
        names = {"_x": x, "cow": cow, "np": np}
        timers.append(timeit.Timer(statement, "x = _x\n" + setup, globals=names))
    if number is None:
        loops = 1
        while timers[0].timeit(loops) < seconds:
            loops *= 4
        number = loops, loops
    best = [float("inf")] * 2
    for _ in range(repeats):
        for at, timer in enumerate(timers):
            best[at] = min(best[at], timer.timeit(number[at]) / number[at])
    return best[0] * 1e9, best[1] * 1e9


def table(title, rows):
    """Print one line for each (name, plain ns, cow ns, limit or None)."""
    print(f"\n{title}")
    print(f"{'':34}{'ndarray':>12}{'cow':>12}{'ratio':>8}{'limit':>8}")
    for name, plain, other, limit in rows:
        wanted = "" if limit is None else f"{limit:.2f}"
        times = f"{plain:>9,.0f} ns{other:>9,.0f} ns"
        print(f"{name:34}{times}{other / plain:>8.2f}{wanted:>8}")
