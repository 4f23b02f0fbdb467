"""Run a program in three ways: compare what comes out, and how long it takes."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

import cow
from benchmarks.kernels.program import Inputs, Program, Size
from benchmarks.timing import BATCH, Make, written

KINDS = ["plain", "cow", "guarded"]
BUDGET = 0.3  # seconds of each program and size, but at least LEAST turns
LEAST = 3
PLACES = 3  # what is guarded lies in so many places of the memory

HEADER = f"{'program':26}{'size':8}{'np.ndarray':>12}{'cow':>8}{'guarded':>9}"


@dataclass
class Figures:
    """The seconds of a program; `writes` tells whether it writes into its arguments."""

    program: str
    size: str
    writes: bool
    plain: float
    cow: float
    guarded: float

    def ratio(self, kind: str) -> float:
        seconds: float = getattr(self, kind)
        return seconds / self.plain

    def json(self) -> dict[str, Any]:
        ratios = {f"{kind} ratio": self.ratio(kind) for kind in KINDS[1:]}
        return {**asdict(self), **ratios}

    def __str__(self) -> str:
        line = f"{self.program:26}{self.size:8}{written(self.plain, 's'):>12}"
        line += f"{self.ratio('cow'):>8.2f}{self.ratio('guarded'):>9.2f}"
        return f"{line}  writes" if self.writes else line


def copied(value: Any, array: Make) -> Any:
    """Return a copy whose arrays are made by `array`."""
    if isinstance(value, np.ndarray):
        return array(value)
    if type(value) in (list, tuple):
        return [copied(item, array) for item in value]
    return value


def same(found: Any, expected: Any) -> None:
    """Raise AssertionError unless all arrays have equal values, dtypes and shapes."""
    if type(expected) in (list, tuple):
        assert len(found) == len(expected)
        for one, other in zip(found, expected, strict=True):
            same(one, other)
    else:
        np.testing.assert_array_equal(
            np.asarray(found), np.asarray(expected), strict=True
        )


def check(program: Program, given: Inputs) -> bool:
    """Raise AssertionError unless the three results and what is written are equal.

    Return whether the program writes into its arguments.
    """
    plain, cows = copied(given, np.array), copied(given, cow.array)
    expected = copied(program.run(*plain), np.array)
    same(program.run(*cows), expected)
    same(cows, plain)
    held = copied(given, np.array)
    guarded = cow.no_mutate(program.run)
    for _ in range(2):  # the second finds what the first has proven
        same(guarded(*held), expected)
        same(held, given)
    try:
        same(plain, given)
    except AssertionError:
        return True
    return False


def seconds(run: Callable[..., object], batch: list[Inputs]) -> float:
    """Return the processor time of a call; what was returned is freed at the next."""
    start = time.process_time()
    for arguments in batch:
        _ = run(*arguments)
    return (time.process_time() - start) / len(batch)


def new(given: Inputs, array: Make, number: int) -> list[Inputs]:
    """Return the arguments of some calls."""
    return [copied(given, array) for _ in range(number)]


def measure(program: Program, size: Size) -> Figures:
    """Return the least seconds of each kind, which take turns.

    Each run starts from new arguments, made before; under the guard, which protects
    them, they are the same ones for some turns. Short programs run often in a turn.
    """
    given = program.arguments(size)
    writes = check(program, given)
    guarded = cow.no_mutate(program.run)
    best = dict.fromkeys(KINDS, float("inf"))
    number = 1 + int(BATCH / seconds(program.run, [copied(given, np.array)]))
    for _ in range(PLACES):
        held = copied(given, np.array)
        start, turn = time.process_time(), 0
        while turn < LEAST // PLACES or time.process_time() - start < BUDGET / PLACES:
            taken = {
                "plain": seconds(program.run, new(given, np.array, number)),
                "cow": seconds(program.run, new(given, cow.array, number)),
                "guarded": seconds(guarded, [held] * number),
            }
            best = {kind: min(best[kind], taken[kind]) for kind in KINDS}
            turn += 1
        same(held, given)
    return Figures(program.name, size.name, writes, **best)
