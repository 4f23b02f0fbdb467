from collections.abc import Callable
from typing import Any, TypeAlias

from typing_extensions import TypeVar

__all__ = ["register_container"]

_T = TypeVar("_T")
_Pieces: TypeAlias = list[Any] | tuple[Any, ...] | dict[Any, Any]

def register_container(
    type: type[_T],
    take_apart: Callable[[_T], _Pieces],
    put_together: Callable[[_T, Any], _T],
) -> None: ...
