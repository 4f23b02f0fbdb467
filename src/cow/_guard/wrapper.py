"""Guarded functions, as those who call them see them, and their borders.

A wrapper answers for its function: it has all attributes of it, and the function
sees the frame of its caller next to its own. Calls from inside of a border go to
the function itself.
"""

from __future__ import annotations

import abc
import sys
import types
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

from cow import _core
from cow._ground.types import Func, type_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance
    from cow._guard.guard import Guarded

__all__ = [
    "Border",
    "CodeBorder",
    "Wrapper",
    "is_guarded",
    "wrapper_of",
]

# What a wrapper has itself; all other attributes are those of its function.
_OWN = frozenset(
    {"__call__", "__class__", "__get__", "__wrapped__", "__reduce__", "__reduce_ex__"}
    | {"__copy__", "__deepcopy__", "__eq__", "__ne__", "__hash__", "__repr__"}
    | {"__dir__", "__weakref__"}
)
_MOST_CODES = 1000
_TESTS = ("tests", "test", "conftest")


class Wrapper(_core.Wrapper):
    """A guarded function.

    `make` returns what it needs to be called from outside, at the first such call.
    """

    __slots__ = ("__weakref__", "cow_again", "cow_guarded", "cow_make", "cow_twin")

    cow_guarded: Guarded | None
    cow_make: Callable[[Wrapper], Guarded]
    cow_again: Func  # makes it again, from the function, elsewhere
    cow_twin: Any  # the function, as it is called inside of the border

    def __new__(
        cls,
        func: Any,
        border: Border | bool | None,
        make: Callable[[Wrapper], Guarded],
        again: Func,
    ) -> Self:
        """Return a wrapper of `func`; see `is_inside` in wrapper.c for `border`."""
        self = super().__new__(cls, func, border)
        put = super().__setattr__
        put(self, "cow_make", make)
        put(self, "cow_again", again)
        put(self, "cow_guarded", None)
        put(self, "cow_twin", func)
        return self

    def cow_prepare(self) -> list[Any]:
        guarded = self.cow_guarded
        if guarded is None:
            guarded = self.cow_guarded = self.cow_make(self)
        self.cow_plan = guarded.plan
        if guarded.function is not None and guarded.function is self.cow_func:
            _guarded[id(guarded.function.__code__)] = self
        return guarded.plan

    @property
    def __wrapped__(self) -> Any:
        return self.cow_func

    def __getattribute__(self, name: str) -> Any:
        if name.startswith("cow_") or name in _OWN:
            return super().__getattribute__(name)
        return getattr(self.cow_func, name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("cow_"):
            super().__setattr__(name, value)
        elif name != "__wrapped__":  # functools.update_wrapper
            setattr(self.cow_func, name, value)

    def __delattr__(self, name: str) -> None:
        delattr(self.cow_func, name)

    def __dir__(self) -> list[str]:
        return sorted({*dir(self.cow_func), "__wrapped__"})

    def __repr__(self) -> str:
        return f"<guarded {self.cow_func!r}>"

    def __copy__(self) -> Wrapper:
        return self  # as functions

    def __deepcopy__(self, memo: object) -> Wrapper:
        return self

    def __reduce_ex__(self, protocol: object) -> Any:
        """By name, as functions; else by the function."""
        name = getattr(self.cow_func, "__qualname__", None)
        found: Any = sys.modules.get(getattr(self.cow_func, "__module__", None) or "")
        for part in name.split(".") if isinstance(name, str) else ():
            found = getattr(found, part, None)
        if found is self:
            return name
        return self.cow_again, (self.cow_func,)


def wrapper_of(func: Any) -> Wrapper | None:
    """Return the wrapper that a callable is, or whose place it takes."""
    if issubclass(type_of(func), Wrapper):
        found: Wrapper = func
        return found
    if isinstance(func, types.FunctionType) and func.__code__.co_filename == FILE:
        for each in func.__code__.co_consts:
            if issubclass(type_of(each), Wrapper):
                found = each
                return found
    return None


# The code of functions that stand for others. `warnings` does not count frames of
# such a file, so that a warning points at the caller.
FILE = "<cow, for warnings: importlib _bootstrap>"


# Packages that call what they are given for whoever calls them: what counts is who
# that is. (Threads begin in such code: nobody is known to have called there.)
TRANSPARENT = (sys.stdlib_module_names - {"test"}) | frozenset(
    {"numpy", "scipy", "pandas", "joblib"}
)


def is_transparent(module: str) -> bool:
    """Does a module call what it is given for others? Tests call for themselves."""
    return module.partition(".")[0] in TRANSPARENT and not is_test(module.split("."))


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


# by the address of the code that is guarded
_guarded: weakref.WeakValueDictionary[int, Wrapper] = weakref.WeakValueDictionary()


def is_guarded(frame: types.FrameType) -> bool:
    """Has the caller of a running function called it through its wrapper?"""
    wrapper = _guarded.get(id(frame.f_code))
    if wrapper is None or wrapper.cow_func.__code__ is not frame.f_code:
        return False
    border: Any = wrapper.cow_border
    if not issubclass(type_of(border), Border):
        return border is not True
    caller: types.FrameType | None = frame.f_back
    verdict: Any = ...
    while caller is not None and verdict is ...:
        verdict = border.ask_module(str(caller.f_globals.get("__name__")))
        if verdict is None:
            return not border.ask_code(caller.f_code)
        caller = caller.f_back
    return verdict is not True


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
