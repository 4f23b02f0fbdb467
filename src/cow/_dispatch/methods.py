"""The methods and properties of ndarray, made for cow arrays.

Each method is put in one of three groups: it reads (plain arrays go in, results
are wrapped), it writes (through an alias), or it is inherited because it does
neither or only looks.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from cow import _core
from cow._dispatch.calls import (
    CUMULATIVE,
    ELEMENTWISE,
    check_axes,
    stores_objects,
    write_raw,
)
from cow._dispatch.temporaries import METHOD, OUTPUT_OF_METHOD
from cow._ground.types import Func, Order, Plain

if TYPE_CHECKING:
    from typing_extensions import CapsuleType

    from cow._ground.types import isinstance

__all__ = [
    "INHERITED",
    "READING",
    "WRITING",
    "copy",
    "get_ctypes",
    "get_imag",
    "get_interface",
    "get_real",
    "get_struct",
    "writing",
]

_ND = np.ndarray

WRITING = ("fill", "partition", "put", "setfield", "sort")
# Left to ndarray: they look at the array object and give no arrays, or views.
INHERITED = """
    mT device flags itemsize nbytes ndim shape size
    _set_shape dump dumps item itemset newbyteorder ptp
    to_device tobytes tofile tolist tostring
    __array_namespace__ __bool__ __class_getitem__ __complex__
    __divmod__ __dlpack_device__ __float__ __index__ __int__
    __imatmul__ __ipow__ __iter__ __len__ __pos__ __rdivmod__
"""


def _conjugate(array: Plain, out: Plain | None = None) -> Any:
    """Conjugate: NumPy's method takes its output by position only."""
    outs: Any = () if out is None else (out,)
    return _ND.conjugate(array, *outs)


def _reading(name: str, out_at: int) -> Func:
    original: Func = getattr(_ND, name)
    function = _conjugate if name.startswith("conj") else original
    accumulates, elementwise = name in CUMULATIVE, name in ELEMENTWISE
    into = f"{name}() into"

    @functools.wraps(original, assigned=("__name__",))
    def method(self: _core.Array, *args: Any, **kwargs: Any) -> Any:
        cls = self._result_class or type(self)
        out = kwargs.get("out")
        if out is None and len(args) > out_at:
            out = args[out_at]
            kwargs["out"] = out
            args = args[:out_at]
        if isinstance(out, _core.Array):
            OUTPUT_OF_METHOD.check(out, sys.getrefcount(out), into, (self, name))
            if accumulates:
                check_axes(name, out)
            return _core.write(function, (self, *args), kwargs, "out", elementwise)
        # where NumPy returns the array itself (conj, squeeze) this is a view
        if out is None:
            return _core.call(function, (self, *args), kwargs, cls, self)
        result = _core.call(function, (self, *args), kwargs)
        return out if result is out else _core.wrap(result, cls, self)

    method.__qualname__ = f"CowArray.{name}"
    # the examples show plain arrays
    method.__doc__ = (original.__doc__ or "").partition("Examples\n")[0]
    return method


# the core calls these where it does not handle a method itself
READING = {name: _reading(name, at) for name, at in _core.reading.items()}


def copy(self: _core.Array, order: Order = "C") -> Any:
    """Return a copy of the array.

    Parameters
    ----------
    order : {'C', 'F', 'A', 'K'}, optional
        Memory layout, as for `numpy.ndarray.copy`.

    Returns
    -------
    CowArray
        Same shape and dtype; a write to either leaves the other as it is.

    Notes
    -----
    Its memory is its own, at another address: C code that writes into it leaves
    the array as it is. ``a[...]`` is a snapshot that takes no memory.

    Examples
    --------
    >>> import cow
    >>> a = cow.zeros(3)
    >>> b = a.copy()
    >>> b[0] = 1
    >>> a
    cow.array([0., 0., 0.])
    """
    return _core.copy(self, self._result_class or type(self), order)


def writing(name: str) -> Func:
    function: Func = getattr(_ND, name)
    on = f"{name}() on"

    @functools.wraps(function, assigned=("__name__", "__doc__"))
    def method(self: _core.Array, *args: Any, **kwargs: Any) -> None:
        METHOD.check(self, sys.getrefcount(self), on)
        if stores_objects(self):
            write_raw(self, function, args, kwargs)
        else:
            _core.write(function, (self, *args), kwargs, 0)

    method.__qualname__ = f"CowArray.{name}"
    return method


# checkers take `property.__get__` for that of a class
get_real: Func
get_imag: Func
get_ctypes: Func
get_interface: Callable[[Plain], dict[str, Any]]
get_struct: Callable[[Plain], CapsuleType]
get_real, get_imag, get_ctypes, get_interface, get_struct = (
    vars(_ND)[name].__get__
    for name in ("real", "imag", "ctypes", "__array_interface__", "__array_struct__")
)
