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
from cow._calls import Route, Writing, plain, result_class, wrap, write
from cow._types import Args, Kwargs, Plain, type_of

if TYPE_CHECKING:
    from cow._types import isinstance

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

_route_at = Route(3)
# an output of a call, of another method
_routes = Route(2), Route(2)
# the highest count of references to a tuple that NumPy made for the outputs
_holding = [sys.maxsize, sys.maxsize]


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
    is_plain = not kwargs.get("subok", True)
    if not outs:
        if is_plain:
            return _compute(ufunc, method, inputs, kwargs)
        return wrap(_compute(ufunc, method, inputs, kwargs), cls, source)
    if len(outs) == 1 and not foreign and isinstance(outs[0], _core.Array):
        return write(outs[0], _compute_into, ufunc, method, inputs, kwargs)
    return _into_all(ufunc, method, inputs, kwargs, outs, None if is_plain else cls)


def _compute_into(
    alias: Plain, ufunc: np.ufunc, method: str, inputs: Args, kwargs: Kwargs
) -> Any:
    return _compute(ufunc, method, inputs, kwargs, (alias,))


def _into_all(
    ufunc: np.ufunc,
    method: str,
    inputs: Args,
    kwargs: Kwargs,
    outs: Args,
    cls: type[_core.Array] | None,
) -> Any:
    with Writing(outs, (inputs, kwargs)) as writing:
        aliases = tuple(writing.aliases)
        inputs, kwargs = writing.operands
        result = _compute(ufunc, method, inputs, kwargs, aliases)
        result = writing.originals(result)
        del aliases, inputs, kwargs
    if cls is None or type_of(result) is not tuple:
        return result
    # an output that was given is returned as it is, whatever its class
    return tuple(
        [
            item if any(item is out for out in outs) else wrap(item, cls)
            for item in result
        ]
    )


def _compute(
    ufunc: np.ufunc, method: str, inputs: Args, kwargs: Kwargs, outs: Args | None = None
) -> Any:
    # in a frame of its own: no plain operand outlives the call
    call = ufunc if method == "__call__" else getattr(ufunc, method)
    if outs is None:
        return call(*plain(inputs), **plain(kwargs))
    return call(*plain(inputs), out=outs, **plain(kwargs))


def _at(self: _core.Array, ufunc: np.ufunc, inputs: Args) -> None:
    target = inputs[0]
    if not isinstance(target, _core.Array):
        # NumPy writes a plain target itself; the rest is read
        return ufunc.at(*plain(inputs))
    count = sys.getrefcount(target)
    if count <= _route_at.limits[target is self]:
        _route_at.check(target, count, ufunc, True)
    write(target, _compute_at, ufunc, inputs[1:])


def _compute_at(target: Plain, ufunc: np.ufunc, rest: Args) -> None:
    ufunc.at(target, *plain(rest))


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
    route = _routes[not call]
    if route.measured is not None:
        _holding[not call] = holding
    # a tuple of the caller's own holds a temporary in his stead
    if count + (holding > _holding[not call]) <= route.limits[own]:
        route.check(out, count, ufunc)


def calibrate(make: Callable[[], Any]) -> None:
    """Measure the reference counts of temporaries; make() is a new array."""
    x, y = make(), np.zeros((1, 2))
    for source, own in ((y, True), (x[None], False)):
        with _routes[0].measuring(own):
            np.add(source, 1, out=x[None])
        with _routes[1].measuring(own):
            np.add.reduce(source, out=x[:])
    with _route_at.measuring(True):
        np.add.at(x[:], 0, 0.0)
