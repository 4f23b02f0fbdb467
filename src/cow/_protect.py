"""protect: guard the public functions of whole modules, and undo it.

Modules that are imported later are wrapped by a finder that stands first in
``sys.meta_path`` and leaves the finding to the others.
"""

from __future__ import annotations

import enum
import fnmatch
import functools
import importlib.util
import sys
import types
from typing import TYPE_CHECKING, Any, Self

from cow._guard import Options, decorate, lenient, methods, no_mutate
from cow._types import Func, type_of

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

__all__ = ["Protection", "protect"]

_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType)


def protect(pattern: str, /, **options: Any) -> Protection:
    """Guard the public functions of modules with `no_mutate`.

    Parameters
    ----------
    pattern : str
        Name of a module, which stands for its submodules too, or a pattern
        with ``*`` (``"scipy.signal*"``) for the names of modules.
    **options
        As for `no_mutate`; names in `only` and `skip` that a function does not
        have are ignored for it.

    Returns
    -------
    Protection
        Its ``undo()`` takes everything back; it is a context manager as well.

    Notes
    -----
    Modules are wrapped where they are imported already, and as they are
    imported. Wrapped are the functions, and the constructors and public methods
    of the classes, that matching modules define and name without a leading
    underscore. A name that ``from module import function`` took before is out
    of reach. What shares memory afterwards: see `no_mutate`.

    Examples
    --------
    >>> import numpy as np, cow, statistics
    >>> with cow.protect("statistics") as protection:
    ...     statistics.mean.__wrapped__ is not None
    True
    >>> hasattr(statistics.mean, "__wrapped__")
    False
    """
    return Protection(pattern, no_mutate(**options).keywords["options"])


class Protection:
    """A wall around modules, from `cow.protect`."""

    def __init__(self, pattern: str, options: Options) -> None:
        self.pattern = pattern
        self._options = lenient(options)
        self._wrappers: dict[Any, Any] = {}
        self._originals: dict[Func, Any] = {}
        # owner, name, the original and ours
        self._undo: list[tuple[Any, str, Any, Any]] = []
        self._finding = False
        sys.meta_path.insert(0, self)
        modules: list[tuple[str, object]] = list(sys.modules.items())
        for name, module in modules:
            if self._matches(name) and isinstance(module, types.ModuleType):
                self._wrap(module)

    def __repr__(self) -> str:
        return f"<cow.protect({self.pattern!r})>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.undo()

    def undo(self) -> None:
        """Put the original functions back, where nobody has replaced ours."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        while self._undo:
            owner, name, old, new = self._undo.pop()
            if owner.__dict__.get(name) is new:
                setattr(owner, name, old)
        self._wrappers.clear()

    def _matches(self, name: str) -> bool:
        if any(sign in self.pattern for sign in "*?["):
            return fnmatch.fnmatchcase(name, self.pattern)
        return name == self.pattern or name.startswith(self.pattern + ".")

    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> ModuleSpec | None:
        """Find as the other finders do; wrap the module when it has run."""
        if self._finding or not self._matches(fullname):
            return None
        self._finding = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._finding = False
        loader: Any = getattr(spec, "loader", None)
        execute = getattr(loader, "exec_module", None)
        if spec is None or execute is None:
            return spec

        @functools.wraps(execute)
        def exec_module(module: types.ModuleType) -> None:
            execute(module)
            if self in sys.meta_path:
                self._wrap(module)

        try:
            loader.exec_module = exec_module
        except AttributeError:  # a built-in module: its loader is a class
            return spec
        return spec

    def _wrap(self, module: types.ModuleType) -> None:
        """Guard what `module` names publicly and a matching module defines."""
        for name, value in list(vars(module).items()):
            if name.startswith("_"):
                continue
            home = getattr(value, "__module__", None) or module.__name__
            if not isinstance(home, str) or not self._matches(home):
                continue
            if isinstance(value, type):
                self._wrap_class(value)
            elif isinstance(value, _FUNCTIONS) or type_of(value).__name__ == "ufunc":
                self._replace(module, name, value)

    def _wrap_class(self, cls: Any) -> None:
        if cls in self._wrappers or issubclass(cls, enum.Enum | BaseException | tuple):
            return
        self._wrappers[cls] = cls
        for name, method in methods(cls, self._options):
            try:
                self._replace(cls, name, method)
            except TypeError:  # a class of C code
                return

    def _replace(self, owner: Any, name: str, value: Any) -> None:
        if value in self._originals:  # imported from a module that is wrapped
            self._undo.append((owner, name, self._originals[value], value))
            return
        if value not in self._wrappers:
            self._wrappers[value] = decorate(value, self._options)
        new = self._wrappers[value]
        setattr(owner, name, new)
        if isinstance(new, types.FunctionType):
            self._originals[new] = value
        self._undo.append((owner, name, value, new))


Protection.__module__ = "cow"
