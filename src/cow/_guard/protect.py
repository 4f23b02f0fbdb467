"""protect: guard the border of whole packages, and undo it.

Guarded are calls from outside of a package into its public names. The names in its
public modules are bound to wrappers; a Python function that others may have
imported by name before gets code that calls its wrapper. Inside, the package finds
its own functions, and its calls are not guarded.
"""

from __future__ import annotations

import enum
import functools
import sys
import types
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from cow._ground import imports
from cow._ground.frames import frame_at
from cow._ground.types import Func, type_of
from cow._guard.guard import decorate, no_mutate
from cow._guard.members import is_builtin, is_entry, rewrap
from cow._guard.options import Options, lenient
from cow._guard.package import Package, listed_names, public_names
from cow._guard.public import Public, known_wrapper, new_wrapper, put
from cow._guard.stand_in import looks_at_frames, stand_in, twin_of
from cow._guard.wrapper import wrapper_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["Protection", "protect"]

_NAMED = 8  # names that a warning shows


def protect(pattern: str, /, **options: Any) -> Protection:
    """Guard a package: no call into it changes its caller's arrays.

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
        ``counts()`` tells how many calls were guarded, ``unreached`` is a tuple of
        what the warning below names.

    Raises
    ------
    ModuleNotFoundError
        If no module matches.

    Warns
    -----
    RuntimeWarning
        If C functions, ufuncs, classes of C code, or functions that look at the
        frame of their caller were imported by name before: these are not reached.

    Notes
    -----
    Guarded as by `no_mutate` are the functions that public modules name in
    ``__all__`` (without it: that they define and name without a leading
    underscore), and the constructors and public methods of their classes, when
    code outside of the pattern calls them, whether it has imported them before or
    after. Calls within the pattern are not, nor are private modules, and ufuncs,
    which read their operands. Modules of tests count as outside. It does not
    matter whether the package is imported already. What shares memory
    afterwards: see `no_mutate`.

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
        self.options = lenient(options)
        self._package = Package(pattern)
        self.border = self._package.border
        self._wrappers: list[Public] = []
        self._classes: set[type] = set()
        self._others: list[tuple[Any, str, Any, Any]] = []
        self._unreached: dict[int, tuple[Any, str]] = {}
        self._loaded = set(sys.modules)
        if not imports.exists(pattern, self._package.matches):
            raise ModuleNotFoundError(
                f"no module matches {pattern!r}: cow.protect takes names of modules, "
                'as in cow.protect("scipy.signal"), or a pattern, "scipy.sig*"; for '
                "one function write f = cow.no_mutate(f)"
            )
        self._entry = imports.wait_for(self._package.matches, self._wrap)
        try:
            modules: list[tuple[str, object]] = list(sys.modules.items())
            for name, module in modules:
                if self._package.matches(name) and isinstance(module, types.ModuleType):
                    self._wrap(module)
            self._warn()
        except BaseException:  # a warning may be an error
            self.undo()
            raise

    def __repr__(self) -> str:
        return f"<cow.protect({self.pattern!r})>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.undo()

    def undo(self) -> None:
        """Put the original functions back, where nobody has replaced ours."""
        imports.forget(self._entry)
        while self._others:
            owner, name, old, new = self._others.pop()
            put(owner, name, old, new)
        for wrapper in self._wrappers:
            wrapper.cow_leave(self)

    def counts(self) -> dict[str, int]:
        """Return the numbers of guarded calls, and of arrays lent and copied."""
        found = list(dict.fromkeys(self._wrappers))
        return {
            "guarded": sum(each.cow_calls for each in found),
            "lent": sum(each.cow_lent for each in found),
            "copied": sum(each.cow_copied for each in found),
        }

    # ------------------------------------------------------------ the wrappers

    def _wrap(self, module: types.ModuleType) -> None:
        """Guard what a module names publicly."""
        exported: set[str] = set()
        if self._package.is_public(module.__name__):
            for name, value, listed in public_names(module):
                exported.add(name)
                self._wrap_value(module, name, value, listed)
        if self._package.is_inside(module.__name__):
            for name, value in list(vars(module).items()):
                if name not in exported and issubclass(type_of(value), Public):
                    # what it has imported: inside there are no wrappers
                    vars(module)[name] = value.cow_twin
        self._wrap_listed(module)

    def _wrap_listed(self, module: types.ModuleType) -> None:
        """Guard what a module defines for packages above that load it lazily."""
        parent = module.__name__.rpartition(".")[0]
        while parent:
            above = sys.modules.get(parent)
            if above is not None and self._package.is_public(parent):
                for name in listed_names(above) or ():
                    value = vars(module).get(name)
                    if name not in vars(above) and value is not None:
                        self._wrap_value(module, name, value, True)
            parent = parent.rpartition(".")[0]

    def _wrap_value(self, module: Any, name: str, value: Any, listed: bool) -> None:
        known = wrapper_of(value)
        if isinstance(known, Public):
            if not self._package.belongs(known.cow_twin, listed):
                return
            self._join(known)
            if known is value or not self._is_at_home(known.cow_twin):
                self._stand(module, name, value, known)
            return
        if known is not None or isinstance(value, types.ModuleType):
            return
        if not self._package.belongs(value, listed):
            if listed and callable(value) and not isinstance(value, type | np.ufunc):
                # what another package has defined, and may be imported from there
                self._stand(module, name, value, self._wrapper(value, False))
            return
        if isinstance(value, np.ufunc):
            self._unreached[id(value)] = value, "ufunc"
        elif isinstance(value, type):
            self._wrap_class(value)
        elif isinstance(value, types.FunctionType):
            wrapper = self._wrapper(value)
            if not self._is_at_home(value):
                self._stand(module, name, value, wrapper)
        elif type_of(value).__flags__ & (1 << 9) and self._package.belongs(
            type_of(value), False
        ):
            self._wrap_class(type_of(value))  # an instance, maybe a callable one
        elif callable(value):
            if not isinstance(value, types.MethodType):
                self._unreached[id(value)] = value, "function of C code"
            self._stand(module, name, value, self._wrapper(value))

    def _is_at_home(self, func: Any) -> bool:
        """Does a function keep its names, and call its wrapper itself?

        In a public module its own package finds it by the name that it has for
        everybody: it must stay the same object. That costs it a frame between
        its own and that of its caller, which some functions look at.
        """
        home = sys.modules.get(getattr(func, "__module__", None) or "")
        if home is None or not isinstance(func, types.FunctionType):
            return False
        named = vars(home).get(func.__qualname__) is func
        return (
            named
            and self._package.is_public(home.__name__)
            and not looks_at_frames(func)
        )

    def _is_held(self, func: types.FunctionType) -> bool:
        """Is a function to call its wrapper itself, whoever holds it?"""
        if func.__module__ not in self._loaded:
            return self._is_at_home(func)
        if looks_at_frames(func):
            self._unreached[id(func)] = func, "function that looks at its caller"
            return False
        return True

    def _wrap_class(self, cls: Any) -> None:
        """Guard the constructor and the public methods of a class and its bases."""
        for each in cls.__mro__:
            if each in self._classes or not self._package.belongs(each, False):
                continue
            self._classes.add(each)
            # what makes these is not to be replaced
            special = not {enum.Enum, tuple, type}.intersection(each.__mro__)
            if is_builtin(each):
                self._unreached[id(each)] = each, "class of C code"
                continue
            members: dict[str, Any] = dict(each.__dict__)
            for name, method in members.items():
                if isinstance(method, type):
                    nested = method.__qualname__.startswith(each.__qualname__ + ".")
                    if nested and not name.startswith("_"):
                        self._wrap_class(method)
                    continue
                entry = is_entry(name, method, self.options) and special
                if name.startswith("_") and not entry:
                    continue
                try:
                    self._wrap_member(each, name, method)
                except TypeError:  # a class of C code
                    self._unreached[id(each)] = each, "class of C code"
                    break

    def _wrap_member(self, cls: Any, name: str, method: Any) -> None:
        made: list[Public] = []

        def wrap(func: Any) -> Any:
            known = wrapper_of(func)
            if isinstance(known, Public):
                self._join(known)
                return func
            made.append(self._wrapper(func))
            return made[-1]

        owns = self.options["results"] == "own"
        if isinstance(method, property) and not owns:
            if method.fset is None or type_of(method) is not property:
                return  # nobody hands arrays to it
            new: Any = method.setter(wrap(method.fset))
        elif isinstance(method, functools.cached_property):
            new = decorate(method, self.options)
            put(cls, name, new, method)
            self._others.append((cls, name, method, new))
            return
        elif is_entry(name, method, self.options):
            new = rewrap(method, wrap)
        elif isinstance(getattr(method, "__wrapped__", None), types.FunctionType) and (
            hasattr(type_of(method), "__get__")
        ):
            new = _Descriptor(method, wrap)
            put(cls, name, new, method)
            self._others.append((cls, name, method, new))
            return
        else:
            return
        for wrapper in made:
            self._stand(cls, name, method, wrapper, new)

    def _wrapper(self, func: Any, ours: bool = True) -> Public:
        """Return the wrapper of a function."""
        known = known_wrapper(func)
        if known is None:
            inner = func
            if ours and isinstance(func, types.FunctionType) and self._is_held(func):
                inner = twin_of(func)
            known = new_wrapper(func, inner, self)
            if inner is not func:
                # for `inspect`
                self._stand(func, "__wrapped__", None, known, inner)
                self._stand(
                    func, "__code__", func.__code__, known, stand_in(func, known)
                )
        self._join(known)
        return known

    def _join(self, wrapper: Public) -> None:
        wrapper.cow_build(self)
        self._wrappers.append(wrapper)

    def _stand(
        self, owner: Any, name: str, old: Any, wrapper: Public, new: Any = None
    ) -> None:
        """Let a name of a module or a class be a wrapper."""
        new = wrapper if new is None else new
        if old is new:  # imported from where it stands already
            old = wrapper.cow_twin
        else:
            put(owner, name, new, old)
        wrapper.cow_places.append((owner, name, old, new))

    # ------------------------------------------------------------- not reached

    def _warn(self) -> None:
        """Warn of what was imported by name before, and cannot be reached."""
        found: dict[int, str] = {}
        for where, names in self._outside():
            for name, value in names:
                if id(value) in self._unreached and id(value) not in found:
                    _, kind = self._unreached[id(value)]
                    found[id(value)] = f"{name} in {where} (a {kind})"
        if self.options["strict"]:
            for at, (value, kind) in self._unreached.items():
                if isinstance(value, type):
                    found.setdefault(at, f"{value.__name__} (a {kind})")
        self._unreached.clear()
        self.unreached = shown = tuple(found.values())
        if not found:
            return
        more = f" and {len(shown) - _NAMED} more" if len(shown) > _NAMED else ""
        warnings.warn(
            f"cow.protect({self.pattern!r}) does not reach what was imported by name "
            f"before: {', '.join(shown[:_NAMED])}{more}. Import it after cow.protect, "
            "or call it through its module",
            RuntimeWarning,
            stacklevel=4,
        )

    def _outside(self) -> Iterator[tuple[str, list[tuple[str, Any]]]]:
        """Yield the names of the running functions and the modules outside."""
        frame: types.FrameType | None = frame_at(1)
        while frame is not None:
            ours = self.border.ask_module(str(frame.f_globals.get("__name__")))
            if not ours and frame.f_locals is not frame.f_globals:
                yield f"{frame.f_code.co_name}()", list(frame.f_locals.items())
            frame = frame.f_back
        top = self._package.top
        modules: list[tuple[str, Any]] = list(sys.modules.items())
        for name, module in reversed(modules):
            inside = name.partition(".")[0] == top or self.border.ask_module(name)
            if isinstance(module, types.ModuleType) and not inside:
                yield name, list(vars(module).items())


class _Descriptor:
    """Guards the methods that a descriptor of the package gives out."""

    def __init__(self, inner: Any, wrap: Func) -> None:
        self._inner, self._wrap = inner, wrap

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        found = self._inner.__get__(instance, owner)
        if isinstance(found, types.MethodType):
            return types.MethodType(self._wrap(found.__func__), found.__self__)
        return found

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


Protection.__module__ = "cow"
