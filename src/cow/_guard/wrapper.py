"""Guarded functions, as those who call them see them.

A wrapper answers for its function: it has all attributes of it, and the function
sees the frame of its caller next to its own. Calls from inside of a border go to
the function itself.
"""

from __future__ import annotations

import sys
import types
import weakref
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol, Self

from cow import _core
from cow._ground.frames import frame_at
from cow._ground.types import Func, type_of
from cow._guard.border import Border

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["Wrapper", "count_call", "runs_guarded", "wrapper_of"]

# What a wrapper has itself; all other attributes are those of its function.
_OWN = frozenset(
    {"__call__", "__get__", "__wrapped__", "__reduce__", "__reduce_ex__"}
    | {"__copy__", "__deepcopy__", "__eq__", "__ne__", "__hash__", "__repr__"}
    | {"__dir__", "__weakref__"}
)


_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType)
# packages that pickle functions by their code, if these are not found by name
_PICKLERS = frozenset({"cloudpickle", "dill"})


class Guarded(Protocol):
    """What a wrapper needs to be called from outside."""

    plan: list[Any]  # see guard.c
    function: types.FunctionType | None  # the Python function that it runs

    def hides(self, count: int | None, names: Iterable[str]) -> bool:
        """Is nothing of the caller written by a call with these arguments?"""
        ...


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
        if name == "__class__":
            return class_for(self, frame_at(1))
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


def class_for(wrapper: Wrapper, caller: types.FrameType) -> type:
    """Return the class that a wrapper shows: that of its function.

    `inspect.isfunction` asks for it, and Ray takes nothing else. Who would take the
    function apart gets our own: what is made of the parts would not be guarded.
    """
    kind: type = type_of(wrapper.cow_twin)
    own: type = type_of(wrapper)
    if kind not in _FUNCTIONS:
        return own
    asks = str(caller.f_globals.get("__name__"))
    return own if _PICKLERS.intersection(asks.split(".")) else kind


def count_call(wrapper: Wrapper, lent: int, copied: int) -> None:
    """Count a guarded call that Python has passed, and its arrays."""
    # past what stands before the attributes of the function
    get, put = object.__getattribute__, object.__setattr__
    for name, more in (("cow_calls", 1), ("cow_lent", lent), ("cow_copied", copied)):
        put(wrapper, name, get(wrapper, name) + more)


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


# by the address of the code that is guarded
_guarded: weakref.WeakValueDictionary[int, Wrapper] = weakref.WeakValueDictionary()


def runs_guarded(frame: types.FrameType) -> bool:
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
