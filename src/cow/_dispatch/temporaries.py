"""Tell a write into a temporary view from one into an array that somebody holds.

A write is lost for certain, and raises, if two things are known: the stack of
the caller's Python code holds the array itself and gives it to the very store or
call that writes, and nothing else has a reference to it. The first is seen in the
frame (see `cow._dispatch.operands`). The second is told by the reference count, which
is compared with that of a temporary on the same route into cow, measured at import.
Whatever is not known raises nothing. The routes, and how they are measured, stand at
the end of this module.
"""

from __future__ import annotations

import contextlib
import operator
import sys
from collections.abc import Callable, Generator
from types import FrameType
from typing import Any

import numpy as np

from cow import _core
from cow._dispatch.advice import refuse
from cow._dispatch.operands import (
    Operands,
    instruction,
    is_known,
    operands,
    stores_what_is_named,
)
from cow._ground.frames import frame_at
from cow._ground.types import Args, Func

# Local variables are counted references up to CPython 3.13; 3.14 borrows them.
COUNTS_LOCALS = sys.version_info < (3, 14)
# up to CPython 3.12 a trace function leaves references to all local variables
_TRACES_COUNT = sys.version_info < (3, 13)
# the most of them that an array has on its way
SLACK = 4 if _TRACES_COUNT else 0

_STORES = ("STORE_SUBSCR", "STORE_SLICE")
_SETTERS = (operator.setitem, vars(_core.Array)["__setitem__"])


def address_of(name: str) -> int:
    """Return the address of a function of CPython's that has this name, or 0.

    The limited API of CPython 3.11 lacks some that each later version has.
    """
    try:
        import ctypes
    except ImportError:
        return 0

    function = getattr(ctypes.pythonapi, name, None)
    return ctypes.cast(function, ctypes.c_void_p).value or 0 if function else 0


class Route:
    """A way on which arrays get to the code that asks whether they are temporary.

    The frame of the caller is `depth` above that of `caller`; ``given(operands, array,
    *rest)``, a method of `Operands`, tells whether its instruction gives the array
    away. ``quick`` holds the most references to a temporary that the code which asks
    counts, to save it the question: when another array dispatched the call (False),
    and when the array itself did (True).
    """

    __slots__ = ("_given", "_measuring", "_most", "depth", "quick")

    def __init__(self, depth: int, given: Callable[..., bool]) -> None:
        self.depth = depth
        self.quick = {False: 0, True: 0}
        self._given = given
        self._most = {False: 0, True: 0}
        self._measuring: bool | None = None

    @contextlib.contextmanager
    def measuring(self, own: bool = True) -> Generator[None]:
        """Measure: in the block calls are made whose targets are temporaries."""
        self._measuring = own
        self.quick[own] = self._most[own] = sys.maxsize
        yield
        self._measuring = None

    def check(
        self,
        array: _core.Array,
        count: int,
        what: str,
        rest: Args = (),
        own: bool = True,
        fewer: int = 0,
    ) -> None:
        """Raise where `array` is a temporary view, and so a write into it is lost.

        As `caller`; `what` is the beginning of the message.
        """
        if count <= self.quick[own] and _core.is_shared_view(array):
            frame = self.caller(array, count, rest, own, fewer)
            if frame is not None:
                refuse(frame, array, what)

    def caller(
        self,
        array: object,
        count: int,
        rest: Args = (),
        own: bool = True,
        fewer: int = 0,
    ) -> FrameType | None:
        """Return the frame of which `array` is a temporary, if it is one.

        `count` is of references as the code counts them that asks, `fewer` of those
        that its call lacks.
        """
        held = 0
        if _TRACES_COUNT and (sys.gettrace() or sys.getprofile()):
            for above in range(self.depth):
                # no name for the values, which would be among them and a cycle
                held += [*map(id, frame_at(above).f_locals.values())].count(id(array))
        seen = sys.getrefcount(array) - held
        if self._measuring is not None:
            own = self._measuring
            self.quick[own] = min(self.quick[own], count + SLACK)
            self._most[own] = min(self._most[own], seen)
        elif seen <= self._most[own] - fewer:
            frame = frame_at(self.depth)
            found = operands(frame)
            if found is not None and self._given(found, array, *rest):
                return frame
        return None


def check_store(array: _core.Array) -> None:
    """Raise where the caller's Python code stores an item into a temporary.

    The core has counted one reference.
    """
    frame = frame_at(1)
    found = operands(frame)
    if found is not None:
        lost = found.changes(array, _STORES, _SETTERS)
    else:
        # CPython 3.14 and newer tell the core that the stack holds the array: for
        # the target, or for the value, into which a target of C code may write
        lost = (
            not (COUNTS_LOCALS or is_known())
            and instruction(frame) in _STORES
            and stores_what_is_named(frame)
        )
    if lost:
        refuse(frame, array, "assignment to an item of")


def check_flat(flat: object, array: _core.Array, count: int, setter: Func) -> None:
    """Raise where the iterator `flat` is a temporary, of an array that is one, too."""
    frame = FLAT.caller(flat, count, (_STORES, (operator.setitem, setter)))
    if frame is not None:
        refuse(frame, array, "assignment to an item of", flat)


def check_property(array: _core.Array, count: int, name: str) -> None:
    """Raise where the caller sets a property of a temporary view."""
    given = ("STORE_ATTR",), (setattr, object.__setattr__)
    PROPERTY.check(array, count, f"setting {name} of", given)


def is_discarded(array: _core.Array, count: int) -> bool:
    """Is `array` a temporary, no view, on which the method that asks was called?

    `count` is ``sys.getrefcount(self)`` in the method. Nobody would see a write into
    its memory.
    """
    return (
        count <= METHOD.quick[True]
        and _core.guard(array) is None
        and not _core.is_shared_view(array)
        and _core.sharing(array).owner is None  # borrows from no owner
        and METHOD.caller(array, count) is not None
    )


# The most references to an output that is a temporary, and to the tuple that it is
# in: of a call (or another method), dispatched by the output itself (or not), in a
# tuple of the caller's (or NumPy's).
_most: dict[tuple[bool, bool, bool], tuple[int, int]] = {}
_measuring: tuple[bool, bool, bool] | str | None = None


def check_output(
    out: _core.Array,
    outs: Args,
    ufunc: np.ufunc,
    count: int,
    holding: int,
    own: bool,
    call: bool,
) -> None:
    """Raise where the caller's Python code passed a temporary view for an output.

    `count` is of references to it, `holding` to the tuple that it is in; `own`: it
    dispatched the call itself.
    """
    if isinstance(_measuring, tuple):
        _most[_measuring] = count, holding
        return
    for held, in_tuple in ((out, False), (outs, True)):
        most = _most[bool(call), bool(own), in_tuple]
        if count <= most[0] and holding <= most[1]:
            frame = frame_at(1)
            found = operands(frame)
            if found is not None and found.passes(held, ufunc):
                within = outs if in_tuple else None
                refuse(frame, out, f"{ufunc.__name__} into", within, outs)
    if count <= max(route.quick[True] for route in OUTPUT_OF_PLAIN.values()):
        _check_output_of_plain(out, count)


def _check_output_of_plain(out: _core.Array, count: int) -> None:
    """Raise where a method of a plain array was given a temporary view."""
    above, frame = 2, frame_at(2)
    while frame.f_globals.get("__name__") == "numpy._core._methods":
        if frame.f_back is None:
            return
        above, frame = above + 1, frame.f_back
    found = operands(frame)
    name = _measuring if isinstance(_measuring, str) else found and found.attribute
    route = OUTPUT_OF_PLAIN.get(name or "")
    if isinstance(_measuring, str) and route is not None:
        route.depth = above + 1
    if route is not None and route.depth == above + 1:
        caller = route.caller(out, count)
        if caller is not None:
            refuse(caller, out, f"{name}() into")


METHOD = Route(3, Operands.begins_with)  # x.sort()
OUTPUT_OF_METHOD = Route(3, Operands.passes_to_method)  # y.clip(0, 1, out=x)
OUTPUT_OF_FUNCTION = Route(4, Operands.passes)  # np.take(y, idx, out=x)
# y.sum(0, out=x), where y is plain: methods that call ufuncs
_OF_PLAIN: dict[str, Callable[[Any, Any, Any], Any]] = {
    "all": lambda y, z, x: z.all(0, out=x[:]),
    "any": lambda y, z, x: z.any(0, out=x[:]),
    "clip": lambda y, z, x: y.clip(0, 1, out=x[:]),
    "cumprod": lambda y, z, x: y.cumprod(0, out=x[:]),
    "cumsum": lambda y, z, x: y.cumsum(0, out=x[:]),
    "max": lambda y, z, x: z.max(0, out=x[:]),
    "mean": lambda y, z, x: z.mean(0, out=x[:]),
    "min": lambda y, z, x: z.min(0, out=x[:]),
    "prod": lambda y, z, x: z.prod(0, out=x[:]),
    "round": lambda y, z, x: y.round(0, out=x[:]),
    "std": lambda y, z, x: z.std(0, out=x[:]),
    "sum": lambda y, z, x: z.sum(0, out=x[:]),
    "var": lambda y, z, x: z.var(0, out=x[:]),
}
OUTPUT_OF_PLAIN = {name: Route(0, Operands.passes_to_any) for name in _OF_PLAIN}
TARGET_OF_AT = Route(4, Operands.passes)  # np.add.at(x, idx, y)
PROPERTY = Route(4, Operands.changes)  # x.real = y
FLAT = Route(3, Operands.changes)  # x.flat[0] = y
# the references to an array that only its flat iterator holds, in a method of that one,
# and to an object that only a variable holds, in a method of the object
alone_in_flat = held_once = sys.maxsize


class _Named:
    def count(self) -> int:
        return sys.getrefcount(self)


def _count_of_named() -> int:
    named = _Named()
    return named.count()


def calibrate(make: Callable[[], Any]) -> None:
    """Measure the reference counts of temporaries; make() is a new array."""
    global _measuring, alone_in_flat, held_once
    x, y, z = make(), np.zeros(2), np.zeros((1, 2))
    with METHOD.measuring():
        x[:].fill(0)
    with OUTPUT_OF_METHOD.measuring():
        x.clip(0, 1, out=x[:])
    with OUTPUT_OF_FUNCTION.measuring(True):
        np.take(y, [0, 1], out=x[:])
        np.copyto(x[:], 0)
    with OUTPUT_OF_FUNCTION.measuring(False):
        np.take(x, [0, 1], out=x[:])
    with TARGET_OF_AT.measuring():
        np.add.at(x[:], 0, 0.0)
    with PROPERTY.measuring():
        x[:].real = 0
    flat = x[:].flat
    alone_in_flat = sys.getrefcount(flat._array)
    with FLAT.measuring():
        x[:].flat[0] = 0
    reduce: Func = np.add.reduce
    for source, own in ((z, True), (x[None], False)):
        _measuring = True, own, False
        np.add(source, 1, out=x[None])
        _measuring = True, own, True
        np.add(source, 1, out=(x[None],))
        _measuring = False, own, False
        reduce(source, out=x[:])
        _measuring = False, own, True
        reduce(source, out=(x[:],))
    for name, route in OUTPUT_OF_PLAIN.items():
        _measuring = name
        with route.measuring():
            _OF_PLAIN[name](np.zeros(2), np.zeros((2, 2)), x)
    _measuring = None
    # the stack of a caller may own a reference, or borrow it from the variable
    held_once = _count_of_named() + (not COUNTS_LOCALS)
