"""Tell a write into a temporary view from one into an array that somebody holds.

A write is lost for certain, and raises, if two things are known: the stack of
the caller's Python code holds the array itself and gives it to the very store or
call that writes, and nothing else has a reference to it. The first is seen in the
frame (see `cow._dispatch.operands`). The second is told by the reference count, which
is compared with that of a temporary on the same route into cow, measured at import.
Whatever is not known raises nothing.
"""

from __future__ import annotations

import contextlib
import operator
import sys
from collections.abc import Callable, Generator
from types import FrameType
from typing import Any

from cow import _core
from cow._dispatch.advice import refuse
from cow._dispatch.operands import instruction, is_known, operands, stores_what_is_named
from cow._ground.frames import frame_at

# Local variables are counted references up to CPython 3.13; 3.14 borrows them.
COUNTS_LOCALS = sys.version_info < (3, 14)
# up to CPython 3.12 a trace function leaves references to all local variables
_TRACES_COUNT = sys.version_info < (3, 13)
# the most of them that an array has on its way
SLACK = 4 if _TRACES_COUNT else 0

STORES = ("STORE_SUBSCR", "STORE_SLICE")
_SETTERS = (operator.setitem, vars(_core.Array)["__setitem__"])


def address_of(name: str) -> int:
    """Return the address of a function of CPython's that has this name, or 0.

    The limited API of CPython 3.11 lacks some that each later version has.
    """
    import ctypes

    function = getattr(ctypes.pythonapi, name, None)
    return ctypes.cast(function, ctypes.c_void_p).value or 0 if function else 0


class Route:
    """A way on which arrays get to the code that asks whether they are temporary.

    The frame of the caller is `depth` above that of `caller`. ``quick`` holds the most
    references to a temporary that this code counts, to save it the question: when
    another array dispatched the call (False), and when the array itself did (True).
    """

    __slots__ = ("_measuring", "_most", "depth", "quick")

    def __init__(self, depth: int) -> None:
        self.depth = depth
        self.quick = {False: 0, True: 0}
        self._most = {False: 0, True: 0}
        self._measuring: bool | None = None

    @contextlib.contextmanager
    def measuring(self, own: bool = True) -> Generator[None]:
        """Measure: in the block calls are made whose targets are temporaries."""
        self._measuring = own
        self.quick[own] = self._most[own] = sys.maxsize
        yield
        self._measuring = None

    def caller(
        self,
        array: object,
        count: int,
        is_given: Callable[..., bool],
        *rest: Any,
        own: bool = True,
        fewer: int = 0,
    ) -> FrameType | None:
        """Return the frame of which `array` is a temporary, if it is one.

        `count` is of references as the code counts them that asks, `fewer` of those
        that its call lacks; is_given(operands, array, *rest), a method of `Operands`,
        tells whether the frame's instruction gives the array away.
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
            if found is not None and is_given(found, array, *rest):
                return frame
        return None


def check_store(array: _core.Array) -> None:
    """Raise where the caller's Python code stores an item into a temporary.

    The core has counted one reference.
    """
    frame = frame_at(1)
    found = operands(frame)
    if found is not None:
        lost = found.changes(array, STORES, _SETTERS)
    else:
        # CPython 3.14 and newer tell the core that the stack holds the array: for
        # the target, or for the value, into which a target of C code may write
        lost = (
            not (COUNTS_LOCALS or is_known())
            and instruction(frame) in STORES
            and stores_what_is_named(frame)
        )
    if lost:
        refuse(frame, array, "assignment to an item of")
