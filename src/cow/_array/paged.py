"""Arrays over pages, whose copies cost the pages that change.

The core maps the memory (``src/core/pages.c``); where the system does not help,
everything here gives ordinary arrays and ordinary copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import asarray as np_asarray
from numpy import ascontiguousarray as np_ascontiguousarray
from numpy import broadcast_to as np_broadcast_to
from numpy import empty as np_empty

from cow import _core
from cow._array.array import CowArray
from cow._ground.types import Plain

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["paged", "snapshot"]


def paged(a: Any) -> Any:
    """Return a copy of an array whose own copies cost the pages that change.

    Parameters
    ----------
    a : array_like
        Of any dtype without references to objects.

    Returns
    -------
    CowArray
        Its memory is a private mapping of a file in memory that nobody can write.
        What has gaps, or its axes in another order than C's or Fortran's, comes in
        C's.

    Raises
    ------
    TypeError
        For objects, and texts of any length (``StringDType``).

    Notes
    -----
    Shares no memory with `a`: one copy. A copy of the result (`copy`,
    `copy.copy`, `cow.snapshot`, the private ones of `cow.no_mutate`,
    `cow.safe_modify` and `cow.editing`) takes some microseconds, whatever its size:
    it is another mapping, and the kernel copies each page that one of the two
    writes, raw pointers included. What the source has changed since it was made is
    copied at once; when that is more than half of it, all of it.

    Below 64 KiB, elsewhere than on Linux, and where limits or strict accounting of
    memory forbid it, this is an ordinary array with ordinary copies;
    ``cow.explain(b).pages`` tells.

    Examples
    --------
    >>> import cow
    >>> b = cow.paged(cow.ones((200, 200)))
    >>> c = b.copy()            # microseconds
    >>> c[3, 4] = 9             # copies one page
    >>> b[3, 4], c[3, 4]
    (np.float64(1.0), np.float64(9.0))
    """
    plain: Plain = _core.plain(a) if isinstance(a, _core.Array) else np_asarray(a)
    plain = plain.view(np.ndarray)
    _refuse_references(plain.dtype)
    if not plain.flags.forc:
        plain = np_ascontiguousarray(plain)
    made: Any = _core.paged(plain, CowArray)
    return _core.wrap(_core.copied(plain), CowArray) if made is None else made


def snapshot(a: Any) -> Any:
    """Return a copy of an array, as cheap as one can be that is isolated.

    Parameters
    ----------
    a : array_like

    Returns
    -------
    CowArray
        In the order of its memory, and of the class of `a` where that is one of
        ours.

    Notes
    -----
    Shares nothing that anybody can write, not even through a raw pointer: another
    mapping for a `cow.paged` array, which takes microseconds, a copy for any
    other. ``a[...]`` is free for any array, and as well isolated from everybody who
    writes through cow.

    Examples
    --------
    >>> import cow
    >>> b = cow.zeros((1000, 1000), paged=True)
    >>> before = cow.snapshot(b)
    >>> b[0] = 1
    >>> before.sum(), b.sum()
    (np.float64(0.0), np.float64(1000.0))
    """
    if isinstance(a, _core.Array):
        return _core.copy(a, type(a)._result_class or type(a), "K")
    return _core.wrap(_core.copied(np_asarray(a).view(np.ndarray)), CowArray)


def zero_pages(shape: Any, dtype: Any, fortran: bool) -> Plain | None:
    """Return zeros over pages, or None where these are not to be had."""
    _refuse_references(dtype)
    return _core.zero_pages(np_broadcast_to(np_empty((), dtype), shape), fortran)


def _refuse_references(dtype: Any) -> None:
    if dtype.hasobject:
        raise TypeError(
            f"pages cannot hold {dtype} elements: a copy of a page would share what "
            "they refer to. Write instead:  cow.array(a)"
        )
