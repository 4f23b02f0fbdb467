"""Change an array without touching the original."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from typing import Any

import numpy as np

from cow import _core
from cow._array.creation import array
from cow._ground.types import Func, Plain
from cow._guard.arguments import Call

__all__ = ["editing", "safe_modify", "writing"]


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
        A copy of `a`.

    Examples
    --------
    >>> import cow
    >>> a = cow.array([1, 2, 3])
    >>> with cow.editing(a) as e:
    ...     e[0] = 9
    >>> a, e
    (cow.array([1, 2, 3]), cow.array([9, 2, 3]))
    """
    if isinstance(a, _core.Array):
        yield _core.copy(a, type(a)._result_class or type(a), "K")
    else:
        yield array(a, subok=True)


@contextlib.contextmanager
def writing(a: Any) -> Generator[Plain]:
    """Open an array for code that writes through NumPy's flag or a pointer.

    Parameters
    ----------
    a : ndarray
        A cow array, or a plain one that can be written.

    Yields
    ------
    ndarray
        A plain, writeable array over the memory of `a`: what is written there is
        written to `a`. Read-only when the block ends.

    Raises
    ------
    ReadOnlyError
        For a `cow.readonly` array.

    Notes
    -----
    For functions that look at ``flags.writeable`` instead of asking for a buffer:
    OpenCV, numba, h5py, f2py. Where `a` shares its memory it gets memory of its
    own first. Since such code may keep the pointer, that memory is never shared
    again: views and copies of `a` are copies from then on (``a = a.copy()`` is
    free of it), and plain views (`numpy.asarray`) see what is written.

    Examples
    --------
    >>> import numpy as np, cow
    >>> a = cow.array([3, 1, 2])
    >>> b = a[...]
    >>> with cow.writing(a) as p:
    ...     p.sort()
    >>> a, b
    (cow.array([1, 2, 3]), cow.array([3, 1, 2]))
    """
    if isinstance(a, _core.Array):
        opened = _core.open(a)
    else:
        opened = np.asanyarray(a)[...]
        if opened.base is None or not opened.flags.writeable:
            raise ValueError("only an array that can be written can be opened")
    yield opened
    opened.flags.writeable = False
