"""What makes arrays of other things than arrays: shapes, lists, numbers, files.

Those that `cow` has are taken from there. Of the others the result is wrapped.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from cow import _core
from cow._array import creation
from cow._array.array import CowArray
from cow._ground.types import Func, Order

if TYPE_CHECKING:
    from cow._ground.types import isinstance

# NumPy's chapter on the creation of arrays, windows, indices, files and text
_MORE = """
    diag diagflat geomspace identity logspace meshgrid tri tril triu vander
    diag_indices indices ix_ mask_indices tril_indices triu_indices
    bartlett blackman hamming hanning kaiser
    fromfile fromregex fromstring genfromtxt
    copy from_dlpack
""".split()
_GRIDS = ("c_", "mgrid", "ogrid", "r_")


def _wrapping(function: Func) -> Func:
    @functools.wraps(function)
    def made(*args: Any, **kwargs: Any) -> Any:
        result = [function(*args, **kwargs)]
        return _core.wrap(result.pop(), CowArray)

    return made


def asanyarray(
    a: Any,
    dtype: Any = None,
    order: Order = None,
    *,
    device: str | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> Any:
    """As `cow.asarray`; masked arrays, matrices and other subclasses pass."""
    if device not in (None, "cpu"):
        raise ValueError(f"device must be 'cpu' or None, not {device!r}")
    order = order or "K"
    return creation.array(a, dtype, copy=copy, order=order, subok=True, like=like)


def asarray_chkfinite(a: Any, dtype: Any = None, order: Order = None) -> Any:
    """As `cow.asarray`; raise ValueError for infinities and NaNs."""
    array = creation.asarray(a, dtype, order)
    np.asarray_chkfinite(_core.plain(array))
    return array


def require(
    a: Any, dtype: Any = None, requirements: Any = None, *, like: Any = None
) -> Any:
    """As `numpy.require`; a cow array can be written without ``"W"``."""
    wanted = [each.upper() for each in requirements or ()]
    if isinstance(a, _core.Array):
        wanted = [each for each in wanted if each not in ("W", "WRITEABLE")]
    return _core.wrap(np.require(a, dtype, wanted, like=like), CowArray)


class _Grid:
    """What is indexed to make arrays, as ``np.mgrid[:3]``."""

    def __init__(self, grid: Any) -> None:
        self._grid = grid

    def __getitem__(self, key: Any) -> Any:
        return _core.wrap(self._grid[key], CowArray)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._grid, name)

    def __len__(self) -> int:
        return len(self._grid)

    def __repr__(self) -> str:
        return repr(self._grid)


_new: dict[str, Any] = {n: getattr(creation, n) for n in creation.__all__}
_new |= {name: _wrapping(getattr(np, name)) for name in _MORE}
_new |= {name: _Grid(getattr(np, name)) for name in _GRIDS}
globals().update(_new)
__all__ = [*_new, "asanyarray", "asarray_chkfinite", "require"]  # pyright: ignore[reportUnsupportedDunderAll]
