"""protect: guard the border of whole packages, and undo it.

Guarded are calls from outside of a package into its public names. The names in its
public modules are bound to wrappers; a Python function that others may have
imported by name before gets code that calls its wrapper. Inside, the package finds
its own functions, and its calls are not guarded.
"""

from __future__ import annotations

import enum
import fnmatch
import functools
import importlib
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from cow import _core
from cow._ground.frames import frame_at
from cow._ground.types import Func, type_of
from cow._guard import imports
from cow._guard.border import Border, codes_of, is_test, is_transparent
from cow._guard.guard import decorate, no_mutate
from cow._guard.guarded_function import GuardedFunction
from cow._guard.members import is_builtin, is_entry, rewrap
from cow._guard.options import Options, lenient
from cow._guard.wrapper import FILE, Wrapper, wrapper_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["Protection", "protect"]

_SIGNS = frozenset("*?[")
_FUNCTIONS = (types.FunctionType, types.BuiltinFunctionType)
# packages that pickle functions by their code, if these are not found by name
_PICKLERS = frozenset({"cloudpickle", "dill"})
_NAMED = 8  # names that a warning shows
_HELPERS = 50  # functions that are searched for a look at frames
# what looks at the frames of callers, and counts them
_FRAMES = frozenset(
    {"_getframe", "_getframemodulename", "currentframe", "getouterframes"}
    | {"extract_stack", "findCaller", "walk_stack", "EvalEnvironment"}
    # a parameter by which formulas count them, from function to function
    | {"eval_env"}
)
_FRAMES_BOTH = (frozenset({"inspect", "stack"}), frozenset({"formula", "depth"}))


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


class Public(Wrapper):
    """A guarded function of a protected package; it is equal to the function.

    `cow_twin` is the function that the package has. `cow_walls` are the protections
    of it, the last one counts; `cow_places` where the wrapper stands: owner, name,
    what was there, and what is there now.
    """

    __slots__ = ("cow_places", "cow_walls")

    cow_walls: list[Protection]
    cow_places: list[tuple[Any, str, Any, Any]]

    def __getattribute__(self, name: str) -> Any:
        of_twin = not name.startswith("__") or name in ("__dict__", "__module__")
        if of_twin and not name.startswith("cow_"):
            return getattr(self.cow_twin, name)
        if name == "__class__" and type_of(self.cow_twin) in _FUNCTIONS:
            # for `inspect.isfunction`; what is taken apart would not be guarded
            asks = str(frame_at(1).f_globals.get("__name__"))
            if not _PICKLERS.intersection(asks.split(".")):
                return type_of(self.cow_twin)
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

    def cow_build(self, wall: Protection) -> None:
        """Add a protection."""
        if wall not in self.cow_walls:
            self.cow_walls.append(wall)
            self.cow_renew()

    def cow_leave(self, wall: Protection) -> None:
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


def twin_or(func: Any) -> Any:
    """Return the function with the code that a function had."""
    known = wrapper_of(func)
    return func if known is None else known.cow_func


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


class _Inside(Border):
    """The modules of a package, and ours."""

    def __init__(
        self, inside: Callable[[str], bool], homes: set[str], top: str
    ) -> None:
        super().__init__()
        self.inside, self.homes, self.top = inside, homes, top

    def ask_module(self, name: str) -> Any:
        ours = name == "cow" or name.startswith("cow.")
        if ours or name in self.homes or self.inside(name):
            return True
        mine = name.partition(".")[0] == self.top
        return ... if is_transparent(name) and not mine else False


def looks_at_frames(func: Any) -> bool:
    """Does a function, or one of its module that it names, look at frames?"""
    todo, seen = [func], list[Any]()
    while todo and len(seen) < _HELPERS:
        each: Any = twin_or(todo.pop())
        if not isinstance(each, types.FunctionType) or each in seen:
            continue
        home = str(each.__globals__.get("__name__")).partition(".")[0]
        if home in sys.stdlib_module_names and each is not func:
            continue  # `namedtuple` looks at who called it, no further
        seen.append(each)
        codes = list(codes_of(each))
        names = {n for code in codes for n in (*code.co_names, *code.co_varnames)}
        if names & _FRAMES or any(both <= names for both in _FRAMES_BOTH):
            return True
        todo.extend(each.__globals__.get(name) for name in sorted(names))
    return False


class Protection:
    """A wall around modules, from `cow.protect`."""

    def __init__(self, pattern: str, options: Options) -> None:
        self.pattern = pattern
        self.options = lenient(options)
        # modules outside of the pattern that define what it exports
        self._homes: set[str] = set()
        top = pattern.partition(".")[0]
        self.border = _Inside(self._is_inside, self._homes, top)
        self._fixed = pattern.count(".") + 1
        self._wrappers: list[Public] = []
        self._classes: set[type] = set()
        self._others: list[tuple[Any, str, Any, Any]] = []
        self._unreached: dict[int, tuple[Any, str]] = {}
        self._loaded = set(sys.modules)
        if not imports.exists(pattern, self._matches):
            raise ModuleNotFoundError(
                f"no module matches {pattern!r}: cow.protect takes names of modules, "
                'as in cow.protect("scipy.signal"), or a pattern, "scipy.sig*"; for '
                "one function write f = cow.no_mutate(f)"
            )
        self._entry = imports.wait_for(self._matches, self._wrap)
        try:
            modules: list[tuple[str, object]] = list(sys.modules.items())
            for name, module in modules:
                if self._matches(name) and isinstance(module, types.ModuleType):
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

    # ------------------------------------------------------------- the pattern

    def _matches(self, name: str) -> bool:
        if _SIGNS & set(self.pattern):
            return fnmatch.fnmatchcase(name, self.pattern)
        return name == self.pattern or name.startswith(self.pattern + ".")

    def _is_inside(self, name: str) -> bool:
        """Is it a module of the package, and not one of its tests?"""
        rest = name.split(".")[self._fixed :]
        return self._matches(name) and not is_test(rest)

    def _is_public(self, name: str) -> bool:
        rest = name.split(".")[self._fixed :]
        return self._is_inside(name) and not any(p.startswith("_") for p in rest)

    def _belongs(self, value: Any, listed: bool) -> bool:
        """Is what a public module names of this package?"""
        home: Any = getattr(value, "__module__", None)
        if isinstance(value, functools.partial):
            return listed or self._belongs(value.func, listed)
        if not isinstance(home, str):
            return True  # a function of Fortran code
        if self._matches(home):
            return True
        if not listed:
            return False
        top = self.pattern.partition(".")[0]
        if home.partition(".")[0] == top:
            self._homes.add(home)
            self.border.pop(home, None)
            return True
        return home in ("builtins", "functools")

    # ------------------------------------------------------------ the wrappers

    def _wrap(self, module: types.ModuleType) -> None:
        """Guard what a module names publicly."""
        exported: set[str] = set()
        if self._is_public(module.__name__):
            for name, value, listed in public_names(module):
                exported.add(name)
                self._wrap_value(module, name, value, listed)
        if self._is_inside(module.__name__):
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
            if above is not None and self._is_public(parent):
                for name in listed_names(above) or ():
                    value = vars(module).get(name)
                    if name not in vars(above) and value is not None:
                        self._wrap_value(module, name, value, True)
            parent = parent.rpartition(".")[0]

    def _wrap_value(self, module: Any, name: str, value: Any, listed: bool) -> None:
        known = wrapper_of(value)
        if isinstance(known, Public):
            if not self._belongs(known.cow_twin, listed):
                return
            self._join(known)
            if known is value or not self._is_at_home(known.cow_twin):
                self._stand(module, name, value, known)
            return
        if known is not None or isinstance(value, types.ModuleType):
            return
        if not self._belongs(value, listed):
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
        elif type_of(value).__flags__ & (1 << 9) and self._belongs(
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
        return named and self._is_public(home.__name__) and not looks_at_frames(func)

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
            if each in self._classes or not self._belongs(each, False):
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
        known = _public.get(id(func))
        if known is None:
            inner = func
            if ours and isinstance(func, types.FunctionType) and self._is_held(func):
                inner = twin_of(func)
            known = Public(
                inner,
                True,
                functools.partial(GuardedFunction, options=self.options),
                again,
            )
            known.cow_twin, known.cow_walls, known.cow_places = func, [], []
            _public[id(func)] = known
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
        top = self.pattern.partition(".")[0]
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


def twin_of(func: types.FunctionType) -> types.FunctionType:
    """Return a function of the same code, globals, cells and defaults."""
    twin = types.FunctionType(
        func.__code__,
        func.__globals__,
        func.__name__,
        func.__defaults__,
        func.__closure__,
    )
    for name in ("__kwdefaults__", "__qualname__", "__doc__", "__module__"):
        setattr(twin, name, getattr(func, name))
    if sys.version_info >= (3, 14):
        twin.__annotate__ = func.__annotate__
    else:
        twin.__annotations__ = func.__annotations__
    twin.__dict__.update(func.__dict__)
    return twin


_STAND_IN = """
def outer({cells}):
    def inner({parameters}):
        if 0:
            {uses}
        return "@call"("@wrapper", ({args}), {{{named}}})
"""


def stand_in(func: types.FunctionType, wrapper: Public) -> types.CodeType:
    """Return code for `func` that calls its wrapper, for the caller of `func`."""
    old = func.__code__
    cells = ", ".join(old.co_freevars)
    parameters, args, named = spelled(func)
    text = _STAND_IN.format(
        cells=cells, uses=cells or "pass", parameters=parameters, args=args, named=named
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a string is called
        made = compile(text, FILE, "exec")
    for _ in range(2):
        made = next(c for c in made.co_consts if isinstance(c, types.CodeType))
    real: dict[Any, Any] = {"@call": _core.call_behind, "@wrapper": wrapper}
    consts = (real.get(c, c) if isinstance(c, str) else c for c in made.co_consts)
    kinds = 0x20 | 0x80 | 0x100 | 0x200  # generators, coroutines: for `inspect`
    return made.replace(
        co_consts=tuple(consts),
        co_name=old.co_name,
        co_qualname=old.co_qualname,
        co_firstlineno=old.co_firstlineno,
        co_flags=made.co_flags | old.co_flags & kinds,
    )


def spelled(func: types.FunctionType) -> tuple[str, str, str]:
    """Return the parameters of a function, and how they are handed on.

    Defaults are handed on as well, which are no arguments: where one can be
    changed, all is taken as it comes.
    """
    code = func.__code__
    names = code.co_varnames
    defaults = [*(func.__defaults__ or ()), *(func.__kwdefaults__ or {}).values()]
    plain = all(_core.is_data(each, True) or callable(each) for each in defaults)
    known = code.co_argcount + code.co_kwonlyargcount
    if not plain or not all(name.isidentifier() for name in names[:known]):
        return "*args, **kwargs", "*args, ", "**kwargs"
    first, only = list(names[: code.co_argcount]), names[code.co_argcount : known]
    optional = len(func.__defaults__ or ())
    shown = [f"{n}=0" if i >= len(first) - optional else n for i, n in enumerate(first)]
    args = [f"{name}, " for name in first]
    if code.co_posonlyargcount:
        shown.insert(code.co_posonlyargcount, "/")
    more = list(names[known:])
    if code.co_flags & 0x04:
        shown.append("*" + more[0])
        args.append(f"*{more.pop(0)}, ")
    elif only:
        shown.append("*")
    shown += [f"{n}=0" if n in (func.__kwdefaults__ or {}) else n for n in only]
    named = [f"{name!r}: {name}, " for name in only]
    if code.co_flags & 0x08:
        shown.append("**" + more[0])
        named.append(f"**{more[0]}, ")
    return ", ".join(shown), "".join(args), "".join(named)


Protection.__module__ = "cow"
