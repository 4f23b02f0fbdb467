# What `cow.numpy` has in the place of NumPy's functions.
from collections.abc import Callable, Sequence
from typing import Any, SupportsIndex, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from typing_extensions import TypeVar

from cow._array.array import CowArray
from cow._array.creation import (
    arange as arange,
    array as array,
    asarray as asarray,
    ascontiguousarray as ascontiguousarray,
    asfortranarray as asfortranarray,
    empty as empty,
    empty_like as empty_like,
    eye as eye,
    frombuffer as frombuffer,
    fromfunction as fromfunction,
    fromiter as fromiter,
    full as full,
    full_like as full_like,
    linspace as linspace,
    load as load,
    loadtxt as loadtxt,
    ones as ones,
    ones_like as ones_like,
    zeros as zeros,
    zeros_like as zeros_like,
)

__all__ = [
    "arange",
    "array",
    "asanyarray",
    "asarray",
    "asarray_chkfinite",
    "ascontiguousarray",
    "asfortranarray",
    "bartlett",
    "blackman",
    "copy",
    "diag",
    "diag_indices",
    "diagflat",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "frombuffer",
    "fromfile",
    "fromfunction",
    "fromiter",
    "fromregex",
    "fromstring",
    "full",
    "full_like",
    "genfromtxt",
    "geomspace",
    "hamming",
    "hanning",
    "identity",
    "indices",
    "ix_",
    "kaiser",
    "linspace",
    "load",
    "loadtxt",
    "logspace",
    "mask_indices",
    "meshgrid",
    "ones",
    "ones_like",
    "require",
    "tri",
    "tril",
    "tril_indices",
    "triu",
    "triu_indices",
    "vander",
    "zeros",
    "zeros_like",
]

_S = TypeVar("_S", bound=tuple[Any, ...])
_D = TypeVar("_D", bound=np.dtype[Any])
_Scalar = TypeVar("_Scalar", bound=np.generic)
_1D: TypeAlias = CowArray[tuple[int], np.dtype[_Scalar]]
_2D: TypeAlias = CowArray[tuple[int, int], np.dtype[_Scalar]]

# ------------------------------------------------------------ arrays of others
@overload
def asanyarray(
    a: np.ndarray[_S, _D],
    dtype: None = None,
    order: Any = None,
    *,
    device: str | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> CowArray[_S, _D]: ...
@overload
def asanyarray(
    a: Any,
    dtype: DTypeLike | None = None,
    order: Any = None,
    *,
    device: str | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> CowArray: ...
@overload
def asarray_chkfinite(
    a: np.ndarray[_S, _D], dtype: None = None, order: Any = None
) -> CowArray[_S, _D]: ...
@overload
def asarray_chkfinite(
    a: Any, dtype: DTypeLike | None = None, order: Any = None
) -> CowArray: ...
@overload
def require(
    a: np.ndarray[_S, _D],
    dtype: None = None,
    requirements: Any = None,
    *,
    like: Any = None,
) -> CowArray[_S, _D]: ...
@overload
def require(
    a: Any,
    dtype: DTypeLike | None = None,
    requirements: Any = None,
    *,
    like: Any = None,
) -> CowArray: ...
@overload
def copy(
    a: np.ndarray[_S, _D], order: Any = "K", subok: bool = False
) -> CowArray[_S, _D]: ...
@overload
def copy(a: ArrayLike, order: Any = "K", subok: bool = False) -> CowArray: ...
def from_dlpack(
    x: Any, /, *, device: Any = None, copy: bool | None = None
) -> CowArray: ...

# ------------------------------------------------------------ shapes and numbers
@overload
def identity(n: int, dtype: None = None, *, like: Any = None) -> _2D[np.float64]: ...
@overload
def identity(
    n: int, dtype: type[_Scalar] | np.dtype[_Scalar], *, like: Any = None
) -> _2D[_Scalar]: ...
@overload
def identity(
    n: int, dtype: DTypeLike | None = None, *, like: Any = None
) -> _2D[Any]: ...
def tri(
    N: int,
    M: int | None = None,
    k: int = 0,
    dtype: DTypeLike | None = ...,
    *,
    like: Any = None,
) -> _2D[Any]: ...
def geomspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    dtype: DTypeLike | None = None,
    axis: SupportsIndex = 0,
) -> CowArray: ...
def logspace(
    start: ArrayLike,
    stop: ArrayLike,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    base: ArrayLike = 10.0,
    dtype: DTypeLike | None = None,
    axis: SupportsIndex = 0,
) -> CowArray: ...
def meshgrid(
    *xi: ArrayLike, copy: bool = True, sparse: bool = False, indexing: Any = "xy"
) -> tuple[CowArray, ...]: ...
def diag(v: ArrayLike, k: int = 0) -> CowArray: ...
def diagflat(v: ArrayLike, k: int = 0) -> _2D[Any]: ...
def tril(m: ArrayLike, k: int = 0) -> CowArray: ...
def triu(m: ArrayLike, k: int = 0) -> CowArray: ...
def vander(
    x: ArrayLike, N: int | None = None, increasing: bool = False
) -> _2D[Any]: ...
def bartlett(M: float) -> _1D[np.float64]: ...
def blackman(M: float) -> _1D[np.float64]: ...
def hamming(M: float) -> _1D[np.float64]: ...
def hanning(M: float) -> _1D[np.float64]: ...
def kaiser(M: float, beta: float) -> _1D[np.float64]: ...

# ------------------------------------------------------------ indices
def diag_indices(n: int, ndim: int = 2) -> tuple[_1D[np.intp], ...]: ...
def indices(
    dimensions: Sequence[int], dtype: DTypeLike | None = ..., sparse: bool = False
) -> Any: ...
def ix_(*args: Any) -> tuple[CowArray, ...]: ...
def mask_indices(
    n: int, mask_func: Callable[..., Any], k: Any = 0
) -> tuple[_1D[np.intp], ...]: ...
def tril_indices(
    n: int, k: int = 0, m: int | None = None
) -> tuple[_1D[np.intp], _1D[np.intp]]: ...
def triu_indices(
    n: int, k: int = 0, m: int | None = None
) -> tuple[_1D[np.intp], _1D[np.intp]]: ...

# ------------------------------------------------------------ files and text
def fromfile(
    file: Any,
    dtype: DTypeLike | None = ...,
    count: SupportsIndex = -1,
    sep: str = "",
    offset: SupportsIndex = 0,
    *,
    like: Any = None,
) -> _1D[Any]: ...
def fromregex(
    file: Any, regexp: Any, dtype: DTypeLike | None, encoding: str | None = None
) -> _1D[Any]: ...
def fromstring(
    string: str | bytes,
    dtype: DTypeLike | None = ...,
    count: SupportsIndex = -1,
    *,
    sep: str,
    like: Any = None,
) -> _1D[Any]: ...
def genfromtxt(
    fname: Any, dtype: DTypeLike | None = ..., **options: Any
) -> CowArray: ...
