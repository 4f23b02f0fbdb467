"""The wrappers of a protected package, which stand where its public names are."""

from __future__ import annotations

import functools
import importlib
import sys
import types
from typing import TYPE_CHECKING, Any, Protocol

from cow._ground.frames import frame_at
from cow._guard.border import Border
from cow._guard.guarded_function import GuardedFunction
from cow._guard.options import Options
from cow._guard.wrapper import Wrapper, class_for, wrapper_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["Public", "Wall", "known_wrapper", "new_wrapper", "put"]


class Wall(Protocol):
    """What a protection asks for: who is inside, and how calls are guarded."""

    @property
    def border(self) -> Border: ...
    @property
    def options(self) -> Options: ...


class Public(Wrapper):
    """A guarded function of a protected package; it is equal to the function.

    `cow_twin` is the function that the package has. `cow_walls` are the protections
    of it, the last one counts; `cow_places` where the wrapper stands: owner, name,
    what was there, and what is there now.
    """

    __slots__ = ("cow_places", "cow_walls")

    cow_walls: list[Wall]
    cow_places: list[tuple[Any, str, Any, Any]]

    def __getattribute__(self, name: str) -> Any:
        of_twin = not name.startswith("__") or name in ("__dict__", "__module__")
        if of_twin and not name.startswith("cow_"):
            return getattr(self.cow_twin, name)
        if name == "__class__":
            return class_for(self, frame_at(1))
        return super().__getattribute__(name)

    def __repr__(self) -> str:
        return repr(self.cow_twin)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("cow_"):
            super().__setattr__(name, value)
        else:
            setattr(self.cow_twin, name, value)

    def __eq__(self, other: object) -> Any:
        if issubclass(type(other), Public):
            return self is other
        return self.cow_twin == other

    def __hash__(self) -> int:
        return hash(self.cow_twin)

    def __reduce_ex__(self, protocol: object) -> Any:
        twin: Any = self.cow_twin
        name = getattr(twin, "__module__", None), getattr(twin, "__qualname__", None)
        known = find(*name)
        return (again, name) if wrapper_of(known) is self else (again_of, (twin,))

    def cow_build(self, wall: Wall) -> None:
        """Add a protection."""
        if wall not in self.cow_walls:
            self.cow_walls.append(wall)
            self.cow_renew()

    def cow_leave(self, wall: Wall) -> None:
        """Take back a protection, and leave our places after the last one."""
        if wall in self.cow_walls:
            self.cow_walls.remove(wall)
        self.cow_renew()
        if self.cow_walls:
            return
        _public.pop(id(self.cow_twin), None)
        while self.cow_places:
            owner, name, old, new = self.cow_places.pop()
            put(owner, name, old, new)

    def cow_renew(self) -> None:
        wall = self.cow_walls[-1] if self.cow_walls else None
        self.cow_border = True if wall is None else wall.border
        self.cow_plan = self.cow_guarded = None
        if wall is not None:
            self.cow_make = functools.partial(GuardedFunction, options=wall.options)


# by the addresses of the functions, which the wrappers hold
_public: dict[int, Public] = {}


def known_wrapper(func: Any) -> Public | None:
    """Return the wrapper of a function, if it has one."""
    return _public.get(id(func))


def new_wrapper(func: Any, inner: Any, wall: Wall) -> Public:
    """Return a wrapper of a function, which calls `inner` for it."""
    make = functools.partial(GuardedFunction, options=wall.options)
    wrapper = Public(inner, True, make, again)
    wrapper.cow_twin, wrapper.cow_walls, wrapper.cow_places = func, [], []
    _public[id(func)] = wrapper
    return wrapper


def find(module: str | None, name: str | None) -> Any:
    """Return what has a name in a module, None if nothing has."""
    found: Any = sys.modules.get(module or "")
    for part in (name or "").split("."):
        found = getattr(found, part, None)
    return found


def again(module: str, name: str) -> Any:
    """Return what a pickled wrapper is here."""
    importlib.import_module(module)
    return again_of(find(module, name))


def again_of(func: Any) -> Any:
    """Return the wrapper of a function, itself if there is none."""
    return _public.get(id(func), func)


def put(owner: Any, name: str, new: Any, old: Any) -> None:
    """Let an attribute be `new`, if it is `old`."""
    if isinstance(owner, types.ModuleType):
        if vars(owner).get(name) is old:
            vars(owner)[name] = new
    elif name == "__code__":
        if owner.__code__ is old:
            owner.__code__ = new
    elif owner.__dict__.get(name) is old:
        setattr(owner, name, new)
        if new is None and isinstance(owner, types.FunctionType):
            delattr(owner, name)
