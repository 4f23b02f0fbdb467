"""``__array_ufunc__``: everything that the core does not handle itself.

That is outputs, ``where``, ``at`` and the reductions, operands of other
types, and subclasses of CowArray.
"""

import numpy as np

from cow import _core
from cow._calls import Writing, plain, result_class, wrap

_NDARRAY_UFUNC = np.ndarray.__array_ufunc__


def _overrides(value):
    """Does `value` override ufuncs in a way that is not ours?"""
    method = getattr(type(value), "__array_ufunc__", _NDARRAY_UFUNC)
    return method is not _NDARRAY_UFUNC and not isinstance(value, _core.Array)


def array_ufunc(self, ufunc, method, *inputs, **kwargs):
    """Call `ufunc` on plain arrays and wrap what it returns."""
    outs = kwargs.pop("out", ())
    if any(_overrides(value) for value in (*inputs, *outs)):
        return NotImplemented
    cls = result_class((*inputs, *outs))
    source = self if type(self)._result_class is None else None
    if method == "at":
        return _at(ufunc, inputs)
    if not any(isinstance(out, _core.Array) for out in outs):
        if outs:
            kwargs["out"] = outs
        return wrap(_compute(ufunc, method, inputs, kwargs), cls, source)
    with Writing(outs) as writing:
        result = _compute(ufunc, method, inputs, kwargs, tuple(writing.aliases))
        if isinstance(result, tuple):
            result = tuple([writing.original(item) for item in result])
        else:
            result = writing.original(result)
    return wrap(result, cls, source)


def _compute(ufunc, method, inputs, kwargs, outs=None):
    # in a frame of its own: no plain operand outlives the call
    if outs is not None:
        kwargs["out"] = outs
    return getattr(ufunc, method)(*plain(inputs), **plain(kwargs))


def _at(ufunc, inputs):
    target, *rest = inputs
    with Writing((target,)) as writing:
        _compute_at(ufunc, writing.aliases[0], rest)


def _compute_at(ufunc, target, rest):
    ufunc.at(target, *[plain(value) for value in rest])
