from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Concatenate, ParamSpec, overload

import numpy as np
from numpy.typing import ArrayLike
from typing_extensions import TypeVar

from cow._array import annotation
from cow._array.array import CowArray
from cow._array.readonly import ReadOnlyArray

__all__ = ["editing", "safe_modify", "writing"]

_S = TypeVar("_S", bound=tuple[Any, ...])
_D = TypeVar("_D", bound=np.dtype[Any])
_R = TypeVar("_R")
_P = ParamSpec("_P")

@overload
def safe_modify(
    a: CowArray[_S, _D],
    func: Callable[Concatenate[CowArray[_S, _D], _P], None],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> CowArray[_S, _D]: ...

# a CowArray is an ndarray too, further down
@overload
def safe_modify(  # type: ignore[overload-overlap]
    a: CowArray[_S, _D],
    func: Callable[Concatenate[CowArray[_S, _D], _P], _R],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> _R: ...
@overload
def safe_modify(
    a: ReadOnlyArray[_S, _D],
    func: Callable[Concatenate[CowArray[_S, _D], _P], None],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> CowArray[_S, _D]: ...
@overload
def safe_modify(  # type: ignore[overload-overlap]
    a: ReadOnlyArray[_S, _D],
    func: Callable[Concatenate[CowArray[_S, _D], _P], _R],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> _R: ...
@overload
def safe_modify(
    a: np.ndarray[_S, _D] | annotation.ReadOnly[_S, _D],
    func: Callable[Concatenate[np.ndarray[_S, _D], _P], None],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> np.ndarray[_S, _D]: ...
@overload
def safe_modify(
    a: np.ndarray[_S, _D] | annotation.ReadOnly[_S, _D],
    func: Callable[Concatenate[np.ndarray[_S, _D], _P], _R],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> _R: ...
@overload
def safe_modify(
    a: ArrayLike,
    func: Callable[Concatenate[Any, _P], None],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> np.ndarray[Any, Any]: ...
@overload
def safe_modify(
    a: ArrayLike,
    func: Callable[Concatenate[Any, _P], _R],
    *args: _P.args,
    **kwargs: _P.kwargs,
) -> _R: ...
@overload
def editing(
    a: np.ndarray[_S, _D] | annotation.ReadOnly[_S, _D],
) -> AbstractContextManager[CowArray[_S, _D]]: ...
@overload
def editing(a: ArrayLike) -> AbstractContextManager[CowArray]: ...
@overload
def writing(a: CowArray[_S, _D]) -> AbstractContextManager[np.ndarray[_S, _D]]: ...
@overload
def writing(a: np.ndarray[_S, _D]) -> AbstractContextManager[np.ndarray[_S, _D]]: ...
