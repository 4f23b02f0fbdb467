# The ignored reports of overlapping overloads: of bool, int, float and complex each is
# taken for the next, but gives another dtype.
from collections.abc import Callable, Iterable, Sequence
from typing import (
    IO,
    Any,
    Literal,
    Protocol,
    SupportsIndex,
    TypeAlias,
    overload,
    type_check_only,
)

import numpy as np
from numpy.typing import DTypeLike
from typing_extensions import TypeVar

from cow._array.array import CowArray
from cow._array.readonly import ReadOnlyArray

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

_S = TypeVar("_S", bound=tuple[Any, ...])
_D = TypeVar("_D", bound=np.dtype[Any])
_Shape = TypeVar(
    "_Shape",
    # constraints, not a bound: pyright would infer tuple[Literal[2], Literal[3]]
    tuple[()],
    tuple[int],
    tuple[int, int],
    tuple[int, int, int],
    tuple[int, int, int, int],
    tuple[int, ...],
)
_Scalar = TypeVar("_Scalar", bound=np.generic)
_D_co = TypeVar("_D_co", bound=np.dtype[Any], covariant=True)

_AnyShape: TypeAlias = tuple[Any, ...]
_Order: TypeAlias = Literal["K", "A", "C", "F"]
_DTypeOf: TypeAlias = type[_Scalar] | np.dtype[_Scalar]
_Cow: TypeAlias = CowArray[_AnyShape, np.dtype[_Scalar]]
_1D: TypeAlias = CowArray[tuple[int], np.dtype[_Scalar]]
_2D: TypeAlias = CowArray[tuple[int, int], np.dtype[_Scalar]]

@type_check_only
class _HasArray(Protocol[_D_co]):
    def __array__(self) -> np.ndarray[Any, _D_co]: ...

@overload
def array(
    object: np.ndarray[_S, _D] | ReadOnlyArray[_S, _D],
    dtype: None = None,
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> CowArray[_S, _D]: ...
@overload
def array(
    object: _HasArray[_D],
    dtype: None = None,
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: int = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> CowArray[_AnyShape, _D]: ...
@overload
def array(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
    object: bool,
    dtype: None = None,
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> CowArray[tuple[()], np.dtype[np.bool]]: ...
@overload
def array(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
    object: Sequence[bool],
    dtype: None = None,
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> _1D[np.bool]: ...
@overload
def array(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
    object: Sequence[Sequence[bool]],
    dtype: None = None,
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> _2D[np.bool]: ...
@overload
def array(
    object: int,
    dtype: None = None,
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> CowArray[tuple[()], np.dtype[np.int_]]: ...
@overload
def array(
    object: Sequence[int],
    dtype: None = None,
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> _1D[np.int_]: ...
@overload
def array(
    object: Sequence[Sequence[int]],
    dtype: None = None,
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> _2D[np.int_]: ...
@overload
def array(
    object: float,
    dtype: None = None,
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> CowArray[tuple[()], np.dtype[np.float64]]: ...
@overload
def array(
    object: Sequence[float],
    dtype: None = None,
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> _1D[np.float64]: ...
@overload
def array(
    object: Sequence[Sequence[float]],
    dtype: None = None,
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> _2D[np.float64]: ...
@overload
def array(
    object: complex,
    dtype: None = None,
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> CowArray[tuple[()], np.dtype[np.complex128]]: ...
@overload
def array(
    object: Sequence[complex],
    dtype: None = None,
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> _1D[np.complex128]: ...
@overload
def array(
    object: Sequence[Sequence[complex]],
    dtype: None = None,
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> _2D[np.complex128]: ...
@overload
def array(
    object: np.ndarray[_S, Any] | ReadOnlyArray[_S, Any],
    dtype: _DTypeOf[_Scalar],
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> CowArray[_S, np.dtype[_Scalar]]: ...
@overload
def array(
    object: complex,
    dtype: _DTypeOf[_Scalar],
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> CowArray[tuple[()], np.dtype[_Scalar]]: ...
@overload
def array(
    object: Sequence[complex],
    dtype: _DTypeOf[_Scalar],
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> CowArray[tuple[int], np.dtype[_Scalar]]: ...
@overload
def array(
    object: Sequence[Sequence[complex]],
    dtype: _DTypeOf[_Scalar],
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> CowArray[tuple[int, int], np.dtype[_Scalar]]: ...
@overload
def array(
    object: Any,
    dtype: _DTypeOf[_Scalar],
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: int = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> _Cow[_Scalar]: ...
@overload
def array(
    object: Any,
    dtype: DTypeLike | None = None,
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: int = 0,
    ndmax: int | None = None,
    like: Any = None,
) -> CowArray: ...
@overload
def asarray(
    a: np.ndarray[_S, _D] | ReadOnlyArray[_S, _D],
    dtype: None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> CowArray[_S, _D]: ...
@overload
def asarray(
    a: _HasArray[_D],
    dtype: None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> CowArray[_AnyShape, _D]: ...
@overload
def asarray(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
    a: bool,
    dtype: None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> CowArray[tuple[()], np.dtype[np.bool]]: ...
@overload
def asarray(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
    a: Sequence[bool],
    dtype: None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> _1D[np.bool]: ...
@overload
def asarray(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
    a: Sequence[Sequence[bool]],
    dtype: None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> _2D[np.bool]: ...
@overload
def asarray(
    a: int,
    dtype: None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> CowArray[tuple[()], np.dtype[np.int_]]: ...
@overload
def asarray(
    a: Sequence[int],
    dtype: None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> _1D[np.int_]: ...
@overload
def asarray(
    a: Sequence[Sequence[int]],
    dtype: None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> _2D[np.int_]: ...
@overload
def asarray(
    a: float,
    dtype: None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> CowArray[tuple[()], np.dtype[np.float64]]: ...
@overload
def asarray(
    a: Sequence[float],
    dtype: None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> _1D[np.float64]: ...
@overload
def asarray(
    a: Sequence[Sequence[float]],
    dtype: None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> _2D[np.float64]: ...
@overload
def asarray(
    a: complex,
    dtype: None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> CowArray[tuple[()], np.dtype[np.complex128]]: ...
@overload
def asarray(
    a: Sequence[complex],
    dtype: None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> _1D[np.complex128]: ...
@overload
def asarray(
    a: Sequence[Sequence[complex]],
    dtype: None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> _2D[np.complex128]: ...
@overload
def asarray(
    a: np.ndarray[_S, Any] | ReadOnlyArray[_S, Any],
    dtype: _DTypeOf[_Scalar],
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> CowArray[_S, np.dtype[_Scalar]]: ...
@overload
def asarray(
    a: complex,
    dtype: _DTypeOf[_Scalar],
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> CowArray[tuple[()], np.dtype[_Scalar]]: ...
@overload
def asarray(
    a: Sequence[complex],
    dtype: _DTypeOf[_Scalar],
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> CowArray[tuple[int], np.dtype[_Scalar]]: ...
@overload
def asarray(
    a: Sequence[Sequence[complex]],
    dtype: _DTypeOf[_Scalar],
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> CowArray[tuple[int, int], np.dtype[_Scalar]]: ...
@overload
def asarray(
    a: Any,
    dtype: _DTypeOf[_Scalar],
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> _Cow[_Scalar]: ...
@overload
def asarray(
    a: Any,
    dtype: DTypeLike | None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
    like: Any = None,
) -> CowArray: ...
@overload
def ascontiguousarray(
    a: _HasArray[_D], dtype: None = None
) -> CowArray[_AnyShape, _D]: ...
@overload
def ascontiguousarray(
    a: Any, dtype: _DTypeOf[_Scalar], *, like: Any = None
) -> _Cow[_Scalar]: ...
@overload
def ascontiguousarray(
    a: Any, dtype: DTypeLike | None = None, *, like: Any = None
) -> CowArray: ...
@overload
def asfortranarray(
    a: _HasArray[_D], dtype: None = None, *, like: Any = None
) -> CowArray[_AnyShape, _D]: ...
@overload
def asfortranarray(
    a: Any, dtype: _DTypeOf[_Scalar], *, like: Any = None
) -> _Cow[_Scalar]: ...
@overload
def asfortranarray(
    a: Any, dtype: DTypeLike | None = None, *, like: Any = None
) -> CowArray: ...
@overload
def empty(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
    shape: SupportsIndex,
    dtype: type[bool],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[np.bool]]: ...
@overload
def empty(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
    shape: _Shape,
    dtype: type[bool],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[np.bool]]: ...
@overload
def empty(  # type: ignore[overload-overlap]
    shape: Sequence[SupportsIndex],
    dtype: type[bool],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[np.bool]]: ...
@overload
def empty(
    shape: SupportsIndex,
    dtype: type[int],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[np.int_]]: ...
@overload
def empty(
    shape: _Shape,
    dtype: type[int],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[np.int_]]: ...
@overload
def empty(
    shape: Sequence[SupportsIndex],
    dtype: type[int],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[np.int_]]: ...
@overload
def empty(
    shape: SupportsIndex,
    dtype: type[float] | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[np.float64]]: ...
@overload
def empty(
    shape: _Shape,
    dtype: type[float] | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[np.float64]]: ...
@overload
def empty(
    shape: Sequence[SupportsIndex],
    dtype: type[float] | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
@overload
def empty(
    shape: SupportsIndex,
    dtype: _DTypeOf[_Scalar],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[_Scalar]]: ...
@overload
def empty(
    shape: _Shape,
    dtype: _DTypeOf[_Scalar],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[_Scalar]]: ...
@overload
def empty(
    shape: Sequence[SupportsIndex],
    dtype: _DTypeOf[_Scalar],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[_Scalar]]: ...
@overload
def empty(
    shape: SupportsIndex,
    dtype: DTypeLike | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[Any]]: ...
@overload
def empty(
    shape: _Shape,
    dtype: DTypeLike | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[Any]]: ...
@overload
def empty(
    shape: Sequence[SupportsIndex],
    dtype: DTypeLike | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[Any]]: ...
@overload
def ones(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
    shape: SupportsIndex,
    dtype: type[bool],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[np.bool]]: ...
@overload
def ones(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
    shape: _Shape,
    dtype: type[bool],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[np.bool]]: ...
@overload
def ones(  # type: ignore[overload-overlap]
    shape: Sequence[SupportsIndex],
    dtype: type[bool],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[np.bool]]: ...
@overload
def ones(
    shape: SupportsIndex,
    dtype: type[int],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[np.int_]]: ...
@overload
def ones(
    shape: _Shape,
    dtype: type[int],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[np.int_]]: ...
@overload
def ones(
    shape: Sequence[SupportsIndex],
    dtype: type[int],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[np.int_]]: ...
@overload
def ones(
    shape: SupportsIndex,
    dtype: type[float] | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[np.float64]]: ...
@overload
def ones(
    shape: _Shape,
    dtype: type[float] | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[np.float64]]: ...
@overload
def ones(
    shape: Sequence[SupportsIndex],
    dtype: type[float] | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
@overload
def ones(
    shape: SupportsIndex,
    dtype: _DTypeOf[_Scalar],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[_Scalar]]: ...
@overload
def ones(
    shape: _Shape,
    dtype: _DTypeOf[_Scalar],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[_Scalar]]: ...
@overload
def ones(
    shape: Sequence[SupportsIndex],
    dtype: _DTypeOf[_Scalar],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[_Scalar]]: ...
@overload
def ones(
    shape: SupportsIndex,
    dtype: DTypeLike | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[Any]]: ...
@overload
def ones(
    shape: _Shape,
    dtype: DTypeLike | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[Any]]: ...
@overload
def ones(
    shape: Sequence[SupportsIndex],
    dtype: DTypeLike | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[Any]]: ...
@overload
def zeros(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
    shape: SupportsIndex,
    dtype: type[bool],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[np.bool]]: ...
@overload
def zeros(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
    shape: _Shape,
    dtype: type[bool],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[np.bool]]: ...
@overload
def zeros(  # type: ignore[overload-overlap]
    shape: Sequence[SupportsIndex],
    dtype: type[bool],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[np.bool]]: ...
@overload
def zeros(
    shape: SupportsIndex,
    dtype: type[int],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[np.int_]]: ...
@overload
def zeros(
    shape: _Shape,
    dtype: type[int],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[np.int_]]: ...
@overload
def zeros(
    shape: Sequence[SupportsIndex],
    dtype: type[int],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[np.int_]]: ...
@overload
def zeros(
    shape: SupportsIndex,
    dtype: type[float] | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[np.float64]]: ...
@overload
def zeros(
    shape: _Shape,
    dtype: type[float] | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[np.float64]]: ...
@overload
def zeros(
    shape: Sequence[SupportsIndex],
    dtype: type[float] | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
@overload
def zeros(
    shape: SupportsIndex,
    dtype: _DTypeOf[_Scalar],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[_Scalar]]: ...
@overload
def zeros(
    shape: _Shape,
    dtype: _DTypeOf[_Scalar],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[_Scalar]]: ...
@overload
def zeros(
    shape: Sequence[SupportsIndex],
    dtype: _DTypeOf[_Scalar],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[_Scalar]]: ...
@overload
def zeros(
    shape: SupportsIndex,
    dtype: DTypeLike | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[Any]]: ...
@overload
def zeros(
    shape: _Shape,
    dtype: DTypeLike | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[Any]]: ...
@overload
def zeros(
    shape: Sequence[SupportsIndex],
    dtype: DTypeLike | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[Any]]: ...
@overload
def full(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
    shape: SupportsIndex,
    fill_value: bool,
    dtype: None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[np.bool]]: ...
@overload
def full(  # type: ignore[overload-overlap]  # pyright: ignore[reportOverlappingOverload]
    shape: _Shape,
    fill_value: bool,
    dtype: None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[np.bool]]: ...
@overload
def full(  # type: ignore[overload-overlap]
    shape: Sequence[SupportsIndex],
    fill_value: bool,
    dtype: None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[np.bool]]: ...
@overload
def full(
    shape: SupportsIndex,
    fill_value: int,
    dtype: None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[np.int_]]: ...
@overload
def full(
    shape: _Shape,
    fill_value: int,
    dtype: None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[np.int_]]: ...
@overload
def full(
    shape: Sequence[SupportsIndex],
    fill_value: int,
    dtype: None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[np.int_]]: ...
@overload
def full(
    shape: SupportsIndex,
    fill_value: float,
    dtype: None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[np.float64]]: ...
@overload
def full(
    shape: _Shape,
    fill_value: float,
    dtype: None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[np.float64]]: ...
@overload
def full(
    shape: Sequence[SupportsIndex],
    fill_value: float,
    dtype: None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[np.float64]]: ...
@overload
def full(
    shape: SupportsIndex,
    fill_value: complex,
    dtype: None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[np.complex128]]: ...
@overload
def full(
    shape: _Shape,
    fill_value: complex,
    dtype: None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[np.complex128]]: ...
@overload
def full(
    shape: Sequence[SupportsIndex],
    fill_value: complex,
    dtype: None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[np.complex128]]: ...
@overload
def full(
    shape: SupportsIndex,
    fill_value: Any,
    dtype: _DTypeOf[_Scalar],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[_Scalar]]: ...
@overload
def full(
    shape: _Shape,
    fill_value: Any,
    dtype: _DTypeOf[_Scalar],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[_Scalar]]: ...
@overload
def full(
    shape: Sequence[SupportsIndex],
    fill_value: Any,
    dtype: _DTypeOf[_Scalar],
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[_Scalar]]: ...
@overload
def full(
    shape: SupportsIndex,
    fill_value: Any,
    dtype: DTypeLike | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[tuple[int], np.dtype[Any]]: ...
@overload
def full(
    shape: _Shape,
    fill_value: Any,
    dtype: DTypeLike | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_Shape, np.dtype[Any]]: ...
@overload
def full(
    shape: Sequence[SupportsIndex],
    fill_value: Any,
    dtype: DTypeLike | None = None,
    order: Literal["C", "F"] = "C",
    *,
    device: Literal["cpu"] | None = None,
    like: Any = None,
    paged: bool = False,
) -> CowArray[_AnyShape, np.dtype[Any]]: ...
@overload
def empty_like(
    prototype: np.ndarray[_S, _D] | ReadOnlyArray[_S, _D],
    dtype: None = None,
    order: _Order = "K",
    subok: bool = True,
    shape: None = None,
    *,
    device: Literal["cpu"] | None = None,
    paged: bool = False,
) -> CowArray[_S, _D]: ...
@overload
def empty_like(
    prototype: np.ndarray[_S, Any] | ReadOnlyArray[_S, Any],
    dtype: _DTypeOf[_Scalar],
    order: _Order = "K",
    subok: bool = True,
    shape: None = None,
    *,
    device: Literal["cpu"] | None = None,
    paged: bool = False,
) -> CowArray[_S, np.dtype[_Scalar]]: ...
@overload
def empty_like(
    prototype: Any,
    dtype: DTypeLike | None = None,
    order: _Order = "K",
    subok: bool = True,
    shape: SupportsIndex | Sequence[SupportsIndex] | None = None,
    *,
    device: Literal["cpu"] | None = None,
    paged: bool = False,
) -> CowArray: ...
@overload
def ones_like(
    a: np.ndarray[_S, _D] | ReadOnlyArray[_S, _D],
    dtype: None = None,
    order: _Order = "K",
    subok: bool = True,
    shape: None = None,
    *,
    device: Literal["cpu"] | None = None,
    paged: bool = False,
) -> CowArray[_S, _D]: ...
@overload
def ones_like(
    a: np.ndarray[_S, Any] | ReadOnlyArray[_S, Any],
    dtype: _DTypeOf[_Scalar],
    order: _Order = "K",
    subok: bool = True,
    shape: None = None,
    *,
    device: Literal["cpu"] | None = None,
    paged: bool = False,
) -> CowArray[_S, np.dtype[_Scalar]]: ...
@overload
def ones_like(
    a: Any,
    dtype: DTypeLike | None = None,
    order: _Order = "K",
    subok: bool = True,
    shape: SupportsIndex | Sequence[SupportsIndex] | None = None,
    *,
    device: Literal["cpu"] | None = None,
    paged: bool = False,
) -> CowArray: ...
@overload
def zeros_like(
    a: np.ndarray[_S, _D] | ReadOnlyArray[_S, _D],
    dtype: None = None,
    order: _Order = "K",
    subok: bool = True,
    shape: None = None,
    *,
    device: Literal["cpu"] | None = None,
    paged: bool = False,
) -> CowArray[_S, _D]: ...
@overload
def zeros_like(
    a: np.ndarray[_S, Any] | ReadOnlyArray[_S, Any],
    dtype: _DTypeOf[_Scalar],
    order: _Order = "K",
    subok: bool = True,
    shape: None = None,
    *,
    device: Literal["cpu"] | None = None,
    paged: bool = False,
) -> CowArray[_S, np.dtype[_Scalar]]: ...
@overload
def zeros_like(
    a: Any,
    dtype: DTypeLike | None = None,
    order: _Order = "K",
    subok: bool = True,
    shape: SupportsIndex | Sequence[SupportsIndex] | None = None,
    *,
    device: Literal["cpu"] | None = None,
    paged: bool = False,
) -> CowArray: ...
@overload
def full_like(
    a: np.ndarray[_S, _D] | ReadOnlyArray[_S, _D],
    fill_value: Any,
    dtype: None = None,
    order: _Order = "K",
    subok: bool = True,
    shape: None = None,
    *,
    device: Literal["cpu"] | None = None,
    paged: bool = False,
) -> CowArray[_S, _D]: ...
@overload
def full_like(
    a: np.ndarray[_S, Any] | ReadOnlyArray[_S, Any],
    fill_value: Any,
    dtype: _DTypeOf[_Scalar],
    order: _Order = "K",
    subok: bool = True,
    shape: None = None,
    *,
    device: Literal["cpu"] | None = None,
    paged: bool = False,
) -> CowArray[_S, np.dtype[_Scalar]]: ...
@overload
def full_like(
    a: Any,
    fill_value: Any,
    dtype: DTypeLike | None = None,
    order: _Order = "K",
    subok: bool = True,
    shape: SupportsIndex | Sequence[SupportsIndex] | None = None,
    *,
    device: Literal["cpu"] | None = None,
    paged: bool = False,
) -> CowArray: ...
@overload
def arange(*args: int, dtype: None = None, **kwargs: Any) -> _1D[np.int_]: ...  # pyright: ignore[reportOverlappingOverload]
@overload
def arange(*args: float, dtype: None = None, **kwargs: Any) -> _1D[np.float64]: ...
@overload
def arange(*args: Any, dtype: _DTypeOf[_Scalar], **kwargs: Any) -> _1D[_Scalar]: ...
@overload
def arange(*args: Any, **kwargs: Any) -> CowArray[tuple[int]]: ...
@overload
def eye(
    N: int, M: int | None = None, k: int = 0, dtype: type[float] = ..., **kwargs: Any
) -> _2D[np.float64]: ...
@overload
def eye(
    N: int, M: int | None = None, k: int = 0, *, dtype: _DTypeOf[_Scalar], **kwargs: Any
) -> _2D[_Scalar]: ...
@overload
def eye(*args: Any, **kwargs: Any) -> CowArray[tuple[int, int]]: ...
@overload
def linspace(
    start: float,
    stop: float,
    num: SupportsIndex = 50,
    endpoint: bool = True,
    retstep: Literal[False] = False,
    dtype: None = None,
) -> _1D[np.float64]: ...
@overload
def linspace(*args: Any, **kwargs: Any) -> Any: ...
@overload
def fromiter(
    iter: Iterable[Any], dtype: _DTypeOf[_Scalar], count: int = -1
) -> _1D[_Scalar]: ...
@overload
def fromiter(
    iter: Iterable[Any], dtype: DTypeLike, count: int = -1
) -> CowArray[tuple[int]]: ...
@overload
def frombuffer(
    buffer: Any, dtype: type[float] = ..., count: int = -1, offset: int = 0
) -> _1D[np.float64]: ...
@overload
def frombuffer(
    buffer: Any, dtype: _DTypeOf[_Scalar], count: int = -1, offset: int = 0
) -> _1D[_Scalar]: ...
@overload
def frombuffer(
    buffer: Any, dtype: DTypeLike, count: int = -1, offset: int = 0
) -> CowArray[tuple[int]]: ...
def fromfunction(
    function: Callable[..., Any], shape: Sequence[int], **kwargs: Any
) -> Any: ...
def load(
    file: str | IO[bytes],
    mmap_mode: Literal["r", "r+", "w+", "c"] | None = None,
    **kwargs: Any,
) -> Any: ...
def loadtxt(fname: Any, *args: Any, **kwargs: Any) -> CowArray: ...
