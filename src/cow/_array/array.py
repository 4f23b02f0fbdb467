"""CowArray: an ndarray that behaves as a value.

The core gives copy-on-write to items, operators and simple ufunc calls, the
methods that are alike are made in `cow._dispatch.methods`; the others are here.
"""

from __future__ import annotations

import math
import operator
import os
import reprlib
import sys
import warnings
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeVar, cast

import numpy as np
from numpy import array as np_array
from numpy import zeros as np_zeros

from cow import _core
from cow._array.at import At
from cow._array.freezing import freeze, thaw
from cow._dispatch import foreign, functions, methods, temporaries
from cow._dispatch.calls import (
    looks_at,
    named,
    snapshot,
    write_apart,
)
from cow._dispatch.flat import Flat
from cow._dispatch.functions import array_function
from cow._dispatch.operands import operands
from cow._dispatch.ufuncs import array_ufunc
from cow._ground.frames import frame_at
from cow._ground.types import Args, Func, Plain, type_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike
    from typing_extensions import CapsuleType

    from cow._ground.types import isinstance, issubclass

__all__ = ["CowArray"]

_ND = np.ndarray
_A = TypeVar("_A", bound=_core.Array)


class _Finalizer:
    """``__array_finalize__`` of a subclass: the core's hook, then the user's."""

    def __init__(self, function: Func) -> None:
        self.function = function

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        if instance is None:
            return _core.capsule
        return self.function.__get__(instance, owner)


def _complete(body: type[_A]) -> type[_A]:
    """Put what the class `body` defines into the class of the core.

    A Python class on top of it would cost each array a second destructor, and each
    row of an iteration a look-up of ``__getitem__``.
    """
    for name, value in vars(body).items():
        if name not in ("__module__", "__dict__", "__weakref__"):
            setattr(_core.Array, name, value)
    return cast(type[_A], _core.Array)  # which now is as `body`


@_complete
class CowArray(_core.Array):
    """An array that behaves as a value.

    Every other array made from it (slice, view, transpose, copy, plain
    ndarray, memoryview) is a snapshot: they share memory until one of them is
    written, and the writer gets memory of its own. Make one with `cow.array`
    or `cow.asarray`.

    Notes
    -----
    It is an `numpy.ndarray` in every other way. ``flags.writeable`` is False,
    which tells foreign C code not to write into the shared memory.

    Examples
    --------
    >>> import cow
    >>> a = cow.array([1, 2, 3])
    >>> v = a[1:]
    >>> v[0] = 9
    >>> a, v
    (cow.array([1, 2, 3]), cow.array([9, 3]))
    """

    # the class of results; None: the class of the operand
    _result_class: ClassVar[type[_core.Array] | None] = None
    __array_priority__ = 0.0
    # np.ma looks at the data of a masked array as this class: a cow array would
    # take its writes away from it
    _baseclass = np.ndarray
    # pandas writes through views of the array that it holds, and would write views
    # of a cow array alone: it takes such an array out with `to_numpy`
    _typ = "npy_extension"

    def __init_subclass__(cls, **kwargs: Any) -> None:
        # `super()` would mean the class body, which `_complete` drops
        super(CowArray, cls).__init_subclass__(**kwargs)  # noqa: UP008
        hook = cls.__dict__.get("__array_finalize__")
        if callable(hook):
            type.__setattr__(cls, "__array_finalize__", _Finalizer(hook))

    # ------------------------------------------------------------- reading

    def __copy__(self) -> Any:
        return _core.copy(self, self._result_class or type(self), "K")

    def __deepcopy__(self, memo: dict[int, Any] | None, /) -> Any:
        cls = self._result_class or type(self)
        if not self.dtype.hasobject:
            return _core.copy(self, cls, "K")
        if self.dtype.char == "T":
            # strings cannot change, and NumPy 2.0 crashes
            return _core.wrap(np_array(_core.plain(self)), cls, self)
        return _core.wrap(_ND.__deepcopy__(_core.plain(self), memo), cls, self)

    def view(self, *args: Any, **kwargs: Any) -> Any:
        """Return a view with another dtype or type.

        Parameters
        ----------
        dtype : data-type or ndarray subclass, optional
        type : ndarray subclass, optional

        Returns
        -------
        ndarray
            A snapshot of class `type`. A class that is no CowArray gives a
            read-only array, but `numpy.ma.MaskedArray` a writeable one; what a
            temporary gives, ``cow.array(...).view(np.recarray)``, can be written.

        Notes
        -----
        Shares the memory until one of the two is written; what can be written
        is a copy.
        """
        if len(args) == 1 and not kwargs and not _is_array_class(args[0]):
            return _core.wrap(_ND.view(_core.plain(self), args[0]), type(self), self)
        kinds: list[Any] = [*args, kwargs.get("dtype"), kwargs.get("type")]
        kinds = [k for k in kinds if _is_array_class(k)]
        if kinds and not issubclass(kinds[-1], _core.Array):
            count = sys.getrefcount(self)
            if temporaries.is_discarded(self, count):
                return _ND.view(np_array(_core.plain(self), order="K"), *args, **kwargs)
            return foreign.view(self, kinds[-1], frame_at(1), args, kwargs)
        cls = kinds[-1] if kinds else type(self)
        args = tuple(a for a in args if a not in kinds)
        kwargs = {k: v for k, v in kwargs.items() if k != "type" and v not in kinds}
        return _core.wrap(_ND.view(_core.plain(self), *args, **kwargs), cls, self)

    def to_numpy(
        self, dtype: Any = None, copy: bool = True, na_value: object = None
    ) -> Plain:
        """Return a plain array with the same elements, to be written.

        Parameters
        ----------
        dtype : data-type, optional
        copy : bool, optional
            False: a read-only view where the dtype allows it.
        na_value : optional
            Ignored, for the signature that pandas gives its own arrays.

        Returns
        -------
        ndarray

        Notes
        -----
        Shares nothing with the array, unless `copy` is False.
        """
        return np_array(snapshot(self), dtype, copy=copy or None)

    def __contains__(self, value: object, /) -> bool:
        return value in _core.plain(self)

    def __array__(self, dtype: Any = None, *, copy: bool | None = None) -> Any:
        source = _core.plain(self) if copy is False else snapshot(self)
        return np_array(source, dtype=dtype, copy=copy)

    def __array_wrap__(
        self, array: Plain, context: Any = None, return_scalar: bool = False, /
    ) -> Any:
        if return_scalar and array.ndim == 0:
            return array[()]
        # the caller may hold it: on CPython 3.14 a count would not tell
        return _core.share(array, self._result_class or type(self), self)

    @reprlib.recursive_repr()
    def __repr__(self) -> str:
        return np.array_repr(named(self))

    def __str__(self) -> str:
        return str(_core.plain(self))

    def __format__(self, spec: str, /) -> str:
        return format(_core.plain(self), spec)

    @property
    def base(self) -> Plain | None:
        """What holds the memory, or None when nothing else looks at it.

        Notes
        -----
        The answer changes with time: after its first write a view has memory
        of its own, and None for a base.
        """
        told = _core.sharing(self)
        shared = told.others or told.holders or told.owner is not None
        return told.storage if shared else None

    # ------------------------------------------------------------- writing

    @property
    def at(self) -> At:
        """Changed copies: ``a.at[idx].set(v)`` returns a new array.

        Notes
        -----
        See `cow._array.at.At`. Each of them is one copy.
        """
        return At(self)

    def byteswap(self, inplace: bool = False) -> Any:
        """Swap the bytes of each element, in place or in a new array."""
        if not inplace:
            return _core.wrap(
                _ND.byteswap(_core.plain(self)), self._result_class or type(self), self
            )
        temporaries.METHOD.check(self, sys.getrefcount(self), "byteswap() on")
        return _core.write(_ND.byteswap, (self, True), None, 0)

    def resize(self, *shape: Any, refcheck: Any = True) -> None:
        """Change shape and size in place; new elements are zero.

        Parameters
        ----------
        *shape : int or tuple of int
        refcheck : bool, optional
            True: raise `ValueError` where something besides one name holds the
            array, C code that looks at its shape perhaps. Where that name is no
            variable (``self.a.resize(n)``), or with False, the array keeps the
            memory that it leaves, since such code may look there.

        Notes
        -----
        Copies. Views made before keep the old contents.
        """
        count = sys.getrefcount(self)
        temporaries.METHOD.check(self, count, "resize() on")
        # the index: the type of error that NumPy raises
        if operator.index(refcheck) and count > temporaries.held_once:
            raise ValueError(
                "cannot resize an array that something else holds too. Write "
                "instead:  a.resize(shape, refcheck=False)"
            )
        exposed = _core.sharing(self).is_exposed
        if len(shape) == 1 and shape[0] is not None:
            shape = tuple(shape[0]) if np.iterable(shape[0]) else shape
            # the lengths may be code that writes the array
            shape = (tuple([operator.index(length) for length in shape]),)
        done = False
        while not done:
            before = _core.plain(self)  # another thread that writes moves the array
            copied = _resized(before, shape)
            done = looks_at(self, before) and _core.become(self, copied)
        # the one that holds the array may be C code, if it is no variable
        found = operands(frame_at(1)) if refcheck and not exposed else None
        if found is not None and found.calls_variable(self, "resize"):
            _core.forget(self)

    # by position, too, as NumPy's own at run time
    def setflags(  # pyright: ignore[reportIncompatibleMethodOverride]
        self,
        write: bool | None = None,
        align: bool | None = None,
        uic: bool | None = None,
    ) -> None:
        """Set flags; ``write=False`` makes this array refuse writes.

        A cow array needs no ``write=True``: it is written in memory of its
        own. ``flags.writeable`` stays False, for foreign C code.
        """
        if write is not None:
            (thaw if write else freeze)(self)
        _ND.setflags(self, write=None, align=align, uic=uic)

    def __setstate__(self, state: Any, /) -> None:
        if isinstance(state, dict):
            self.__dict__.update(state)
            return
        _check_items(state)
        # NumPy would free the memory, of which somebody may hold a view
        scratch = _ND.__new__(_ND, (0,))
        _ND.__setstate__(scratch, state)
        while not _core.become(self, scratch):
            pass

    def __reduce_ex__(self, protocol: Any, /) -> Any:
        if type(self).__reduce__ is not CowArray.__reduce__:
            return self.__reduce__()
        cls = self._result_class or type(self)
        state = getattr(self, "__dict__", None) or None
        # the same object as long as nothing is written: joblib keeps one file for it
        return _restore, (cls, snapshot(self)), state

    def __reduce__(self) -> Any:
        reduced: Any = _ND.__reduce__(_core.plain(self))
        rebuild, args, state = reduced
        return rebuild, (self._result_class or type(self), *args[1:]), state

    # ---------------------------------------------------------- properties

    # of our own, since NumPy's holds the array object and a pointer
    @property  # type: ignore[override]
    def flat(self) -> Flat:  # pyright: ignore[reportIncompatibleMethodOverride]
        """A flat iterator; assignment to its items writes this array."""
        return Flat(self)

    @flat.setter
    def flat(self, value: ArrayLike) -> None:
        temporaries.check_property(self, sys.getrefcount(self), "flat")
        _core.write(setattr, (self, "flat", value), None, 0)

    @property
    def real(self) -> Any:
        """The real part, a view; also of an array that is real."""
        real = methods.get_real(self)
        return self[...] if real is self else real

    @real.setter
    def real(self, value: ArrayLike) -> None:
        temporaries.check_property(self, sys.getrefcount(self), "real")
        _core.write(setattr, (self, "real", value), None, 0)

    @property
    def imag(self) -> Any:
        """The imaginary part, a view."""
        return methods.get_imag(self)

    @imag.setter
    def imag(self, value: ArrayLike) -> None:
        temporaries.check_property(self, sys.getrefcount(self), "imag")
        _core.write(setattr, (self, "imag", value), None, 0)

    # ------------------------------------------------------------ protocols

    @property
    def data(self) -> memoryview:
        """A read-only memoryview, a snapshot."""
        exporter: Any = self
        return memoryview(exporter)

    @property
    def ctypes(self) -> Any:
        """A raw pointer to memory of this array's own.

        Notes
        -----
        As each pointer that may be written through (``__array_interface__``,
        ``__array_struct__``, a writable buffer, `cow.writing`): from then on the
        array stays where it is, and its memory is never shared. Views and copies
        are copies, and nobody sees a write through the pointer but this array
        (and plain views of it, `numpy.asarray`, as with NumPy).
        """
        _core.expose(self)
        return methods.get_ctypes(self)

    @property
    def __array_interface__(self) -> dict[str, Any]:
        if foreign.looks_only(self, frame_at(1)):
            return methods.get_interface(_core.plain(self))
        return methods.get_interface(_open(self))

    @property
    def __array_struct__(self) -> CapsuleType:
        return methods.get_struct(_open(self))

    def __arrow_array__(self, type: Any = None) -> Any:
        # pyarrow keeps the memory: that of a snapshot
        return sys.modules["pyarrow"].array(snapshot(self), type=type)

    def __dlpack__(self, **kwargs: Any) -> CapsuleType:
        array = _ND.view(snapshot(self), _ND)
        try:
            return array.__dlpack__(**kwargs)
        except BufferError:
            # a consumer that knows no read-only memory gets its own
            if kwargs.get("copy") is False or array.dtype.byteorder == ">":
                raise
            return np_array(array).__dlpack__(**kwargs)


def _resized(array: Plain, shape: Args) -> Plain:
    copied = np_array(array, order="K")
    if array.dtype.char != "T" or not copied.flags.forc:
        copied.resize(*shape, refcheck=False)
        return copied
    # NumPy 2.0 leaves new strings as it finds them
    sizes = np_zeros(array.shape, "?")
    sizes.resize(*shape, refcheck=False)
    order: Literal["C", "F"] = "F" if copied.flags.fnc else "C"
    resized = np_zeros(sizes.shape, array.dtype, order)
    n = min(resized.size, copied.size)
    resized.reshape(-1, order=order)[:n] = copied.reshape(-1, order=order)[:n]
    return resized


def _open(array: _core.Array) -> Plain:
    """Return a plain array for one who wants a pointer; read-only as `array` is."""
    if _core.guard(array) is None:
        return _core.open(array)
    _core.expose(array)
    return _core.plain(array)


def _is_array_class(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, _ND)


def _check_items(state: Any) -> None:
    """Raise where a pickled list is too short, which NumPy would read past."""
    parts: Args = state[-4:] if len(state) in (4, 5) else ((), 0, 0, 0)
    shape, _, _, items = parts
    if type_of(items) is list and len(items) < math.prod(map(operator.index, shape)):
        raise ValueError("the list of items is shorter than the array")


def _restore(cls: Any, array: Plain) -> Plain:
    if not issubclass(cls, _core.Array):
        return np_array(array, order="K").view(cls)  # cow is switched off
    # a name of the caller's may count one less
    return _core.share(array, cls)


for _name in methods.WRITING:
    setattr(CowArray, _name, methods.writing(_name))


if hasattr(_ND, "_set_dtype"):  # since NumPy 2.5, which deprecates the property

    def _set_dtype(self: _core.Array, dtype: Any, /) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            setattr(self, "dtype", dtype)  # noqa: B010  # a property in the stubs

    setattr(CowArray, "_set_dtype", _set_dtype)  # noqa: B010


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_core.forked)
_core.configure(
    (
        temporaries.check_store,
        temporaries.check_output,
        array_ufunc,
        array_function,
        functions.prepare,
        write_apart,
        foreign.on_missing,
    ),
    {**methods.READING, "copy": methods.copy},
    functions.quick,
    temporaries.COUNTS_LOCALS,
    # how CPython 3.14 tells a temporary
    0
    if temporaries.COUNTS_LOCALS
    else temporaries.address_of("PyUnstable_Object_IsUniqueReferencedTemporary"),
    temporaries.address_of("PyObject_Vectorcall"),
)


def _make() -> Any:
    return _core.wrap(np.zeros(2), CowArray)


temporaries.calibrate(_make)
