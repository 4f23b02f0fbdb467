"""Change an array without touching the original."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Generator
from typing import Any

import numpy as np
from numpy import array as np_array

from cow import _core
from cow._array import CowArray
from cow._borrow import Call
from cow._calls import wrap
from cow._needs import needs_copies
from cow._types import Args, Func, Kwargs, Plain

__all__ = ["editing", "safe_modify"]


def _private(a: Any) -> _core.Array:
    """Return a lazy private copy of `a`, a cow array."""
    if isinstance(a, _core.Array):
        return _core.copy(a, type(a)._result_class or type(a), "K")
    return _core.share(np.asanyarray(a), CowArray)


def safe_modify(a: Any, func: Func, *args: Any, **kwargs: Any) -> Any:
    """Call `func` on a private copy of `a` and return what comes out.

    Parameters
    ----------
    a : array_like
        Never changed.
    func : callable
        Called as ``func(private, *args, **kwargs)``; may write.
    *args, **kwargs
        Passed on.

    Returns
    -------
    object
        What `func` returns, or the changed array when it returns None. Arrays
        are plain and writeable when `a` is a plain array.

    Notes
    -----
    The copy is lazy: nothing is copied unless `func` writes. The result
    shares no memory with a plain `a`; with a cow array it shares until one of
    the two is written.

    Examples
    --------
    >>> import numpy as np, cow
    >>> p = np.array([3, 1, 2])
    >>> cow.safe_modify(p, np.ndarray.sort)
    array([1, 2, 3])
    >>> p
    array([3, 1, 2])
    """
    isolate = needs_copies(func)
    if not isinstance(a, _core.Array):
        return _on_plain(np.asanyarray(a), isolate, func, args, kwargs)
    private = np_array(a) if isolate else _private(a)
    result = func(private, *args, **kwargs)
    return wrap(private if result is None else result, CowArray)


def _on_plain(a: Plain, isolate: bool, func: Func, args: Args, kwargs: Kwargs) -> Any:
    call = Call(isolate=isolate)
    box = [call.enter(a, ("a",))]
    try:
        result = func(box[0], *args, **kwargs)
    except BaseException:
        box.clear()
        call.sever(failed=True)
        raise
    if result is not None:
        box = [result]
    elif type(box[0]) is np.ndarray and sys.getrefcount(box[0]) > 2:
        box[0] = box[0].copy("K")  # `func` has kept its argument
    del result
    return call.leave(box)


@contextlib.contextmanager
def editing(a: Any) -> Generator[_core.Array]:
    """Give a private array to change in a ``with`` block.

    Parameters
    ----------
    a : array_like
        Never changed.

    Yields
    ------
    CowArray
        A lazy copy of `a`: nothing is copied unless it is written.

    Examples
    --------
    >>> import cow
    >>> a = cow.array([1, 2, 3])
    >>> with cow.editing(a) as e:
    ...     e[0] = 9
    >>> a, e
    (cow.array([1, 2, 3]), cow.array([9, 2, 3]))
    """
    private = _private(a)
    yield private
    if not isinstance(a, _core.Array):
        _core.detach(private)
