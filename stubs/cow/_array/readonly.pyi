# What cow.readonly makes, and the annotations as each checker can do with them, see
# annotation.pyi.
from typing import Any, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike
from typing_extensions import TypeVar

from cow._array import annotation
from cow._array.array import CowArray

__all__ = ["ReadOnly", "ReadOnlyArray", "ReadOnlyNDArray", "is_readonly", "readonly"]

_S = TypeVar("_S", bound=tuple[Any, ...], default=tuple[Any, ...])
_D = TypeVar("_D", bound=np.dtype[Any], default=np.dtype[Any])
_S_co = TypeVar("_S_co", bound=tuple[Any, ...], default=tuple[Any, ...], covariant=True)
_D_co = TypeVar("_D_co", bound=np.dtype[Any], default=np.dtype[Any], covariant=True)
_Scalar = TypeVar("_Scalar", bound=np.generic)

class ReadOnlyArray(annotation.ReadOnly[_S_co, _D_co]):
    # no ndarray for checkers, or it could be handed to whoever asks for one
    def copy(self, order: Any = "C") -> CowArray[_S_co, _D_co]: ...
    def __copy__(self) -> CowArray[_S_co, _D_co]: ...
    def __deepcopy__(
        self, memo: dict[int, Any] | None, /
    ) -> CowArray[_S_co, _D_co]: ...

# declared once for each checker
MYPY = False
if MYPY:  # mypy takes this name for True
    ReadOnly: TypeAlias = annotation.ReadOnly[_S, _D]  # pyright: ignore[reportRedeclaration]
    ReadOnlyNDArray: TypeAlias = annotation.ReadOnly[tuple[Any, ...], np.dtype[_Scalar]]  # pyright: ignore[reportRedeclaration]
else:
    ReadOnly: TypeAlias = np.ndarray[_S, _D] | annotation.ReadOnly[_S, _D]  # pyright: ignore[reportRedeclaration]
    ReadOnlyNDArray: TypeAlias = (  # pyright: ignore[reportRedeclaration]
        np.ndarray[tuple[Any, ...], np.dtype[_Scalar]]
        | annotation.ReadOnly[tuple[Any, ...], np.dtype[_Scalar]]
    )

@overload
def readonly(
    x: np.ndarray[_S, _D] | ReadOnlyArray[_S, _D],
) -> ReadOnlyArray[_S, _D]: ...
@overload
def readonly(x: ArrayLike) -> ReadOnlyArray: ...
def is_readonly(x: object) -> bool: ...
