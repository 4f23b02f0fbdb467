"""``__array_function__``: NumPy's functions on cow arrays."""

import inspect

import numpy as np

from cow import _core
from cow._calls import Writing, plain, result_class, wrap

# Functions that write into their first argument.
WRITES_FIRST = {
    np.copyto: "dst",
    np.put: "a",
    np.place: "arr",
    np.putmask: "a",
    np.put_along_axis: "arr",
    np.fill_diagonal: "a",
}


def _cows(value, found):
    """Collect the cow arrays in `value`, containers included."""
    if isinstance(value, _core.Array):
        found.append(value)
    elif type(value) in (list, tuple):
        for item in value:
            _cows(item, found)
    elif type(value) is dict:
        for item in value.values():
            _cows(item, found)


def array_function(self, func, types, args, kwargs):
    """Call `func` on plain arrays and wrap what it returns."""
    if not all(issubclass(kind, np.ndarray) for kind in types):
        return NotImplemented
    if func in WRITES_FIRST:
        return _write_first(func, args, dict(kwargs))
    if func is np.copy:
        return _copy(*args, **kwargs)
    found = []
    _cows(args, found)
    _cows(kwargs, found)
    cls = result_class(found) or type(self)
    out = kwargs.get("out")
    if out is None and args:
        args, kwargs, out = _positional_out(func, args, kwargs)
    outs = out if isinstance(out, tuple) else (out,)
    if not any(isinstance(item, _core.Array) for item in outs):
        return wrap(_compute(func, args, kwargs), cls)
    with Writing(outs) as writing:
        aliases = tuple(writing.aliases)
        result = _compute(
            func, args, kwargs, aliases if isinstance(out, tuple) else aliases[0]
        )
        del aliases
        if isinstance(result, tuple):
            result = tuple([writing.original(item) for item in result])
        else:
            result = writing.original(result)
    return wrap(result, cls)


def _positional_out(func, args, kwargs):
    """Move an `out` that was given by position into the keywords."""
    at = _out_position(func)
    if at is None or len(args) <= at or args[at] is None:
        return args, kwargs, None
    names = list(inspect.signature(func).parameters)
    named = dict(zip(names[at:], args[at:], strict=False))
    return args[:at], {**kwargs, **named}, args[at]


_OUT_POSITIONS = {}


def _out_position(func):
    if func not in _OUT_POSITIONS:
        try:
            names = list(inspect.signature(func).parameters)
        except (TypeError, ValueError):
            names = []
        _OUT_POSITIONS[func] = names.index("out") if "out" in names else None
    return _OUT_POSITIONS[func]


def _compute(func, args, kwargs, out=None):
    # in a frame of its own: no plain operand outlives the call
    kwargs = plain(dict(kwargs))
    if out is not None:
        kwargs["out"] = out
    return func(*plain(args), **kwargs)


def _write_first(func, args, kwargs):
    name = WRITES_FIRST[func]
    target = args[0] if args else kwargs.pop(name)
    with Writing((target,)) as writing:
        return _compute(func, (writing.aliases[0], *args[1:]), kwargs)


def _copy(a, order="K", subok=False):
    return _core.copy(a, type(a)._result_class or type(a), order)
