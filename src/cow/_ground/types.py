"""Types that several modules share: for checkers alone, nothing here is public."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, overload

import numpy as np

from cow import _core

__all__ = [
    "Args",
    "Func",
    "Guard",
    "Kwargs",
    "OnWrite",
    "Order",
    "Path",
    "Plain",
    "Resolve",
    "type_of",
]

# an array of any class, where the code does not say otherwise
Plain: TypeAlias = np.ndarray[Any, np.dtype[Any]]
Order: TypeAlias = Literal["K", "A", "C", "F"] | None
OnWrite: TypeAlias = Literal["copy", "raise", "report"]
Func: TypeAlias = Callable[..., Any]
# what the core calls before each write to an array
Guard: TypeAlias = Callable[[_core.Array], object]
# what a call was given
Args: TypeAlias = tuple[Any, ...]
Kwargs: TypeAlias = dict[str, Any]
# what the value of an expression is, None where it is not known
Resolve: TypeAlias = Callable[[ast.AST], Any]
# where in the arguments a value stands: ("config", "grid", 0)
Path: TypeAlias = tuple[str, *tuple[Any, ...]]

if TYPE_CHECKING:
    import functools
    from types import UnionType

    from typing_extensions import TypeIs

    _A = TypeVar("_A", bound=_core.Array)
    _T = TypeVar("_T")

    # Builtins, imported under TYPE_CHECKING where they are needed: pyright takes
    # the original `isinstance(x, list)` for list[Unknown], and reports each use.
    @overload
    def isinstance(  # pyright: ignore[reportOverlappingOverload]
        x: object, cls: type[_A], /
    ) -> TypeIs[_A]: ...
    @overload
    def isinstance(
        x: object, cls: type[np.ma.MaskedArray[Any, Any]], /
    ) -> TypeIs[np.ma.MaskedArray[Any, np.dtype[Any]]]: ...
    @overload
    def isinstance(
        x: object, cls: type[np.memmap[Any, Any]], /
    ) -> TypeIs[np.memmap[Any, np.dtype[Any]]]: ...
    @overload
    def isinstance(x: object, cls: type[Plain], /) -> TypeIs[Plain]: ...
    @overload
    def isinstance(x: object, cls: type[Args], /) -> TypeIs[Args]: ...
    @overload
    def isinstance(x: object, cls: type[list[Any]], /) -> TypeIs[list[Any]]: ...
    @overload
    def isinstance(
        x: object, cls: type[dict[Any, Any]], /
    ) -> TypeIs[dict[Any, Any]]: ...
    @overload
    def isinstance(
        x: object, cls: type[frozenset[Any]], /
    ) -> TypeIs[frozenset[Any]]: ...
    @overload
    def isinstance(
        x: object, cls: type[functools.cached_property[Any]], /
    ) -> TypeIs[functools.cached_property[Any]]: ...
    @overload
    def isinstance(
        x: object, cls: type[functools.partial[Any]], /
    ) -> TypeIs[functools.partial[Any]]: ...
    @overload
    def isinstance(x: object, cls: type[_T], /) -> TypeIs[_T]: ...
    @overload
    def isinstance(x: object, cls: UnionType | tuple[type, ...], /) -> bool: ...
    def isinstance(x: object, cls: Any, /) -> bool: ...

    @overload
    def issubclass(  # pyright: ignore[reportOverlappingOverload]
        x: object, cls: type[_A], /
    ) -> TypeIs[type[_A]]: ...
    @overload
    def issubclass(x: object, cls: type[Plain], /) -> TypeIs[type[Plain]]: ...
    def issubclass(x: object, cls: Any, /) -> bool: ...

    # likewise: of an Any the builtin gives type[Unknown]
    def type_of(x: object, /) -> Any: ...
else:
    type_of = type
