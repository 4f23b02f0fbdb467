"""``__array_ufunc__``: everything that the core does not handle itself.

That is outputs, ``where``, ``at`` and the reductions, operands of other
types, and subclasses of CowArray.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from cow import _core
from cow._dispatch.advice import refuse
from cow._dispatch.calls import (
    CUMULATIVE,
    call_with,
    check_axes,
    result_class,
    write_all,
    write_apart,
)
from cow._dispatch.operands import Operands, operands
from cow._dispatch.temporaries import Route
from cow._ground.frames import frame_at
from cow._ground.types import Args, Func, type_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

_NDARRAY_UFUNC: object = np.ndarray.__array_ufunc__
# types that are known not to override ufuncs
_INERT: set[object] = {
    np.ndarray,
    int,
    float,
    complex,
    bool,
    list,
    tuple,
    str,
    type(None),
}

_route_at = Route(4)
# The most references to an output that is a temporary, and to the tuple that it is
# in: of a call (or another method), dispatched by the output itself (or not), in a
# tuple of the caller's (or NumPy's).
_most: dict[tuple[bool, bool, bool], tuple[int, int]] = {}
_measuring: tuple[bool, bool, bool] | None = None


def _overrides(value: object) -> bool:
    """Does `value` override ufuncs in a way that is not ours?"""
    method = getattr(type(value), "__array_ufunc__", _NDARRAY_UFUNC)
    return method is not _NDARRAY_UFUNC and not isinstance(value, _core.Array)


def _knows_plain(value: object) -> bool:
    """Is `value` of a subclass of ndarray, which must handle plain arrays?

    Its method may call ndarray's with what it does not know, as NumPy's
    documentation has it; that one gives up on a cow array.
    """
    return isinstance(value, np.ndarray) and type(value).__array_ufunc__ is not None


def array_ufunc(
    self: _core.Array, ufunc: np.ufunc, method: str, *inputs: Any, **kwargs: Any
) -> Any:
    """Call `ufunc` on plain arrays and wrap what it returns."""
    outs = kwargs.pop("out", ())
    if type_of(outs) is not tuple:
        outs = (outs,)  # numba's ufuncs pass it on as it was given
    kind = type(self)
    simple, foreign = True, False
    for value in inputs + outs:
        other = type_of(value)
        if other is not kind and other not in _INERT:
            if _overrides(value):
                if not _knows_plain(value):
                    return NotImplemented
                foreign = True
            simple = False
    if simple:
        cls = kind._result_class or kind
    else:
        # there is at least one operand
        del value  # pyright: ignore[reportPossiblyUnboundVariable]
        cls = result_class((*inputs, *outs))
    source = self if kind._result_class is None else None
    if method == "at":
        return _at(self, ufunc, inputs)
    if method in CUMULATIVE and np.ndim(inputs[0]):
        for out in outs:
            check_axes(method, out)
    function: Func = ufunc if method == "__call__" else getattr(ufunc, method)
    if not outs and not kwargs.get("subok", True):
        return _core.call(function, inputs, kwargs)
    if not outs:
        return _core.call(function, inputs, kwargs, cls, source)
    if len(outs) == 1 and not foreign and isinstance(outs[0], _core.Array):
        kwargs["out"] = outs[0]
        return _writer(ufunc)(function, inputs, kwargs, "out")
    result = write_all(outs, call_with, function, inputs, kwargs, "out")
    if type_of(result) is not tuple or not kwargs.get("subok", True):
        return result
    # an output that was given is returned as it is, whatever its class
    return tuple(
        [
            item if any(item is out for out in outs) else _core.wrap(item, cls)
            for item in result
        ]
    )


def _writer(ufunc: np.ufunc) -> Func:
    """Return what writes an output: one made of a Python function runs code."""
    runs_code = not ufunc.types or ufunc.types[0].startswith("O")
    return write_apart if runs_code else _core.write


def _at(self: _core.Array, ufunc: np.ufunc, inputs: Args) -> Any:
    target = inputs[0]
    if not isinstance(target, _core.Array):
        # NumPy writes a plain target itself; the rest is read
        return _core.call(ufunc.at, inputs, None)
    count = sys.getrefcount(target)
    own = target is self
    if count <= _route_at.quick[own] and _core.is_shared_view(target):
        _refuse_target(target, count, ufunc, own)
    _writer(ufunc)(ufunc.at, inputs, None, 0)


def _refuse_target(target: _core.Array, count: int, ufunc: np.ufunc, own: bool) -> None:
    frame = _route_at.caller(target, count, Operands.passes, ufunc, own=own)
    if frame is not None:
        refuse(frame, target, f"{ufunc.__name__}.at() into")


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
    if _measuring is not None:
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


def calibrate(make: Callable[[], Any]) -> None:
    """Measure the reference counts of temporaries; make() is a new array."""
    global _measuring
    x, y = make(), np.zeros((1, 2))
    reduce: Func = np.add.reduce
    for source, own in ((y, True), (x[None], False)):
        _measuring = True, own, False
        np.add(source, 1, out=x[None])
        _measuring = True, own, True
        np.add(source, 1, out=(x[None],))
        _measuring = False, own, False
        reduce(source, out=x[:])
        _measuring = False, own, True
        reduce(source, out=(x[:],))
    _measuring = None
    with _route_at.measuring():
        np.add.at(x[:], 0, 0.0)
