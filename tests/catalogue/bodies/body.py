"""A body to guard, the register of them, and the classes and helpers that they use."""

import functools
import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

NUMBERS = ("f8", "f4", "c16", "i8", "bool")
LAYOUTS = (
    *("read-only", "sliced", "negative", "fortran", "transposed 3-d", "offset"),
    *("memmap", "buffer", "broadcast", "big-endian", "unaligned"),
)
COWS = ("cow", "cow i8", "cow sliced", "mixed")
CLASSES = ("matrix", "masked", "subclass")
RECORDS = ("records", "sliced records", "recarray", "cow records")
OBJECTS = ("objects", "arrays in objects", "cow objects")
WORDS = ("words", "dates", "cow words")
USUAL = NUMBERS + LAYOUTS + COWS + CLASSES


@dataclass(eq=False)
class Body:
    """A function, and what its caller does.

    ``take`` makes the arguments of the arrays, ``script`` calls the function with
    them. ``state`` is what the function keeps, ``reset`` makes it forget.
    """

    name: str
    function: Callable[..., Any]
    take: Callable[..., Any]
    script: Callable[..., Any]
    arrays: int
    dims: tuple[int, ...] = (1, 2)
    kinds: tuple[str, ...] = USUAL
    state: Callable[[], Any] = lambda: None
    reset: Callable[[], Any] = lambda: None
    big: bool = False  # once with a million elements
    fails: bool = False  # it raises, whatever the array
    touches: bool = False  # something else than the body changes the caller's arrays
    loose: bool = False  # hands out what the body sees: callers of cow arrays, too
    plain_only: bool = False  # written after it was handed out: cow arrays are values


BODIES: dict[str, Body] = {}


def _positional(function: Callable[..., Any]) -> int:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    found = inspect.signature(function).parameters.values()
    return sum(p.kind in kinds and p.default is p.empty for p in found)


def register(name: str, function: Any, **options: Any) -> Any:
    """Add a body; the number of arrays is that of parameters without a default."""
    assert name not in BODIES, name
    take, script = options.pop("take", None), options.pop("script", None)
    if "arrays" not in options:
        if take is not None:
            options["arrays"] = _positional(take)
        elif script is not None:
            options["arrays"] = _positional(script) - 1
        else:
            options["arrays"] = _positional(function)
    BODIES[name] = Body(
        name,
        function,
        take or (lambda *arrays: arrays),
        script or (lambda f, *args: f(*args)),
        **options,
    )
    return function


def body(function: Any = None, /, **options: Any) -> Any:
    if function is None:
        return functools.partial(body, **options)
    return register(function.__name__, function, **options)


def finish(coroutine):
    """Run a coroutine to its end, without an event loop."""
    while True:
        try:
            coroutine.send(None)
        except StopIteration as stop:
            return stop.value


def gathered(generator):
    """Return what an asynchronous generator yields."""
    found = []
    while True:
        try:
            found.append(finish(generator.__anext__()))
        except StopAsyncIteration:
            return found


def put_zeros(array):
    """What a caller may do to its own array at any time."""
    if array.flags.writeable:
        array[...] = 0


RECORD = np.dtype([("u", "f8"), ("w", "i4"), ("z", "i4")])


class Keeper:
    """Passes as it is: no guard looks into it."""

    def __init__(self, **fields):
        self.__dict__.update(fields)


@dataclass(eq=False)
class Box:
    x: Any
    name: str = "box"


@dataclass(frozen=True, slots=True, eq=False)
class Frozen:
    x: Any


@dataclass
class Nested:
    boxes: list = field(default_factory=list)
    by_name: dict = field(default_factory=dict)


class Pair(typing.NamedTuple):
    first: Any
    second: Any


class Own(np.ndarray):
    """A subclass with an attribute that it hands on."""

    def __array_finalize__(self, obj):
        self.unit = getattr(obj, "unit", None)

    def doubled(self):
        self *= 2
        return self
