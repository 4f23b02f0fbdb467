"""A package to protect: its modules, and what they name publicly."""

from __future__ import annotations

import fnmatch
import functools
import types
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from cow._guard.border import Border, is_test, is_transparent

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["Package", "listed_names", "public_names"]

_SIGNS = frozenset("*?[")


class Package:
    """The modules that a pattern means.

    `homes`: modules outside of the pattern that define what it exports.
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.top = pattern.partition(".")[0]
        self.homes: set[str] = set()
        self.border = _Inside(self)
        self._fixed = pattern.count(".") + 1

    def matches(self, name: str) -> bool:
        """Does the pattern mean a module of this name?"""
        if _SIGNS & set(self.pattern):
            return fnmatch.fnmatchcase(name, self.pattern)
        return name == self.pattern or name.startswith(self.pattern + ".")

    def is_inside(self, name: str) -> bool:
        """Is it a module of the package, and not one of its tests?"""
        rest = name.split(".")[self._fixed :]
        return self.matches(name) and not is_test(rest)

    def is_public(self, name: str) -> bool:
        """Is it inside, and neither private nor in a private package?"""
        rest = name.split(".")[self._fixed :]
        return self.is_inside(name) and not any(p.startswith("_") for p in rest)

    def belongs(self, value: Any, listed: bool) -> bool:
        """Is what a public module names of this package?"""
        home: Any = getattr(value, "__module__", None)
        if isinstance(value, functools.partial):
            return listed or self.belongs(value.func, listed)
        if not isinstance(home, str):
            return True  # a function of Fortran code
        if self.matches(home):
            return True
        if not listed:
            return False
        if home.partition(".")[0] == self.top:
            self.homes.add(home)
            self.border.pop(home, None)
            return True
        return home in ("builtins", "functools")


class _Inside(Border):
    """The modules of a package, and ours."""

    def __init__(self, package: Package) -> None:
        super().__init__()
        self.package = package

    def ask_module(self, name: str) -> Any:
        ours = name == "cow" or name.startswith("cow.")
        package = self.package
        if ours or name in package.homes or package.is_inside(name):
            return True
        mine = name.partition(".")[0] == package.top
        return ... if is_transparent(name) and not mine else False


def listed_names(module: Any) -> list[str] | None:
    """Return the ``__all__`` of a module."""
    names: Any = module.__dict__.get("__all__")
    known = isinstance(names, list) or isinstance(names, tuple)
    return [str(name) for name in names] if known else None


def public_names(module: types.ModuleType) -> Iterator[tuple[str, Any, bool]]:
    """Yield name, value, and whether ``__all__`` has it.

    Without ``__all__`` these are the names without an underscore; with it, those
    of them that the module defines itself.
    """
    listed = listed_names(module)
    for name, value in list(vars(module).items()):
        if listed is not None and name in listed:
            yield name, value, True
        elif not name.startswith("_"):
            home: Any = getattr(value, "__module__", None)
            if listed is None or home is None or home == module.__name__:
                yield name, value, False
