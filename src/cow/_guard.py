"""no_mutate: whatever a function does, its caller's arrays stay as they were."""

import dis
import functools
import inspect
import sys
import types
from os.path import dirname, sep
from typing import Any

import numpy as np

from cow._borrow import Call, spell
from cow._errors import MutationError

__all__ = ["no_mutate"]

_RECEIVERS = (["self"], ["cls"], ["mcs"], ["mcls"])
# Functions that turn any array into a plain one, which cannot be written
# while its memory is borrowed.
_TO_PLAIN = frozenset(
    {"asarray", "ascontiguousarray", "asfortranarray", "asarray_chkfinite"}
    | {"require", "frombuffer", "check_array", "check_X_y", "validate_data"}
    | {"astype", "_asarray"}
)
_WRITE_METHODS = frozenset(
    {"sort", "fill", "put", "partition", "resize", "setfield", "byteswap", "at"}
    | {"copyto", "place", "putmask", "put_along_axis", "fill_diagonal"}
    | {"shuffle", "nan_to_num"}
)
_HERE = dirname(__file__) + sep
_NUMPY = dirname(np.__file__) + sep


def no_mutate(
    func=None, *, on_write="copy", isolate=None, verify=False, only=(), skip=()
):
    """Keep a function from changing the arrays of its caller.

    Parameters
    ----------
    func : callable, classmethod, staticmethod or property
        Methods are recognised by a first parameter named ``self`` or ``cls``,
        which is left alone.
    on_write : {'copy', 'raise'}, optional
        What happens when the body writes to an argument: 'copy' lets it write
        memory of its own; 'raise' raises `MutationError`, which names the
        function, the parameter, file and line.
    isolate : bool or None, optional
        Hand over copies instead of borrowing large arrays. None (default):
        where needed, that is for functions without Python code, and for those
        that both make plain arrays of their arguments (``np.asarray(x)``) and
        write.
    verify : bool, optional
        Compare borrowed arrays with a snapshot afterwards; where C code has
        written past the read-only flag, restore and raise `MutationError`.
    only, skip : tuple of str, optional
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
    as always.

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
    if on_write not in ("copy", "raise"):
        raise ValueError(f"on_write must be 'copy' or 'raise', not {on_write!r}")
    options = dict(
        on_write=on_write, isolate=isolate, verify=verify, only=only, skip=skip
    )
    if func is None:
        return functools.partial(_decorate, options=options)
    return _decorate(func, options)


def _decorate(func, options):
    if isinstance(func, classmethod | staticmethod):
        return type(func)(_decorate(func.__func__, options))
    if isinstance(func, property):
        fget, fset, fdel = (
            f and _decorate(f, options) for f in (func.fget, func.fset, func.fdel)
        )
        return property(fget, fset, fdel, func.__doc__)
    if not callable(func):
        raise TypeError(f"no_mutate needs a callable, got {func!r}")
    guarded = _Guarded(func, options)
    wrapper = _WRAPPERS[_kind(func)](func, guarded)
    return functools.wraps(func)(wrapper)


def _kind(func):
    if inspect.iscoroutinefunction(func):
        return "coroutine"
    if inspect.isasyncgenfunction(func):
        return "async generator"
    if inspect.isgeneratorfunction(func):
        return "generator"
    return "function"


class _Guarded:
    """What is known of a function before it is called."""

    def __init__(self, func, options):
        self.func = func
        self.name = getattr(func, "__qualname__", repr(func))
        self.raises = options["on_write"] == "raise"
        self.verify = options["verify"]
        code = _code(func)
        isolate = options["isolate"]
        if isolate is None:
            isolate = needs_copies(func)
        self.isolate = isolate and not self.raises
        self.names, self.defaults = _parameters(func)
        method = code is not None and self.names[:1] in _RECEIVERS
        bound = isinstance(func, types.MethodType)
        self.first = 1 if method and not bound else 0
        self.only, self.skip = frozenset(options["only"]), frozenset(options["skip"])
        unknown = (self.only | self.skip) - set(self.names)
        if unknown:
            raise ValueError(f"{self.name}() has no parameter {sorted(unknown)}")

    def enter(self, args, kwargs):
        """Return the call with the arguments that the body gets."""
        guard = self._refuse if self.raises else None
        call = Call(guard, self.isolate, self.verify)
        inner = [
            value if at < self.first else self._one(call, self._name(at), value)
            for at, value in enumerate(args)
        ]
        named = {name: self._one(call, name, value) for name, value in kwargs.items()}
        for at, name, value in self.defaults:
            if name not in kwargs and at >= len(args):
                named[name] = self._one(call, name, value)
        return call, inner, named

    def _one(self, call, name, value):
        if name in self.skip or (self.only and name not in self.only):
            return value
        return call.enter(value, (name,))

    def _name(self, at):
        return self.names[at] if at < len(self.names) else f"args[{at}]"

    def _refuse(self, path):
        def guard(array):
            where = _where(sys._getframe(1))
            raise MutationError(
                f"{self.name}() writes to its argument {spell(path)!r} at {where}; "
                "its caller's array is unchanged. Let it work on "
                f"`{path[0]}.copy()`, or use on_write='copy'"
            )

        return guard

    def failed(self, error):
        """Explain NumPy's refusal to write to a plain view of an argument."""
        if not isinstance(error, ValueError) or "read-only" not in str(error):
            return
        if self.raises:
            trace: Any = error.__traceback__
            while trace.tb_next is not None:
                trace = trace.tb_next
            raise MutationError(
                f"{self.name}() writes to an argument, through a plain view of it, at "
                f"{_where(trace.tb_frame, trace.tb_lineno)}; its caller's array is "
                "unchanged"
            ) from error
        error.add_note(
            f"cow.no_mutate: {self.name}() writes to a plain view of an argument "
            "(np.asarray). Use @no_mutate(isolate=True): it works on copies."
        )


def _where(frame, line=None):
    while frame.f_back is not None and frame.f_code.co_filename.startswith(
        (_HERE, _NUMPY)
    ):
        frame, line = frame.f_back, None
    return f"{frame.f_code.co_filename}:{line or frame.f_lineno}"


def _code(func):
    while isinstance(func, functools.partial):
        func = func.func
    func = inspect.unwrap(func)
    code = getattr(func, "__code__", None)
    if code is None and not isinstance(func, type | types.BuiltinFunctionType):
        code = getattr(type(func).__call__, "__code__", None)
    return code


def needs_copies(func):
    """Can `func` not do with borrowed arrays?

    That is when it has no Python code, or when its code both makes plain arrays
    and writes into arrays.
    """
    code = _code(func)
    return code is None or _writes_plain(code)


def _writes_plain(code):
    names, writes, todo = set(), False, [code]
    while todo:
        code = todo.pop()
        names.update(code.co_names)
        todo.extend(c for c in code.co_consts if isinstance(c, types.CodeType))
        # the names of keyword arguments are constants
        writes = writes or any("out" in c for c in code.co_consts if type(c) is tuple)
        writes = writes or any(
            op.opname in ("STORE_SUBSCR", "STORE_SLICE")
            or (op.opname == "BINARY_OP" and op.argrepr.endswith("="))
            for op in dis.get_instructions(code)
        )
    return bool(names & _TO_PLAIN) and (writes or bool(names & _WRITE_METHODS))


def _parameters(func):
    try:
        parameters = inspect.signature(func).parameters.values()
    except (TypeError, ValueError):
        return [], []
    names = [p.name for p in parameters]
    defaults = [
        (at if p.kind is not p.KEYWORD_ONLY else sys.maxsize, p.name, p.default)
        for at, p in enumerate(parameters)
        if isinstance(p.default, np.ndarray | list | dict | set)
        and p.kind is not p.POSITIONAL_ONLY
    ]
    return names, defaults


# ------------------------------------------------------ kinds of functions


def _function(func, guarded):
    def wrapper(*args, **kwargs):
        call, inner, named = guarded.enter(args, kwargs)
        try:
            box = [func(*inner, **named)]
        except BaseException as error:
            inner = named = None
            call.sever(failed=True)
            guarded.failed(error)
            raise
        inner = named = None
        return call.leave(box)

    return wrapper


def _coroutine(func, guarded):
    async def wrapper(*args, **kwargs):
        call, inner, named = guarded.enter(args, kwargs)
        try:
            box = [await func(*inner, **named)]
        except BaseException as error:
            inner = named = None
            call.sever(failed=True)
            guarded.failed(error)
            raise
        inner = named = None
        return call.leave(box)

    return wrapper


def _generator(func, guarded):
    def wrapper(*args, **kwargs):
        call, inner, named = guarded.enter(args, kwargs)
        generator = func(*inner, **named)
        inner = named = None
        try:
            box = [next(generator)]
            while True:
                try:
                    sent = yield call.settle(box)
                except GeneratorExit:
                    generator.close()
                    raise
                except BaseException as error:
                    box = [generator.throw(error)]
                else:
                    sent = call.enter(sent, ("send()",))
                    box = [generator.send(sent)]
                    sent = None
        except StopIteration as stop:
            box = [stop.value]
            generator = stop = None
            return call.leave(box)
        except BaseException as error:
            generator = None
            call.sever(failed=True)
            guarded.failed(error)
            raise

    return wrapper


def _async_generator(func, guarded):
    async def wrapper(*args, **kwargs):
        call, inner, named = guarded.enter(args, kwargs)
        generator = func(*inner, **named)
        inner = named = None
        try:
            box = [await generator.__anext__()]
            while True:
                try:
                    sent = yield call.settle(box)
                except GeneratorExit:
                    await generator.aclose()
                    raise
                except BaseException as error:
                    box = [await generator.athrow(error)]
                else:
                    sent = call.enter(sent, ("send()",))
                    box = [await generator.asend(sent)]
                    sent = None
        except StopAsyncIteration:
            generator = None
            call.sever()
        except BaseException as error:
            generator = None
            call.sever(failed=True)
            guarded.failed(error)
            raise

    return wrapper


_WRAPPERS = {
    "function": _function,
    "coroutine": _coroutine,
    "generator": _generator,
    "async generator": _async_generator,
}
