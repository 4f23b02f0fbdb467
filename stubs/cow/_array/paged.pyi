from typing import Any, overload

import numpy as np
from numpy.typing import ArrayLike
from typing_extensions import TypeVar

from cow._array.array import CowArray
from cow._array.readonly import ReadOnlyArray

__all__ = ["paged", "snapshot"]

_S = TypeVar("_S", bound=tuple[Any, ...])
_D = TypeVar("_D", bound=np.dtype[Any])

@overload
def paged(a: np.ndarray[_S, _D] | ReadOnlyArray[_S, _D]) -> CowArray[_S, _D]: ...
@overload
def paged(a: ArrayLike) -> CowArray: ...
@overload
def snapshot(a: np.ndarray[_S, _D] | ReadOnlyArray[_S, _D]) -> CowArray[_S, _D]: ...
@overload
def snapshot(a: ArrayLike) -> CowArray: ...
