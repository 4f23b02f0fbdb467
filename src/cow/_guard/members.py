"""What is guarded of a class: constructor, public methods, operators."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from cow._ground.types import Func, type_of
from cow._guard.options import Options

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["is_builtin", "is_entry", "rewrap"]

_METHODS = (classmethod, staticmethod, property, functools.partialmethod)
# what is guarded of a class besides its public methods
_OPERATORS = (
    "add sub mul matmul truediv floordiv mod divmod pow lshift rshift and or xor"
)
_SPECIAL = frozenset(
    {"__new__", "__init__", "__call__", "__getitem__", "__setitem__", "__delitem__"}
    | {"__contains__", "__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"}
    | {f"__{kind}{name}__" for name in _OPERATORS.split() for kind in ("", "r", "i")}
)
# which give out what an object holds
_GIVING = (
    *("__iter__", "__next__", "__aiter__", "__anext__", "__reversed__", "__enter__"),
    *("__neg__", "__pos__", "__abs__", "__invert__", "__getattr__"),
)


def rewrap(member: Any, wrap: Func) -> Any:
    """Return a function, or a member of a class, with its functions wrapped."""
    if isinstance(member, classmethod | staticmethod):
        return type(member)(rewrap(member.__func__, wrap))
    if isinstance(member, property):
        fget, fset, fdel = (
            f and wrap(f) for f in (member.fget, member.fset, member.fdel)
        )
        return type(member)(fget, fset, fdel, member.__doc__)
    if isinstance(member, functools.cached_property):
        member.func = wrap(member.func)
        return member
    if isinstance(member, functools.partial | functools.partialmethod):
        result = type(member)(
            rewrap(member.func, wrap), *member.args, **member.keywords
        )
        attributes = dict(getattr(member, "__dict__", {}))
        attributes.pop("func", None)  # of a partialmethod
        getattr(result, "__dict__", {}).update(attributes)
        return result
    return wrap(member)


def is_entry(name: str, member: Any, options: Options) -> bool:
    """Is a member of a class called from outside: constructor, public methods?"""
    owns = options["results"] == "own"
    special = (*_SPECIAL, *(_GIVING if owns else ()))
    if name.startswith("_") and name not in special:
        return False
    # a cached property has no arguments to guard
    kinds = (*_METHODS, *((functools.cached_property,) if owns else ()))
    if isinstance(member, kinds):
        return True
    binds = hasattr(type_of(member), "__get__")  # a function, of C code as well
    return callable(member) and binds and not isinstance(member, type)


def is_builtin(cls: type) -> bool:
    """Is it a class of C code, whose methods cannot be replaced?"""
    return not cls.__flags__ & (1 << 9) or bool(cls.__flags__ & (1 << 8))
