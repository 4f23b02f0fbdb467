"""What does `@cow.no_mutate` cost? (unguarded or on copies, guarded)"""

import timeit
from collections.abc import Callable, Iterator

import numpy as np

import cow
from benchmarks.timing import Array, Row, alternate

kept: list[Array] = []


def read(x: Array) -> int:
    return x.size


def write(x: Array) -> None:
    x += 1


def fail(x: Array) -> None:
    raise KeyError


def keep(x: Array) -> None:
    kept[:] = [x]


def cycle(x: Array) -> None:
    inside: list[object] = [x]
    inside.append(inside)


def timed(func: Callable[[Array], object], x: Array) -> timeit.Timer:
    return timeit.Timer(lambda: func(x))


def caught(func: Callable[[Array], object]) -> Callable[[Array], None]:
    def call(x: Array) -> None:
        try:
            func(x)
        except KeyError:
            pass

    return call


def on_copies(func: Callable[[Array], object]) -> Callable[[Array], object]:
    return lambda x: func(x.copy())


def rows(repeat: int) -> Iterator[Row]:
    arrays: dict[str, Array] = {
        "plain, 8 kB": np.ones(1000),
        "plain, 80 MB": np.ones(10**7),
        "cow, 80 MB": cow.ones(10**7),
    }
    guarded = cow.no_mutate(read)
    guarded(np.ones(3))  # the proof
    for name, x in arrays.items():
        limit = 1e-6 if name == "plain, 8 kB" else 1.5e-6
        both = alternate(timed(read, x), timed(guarded, x), repeat)
        yield Row("f(x) that reads", name, *both, limit, limits="cow")
    writer = cow.no_mutate(write)
    writer(np.ones(3))
    for name, x in arrays.items():
        if name != "cow, 80 MB":
            both = alternate(timed(on_copies(write), x), timed(writer, x), repeat)
            most = 1.05 if name == "plain, 80 MB" else None
            yield Row("f(x) that writes; on a copy", name, *both, most)
    # the time of a call does not depend on what else there is
    small = arrays["plain, 8 kB"]
    calls = {
        "raises": caught(cow.no_mutate(fail)),
        "keeps its argument": cow.no_mutate(keep),
        "leaves a cycle": cow.no_mutate(cycle),
    }
    alone = {name: timed(call, small) for name, call in calls.items()}
    before = {name: min(t.repeat(5, 2000)) / 2000 for name, t in alone.items()}
    objects: list[list[object]] = [[] for _ in range(10**6)]
    for name, timer in alone.items():
        after = min(timer.repeat(5, 2000)) / 2000
        yield Row(f"f(x) that {name}; 10^6 objects", "", before[name], after, 1.5)
    del objects
