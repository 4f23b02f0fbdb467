"""`numpy.nditer` and `numpy.nested_iters`, which offer no hook, over cow arrays.

They hold the address of what they go over. A cow array that is written through
one is opened, as by `cow.writing`; of what is only read they get a snapshot.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Never

import numpy as np

from cow import _core
from cow._array.array import CowArray
from cow._dispatch.calls import snapshot
from cow._dispatch.operands import Operands
from cow._dispatch.temporaries import Route
from cow._ground.errors import ChainedAssignmentError
from cow._insight.views import views

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["nditer", "nested_iters"]

_WRITES = ("readwrite", "writeonly")


class _EachIterator(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, np.nditer)


class nditer(metaclass=_EachIterator):
    """As `numpy.nditer`, over cow arrays, too.

    Notes
    -----
    A cow array with the flag ``readwrite`` or ``writeonly`` is written where it
    lies. As with `cow.writing`, its memory is never shared again: its views and
    copies are copies from then on (``a = a.copy()`` is free of it). What is only read
    is a snapshot. ``operands`` are plain arrays.

    Examples
    --------
    >>> import cow.numpy as np
    >>> a = np.arange(3)
    >>> with np.nditer(a, op_flags=["readwrite"]) as it:
    ...     for x in it:
    ...         x[...] = 2 * x
    >>> a
    cow.array([0, 2, 4])
    """

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        """Return NumPy's iterator."""
        op = args[0] if args else kwargs.get("op")
        op_flags = args[2] if len(args) > 2 else kwargs.get("op_flags")
        if isinstance(op, _core.Array) and _is_written(op_flags, 0):
            route = (_BY_NAME if kwargs else _BY_POSITION) if args else _ALL_BY_NAME
            _check(route, op, sys.getrefcount(op), cls)
        op = _opened(op, op_flags)
        if args:
            return np.nditer(op, *args[1:], **kwargs)
        return np.nditer(**{**kwargs, "op": op} if kwargs else {})


def nested_iters(
    op: Any,
    axes: Any,
    flags: Any = None,
    op_flags: Any = None,
    *args: Any,
    **kwargs: Any,
) -> Any:
    """As `numpy.nested_iters`, over cow arrays, too; see `nditer`."""
    if isinstance(op, _core.Array) and _is_written(op_flags, 0):
        _check(_OF_NESTED, op, sys.getrefcount(op), nested_iters)
    op = _opened(op, op_flags)
    return np.nested_iters(op, axes, flags, op_flags, *args, **kwargs)


def _check(route: Route, op: _core.Array, count: int, function: object) -> None:
    """Raise where `op` is a temporary view, into which writes would be lost."""
    may_be = count <= route.quick[True] and _core.is_shared_view(op)
    if may_be and route.caller(op, count, (function,)) is not None:
        _refuse(op)


def _refuse(array: _core.Array) -> Never:
    guard = _core.guard(array)
    if guard is not None:
        guard(array)
    raise ChainedAssignmentError(
        "iteration over a temporary view: the array that it was taken from would not "
        "change, what the loop writes would be lost. Name the view before the loop, "
        "and assign it behind:  view = a[1:3]; ...; a[1:3] = view"
    )


def _is_written(op_flags: Any, at: int) -> bool:
    """Do the flags say that the operand at this position is written?"""
    if not isinstance(op_flags, list | tuple) or not op_flags:
        return False
    # one list of flags is for all operands
    flat = any(isinstance(each, str) for each in op_flags)
    flags: Any = op_flags if flat else op_flags[at] if at < len(op_flags) else ()
    return any(each in _WRITES for each in flags)


def _opened(op: Any, op_flags: Any) -> Any:
    """Return operands for NumPy: plain arrays over what is written, snapshots."""
    if isinstance(op, _core.Array):
        return _core.open(op) if _is_written(op_flags, 0) else snapshot(op)
    if not isinstance(op, list | tuple):
        return op
    operands: list[Any] = list(op)
    opened: dict[int, Any] = {}
    for at in range(len(operands)):
        if isinstance(operands[at], _core.Array) and _is_written(op_flags, at):
            if id(operands[at]) not in opened:
                _check_item(operands[at])
            opened[id(operands[at])] = _core.open(operands[at])
    for at, each in enumerate(operands):
        if isinstance(each, _core.Array):
            plain = opened.get(id(each))
            operands[at] = snapshot(each) if plain is None else plain
    return operands


# the most references to an item that only the caller's list holds, in `_check_item`
_alone = 0


def _check_item(item: _core.Array) -> None:
    """Raise where `item` is a temporary view, into which a write would be lost."""
    global _alone
    count = sys.getrefcount(item)
    if _alone < 0:
        _alone = count
    elif count <= _alone and _core.is_shared_view(item):
        _refuse(item)


_BY_POSITION = Route(3, Operands.passes)  # np.nditer(x, [], ["readwrite"])
_BY_NAME = Route(3, Operands.passes)  # np.nditer(x, op_flags=["readwrite"])
_ALL_BY_NAME = Route(3, Operands.passes)  # np.nditer(op=x, op_flags=["readwrite"])
_OF_NESTED = Route(3, Operands.passes)  # np.nested_iters(x, ...)


def _calibrate() -> None:
    global _alone
    x: Any = _core.wrap(np.zeros(2), CowArray)
    with _BY_POSITION.measuring():
        nditer(x[:], None, ["readwrite"])
    with _BY_NAME.measuring():
        nditer(x[:], op_flags=["readwrite"])
    with _ALL_BY_NAME.measuring():
        nditer(op=x[:], op_flags=["readwrite"])
    with _OF_NESTED.measuring():
        nested_iters(x[None], [[0], [1]], op_flags=["readwrite"])
    _alone = -1
    nditer([x[:]], None, [["readwrite"]])


with views("copy"):  # COW_VIEWS may be set
    _calibrate()
