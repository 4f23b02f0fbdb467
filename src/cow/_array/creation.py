"""The constructors: NumPy's signatures, cow arrays as results."""

from __future__ import annotations

import inspect
from types import FrameType
from typing import TYPE_CHECKING, Any

import numpy as np

# bound at import: a program may set np.array = cow.array
from numpy import array as np_array
from numpy import asarray as np_asarray
from numpy import ascontiguousarray as np_ascontiguousarray
from numpy import asfortranarray as np_asfortranarray
from numpy import load as np_load

from cow import _core
from cow._array.array import CowArray
from cow._array.paged import zero_pages
from cow._ground.frames import frame_at
from cow._ground.types import Args, Func, Kwargs, Order, Plain, type_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = [
    "arange",
    "array",
    "asarray",
    "ascontiguousarray",
    "asfortranarray",
    "empty",
    "empty_like",
    "eye",
    "frombuffer",
    "fromfunction",
    "fromiter",
    "full",
    "full_like",
    "linspace",
    "load",
    "loadtxt",
    "ones",
    "ones_like",
    "zeros",
    "zeros_like",
]


def array(
    object: Any,
    dtype: Any = None,
    *,
    copy: Any = True,
    order: Order = "K",
    subok: bool = False,
    ndmin: int = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> Any:
    """Create an array that behaves as a value; as `numpy.array`.

    Parameters
    ----------
    object : array_like
    dtype : data-type, optional
    copy : bool or None, optional
        True (default): isolated from `object`, lazily for a cow array, by a
        copy for anything else. None: borrow where possible, as `asarray`.
        False: raise ValueError where a copy would be needed.
    order : {'K', 'A', 'C', 'F'}, optional
    subok : bool, optional
        Keep the class of a subclass of CowArray.
    ndmin : int, optional
    ndmax : int, optional
        As in NumPy 2.4 and newer.
    like : array_like, optional
        An array of another library makes the result, as in NumPy.

    Returns
    -------
    CowArray

    Notes
    -----
    Shares memory with a cow array until one of the two is written, with
    nothing else.

    Examples
    --------
    >>> import cow
    >>> cow.array([[1, 2], [3, 4]])
    cow.array([[1, 2],
               [3, 4]])
    """
    extra: dict[str, Any] = {} if ndmax is None else {"ndmax": ndmax}
    if np.array is not np_array and _is_of_a_package(frame_at(1)):
        extra.update(copy=copy, order=order, subok=subok, ndmin=ndmin)
        return np_array(object, dtype, **extra)
    if like is not None:
        extra.update(copy=copy, order=order, subok=subok, ndmin=ndmin)
        return _alike(np_array, like, object, dtype, **extra)
    cls: type[_core.Array] = CowArray
    copy = _copy_mode(copy)
    if isinstance(copy, str):
        raise ValueError(
            "strings are not allowed for 'copy' keyword. Use True/False/None instead."
        )
    if isinstance(object, _core.Array):
        cls = type(object) if subok and not object._result_class else CowArray
        if copy and _same_dtype(object, dtype) and ndmin <= object.ndim and not extra:
            return _core.copy(object, cls, order)
    elif subok:
        extra["subok"] = True  # a masked array stays one
    if not copy:
        return _borrow(object, cls, dtype, copy=copy, order=order, ndmin=ndmin, **extra)
    extra.update(copy=True, order=order, ndmin=ndmin)
    return _core.wrap(_made(_operand(object), object, dtype, **extra), cls)


_IF_NEEDED: Any = vars(np)["_CopyMode"].IF_NEEDED  # private, but given to us


def _copy_mode(copy: Any) -> Any:
    """Return True, False or None, also for what array-api-compat gives."""
    return None if copy is _IF_NEEDED else copy


def _is_of_a_package(frame: FrameType) -> bool:
    """Is it the code of an installed package, where ``np.array = cow.array`` is set?

    Packages, NumPy's np.ma among them, hand what np.array makes to C code that
    writes, or write through plain views of it. The program is what is tried.
    """
    name = frame.f_code.co_filename
    ours = frame.f_globals.get("__name__", "").startswith("cow.")
    return not ours and ("site-packages" in name or "dist-packages" in name)


def _alike(function: Func, like: Any, object: Any, dtype: Any, **options: Any) -> Any:
    """Leave it to the class of `like`, as NumPy does."""
    options["like"] = _core.plain(like)
    return _core.wrap(function(_operand(object), dtype, **options), CowArray)


def _made(operand: Any, object: Any, dtype: Any, **options: Any) -> Plain:
    """Call `numpy.array`; what an array of objects holds is the object itself."""
    made: Plain = np_array(operand, dtype, **options)
    changed = operand is not object and not isinstance(object, _core.Array)
    if changed and made.dtype.hasobject:
        made = np_array(object, dtype, **options)
    return made


def _operand(value: Any) -> Any:
    try:
        return _core.plain(value)
    except RecursionError:
        return value  # a list that contains itself: NumPy's to judge


def _same_dtype(array: Plain, dtype: Any) -> bool:
    kind: object = dtype
    if isinstance(kind, type) and issubclass(kind, np.dtype):
        return False  # a class of dtypes: NumPy finds the size
    return dtype is None or array.dtype == np.dtype(dtype)


def _borrow(
    object: Any, cls: type[_core.Array], dtype: Any = None, **options: Any
) -> Any:
    """Look at the memory of `object` where NumPy would, else copy."""
    operand = _operand(object)
    result = [_made(operand, object, dtype, **options)]
    if result[0] is operand and type(object) is cls:
        return object
    return _core.wrap(result.pop(), cls)


def asarray(
    a: Any,
    dtype: Any = None,
    order: Order = None,
    *,
    device: str | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> Any:
    """Look at an array without a copy, writable on demand; as `numpy.asarray`.

    Parameters
    ----------
    a : array_like
        Read-only arrays, too (from joblib, Ray, pandas or a memmap).
    dtype : data-type, optional
    order : {'C', 'F', 'A', 'K'}, optional
    device : 'cpu' or None, optional
    copy : bool or None, optional
    like : array_like, optional
        An array of another library makes the result, as in NumPy.

    Returns
    -------
    CowArray
        `a` itself where it is one and nothing has to change.

    Notes
    -----
    Borrows the memory of a plain array: the first write to the result copies
    it, so that nothing ever reaches `a`. The owner of `a` can still change
    what has not been written yet; `cow.array` copies and isolates both sides.

    Examples
    --------
    >>> import numpy as np, cow
    >>> p = np.arange(3)
    >>> a = cow.asarray(p)
    >>> a[0] = 9
    >>> p
    array([0, 1, 2])
    """
    if device not in (None, "cpu"):
        raise ValueError(f"device must be 'cpu' or None, not {device!r}")
    if like is not None:
        return _alike(np_asarray, like, a, dtype, order=order, copy=copy)
    copy = _copy_mode(copy)
    if copy:
        return array(a, dtype, order=order or "K")
    return _borrow(a, CowArray, dtype, order=order or "K", copy=copy)


def ascontiguousarray(a: Any, dtype: Any = None, *, like: Any = None) -> Any:
    """Return a C-contiguous array (ndim >= 1), borrowed where `a` is one.

    See `asarray` for what is shared.
    """
    if like is not None:
        return _alike(np_ascontiguousarray, like, a, dtype)
    return _borrow(a, CowArray, dtype, order="C", copy=None, ndmin=1)


def asfortranarray(a: Any, dtype: Any = None, *, like: Any = None) -> Any:
    """Return a Fortran-contiguous array (ndim >= 1), borrowed where `a` is one.

    See `asarray` for what is shared.
    """
    if like is not None:
        return _alike(np_asfortranarray, like, a, dtype)
    return _borrow(a, CowArray, dtype, order="F", copy=None, ndmin=1)


def load(file: Any, mmap_mode: Any = None, **kwargs: Any) -> Any:
    """Load arrays from ``.npy`` or ``.npz`` files; as `numpy.load`.

    Returns
    -------
    CowArray or mapping
        With `mmap_mode` the file is borrowed: what is written is copied, and
        never reaches the file, whatever the mode.

    Notes
    -----
    An ``.npz`` archive is returned as NumPy's lazy mapping, of plain arrays;
    a pickled object as it is.
    """
    loaded = np_load(file, mmap_mode, **kwargs)
    if not isinstance(loaded, np.ndarray):
        return loaded
    if mmap_mode:
        return asarray(loaded)
    box = [loaded]
    del loaded
    return _core.wrap(box.pop(), CowArray)


def _constructor(name: str) -> Func:
    function: Func = getattr(np, name)
    allocates = name.removesuffix("_like") in ("zeros", "ones", "empty", "full")

    def constructor(*args: Any, **kwargs: Any) -> Any:
        if name != "fromiter":  # takes the items as they are, arrays as objects too
            args, kwargs = _core.plain(args), _core.plain(kwargs)
        if allocates and kwargs.pop("paged", False):
            box = [_in_pages(name, args, kwargs)]
            return _core.wrap(box.pop(), CowArray)
        return _core.wrap(function(*args, **kwargs), CowArray)

    constructor.__name__ = constructor.__qualname__ = name
    constructor.__doc__ = (
        f"As `numpy.{name}`, with a `CowArray` as the result.\n\n"
        "Notes\n-----\n"
        + (
            "Borrows `buffer`: the first write copies, the buffer never changes."
            if name == "frombuffer"
            else "The result shares memory with nothing."
        )
        + ("\n\nWith ``paged=True`` its copies do as those of `paged`." * allocates)
    )
    try:
        signature = inspect.signature(function)
    except ValueError:
        return constructor  # NumPy's C functions tell theirs in the docstring only
    if allocates:
        paged = inspect.Parameter(
            "paged", inspect.Parameter.KEYWORD_ONLY, default=False
        )
        signature = signature.replace(
            parameters=[*signature.parameters.values(), paged]
        )
    vars(constructor)["__signature__"] = signature
    return constructor


def _in_pages(name: str, args: Args, kwargs: Kwargs) -> Plain:
    """Call a constructor that allocates; its result lies in pages, if it can."""
    function: Func = getattr(np, name)
    if kwargs.get("like") is not None:
        raise TypeError("another library makes no pages. Write instead:  paged=False")
    value: Any = {"ones": 1}.get(name.removesuffix("_like"))
    first, rest = args, kwargs
    if name.startswith("full"):
        rest = {**kwargs}
        value = rest.pop("fill_value") if len(args) < 2 else args[1]
        first = (*args[:1], *args[2:])
        if name == "full" and len(first) < 2 and rest.get("dtype") is None:
            rest["dtype"] = np_asarray(value).dtype
    template = getattr(np, name.replace(name.removesuffix("_like"), "empty"))
    made: Plain = template(*first, **rest)  # takes no memory until it is touched
    dtype, shape, flags = made.dtype, made.shape, made.flags
    fits = flags.forc and type_of(made) is np.ndarray
    del made
    pages = zero_pages(shape, dtype, flags.fnc) if fits else None
    if pages is None:
        ordinary: Plain = function(*args, **kwargs)
        return ordinary
    if value is not None:
        pages[...] = value
    return pages


arange = _constructor("arange")
empty = _constructor("empty")
empty_like = _constructor("empty_like")
eye = _constructor("eye")
frombuffer = _constructor("frombuffer")
fromfunction = _constructor("fromfunction")
fromiter = _constructor("fromiter")
full = _constructor("full")
full_like = _constructor("full_like")
linspace = _constructor("linspace")
loadtxt = _constructor("loadtxt")
ones = _constructor("ones")
ones_like = _constructor("ones_like")
zeros = _constructor("zeros")
zeros_like = _constructor("zeros_like")
