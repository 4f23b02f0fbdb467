"""Borders: which calls of a guarded function come from inside, and are not guarded.

The core asks a border once for each module and each code; see `is_inside` in
wrapper.c.
"""

from __future__ import annotations

import abc
import sys
import types
import weakref
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cow._ground.types import type_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["Border", "CodeBorder", "codes_of", "is_test", "is_transparent"]

_MOST_CODES = 1000
_TESTS = ("tests", "test", "conftest")

# Packages that call what they are given for whoever calls them: what counts is who
# that is. (Threads begin in such code: nobody is known to have called there.)
_TRANSPARENT = (sys.stdlib_module_names - {"test"}) | frozenset(
    {"numpy", "scipy", "pandas", "joblib"}
)


def is_transparent(module: str) -> bool:
    """Does a module call what it is given for others? Tests call for themselves."""
    return module.partition(".")[0] in _TRANSPARENT and not is_test(module.split("."))


def is_test(parts: list[str]) -> bool:
    """Is it a module of tests, or a part of one?"""
    return any(each in _TESTS or each.startswith("test_") for each in parts)


class Border(dict[Any, Any], abc.ABC):
    """Who is inside: what is known so far, see `is_inside` in wrapper.c."""

    @abc.abstractmethod
    def ask_module(self, name: str) -> Any:
        """Is code of this module inside? None: `ask_code`; ...: who called it?"""

    def ask_code(self, code: types.CodeType) -> bool:
        """Is this code inside?"""
        return False

    def may_admit(self, function: types.FunctionType) -> bool:
        """May calls from the code of a function be inside?"""
        name: Any = function.__globals__.get("__name__")
        verdict = self.ask_module(name) if isinstance(name, str) else False
        if verdict is None:
            return self.ask_code(function.__code__)
        return verdict is not False


_BORDERS: weakref.WeakKeyDictionary[type, CodeBorder] = weakref.WeakKeyDictionary()


class CodeBorder(Border):
    """The code of a function, or of a class and those classes that derive from it."""

    def __init__(self, owner: Any) -> None:
        super().__init__()
        # classes are not kept alive
        self.owners: list[Any] = [
            weakref.ref(owner) if isinstance(owner, type) else owner
        ]
        self.known: list[types.CodeType] = []

    @classmethod
    def of_class(cls, owner: type) -> CodeBorder:
        """Return the border of a class; it is that of its guarded relatives."""
        border = cls(owner)
        for other, known in list(_BORDERS.items()):
            if issubclass(owner, other) or issubclass(other, owner):
                border._join(known)
        _BORDERS[owner] = border
        return border

    def _join(self, other: CodeBorder) -> None:
        """Be one with another border, and with all that is one with it."""
        mine = self.owners
        if other.owners is not mine:
            mine.extend(other.owners)
            theirs = other.owners
            for each in [self, *_BORDERS.values()]:
                if each.owners is theirs:
                    each.owners = mine
        for each in _BORDERS.values():
            if each.owners is mine:
                each.clear()

    @classmethod
    def of_function(cls, func: Any) -> CodeBorder | None:
        """Return the border of a function: calls of itself are inside."""
        return cls(func) if isinstance(func, types.FunctionType) else None

    def ask_module(self, name: str) -> Any:
        if name in self._modules():
            return None
        return ... if is_transparent(name) else False

    def ask_code(self, code: types.CodeType) -> bool:
        if len(self.known) > _MOST_CODES:  # code that is made again and again
            self.clear()
            self.known.clear()
        self.known.append(code)  # their addresses are keys
        mine = (c for f in self._functions() for c in codes_of(f))
        return any(each is code for each in mine)

    def _modules(self) -> set[Any]:
        return {f.__globals__.get("__name__") for f in self._functions()}

    def _functions(self) -> Iterator[types.FunctionType]:
        for owner in self.owners:
            if type_of(owner) is weakref.ref:
                owner = owner()
            if not isinstance(owner, type):
                # what it is the decorated form of; a decorator wraps others, too
                for function in _functions_in(owner):
                    if not hasattr(function, "__wrapped__"):
                        yield function
                continue
            for value in list(vars(owner).values()):
                for function in _functions_in(value):
                    home = function.__globals__.get("__name__")
                    local = "<locals>" in function.__qualname__
                    local &= not function.__qualname__.startswith(owner.__qualname__)
                    # not the wrapper of a decorator, which wraps others as well
                    if home == owner.__module__ and not local:
                        yield function


def _functions_in(value: Any) -> Iterator[types.FunctionType]:
    """Yield the Python functions behind a member of a class."""
    todo, seen = [value], list[Any]()
    while todo:
        each: Any = todo.pop()
        if each is None or any(each is other for other in seen):
            continue
        seen.append(each)
        if isinstance(each, types.FunctionType):
            yield each
        if hasattr(type_of(each), "__get__"):
            names = ("__func__", "__wrapped__", "fget", "fset", "fdel", "func", "fn")
            todo.extend(getattr(each, name, None) for name in names)


def codes_of(function: types.FunctionType) -> Iterator[types.CodeType]:
    """Yield the code of a function and of those inside of it."""
    todo = [function.__code__]
    while todo:
        code = todo.pop()
        yield code
        todo.extend(c for c in code.co_consts if isinstance(c, types.CodeType))
