"""What does `@cow.no_mutate` add to a call that only reads? (unguarded, guarded)"""

import timeit
from collections.abc import Callable, Iterator

import numpy as np

import cow
from benchmarks.timing import Array, Row, alternate


def read(x: Array) -> int:
    return x.size


def timed(func: Callable[[Array], int], x: Array) -> timeit.Timer:
    return timeit.Timer(lambda: func(x))


def rows(repeat: int) -> Iterator[Row]:
    arrays: dict[str, Array] = {
        "plain, 8 kB": np.ones(1000),
        "plain, 80 MB": np.ones(10**7),
        "cow, 80 MB": cow.ones(10**7),
    }
    guarded = cow.no_mutate(read)
    for name, x in arrays.items():
        timers = timed(read, x), timed(guarded, x)
        yield Row("f(x)", name, *alternate(*timers, repeat))
