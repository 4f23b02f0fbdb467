# CowArray survives slices, methods and operators. NumPy says Self for T, mT, copy,
# conj, swapaxes, transpose, byteswap and round; what it types as plain ndarray stands
# here. The overrides narrow overloads that only its own aliases could repeat exactly.
from collections.abc import Callable, Iterator, Sequence
from types import EllipsisType
from typing import (
    Any,
    Generic,
    Literal,
    Never,
    Protocol,
    SupportsIndex,
    TypeAlias,
    overload,
    type_check_only,
)

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from typing_extensions import TypeVar

from cow._array import annotation

__all__ = ["CowArray"]

_S_co = TypeVar("_S_co", bound=tuple[Any, ...], default=tuple[Any, ...], covariant=True)
_D_co = TypeVar("_D_co", bound=np.dtype[Any], default=np.dtype[Any], covariant=True)
_S1 = TypeVar(
    "_S1",
    # constraints, not a bound: pyright would infer tuple[Literal[2], Literal[3]]
    tuple[()],
    tuple[int],
    tuple[int, int],
    tuple[int, int, int],
    tuple[int, int, int, int],
    tuple[int, ...],
)
_Scalar = TypeVar("_Scalar", bound=np.generic)
_Number = TypeVar("_Number", bound=np.number)
_Inexact = TypeVar("_Inexact", bound=np.inexact)
_Integer = TypeVar("_Integer", bound=np.integer)
_D1 = TypeVar("_D1", bound=np.dtype[Any])
_Out = TypeVar("_Out", bound=np.ndarray[Any, Any])
# what an element of a vector is: not so for objects
_Element = TypeVar(
    "_Element",
    bound=np.bool | np.number[Any] | np.flexible | np.datetime64 | np.timedelta64,
)
_Held_co = TypeVar("_Held_co", bound=np.generic, covariant=True)

_AnyShape: TypeAlias = tuple[Any, ...]
_Order: TypeAlias = Literal["K", "A", "C", "F"] | None
_Mode: TypeAlias = Literal["raise", "wrap", "clip"]
_SortKind: TypeAlias = (
    Literal[
        "Q", "quick", "quicksort", "M", "merge", "mergesort", "H", "heap", "heapsort"
    ]
    | Literal["S", "stable", "stablesort"]
)
_ReshapeOrder: TypeAlias = Literal["A", "C", "F"] | None
_DTypeOf: TypeAlias = type[_Scalar] | np.dtype[_Scalar]

@type_check_only
class _Has(Protocol[_Held_co]):
    def __array__(self) -> np.ndarray[Any, np.dtype[_Held_co]]: ...

_Integers: TypeAlias = (
    _Has[np.integer[Any] | np.bool] | Sequence[int] | Sequence[Sequence[int]]
)
_Index: TypeAlias = (
    SupportsIndex
    | slice
    | EllipsisType
    | _Has[np.integer | np.bool]
    | Sequence[int]
    | Sequence[Sequence[int]]
    | None
)
_Real64: TypeAlias = np.float64 | np.float32 | np.float16 | np.integer | np.bool
_LikeFloat64: TypeAlias = (
    float | _Has[_Real64] | Sequence[float] | Sequence[Sequence[float]]
)
_Cow: TypeAlias = CowArray[_AnyShape, np.dtype[_Scalar]]
_Bools: TypeAlias = CowArray[_AnyShape, np.dtype[np.bool]]

# what `a.at[idx]` gives: new arrays, `a` stays as it is
@type_check_only
class _Place(Protocol[_S_co, _D_co]):
    def set(self, value: ArrayLike, /) -> CowArray[_S_co, _D_co]: ...
    def add(self, value: ArrayLike, /) -> CowArray[_S_co, _D_co]: ...
    def subtract(self, value: ArrayLike, /) -> CowArray[_S_co, _D_co]: ...
    def multiply(self, value: ArrayLike, /) -> CowArray[_S_co, _D_co]: ...
    def divide(self, value: ArrayLike, /) -> CowArray[_S_co, _D_co]: ...
    def power(self, value: ArrayLike, /) -> CowArray[_S_co, _D_co]: ...
    def min(self, value: ArrayLike, /) -> CowArray[_S_co, _D_co]: ...
    def max(self, value: ArrayLike, /) -> CowArray[_S_co, _D_co]: ...
    def apply(self, func: Callable[[Any], Any], /) -> CowArray[_S_co, _D_co]: ...

@type_check_only
class _At(Protocol[_S_co, _D_co]):
    def __getitem__(
        self, key: _Index | tuple[_Index, ...] | str | list[str], /
    ) -> _Place[_S_co, _D_co]: ...

# Apart from CowArray, since NumPy says the same with aliases of its own, and each line
# that overrides one of its overloads would be reported.
@type_check_only
class _Methods(Generic[_S_co, _D_co]):
    @property
    def at(self) -> _At[_S_co, _D_co]: ...

    # ------------------------------------------------------------ items
    @overload
    def __getitem__(
        self,
        key: np.ndarray[_AnyShape, np.dtype[np.integer | np.bool]]
        | tuple[np.ndarray[_AnyShape, np.dtype[np.integer | np.bool]], ...],
        /,
    ) -> CowArray[_AnyShape, _D_co]: ...
    @overload
    def __getitem__(self, key: SupportsIndex | tuple[SupportsIndex, ...], /) -> Any: ...
    @overload
    def __getitem__(
        self, key: _Index | tuple[_Index, ...], /
    ) -> CowArray[_AnyShape, _D_co]: ...
    @overload
    def __getitem__(
        self: _Has[np.void], key: str, /
    ) -> CowArray[_AnyShape, np.dtype[Any]]: ...
    @overload
    def __getitem__(self: _Has[np.void], key: list[str], /) -> _Cow[np.void]: ...

    # ------------------------------------------------------------ views
    @property
    def base(self) -> np.ndarray[Any, Any] | None: ...
    @property
    def real(self) -> CowArray[_S_co, np.dtype[Any]]: ...
    @real.setter
    def real(self, value: ArrayLike, /) -> None: ...
    @property
    def imag(self) -> CowArray[_S_co, np.dtype[Any]]: ...
    @imag.setter
    def imag(self, value: ArrayLike, /) -> None: ...
    def diagonal(
        self,
        offset: SupportsIndex = 0,
        axis1: SupportsIndex = 0,
        axis2: SupportsIndex = 1,
    ) -> CowArray[_AnyShape, _D_co]: ...
    def ravel(self, /, order: _Order = "C") -> CowArray[tuple[int], _D_co]: ...
    def squeeze(
        self, /, axis: SupportsIndex | tuple[SupportsIndex, ...] | None = ...
    ) -> CowArray[_AnyShape, _D_co]: ...
    @overload
    def reshape(
        self,
        shape: _S1,
        /,
        *,
        order: _ReshapeOrder = "C",
        copy: bool | None = None,
    ) -> CowArray[_S1, _D_co]: ...
    @overload
    def reshape(
        self,
        size1: SupportsIndex,
        /,
        *,
        order: _ReshapeOrder = "C",
        copy: bool | None = None,
    ) -> CowArray[tuple[int], _D_co]: ...
    @overload
    def reshape(
        self,
        size1: SupportsIndex,
        size2: SupportsIndex,
        /,
        *,
        order: _ReshapeOrder = "C",
        copy: bool | None = None,
    ) -> CowArray[tuple[int, int], _D_co]: ...
    @overload
    def reshape(
        self,
        size1: SupportsIndex,
        size2: SupportsIndex,
        size3: SupportsIndex,
        /,
        *,
        order: _ReshapeOrder = "C",
        copy: bool | None = None,
    ) -> CowArray[tuple[int, int, int], _D_co]: ...
    @overload
    def reshape(
        self,
        size0: SupportsIndex,
        /,
        *shape: SupportsIndex,
        order: _ReshapeOrder = "C",
        copy: bool | None = None,
    ) -> CowArray[_AnyShape, _D_co]: ...
    @overload
    def reshape(
        self,
        shape: Sequence[SupportsIndex] | None,
        /,
        *,
        order: _ReshapeOrder = "C",
        copy: bool | None = None,
    ) -> CowArray[_AnyShape, _D_co]: ...

    # ------------------------------------------------------------ copies
    def copy(self, order: _Order = "C") -> CowArray[_S_co, _D_co]: ...
    def to_numpy(
        self, dtype: DTypeLike | None = None, copy: bool = True, na_value: object = None
    ) -> np.ndarray[_S_co, Any]: ...
    def flatten(self, /, order: _Order = "C") -> CowArray[tuple[int], _D_co]: ...
    @overload
    def astype(
        self,
        dtype: _DTypeOf[_Scalar],
        order: _Order = "K",
        casting: Any = "unsafe",
        subok: bool = True,
        copy: bool = True,
    ) -> CowArray[_S_co, np.dtype[_Scalar]]: ...
    @overload
    def astype(
        self,
        dtype: DTypeLike | None,
        order: _Order = "K",
        casting: Any = "unsafe",
        subok: bool = True,
        copy: bool = True,
    ) -> CowArray[_S_co, np.dtype[Any]]: ...
    @overload
    def take(
        self: _Has[_Scalar],
        indices: int | np.integer[Any],
        /,
        axis: None = None,
        out: None = None,
        mode: _Mode = "raise",
    ) -> _Scalar: ...
    @overload
    def take(
        self,
        indices: int | np.integer[Any],
        /,
        axis: SupportsIndex,
        out: None = None,
        mode: _Mode = "raise",
    ) -> Any: ...
    @overload
    def take(
        self,
        indices: _Integers,
        /,
        axis: SupportsIndex | None = None,
        out: None = None,
        mode: _Mode = "raise",
    ) -> CowArray[_AnyShape, _D_co]: ...
    @overload
    def take(
        self,
        indices: ArrayLike,
        /,
        axis: SupportsIndex | None = None,
        *,
        out: _Out,
        mode: _Mode = "raise",
    ) -> _Out: ...
    @overload
    def take(
        self,
        indices: ArrayLike,
        /,
        axis: SupportsIndex | None,
        out: _Out,
        mode: _Mode = "raise",
    ) -> _Out: ...
    @overload
    def repeat(
        self, repeats: int | _Integers, /, axis: None = None
    ) -> CowArray[tuple[int], _D_co]: ...
    @overload
    def repeat(
        self, repeats: int | _Integers, /, axis: SupportsIndex
    ) -> CowArray[_AnyShape, _D_co]: ...
    @overload
    def compress(
        self,
        /,
        condition: ArrayLike,
        axis: SupportsIndex | None = None,
        out: None = None,
    ) -> CowArray[_AnyShape, _D_co]: ...
    @overload
    def compress(
        self, /, condition: ArrayLike, axis: SupportsIndex | None, out: _Out
    ) -> _Out: ...
    @overload
    def compress(
        self, /, condition: ArrayLike, axis: SupportsIndex | None = None, *, out: _Out
    ) -> _Out: ...
    @overload
    def choose(
        self, /, choices: ArrayLike, out: None = None, mode: _Mode = "raise"
    ) -> CowArray: ...
    @overload
    def choose(
        self, /, choices: ArrayLike, out: _Out, mode: _Mode = "raise"
    ) -> _Out: ...
    @overload
    def cumsum(
        self,
        /,
        axis: SupportsIndex | None = None,
        dtype: DTypeLike | None = None,
        out: None = None,
    ) -> CowArray: ...
    @overload
    def cumsum(
        self, /, axis: SupportsIndex | None, dtype: DTypeLike | None, out: _Out
    ) -> _Out: ...
    @overload
    def cumsum(
        self,
        /,
        axis: SupportsIndex | None = None,
        dtype: DTypeLike | None = None,
        *,
        out: _Out,
    ) -> _Out: ...
    @overload
    def cumprod(
        self,
        /,
        axis: SupportsIndex | None = None,
        dtype: DTypeLike | None = None,
        out: None = None,
    ) -> CowArray: ...
    @overload
    def cumprod(
        self, /, axis: SupportsIndex | None, dtype: DTypeLike | None, out: _Out
    ) -> _Out: ...
    @overload
    def cumprod(
        self,
        /,
        axis: SupportsIndex | None = None,
        dtype: DTypeLike | None = None,
        *,
        out: _Out,
    ) -> _Out: ...
    @overload
    def clip(
        self,
        /,
        min: ArrayLike | None = None,
        max: ArrayLike | None = None,
        out: None = None,
        **kwargs: Any,
    ) -> CowArray: ...
    @overload
    def clip(
        self,
        /,
        min: ArrayLike | None,
        max: ArrayLike | None,
        out: _Out,
        **kwargs: Any,
    ) -> _Out: ...
    @overload
    def clip(
        self,
        /,
        min: ArrayLike | None = None,
        max: ArrayLike | None = None,
        *,
        out: _Out,
        **kwargs: Any,
    ) -> _Out: ...
    # positions
    def argsort(
        self,
        axis: SupportsIndex | None = -1,
        kind: _SortKind | None = None,
        order: str | Sequence[str] | None = None,
        *,
        stable: bool | None = None,
    ) -> CowArray[_AnyShape, np.dtype[np.intp]]: ...
    def argpartition(
        self,
        kth: int | _Integers,
        /,
        axis: SupportsIndex | None = -1,
        kind: Literal["introselect"] = "introselect",
        order: str | Sequence[str] | None = None,
    ) -> CowArray[_AnyShape, np.dtype[np.intp]]: ...
    def nonzero(self) -> tuple[CowArray[tuple[int], np.dtype[np.intp]], ...]: ...

    # ------------------------------------------------------------ operators
    def __lt__(self, other: Any, /) -> _Bools: ...
    def __le__(self, other: Any, /) -> _Bools: ...
    def __gt__(self, other: Any, /) -> _Bools: ...
    def __ge__(self, other: Any, /) -> _Bools: ...
    def __eq__(self, other: Any, /) -> Any: ...
    def __ne__(self, other: Any, /) -> Any: ...
    @overload
    def __add__(
        self: _Has[_Number], other: int, /
    ) -> CowArray[_S_co, np.dtype[_Number]]: ...
    @overload
    def __add__(
        self: _Has[np.float64], other: _LikeFloat64, /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __add__(
        self: _Has[_Real64], other: _Has[np.float64], /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __add__(
        self: _Has[_Number], other: _Has[_Number], /
    ) -> CowArray[_AnyShape, np.dtype[_Number]]: ...
    @overload
    def __add__(self, other: Any, /) -> CowArray: ...
    @overload
    def __radd__(
        self: _Has[_Number], other: int, /
    ) -> CowArray[_S_co, np.dtype[_Number]]: ...
    @overload
    def __radd__(
        self: _Has[np.float64], other: _LikeFloat64, /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __radd__(
        self: _Has[_Real64], other: _Has[np.float64], /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __radd__(
        self: _Has[_Number], other: _Has[_Number], /
    ) -> CowArray[_AnyShape, np.dtype[_Number]]: ...
    @overload
    def __radd__(self, other: Any, /) -> CowArray: ...
    @overload
    def __sub__(
        self: _Has[_Number], other: int, /
    ) -> CowArray[_S_co, np.dtype[_Number]]: ...
    @overload
    def __sub__(
        self: _Has[np.float64], other: _LikeFloat64, /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __sub__(
        self: _Has[_Real64], other: _Has[np.float64], /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __sub__(
        self: _Has[_Number], other: _Has[_Number], /
    ) -> CowArray[_AnyShape, np.dtype[_Number]]: ...
    @overload
    def __sub__(self, other: Any, /) -> CowArray: ...
    @overload
    def __rsub__(
        self: _Has[_Number], other: int, /
    ) -> CowArray[_S_co, np.dtype[_Number]]: ...
    @overload
    def __rsub__(
        self: _Has[np.float64], other: _LikeFloat64, /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __rsub__(
        self: _Has[_Real64], other: _Has[np.float64], /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __rsub__(
        self: _Has[_Number], other: _Has[_Number], /
    ) -> CowArray[_AnyShape, np.dtype[_Number]]: ...
    @overload
    def __rsub__(self, other: Any, /) -> CowArray: ...
    @overload
    def __mul__(
        self: _Has[_Number], other: int, /
    ) -> CowArray[_S_co, np.dtype[_Number]]: ...
    @overload
    def __mul__(
        self: _Has[np.float64], other: _LikeFloat64, /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __mul__(
        self: _Has[_Real64], other: _Has[np.float64], /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __mul__(
        self: _Has[_Number], other: _Has[_Number], /
    ) -> CowArray[_AnyShape, np.dtype[_Number]]: ...
    @overload
    def __mul__(self, other: Any, /) -> CowArray: ...
    @overload
    def __rmul__(
        self: _Has[_Number], other: int, /
    ) -> CowArray[_S_co, np.dtype[_Number]]: ...
    @overload
    def __rmul__(
        self: _Has[np.float64], other: _LikeFloat64, /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __rmul__(
        self: _Has[_Real64], other: _Has[np.float64], /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __rmul__(
        self: _Has[_Number], other: _Has[_Number], /
    ) -> CowArray[_AnyShape, np.dtype[_Number]]: ...
    @overload
    def __rmul__(self, other: Any, /) -> CowArray: ...
    @overload
    def __floordiv__(
        self: _Has[_Number], other: int, /
    ) -> CowArray[_S_co, np.dtype[_Number]]: ...
    @overload
    def __floordiv__(
        self: _Has[np.float64], other: _LikeFloat64, /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __floordiv__(
        self: _Has[_Real64], other: _Has[np.float64], /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __floordiv__(
        self: _Has[_Number], other: _Has[_Number], /
    ) -> CowArray[_AnyShape, np.dtype[_Number]]: ...
    @overload
    def __floordiv__(self, other: Any, /) -> CowArray: ...
    @overload
    def __rfloordiv__(
        self: _Has[_Number], other: int, /
    ) -> CowArray[_S_co, np.dtype[_Number]]: ...
    @overload
    def __rfloordiv__(
        self: _Has[np.float64], other: _LikeFloat64, /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __rfloordiv__(
        self: _Has[_Real64], other: _Has[np.float64], /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __rfloordiv__(
        self: _Has[_Number], other: _Has[_Number], /
    ) -> CowArray[_AnyShape, np.dtype[_Number]]: ...
    @overload
    def __rfloordiv__(self, other: Any, /) -> CowArray: ...
    @overload
    def __mod__(
        self: _Has[_Number], other: int, /
    ) -> CowArray[_S_co, np.dtype[_Number]]: ...
    @overload
    def __mod__(
        self: _Has[np.float64], other: _LikeFloat64, /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __mod__(
        self: _Has[_Real64], other: _Has[np.float64], /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __mod__(
        self: _Has[_Number], other: _Has[_Number], /
    ) -> CowArray[_AnyShape, np.dtype[_Number]]: ...
    @overload
    def __mod__(self, other: Any, /) -> CowArray: ...
    @overload
    def __rmod__(
        self: _Has[_Number], other: int, /
    ) -> CowArray[_S_co, np.dtype[_Number]]: ...
    @overload
    def __rmod__(
        self: _Has[np.float64], other: _LikeFloat64, /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __rmod__(
        self: _Has[_Real64], other: _Has[np.float64], /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __rmod__(
        self: _Has[_Number], other: _Has[_Number], /
    ) -> CowArray[_AnyShape, np.dtype[_Number]]: ...
    @overload
    def __rmod__(self, other: Any, /) -> CowArray: ...
    @overload
    def __pow__(
        self: _Has[_Number], other: int, mod: None = None, /
    ) -> CowArray[_S_co, np.dtype[_Number]]: ...
    @overload
    def __pow__(
        self: _Has[np.float64],
        other: _LikeFloat64,
        mod: None = None,
        /,
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __pow__(
        self: _Has[_Real64],
        other: _Has[np.float64],
        mod: None = None,
        /,
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __pow__(
        self: _Has[_Number],
        other: _Has[_Number],
        mod: None = None,
        /,
    ) -> CowArray[_AnyShape, np.dtype[_Number]]: ...
    @overload
    def __pow__(self, other: Any, mod: None = None, /) -> CowArray: ...
    @overload
    def __rpow__(
        self: _Has[_Number], other: int, mod: None = None, /
    ) -> CowArray[_S_co, np.dtype[_Number]]: ...
    @overload
    def __rpow__(
        self: _Has[np.float64],
        other: _LikeFloat64,
        mod: None = None,
        /,
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __rpow__(
        self: _Has[_Real64],
        other: _Has[np.float64],
        mod: None = None,
        /,
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __rpow__(
        self: _Has[_Number],
        other: _Has[_Number],
        mod: None = None,
        /,
    ) -> CowArray[_AnyShape, np.dtype[_Number]]: ...
    @overload
    def __rpow__(self, other: Any, mod: None = None, /) -> CowArray: ...
    @overload
    def __truediv__(
        self: _Has[np.float64 | np.integer | np.bool],
        other: _LikeFloat64,
        /,
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __truediv__(
        self: _Has[_Inexact], other: int | _Has[_Inexact], /
    ) -> CowArray[_AnyShape, np.dtype[_Inexact]]: ...
    @overload
    def __truediv__(self, other: Any, /) -> CowArray: ...
    @overload
    def __rtruediv__(
        self: _Has[np.float64 | np.integer | np.bool],
        other: _LikeFloat64,
        /,
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __rtruediv__(
        self: _Has[_Inexact], other: int | _Has[_Inexact], /
    ) -> CowArray[_AnyShape, np.dtype[_Inexact]]: ...
    @overload
    def __rtruediv__(self, other: Any, /) -> CowArray: ...
    @overload
    def __matmul__(
        self: _Has[np.float64], other: _LikeFloat64, /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __matmul__(
        self: _Has[_Number], other: _Has[_Number], /
    ) -> CowArray[_AnyShape, np.dtype[_Number]]: ...
    @overload
    def __matmul__(self, other: Any, /) -> CowArray: ...
    @overload
    def __rmatmul__(
        self: _Has[np.float64], other: _LikeFloat64, /
    ) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
    @overload
    def __rmatmul__(
        self: _Has[_Number], other: _Has[_Number], /
    ) -> CowArray[_AnyShape, np.dtype[_Number]]: ...
    @overload
    def __rmatmul__(self, other: Any, /) -> CowArray: ...
    @overload
    def __and__(
        self: _Has[np.bool], other: bool | _Has[np.bool], /
    ) -> CowArray[_AnyShape, np.dtype[np.bool]]: ...
    @overload
    def __and__(
        self: _Has[_Integer], other: int | _Has[_Integer], /
    ) -> CowArray[_AnyShape, np.dtype[_Integer]]: ...
    @overload
    def __and__(self, other: Any, /) -> CowArray: ...
    @overload
    def __rand__(
        self: _Has[np.bool], other: bool | _Has[np.bool], /
    ) -> CowArray[_AnyShape, np.dtype[np.bool]]: ...
    @overload
    def __rand__(
        self: _Has[_Integer], other: int | _Has[_Integer], /
    ) -> CowArray[_AnyShape, np.dtype[_Integer]]: ...
    @overload
    def __rand__(self, other: Any, /) -> CowArray: ...
    @overload
    def __or__(
        self: _Has[np.bool], other: bool | _Has[np.bool], /
    ) -> CowArray[_AnyShape, np.dtype[np.bool]]: ...
    @overload
    def __or__(
        self: _Has[_Integer], other: int | _Has[_Integer], /
    ) -> CowArray[_AnyShape, np.dtype[_Integer]]: ...
    @overload
    def __or__(self, other: Any, /) -> CowArray: ...
    @overload
    def __ror__(
        self: _Has[np.bool], other: bool | _Has[np.bool], /
    ) -> CowArray[_AnyShape, np.dtype[np.bool]]: ...
    @overload
    def __ror__(
        self: _Has[_Integer], other: int | _Has[_Integer], /
    ) -> CowArray[_AnyShape, np.dtype[_Integer]]: ...
    @overload
    def __ror__(self, other: Any, /) -> CowArray: ...
    @overload
    def __xor__(
        self: _Has[np.bool], other: bool | _Has[np.bool], /
    ) -> CowArray[_AnyShape, np.dtype[np.bool]]: ...
    @overload
    def __xor__(
        self: _Has[_Integer], other: int | _Has[_Integer], /
    ) -> CowArray[_AnyShape, np.dtype[_Integer]]: ...
    @overload
    def __xor__(self, other: Any, /) -> CowArray: ...
    @overload
    def __rxor__(
        self: _Has[np.bool], other: bool | _Has[np.bool], /
    ) -> CowArray[_AnyShape, np.dtype[np.bool]]: ...
    @overload
    def __rxor__(
        self: _Has[_Integer], other: int | _Has[_Integer], /
    ) -> CowArray[_AnyShape, np.dtype[_Integer]]: ...
    @overload
    def __rxor__(self, other: Any, /) -> CowArray: ...
    @overload
    def __lshift__(
        self: _Has[_Integer], other: int | _Has[_Integer], /
    ) -> CowArray[_AnyShape, np.dtype[_Integer]]: ...
    @overload
    def __lshift__(self, other: Any, /) -> CowArray: ...
    @overload
    def __rlshift__(
        self: _Has[_Integer], other: int | _Has[_Integer], /
    ) -> CowArray[_AnyShape, np.dtype[_Integer]]: ...
    @overload
    def __rlshift__(self, other: Any, /) -> CowArray: ...
    @overload
    def __rshift__(
        self: _Has[_Integer], other: int | _Has[_Integer], /
    ) -> CowArray[_AnyShape, np.dtype[_Integer]]: ...
    @overload
    def __rshift__(self, other: Any, /) -> CowArray: ...
    @overload
    def __rrshift__(
        self: _Has[_Integer], other: int | _Has[_Integer], /
    ) -> CowArray[_AnyShape, np.dtype[_Integer]]: ...
    @overload
    def __rrshift__(self, other: Any, /) -> CowArray: ...
    def __arrow_array__(self, type: Any = None) -> Any: ...
    def __divmod__(self, other: Any, /) -> tuple[CowArray, CowArray]: ...
    def __rdivmod__(self, other: Any, /) -> tuple[CowArray, CowArray]: ...

class CowArray(  # type: ignore[misc]  # pyright: ignore[reportIncompatibleMethodOverride, reportIncompatibleVariableOverride]
    _Methods[_S_co, _D_co], np.ndarray[_S_co, _D_co], annotation.ReadOnly[_S_co, _D_co]
):
    # in NumPy's order: an unknown rank, elements, rows
    @overload
    def __iter__(
        self: CowArray[tuple[Never, Never, Never, Never, Never, Never], Any], /
    ) -> Iterator[Any]: ...
    @overload
    def __iter__(
        self: CowArray[tuple[int], np.dtype[_Element]], /
    ) -> Iterator[_Element]: ...
    @overload
    def __iter__(
        self: CowArray[tuple[int, int, *tuple[int, ...]], _D1], /
    ) -> Iterator[CowArray[_AnyShape, _D1]]: ...
    @overload
    def __iter__(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, /
    ) -> Iterator[Any]: ...
