"""no_mutate: whatever a function does, its caller's arrays stay as they were."""

from __future__ import annotations

import functools
import inspect
import sys
import types
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias, TypedDict

from cow import _core, _readonly
from cow._borrow import SMALL, Call, spell
from cow._containers import ATOMS
from cow._errors import MutationError
from cow._frames import frame_at
from cow._loan import Loan
from cow._needs import code_of, needs_copies
from cow._report import Watch, WriteEvent, origin, place, report
from cow._types import Args, Guard, Kwargs, Lent, OnWrite, Path
from cow._wrappers import WRAPPERS

if TYPE_CHECKING:
    from cow._types import isinstance

__all__ = ["no_mutate"]

_MODES = ("copy", "raise", "report")
_METHODS = (types.FunctionType, classmethod, staticmethod, property)
_RECEIVERS = (["self"], ["cls"], ["mcs"], ["mcls"])


_Default: TypeAlias = tuple[int, str, Any, Any]  # position, name, kind, value


class Options(TypedDict):
    """The options of `no_mutate`; `strict`: a name that no parameter has is refused."""

    on_write: OnWrite
    isolate: bool | None
    verify: bool
    only: set[str]
    skip: set[str]
    strict: bool


def no_mutate(
    func: Any = None,
    *,
    on_write: OnWrite = "copy",
    isolate: bool | None = None,
    verify: bool = False,
    only: str | Iterable[str] = (),
    skip: str | Iterable[str] = (),
) -> Any:
    """Keep a function from changing the arrays of its caller.

    Parameters
    ----------
    func : callable, class, classmethod, staticmethod, property or partial
        Of a class the constructor and the public methods that it defines are
        guarded, in place. Methods are recognised by a first parameter named
        ``self`` or ``cls``, which is left alone.
    on_write : {'copy', 'raise', 'report'}, optional
        What happens when the body writes to an argument: 'copy' lets it write
        memory of its own; 'raise' raises `MutationError`, which names the
        function, the parameter, file and line; 'report' lets it write a copy
        and issues a `MutationWarning` that points at the write.
    isolate : bool or None, optional
        Hand over copies instead of borrowing large arrays. None (default):
        where needed, that is for functions without Python code, and for those
        that both make plain arrays of their arguments (``np.asarray(x)``) and
        write.
    verify : bool, optional
        Compare borrowed arrays with a snapshot afterwards; where C code has
        written past the read-only flag, restore and raise `MutationError`.
    only, skip : str or iterable of str, optional
        Names of the parameters to guard, or to leave alone (``out``).

    Returns
    -------
    callable
        Same signature, name and documentation.

    Raises
    ------
    MutationError
        See `on_write` and `verify`. Without `verify` some elements of each
        borrowed array are compared, so that a clobbered argument is at least
        not silent.

    Notes
    -----
    Large plain arrays are borrowed, without a copy; small ones (16 KiB) are
    copied. Lists, tuples, dicts, dataclasses and the like are rebuilt. What
    the function returns or keeps shares no memory with the plain arrays of
    the caller, who gets plain writeable arrays back; cow arrays share lazily,
    as always. ``return x`` of an unchanged plain argument copies at return.

    Examples
    --------
    >>> import numpy as np, cow
    >>> @cow.no_mutate
    ... def center(x):
    ...     x -= x.mean()
    ...     return x
    >>> p = np.array([1.0, 2.0, 3.0])
    >>> center(p), p
    (array([-1.,  0.,  1.]), array([1., 2., 3.]))
    """
    if on_write not in _MODES:
        raise ValueError(
            f"on_write must be 'copy', 'raise' or 'report', not {on_write!r}"
        )
    options = Options(
        on_write=on_write,
        isolate=isolate,
        verify=verify,
        only={only} if isinstance(only, str) else set(only),
        skip={skip} if isinstance(skip, str) else set(skip),
        strict=True,
    )
    if func is None:
        return functools.partial(decorate, options=options)
    return decorate(func, options)


def lenient(options: Options) -> Options:
    """Return options that take names which a function does not have."""
    return {**options, "strict": False}


def decorate(func: Any, options: Options) -> Any:
    """Return `func` guarded; a class is changed in place."""
    if isinstance(func, classmethod | staticmethod):
        return type(func)(decorate(func.__func__, options))
    if isinstance(func, property):
        fget, fset, fdel = (
            f and decorate(f, lenient(options))
            for f in (func.fget, func.fset, func.fdel)
        )
        return type(func)(fget, fset, fdel, func.__doc__)
    if isinstance(func, functools.cached_property):
        func.func = decorate(func.func, options)
        return func
    if isinstance(func, functools.partial | functools.partialmethod):
        inner = decorate(func.func, options)
        result = type(func)(inner, *func.args, **func.keywords)
        getattr(result, "__dict__", {}).update(getattr(func, "__dict__", {}))
        return result
    if isinstance(func, type) and not _is_builtin(func):
        for name, method in methods(func):
            setattr(func, name, decorate(method, lenient(options)))
        return func
    if not callable(func):
        raise TypeError(f"no_mutate needs a callable, got {func!r}")
    guarded = Guarded(func, options)
    wrapper = WRAPPERS[_kind(func)](func, guarded)
    return functools.wraps(func)(wrapper)


def methods(cls: type) -> Iterator[tuple[str, Any]]:
    """Yield (name, method) of what a class defines: constructor, public methods."""
    for name, value in list(vars(cls).items()):
        if name.startswith("_") and name not in ("__init__", "__call__"):
            continue
        if isinstance(value, _METHODS):
            yield name, value


def _is_builtin(cls: type) -> bool:
    return not cls.__flags__ & (1 << 9) or bool(cls.__flags__ & (1 << 8))


def _kind(func: Any) -> str:
    function = func
    if not inspect.isroutine(func) and not isinstance(func, type):
        function = type(func).__call__
    if inspect.iscoroutinefunction(function):
        return "coroutine"
    if inspect.isasyncgenfunction(function):
        return "async generator"
    if inspect.isgeneratorfunction(function):
        return "generator"
    return "function"


class Guarded:
    """What is known of a function before it is called."""

    def __init__(self, func: Any, options: Options) -> None:
        self.func = func
        self.name = getattr(func, "__qualname__", None) or type(func).__qualname__
        self.mode = options["on_write"]
        self.verify = options["verify"]
        self.isolate = options["isolate"]
        code = code_of(func)
        if self.isolate is None and (code is None or self.mode == "report"):
            self.isolate = True
        if self.isolate is None and self.mode == "raise":
            self.isolate = False  # the write itself is to be named
        self.names, self.rest, self.defaults = _parameters(func)
        method = code is not None and self.names[:1] in _RECEIVERS
        self.first = 1 if method and not isinstance(func, types.MethodType) else 0
        self.only, self.skip = options["only"], options["skip"]
        self.readonly = _readonly.readonly_parameters(func)
        unknown = (self.only | self.skip) - set(self.names)
        # nothing is known of some builtins
        known = self.names and "**" not in self.rest
        if unknown and known and options["strict"]:
            raise ValueError(f"{self.name}() has no parameter {sorted(unknown)}")
        self.small: int | None = None
        self.places: dict[str, WriteEvent] = {}
        self.traced = False

    def is_quick(self) -> bool:
        """May calls take the short way?"""
        return self.mode == "copy" and not (
            self.verify or self.only or self.skip or self.readonly or self.defaults
        )

    def up_to(self) -> int:
        """Return the size up to which arrays are copied.

        Found at the first call: the globals of the function may come later than
        its decorator.
        """
        if self.isolate is None:
            self.isolate = needs_copies(self.func)
        self.small = sys.maxsize if self.isolate else SMALL
        return self.small

    # ------------------------------------------------------------- way in

    def call(self) -> Call:
        """Return a new `Call`."""
        if self.small is None:
            self.up_to()
        guard = {"raise": self._refuse, "report": self._tell}.get(self.mode)
        compare = guard is not None and self.isolate
        return Call(self.isolate, self.verify, guard, compare)

    def enter(self, args: Args, kwargs: Kwargs) -> tuple[Call, list[Any], Kwargs]:
        """Return the call with the arguments that the body gets."""
        call = self.call()
        inner = [
            value if at < self.first else self._one(call, self._name(at), value)
            for at, value in enumerate(args)
        ]
        named = {name: self._one(call, name, value) for name, value in kwargs.items()}
        for at, name, kind, value in self.defaults:
            if kind is inspect.Parameter.POSITIONAL_ONLY:
                if at == len(inner):
                    inner.append(self._one(call, name, value))
            elif name not in kwargs and (
                kind is inspect.Parameter.KEYWORD_ONLY or at >= len(args)
            ):
                named[name] = self._one(call, name, value)
        return call, inner, named

    def _one(self, call: Call, name: str, value: Any) -> Any:
        base = name.partition("[")[0]
        if base in self.skip or (self.only and base not in self.only):
            return value
        if name in self.readonly:
            return call.enter_readonly(value, (name,))
        return call.enter(value, (name,))

    def _name(self, at: int) -> str:
        if at < len(self.names) and self.names[at] not in self.rest.values():
            return self.names[at]
        name = self.rest.get("*", "args")
        start = self.names.index(name) if name in self.names else len(self.names)
        return f"{name}[{at - start}]"

    def after(self, loans: list[Lent], args: Args, kwargs: Kwargs) -> Call:
        """Return the call whose arguments `lend` has lent, emptying `loans`."""
        call = Call()
        call.lent = True
        passed = [(self._name(at), value) for at, value in enumerate(args)]
        passed += kwargs.items()
        call.cows = any(isinstance(value, _core.Array) for _, value in passed)
        while loans:
            array = loans[-1][0]
            name = next(name for name, value in passed if value is array)
            call.loans.append(Loan(loans.pop(), (name,)))
        return call

    # ---------------------------------------------------- the body writes

    def _refuse(self, call: Call, path: Path) -> Guard:
        def guard(array: _core.Array) -> None:
            if call.closed:
                _core.set_guard(array, None)
                return
            file, line = place(frame_at(1))
            raise MutationError(
                f"{self.name}() writes to its argument {spell(path)} at "
                f"{file}:{line}; its caller's array is unchanged. Let it work on "
                f"`{spell(path)}.copy()`, or use on_write='copy'"
            )

        return guard

    def _tell(self, call: Call, path: Path) -> Guard:
        def guard(array: _core.Array) -> None:
            parameter = spell(path)
            if call.closed:
                _core.set_guard(array, None)
            elif parameter not in call.reported:
                call.reported.add(parameter)
                file, line = place(frame_at(1))
                report(WriteEvent(self.full_name(), parameter, file, line, "write"))

        return guard

    def full_name(self) -> str:
        return f"{getattr(self.func, '__module__', None) or 'builtins'}.{self.name}"

    def watch(self, call: Call) -> Watch:
        """Return the context in which the body runs, for on_write='report'."""
        trace, self.traced = not self.traced, True
        return call.start_watch(self.full_name(), origin(self.func), trace)

    def told(self, call: Call, watch: Watch) -> None:
        """Report the writes to private copies, with their lines where known."""
        for at, event in enumerate(watch.events):
            if event.kind == "write":
                self.places[event.parameter] = event
            else:
                watch.events[at] = self.places.get(event.parameter, event)
                self.traced &= event.parameter in self.places
        call.end_watch(watch)

    def wrote(self, call: Call) -> None:
        """Raise for writes to private copies, for on_write='raise'."""
        written = call.written_copies() if self.mode == "raise" else []
        if written:
            call.sever()
            file, line = origin(self.func)
            names = ", ".join(written)
            raise MutationError(
                f"{self.name}() ({file}:{line}) writes to its argument {names}; its "
                "caller's array is unchanged. Give it a copy, or use on_write='copy'"
            )

    def failed(self, error: BaseException, call: Call) -> None:
        """Explain NumPy's refusal to write to a plain view of an argument.

        Called before the arguments of the call are severed.
        """
        if not isinstance(error, ValueError) or "read-only" not in str(error):
            return
        if self.mode == "raise":
            trace: Any = error.__traceback__
            path, last = None, trace
            while trace is not None:
                path = call.find_views(trace.tb_frame.f_locals.values()) or path
                trace, last = trace.tb_next, trace
            path = path or call.only_path()
            if path is not None:
                file, line = place(last.tb_frame, last.tb_lineno)
                raise MutationError(
                    f"{self.name}() writes to its argument {path}, through a plain "
                    f"view of it, at {file}:{line}; its caller's array is unchanged"
                ) from error
        elif call.loans:
            error.add_note(
                f"cow.no_mutate: {self.name}() writes to a plain view of an argument "
                "(np.asarray). Use @no_mutate(isolate=True): it works on copies."
            )


def _parameters(
    func: Any,
) -> tuple[list[str], dict[str, str], list[_Default]]:
    """Return names, those of ``*`` and ``**``, and the defaults to guard."""
    try:
        parameters = inspect.signature(func).parameters.values()
    except (TypeError, ValueError):
        return [], {}, []
    names = [p.name for p in parameters]
    stars = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}
    rest = {stars[p.kind]: p.name for p in parameters if p.kind in stars}
    defaults = [
        (at, p.name, p.kind, p.default)
        for at, p in enumerate(parameters)
        if p.default is not p.empty
    ]
    if not any(type(default) not in ATOMS for *_, default in defaults):
        defaults = []
    kept = inspect.Parameter.POSITIONAL_ONLY
    return (
        names,
        rest,
        [d for d in defaults if d[2] is kept or type(d[3]) not in ATOMS],
    )
