"""``__array_function__``: NumPy's functions on cow arrays.

A handler is prepared for each function at its first call, according to its
group in the table.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from cow import _core
from cow._dispatch import table
from cow._dispatch.calls import (
    CUMULATIVE,
    ELEMENTWISE,
    call_with,
    check_axes,
    named,
    write_all,
)
from cow._dispatch.temporaries import OUTPUT_OF_FUNCTION
from cow._ground.errors import ChainedAssignmentError
from cow._ground.types import Args, Func, Kwargs, Order, type_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance


_Handler: TypeAlias = Callable[[_core.Array, type[_core.Array], Args, Kwargs], Any]


def array_function(
    self: _core.Array,
    func: Func,
    types: Collection[type],
    args: Any,
    kwargs: Any,
) -> Any:
    """Call `func` on plain arrays and wrap what it returns."""
    if not isinstance(args, tuple):
        raise TypeError("args must be a tuple")
    if not isinstance(kwargs, dict):
        raise TypeError("kwargs must be a dict")
    kind = type(self)
    cls = kind._result_class or kind
    if len(types) != 1:
        for other in types:
            if issubclass(other, _core.Array):
                other = other._result_class or other
                if other.__array_priority__ > cls.__array_priority__:
                    cls = other
            elif not issubclass(other, np.ndarray):
                return NotImplemented
    if func not in _handlers:
        prepare(func)
    return _handlers[func](self, cls, args, kwargs)


def prepare(func: Func) -> None:
    """Choose the handler of `func`, at its first call."""
    _handlers[func] = _prepare(func)
    quick.setdefault(func, None)


_handlers: dict[Func, _Handler] = {}
# What the core calls itself, for plain arguments: the implementation, the number
# of positional arguments without an output, the keywords, and how.
quick: dict[Func, tuple[Func, int, frozenset[str], int] | None] = {}
_GROUP_OF = {
    name: group
    for group, members in table.GROUPS.items()
    for name in table.names(members)
}


def _prepare(func: Func) -> _Handler:
    """Return the handler of `func`: called with (self, cls, args, kwargs)."""
    name = table.name_of(func)
    group = _GROUP_OF.get(name, "reads")
    if group == "writes":
        return _writing(func, *table.WRITES[name])
    if group == "calls back":
        return _calling_back(func, table.CALLS_BACK[name])
    if group in _SPECIAL:
        return _SPECIAL[group](func)
    at = _positions(func)
    out_at = at.get("out", table.OUT_IN_C.get(name))
    implementation = getattr(func, "_implementation", None)
    if group == "reads" and implementation is not None:
        keywords = (at.keys() or {"axis"}) - {"out", "like", "subok"}
        most = sys.maxsize if out_at is None else out_at
        how = table.CALLED.get(name, 0)
        quick[func] = implementation, most, frozenset(keywords), how
    if "out" not in at and name not in table.OUT_IN_C:
        return _reading(func)
    return _writing(func, "out", out_at)


def _positions(func: Func) -> dict[str, int | None]:
    """Map the parameters of `func` to positions, None for keywords only."""
    try:
        parameters = inspect.signature(func).parameters.values()
    except (TypeError, ValueError):
        return {}
    found: dict[str, int | None] = {}
    for at, parameter in enumerate(parameters):
        by_keyword = parameter.kind is parameter.KEYWORD_ONLY
        found[parameter.name] = None if by_keyword else at
    return found


def _reading(func: Func) -> _Handler:
    def call(
        self: _core.Array, cls: type[_core.Array], args: Args, kwargs: Kwargs
    ) -> Any:
        if kwargs.get("subok") is False:
            return _core.call(func, args, kwargs)
        return _core.call(func, args, kwargs, cls, self)

    return call


def _writing(
    func: Func,
    name: str,
    at: int | None,
    wanted: Callable[[Args, Kwargs], bool] | None = None,
    scratch: int | None = None,
) -> _Handler:
    """Handle a function that writes its argument `name`, where it is given.

    `scratch`: the position of ``overwrite_input``, which is never true.
    """
    unseen = name == "out" and not _dispatches_on_out(func)
    accumulates = func.__name__ in CUMULATIVE
    elementwise = table.name_of(func) in {f"numpy.{name}" for name in ELEMENTWISE}
    into = f"{func.__name__}() into"
    read = _reading(func)

    def call(
        self: _core.Array, cls: type[_core.Array], args: Args, kwargs: Kwargs
    ) -> Any:
        out = kwargs.get(name)
        if out is None and at is not None and len(args) > at:
            out = args[at]
        if wanted is not None and not wanted(args, kwargs):
            out = None
        if isinstance(out, _core.Array):
            OUTPUT_OF_FUNCTION.check(
                out, sys.getrefcount(out), into, (func,), out is self, unseen
            )
            if accumulates:
                check_axes(func.__name__, out)
        if scratch is not None:
            args, kwargs = _without_scratch(args, kwargs, scratch)
        if out is None:
            return read(self, cls, args, kwargs)
        where = name if at is None or name in kwargs else at
        if isinstance(out, _core.Array):
            result = _core.write(func, args, kwargs, where, elementwise)
            return result if result is out else _core.wrap(result, cls)
        if type_of(out) is not tuple:
            result = _core.call(func, args, kwargs)
            return out if result is out else _core.wrap(result, cls, self)
        result = write_all(out, call_with, func, args, kwargs, where)
        if any(result is target for target in out):
            return result
        return _core.wrap(result, cls)

    return call


class _Probe:
    def __array_function__(
        self, func: Func, types: Any, args: Args, kwargs: Kwargs
    ) -> object:
        return self


def _dispatches_on_out(func: Func) -> bool:
    """Is `out` among the arguments that `func` holds while it dispatches?"""
    probe = _Probe()
    for filler in (None, ()):
        for n in range(4):
            try:
                if func(*[filler] * n, out=probe) is probe:
                    return True
            except Exception:
                continue
    return False


def _writing_unless_copy(func: Func) -> _Handler:
    def wanted(args: Args, kwargs: Kwargs) -> bool:
        return not (args[1] if len(args) > 1 else kwargs.get("copy", True))

    return _writing(func, "x", 0, wanted)


def _copying(func: Func) -> _Handler:
    def call(
        self: _core.Array, cls: type[_core.Array], args: Args, kwargs: Kwargs
    ) -> Any:
        return _copy(cls, *args, **kwargs)

    return call


def _copy(
    cls: type[_core.Array], a: Any, order: Order = "K", subok: Any = False
) -> Any:
    if not isinstance(a, _core.Array):
        return _core.wrap(np.copy(a, order, subok), cls)
    return _core.copy(a, type(a)._result_class or type(a), order)


def _having_scratch(func: Func) -> _Handler:
    at = _positions(func)
    return _writing(func, "out", at["out"], scratch=at["overwrite_input"])


def _without_scratch(args: Args, kwargs: Kwargs, at: int) -> tuple[Args, Kwargs]:
    if kwargs.get("overwrite_input"):
        kwargs = {**kwargs, "overwrite_input": False}
    if len(args) > at:
        args = (*args[:at], False, *args[at + 1 :])
    return args, kwargs


def _calling_back(func: Func, at: int) -> _Handler:
    def call(
        self: _core.Array, cls: type[_core.Array], args: Args, kwargs: Kwargs
    ) -> Any:
        callback = _seeing_cow(args[at], cls) if len(args) > at else None
        if callback is None:
            kwargs = dict(kwargs)
            first = {"func", "func1d", "funclist"} & set(kwargs)
            for name in first:
                kwargs[name] = _seeing_cow(kwargs[name], cls)
        else:
            args = (*args[:at], callback, *args[at + 1 :])
        return _core.call(func, args, kwargs, cls, self)

    return call


def _seeing_cow(callback: Any, cls: type[_core.Array]) -> Any:
    """Return `callback`, or the list of them, so that it gets cow arrays."""
    if isinstance(callback, list | tuple):
        return [_seeing_cow(item, cls) for item in callback]
    if not callable(callback):
        return callback

    def called(*args: Any, **kwargs: Any) -> Any:
        given = _core.wrap(args, cls)
        result = callback(*given, **kwargs)
        if result is None and any(map(_has_moved, given, args)):
            raise ChainedAssignmentError(
                "the function wrote into its argument and returned nothing. The "
                "argument is a snapshot, so this write would be lost: return it"
            )
        return _core.plain(result)

    return called


def _has_moved(array: Any, source: Any) -> bool:
    """Was `array` written, and so left the memory that it was made over?"""
    return (
        isinstance(array, _core.Array)
        and array.size > 0
        and not np.may_share_memory(_core.plain(array), source)
    )


def _printing(func: Func) -> _Handler:
    def call(
        self: _core.Array, cls: type[_core.Array], args: Args, kwargs: Kwargs
    ) -> Any:
        if args:
            return func(named(args[0]), *args[1:], **kwargs)
        return func(**{**kwargs, "arr": named(kwargs["arr"])})

    return call


_SPECIAL: dict[str, Callable[[Func], _Handler]] = {
    "writes unless copy": _writing_unless_copy,
    "copies": _copying,
    "scratch": _having_scratch,
    "prints": _printing,
}
