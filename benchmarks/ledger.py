"""What does a `cow.ledger` add to a private copy? (before, after or within one)"""

import timeit
from collections.abc import Iterator

import cow
from benchmarks.timing import LEAST, Row, loops


def rows(repeat: int) -> Iterator[Row]:
    x = cow.zeros(100)
    timer = timeit.Timer("b = x.copy(); b[0] = 1", globals={"x": x})
    number = loops(timer)

    def measure() -> float:
        return min(timer.repeat(max(repeat, LEAST), number)) / number

    never = measure()
    with cow.ledger():
        pass
    yield Row("a private copy, after a closed ledger", "800 B", never, measure())
    with cow.ledger():
        yield Row("a private copy, in an open ledger", "800 B", never, measure())
