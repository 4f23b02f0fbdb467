"""``__array_ufunc__``: everything that the core does not handle itself.

That is outputs, ``where``, ``at`` and the reductions, operands of other
types, and subclasses of CowArray.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from cow import _core
from cow._dispatch.calls import (
    CUMULATIVE,
    call_with,
    check_axes,
    result_class,
    write_all,
)
from cow._dispatch.temporaries import TARGET_OF_AT
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
        if method == "__call__":  # it may write an operand, or let another thread
            inputs = tuple([_core.converted(value) for value in inputs])
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
        return _core.write(function, inputs, kwargs, "out")
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


def _at(self: _core.Array, ufunc: np.ufunc, inputs: Args) -> Any:
    target = inputs[0]
    if not isinstance(target, _core.Array):
        # NumPy writes a plain target itself; the rest is read
        return _core.call(ufunc.at, inputs, None)
    count, what = sys.getrefcount(target), f"{ufunc.__name__}.at() into"
    TARGET_OF_AT.check(target, count, what, (ufunc,), target is self)
    _core.write(ufunc.at, inputs, None, 0)
