from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from typing import (
    IO,
    Any,
    Concatenate,
    Literal,
    ParamSpec,
    SupportsIndex,
    TypeAlias,
    overload,
)

import numpy as np
from numpy.typing import ArrayLike, DTypeLike
from typing_extensions import TypeVar

from cow._at import At
from cow._explain import explain as explain
from cow._ledger import ledger as ledger
from cow._protect import protect as protect
from cow._relation import relation as relation

__all__ = [
    "ChainedAssignmentError",
    "CopyBudgetWarning",
    "CowArray",
    "MutationError",
    "MutationWarning",
    "ReadOnly",
    "ReadOnlyArray",
    "ReadOnlyError",
    "arange",
    "array",
    "asarray",
    "ascontiguousarray",
    "asfortranarray",
    "editing",
    "empty",
    "empty_like",
    "explain",
    "eye",
    "frombuffer",
    "fromfunction",
    "fromiter",
    "full",
    "full_like",
    "is_readonly",
    "is_shared",
    "ledger",
    "linspace",
    "load",
    "loadtxt",
    "no_mutate",
    "ones",
    "ones_like",
    "protect",
    "readonly",
    "relation",
    "safe_modify",
    "trim",
    "zeros",
    "zeros_like",
]
__version__: str

_S = TypeVar("_S", bound=tuple[Any, ...], default=tuple[Any, ...], covariant=True)
_D = TypeVar("_D", bound=np.dtype[Any], default=np.dtype[Any], covariant=True)
_S1 = TypeVar("_S1", bound=tuple[Any, ...])
_D1 = TypeVar("_D1", bound=np.dtype[Any])
_F = TypeVar("_F", bound=Callable[..., Any] | classmethod[Any, Any, Any] | property)
_R = TypeVar("_R")
_P = ParamSpec("_P")
_Scalar = TypeVar("_Scalar", bound=np.generic)
_Order: TypeAlias = Literal["K", "A", "C", "F"]
_Shape: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
_Float64: TypeAlias = np.dtype[np.float64]

class ChainedAssignmentError(ValueError): ...
class ReadOnlyError(ValueError): ...
class MutationError(RuntimeError): ...
class MutationWarning(UserWarning): ...
class CopyBudgetWarning(UserWarning): ...

class CowArray(np.ndarray[_S, _D]):
    # slices, masks and operators keep the class; shape and dtype as NumPy's
    def __getitem__(self, key: Any, /) -> Any: ...
    @property
    def at(self) -> At: ...
    def copy(self, order: _Order | None = "C") -> CowArray[_S, _D]: ...
    def __array__(
        self, dtype: Any = None, /, *, copy: bool | None = None
    ) -> np.ndarray[Any, Any]: ...

class ReadOnlyArray(CowArray[_S, _D]): ...

ReadOnly: TypeAlias = np.ndarray[_S, _D]

@overload
def array(
    object: np.ndarray[_S1, _D1],
    dtype: None = None,
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: Literal[0] = 0,
    ndmax: int | None = None,
) -> CowArray[_S1, _D1]: ...
@overload
def array(
    object: ArrayLike,
    dtype: type[_Scalar] | np.dtype[_Scalar],
    *,
    copy: bool | None = True,
    order: _Order = "K",
    subok: bool = False,
    ndmin: int = 0,
    ndmax: int | None = None,
) -> CowArray[tuple[Any, ...], np.dtype[_Scalar]]: ...
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
) -> CowArray: ...
@overload
def asarray(
    a: np.ndarray[_S1, _D1],
    dtype: None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
) -> CowArray[_S1, _D1]: ...
@overload
def asarray(
    a: Any,
    dtype: DTypeLike | None = None,
    order: _Order | None = None,
    *,
    device: Literal["cpu"] | None = None,
    copy: bool | None = None,
) -> CowArray: ...
def ascontiguousarray(a: ArrayLike, dtype: DTypeLike | None = None) -> CowArray: ...
def asfortranarray(a: ArrayLike, dtype: DTypeLike | None = None) -> CowArray: ...
def load(
    file: str | IO[bytes],
    mmap_mode: Literal["r", "r+", "w+", "c"] | None = None,
    **kwargs: Any,
) -> Any: ...
def arange(*args: Any, **kwargs: Any) -> CowArray[tuple[int]]: ...
def empty(*args: Any, **kwargs: Any) -> CowArray: ...
def empty_like(*args: Any, **kwargs: Any) -> CowArray: ...
def eye(*args: Any, **kwargs: Any) -> CowArray[tuple[int, int]]: ...
def frombuffer(*args: Any, **kwargs: Any) -> CowArray[tuple[int]]: ...
def fromfunction(*args: Any, **kwargs: Any) -> CowArray: ...
def fromiter(*args: Any, **kwargs: Any) -> CowArray[tuple[int]]: ...
def full(*args: Any, **kwargs: Any) -> CowArray: ...
def full_like(*args: Any, **kwargs: Any) -> CowArray: ...
def linspace(*args: Any, **kwargs: Any) -> CowArray: ...
def loadtxt(*args: Any, **kwargs: Any) -> CowArray: ...
def ones(*args: Any, **kwargs: Any) -> CowArray: ...
def ones_like(*args: Any, **kwargs: Any) -> CowArray: ...
def zeros(*args: Any, **kwargs: Any) -> CowArray: ...
def zeros_like(*args: Any, **kwargs: Any) -> CowArray: ...
def trim() -> int: ...
def is_shared(a: CowArray) -> bool: ...
def is_readonly(x: object) -> bool: ...
@overload
def readonly(x: np.ndarray[_S1, _D1]) -> ReadOnlyArray[_S1, _D1]: ...
@overload
def readonly(x: ArrayLike) -> ReadOnlyArray: ...
def safe_modify(
    a: ArrayLike,
    func: Callable[Concatenate[Any, _P], _R],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> Any: ...
def editing(a: ArrayLike) -> AbstractContextManager[CowArray]: ...
@overload
def no_mutate(
    func: _F,
    *,
    on_write: Literal["copy", "raise", "report"] = "copy",
    isolate: bool | None = None,
    verify: bool = False,
    only: str | Iterable[str] = (),
    skip: str | Iterable[str] = (),
) -> _F: ...
@overload
def no_mutate(
    func: None = None,
    *,
    on_write: Literal["copy", "raise", "report"] = "copy",
    isolate: bool | None = None,
    verify: bool = False,
    only: str | Iterable[str] = (),
    skip: str | Iterable[str] = (),
) -> Callable[[_F], _F]: ...
