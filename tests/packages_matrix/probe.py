"""Probes: what is tried with a package, with plain arrays and with cow arrays.

A probe is a function of an array that returns what is to be compared; it is called with
a plain array and with a cow array. An outcome is a dict: ``verdict`` (right, refused,
another result, leaks), and what was seen; ``ways`` are the ways round that are right.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import dataclasses
import multiprocessing
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

import cow

Probe = Callable[..., Any]
SAMPLE = [3.0, 1.0, 2.0, 5.0, 4.0, 6.0, 8.0, 7.0]


@dataclasses.dataclass
class Package:
    """The probes of a package, by column; each has a name."""

    name: str  # of the distribution
    # function(array): what cow arrays are as input
    takes: dict[str, Probe] = dataclasses.field(default_factory=dict)
    # function(array): an array that is made of it, which is then written
    gives: dict[str, Probe] = dataclasses.field(default_factory=dict)
    # store(array), read(object): what keeps an array, while that is written
    keeps: dict[str, tuple[Probe, Probe]] = dataclasses.field(default_factory=dict)
    # object(array), read(object): what goes through another process
    sends: dict[str, tuple[Probe, Probe]] = dataclasses.field(default_factory=dict)
    # function(array), which writes it: guarded it must not
    guarded: dict[str, Probe] = dataclasses.field(default_factory=dict)
    # the array, if it is not SAMPLE
    sample: Any = None


def plain(value: Any) -> Any:
    """Return a value as plain arrays, lists and numbers, to be compared."""
    if isinstance(value, np.ndarray):
        return np.array(np.asarray(value))
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if hasattr(value, "__array__") and not np.isscalar(value):
        return np.array(np.asarray(value))
    return value


def same(a: Any, b: Any) -> bool:
    try:
        np.testing.assert_equal(plain(a), plain(b))
    except AssertionError:
        return False
    return True


def tried(function: Callable[[], Any]) -> tuple[Any, str | None]:
    """Return the result, and the first line of the error instead."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return function(), None
    except Exception as error:
        lines = [line for line in str(error).splitlines() if line.strip()] or [""]
        # OpenCV says what it refuses in a line of its own
        told = next((each for each in lines if "readonly" in each), lines[0])
        return None, f"{type(error).__name__}: {told.strip(' >-')[:120]}"


def told(verdict: str, **more: Any) -> dict[str, Any]:
    return {"verdict": verdict, **{key: each for key, each in more.items() if each}}


class Trial:
    """The probes of one package, one after the other."""

    def __init__(self, package: Package) -> None:
        self.package = package
        self.sample = np.array(SAMPLE if package.sample is None else package.sample)
        self.copy: Any = None
        self.cow: Any = None

    def run(self) -> dict[str, dict[str, Any]]:
        columns: dict[str, dict[str, Any]] = {}
        for column in ("takes", "gives", "keeps", "sends", "guarded"):
            columns[column] = {
                name: getattr(self, column)(probe)
                for name, probe in getattr(self.package, column).items()
            }
        return columns

    def arrays(self) -> tuple[Any, Any]:
        return self.sample.copy(), cow.array(self.sample)

    # ----------------------------------------------------------------- input

    def takes(self, probe: Probe) -> dict[str, Any]:
        a, c = self.arrays()
        expected, wrong = tried(lambda: probe(a))
        if wrong:
            raise RuntimeError(f"{self.package.name}: with plain arrays: {wrong}")
        kept = c[...]
        got, error = tried(lambda: probe(c))
        if error:
            return told("refused", error=error, ways=self.ways(probe, expected))
        if not same(got, expected):
            ways = [*self.ways(probe, expected), *self.stopped(probe)]
            return told("another result", ways=ways)
        if not same(kept, self.sample):
            return told("leaks")
        return told("right") if same(c, a) else told("another result")

    def ways(self, probe: Probe, expected: Any) -> list[str]:
        """Return the ways round that are right."""
        found = []

        def opened() -> Any:
            with cow.writing(cow.array(self.sample)) as p:
                return probe(p)

        for name, call in {
            "`cow.writing(a)`": opened,
            "`np.array(a)`": lambda: probe(np.array(cow.array(self.sample))),
            "`no_mutate`": lambda: cow.no_mutate(probe)(cow.array(self.sample)),
        }.items():
            got, error = tried(call)
            if not error and same(got, expected):
                found.append(name)
        return found

    def stopped(self, probe: Probe) -> list[str]:
        """Say so where strict views raise instead of another result."""
        with cow.views("raise"):
            _, error = tried(lambda: probe(cow.array(self.sample)))
        stops = error is not None and error.startswith("ViewError")
        return ['an error under `cow.views("raise")`'] if stops else []

    # ---------------------------------------------------------------- output

    def gives(self, probe: Probe) -> dict[str, Any]:
        """What comes back is written: that lands there, and not in the argument."""
        a, c = self.arrays()
        expected, wrong = tried(lambda: probe(a))
        if wrong:
            raise RuntimeError(f"{self.package.name}: with plain arrays: {wrong}")
        got, error = tried(lambda: probe(c))
        if error:
            return told("refused", error=error, ways=self.ways(probe, expected))
        if not same(got, expected):
            return told("another result", ways=self.ways(probe, expected))
        kind = type(got).__name__
        before = plain(got)

        def write() -> None:
            got[...] = 99

        _, error = tried(write)
        if not same(c, self.sample):
            return told("leaks", kind=kind)
        if error:
            # plain arrays of the package that cannot be written either
            _, plainly = tried(lambda: expected.__setitem__(..., 99))
            if plainly and same(got, before):
                return told("right", kind=f"{kind}, read-only as with NumPy")
            return told("refused", kind=kind, error=error)
        return told("right", kind=kind)

    # ----------------------------------------------------------------- state

    def keeps(self, probe: tuple[Probe, Probe]) -> dict[str, Any]:
        """What an object holds of an array stays while the array is written."""
        store, read = probe
        outcome = self._keeps(store, read)
        if outcome["verdict"] != "right":
            ways = {"`a[...]`": lambda a: a[...], "`np.asarray(a)`": np.asarray}
            ways["`np.array(a)`"] = np.array
            outcome["ways"] = [
                name
                for name, convert in ways.items()
                if self._keeps(lambda a, to=convert: store(to(a)), read)["verdict"]
                == "right"
            ]
        return outcome

    def _keeps(self, store: Probe, read: Probe) -> dict[str, Any]:
        a, c = self.arrays()
        expected = plain(read(store(a)))
        held, error = tried(lambda: store(c))
        if error:
            return told("refused", error=error)
        # nothing but the object looks at the array now
        c[...] = c * 2 + 1
        seen, error = tried(lambda: plain(read(held)))
        if error:
            return told("refused", error=error)
        return told("right") if same(seen, expected) else told("leaks")

    # ------------------------------------------------------------- processes

    def sends(self, probe: tuple[Probe, Probe]) -> dict[str, Any]:
        make, read = probe
        a, c = self.arrays()
        expected = plain(read(make(a)))
        value, error = tried(lambda: make(c))
        if error:
            return told("refused", error=error)
        back, error = tried(lambda: through_a_process(value))
        if error:
            return told("refused", error=error)
        got, error = tried(lambda: read(back))
        if error or not same(got, expected):
            return told("another result", error=error)
        return told("right", kind=type(got).__name__)

    # --------------------------------------------------------------- guarded

    def guarded(self, probe: Probe) -> dict[str, Any]:
        """Called with plain arrays and with ours: the result of copies, no write."""
        a, c = self.arrays()
        copied = a.copy()
        expected, wrong = tried(lambda: probe(copied))
        if wrong:
            raise RuntimeError(f"{self.package.name}: with plain arrays: {wrong}")
        if same(copied, self.sample):
            raise RuntimeError(f"{self.package.name}: a probe that writes nothing")
        kept = c[...]
        for array in (a, c):
            got, error = tried(lambda array=array: cow.no_mutate(probe)(array))
            if error:
                return told("refused", error=error)
            if not same(array, self.sample) or not same(kept, self.sample):
                return told("leaks")
            if not same(got, expected):
                return told("another result")
        return told("right")


_pool: concurrent.futures.ProcessPoolExecutor | None = None


def itself(value: Any) -> Any:
    return value


def through_a_process(value: Any) -> Any:
    """Return what comes back of a value from another process, a spawned one."""
    global _pool
    if _pool is None:
        context = multiprocessing.get_context("spawn")
        _pool = concurrent.futures.ProcessPoolExecutor(1, context)
    return _pool.submit(itself, value).result(timeout=120)


def close() -> None:
    if _pool is not None:
        _pool.shutdown()


@contextlib.contextmanager
def closing() -> Any:
    try:
        yield
    finally:
        close()
