"""Change an array without touching the original."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import Any

import numpy as np

from cow import _core
from cow._arguments import Call
from cow._array import CowArray
from cow._types import Func

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
    `func` gets a plain copy. The result shares no memory with `a`; it is a cow
    array, or holds such, where `a` is one.

    Examples
    --------
    >>> import numpy as np, cow
    >>> p = np.array([3, 1, 2])
    >>> cow.safe_modify(p, np.ndarray.sort)
    array([1, 2, 3])
    >>> p
    array([3, 1, 2])
    """
    call = Call()
    private = call.enter(np.asanyarray(a), ("a",))
    result = func(private, *args, **kwargs)
    box = [private if result is None else result]
    del private, result
    return call.leave(box)[0]


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
