from collections.abc import Callable, Iterable
from typing import Any, Literal, TypeAlias, overload

from typing_extensions import TypeVar

__all__ = ["no_mutate"]

# the identity: a ParamSpec would lose overloads
_F = TypeVar("_F", bound=Callable[..., Any] | classmethod[Any, Any, Any] | property)
_OnWrite: TypeAlias = Literal["copy", "raise", "report"]
_Results: TypeAlias = Literal["share", "own"]

@overload
def no_mutate(
    func: _F,
    *,
    on_write: _OnWrite = "copy",
    isolate: bool | None = None,
    verify: bool = False,
    only: str | Iterable[str] = (),
    skip: str | Iterable[str] = (),
    strict: bool = False,
    results: _Results = "share",
) -> _F: ...
@overload
def no_mutate(
    func: None = None,
    *,
    on_write: _OnWrite = "copy",
    isolate: bool | None = None,
    verify: bool = False,
    only: str | Iterable[str] = (),
    skip: str | Iterable[str] = (),
    strict: bool = False,
    results: _Results = "share",
) -> Callable[[_F], _F]: ...
