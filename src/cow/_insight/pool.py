"""The pool: large blocks of memory that wait for the next result of their size.

The core keeps them; here its limit is set. ``COW_POOL`` in the environment is
the limit in bytes, 0 switches the pool off.
"""

import os

from cow import _core

__all__ = ["trim"]

_LIMIT = 256 * 2**20
_core.trim(int(os.environ.get("COW_POOL", _LIMIT)))


def trim() -> int:
    """Give the memory that waits for reuse back to the system.

    Returns
    -------
    int
        The number of bytes that were given back.

    Notes
    -----
    Blocks of at least 512 KiB that no array needs any more are kept for the
    next result of the same size, since a new block of that size costs page
    faults. At most two blocks of the largest size are kept, and 256 MiB, or what
    the environment variable ``COW_POOL`` says in bytes (0: nothing); a new block
    of another size drops as much, so that the pool adds nothing to the peak. No
    array shares the memory.

    Examples
    --------
    >>> import cow
    >>> a = cow.zeros(5_000_000)
    >>> del a
    >>> cow.trim()
    40000000
    """
    return _core.trim(-1)
