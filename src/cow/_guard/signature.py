"""The parameters of a function: their names, and their numbers in its code."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from cow._ground.types import Func, type_of
from cow._guard.outputs import is_output, names_output
from cow._guard.proof import parameters

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["RECEIVERS", "Parameter", "Signature", "function_of"]

# names of a first parameter that is the object, or the class, of a method
RECEIVERS = frozenset({"self", "cls", "mcs", "mcls"})


class Parameter(NamedTuple):
    """What takes an argument.

    `name`: as its path begins, ``x`` or ``more[0]``. `number`: that in the code of
    the function, -1 where none is known.
    """

    name: str
    number: int


class Signature:
    """The parameters of a function.

    A wrapper has the names of what it wraps, and code that takes ``*args``.
    `rest` and `more` stand for what ``*args`` and ``**kwargs`` take.
    """

    def __init__(
        self, func: Func, function: types.FunctionType | None, bound: bool
    ) -> None:
        kinds = inspect.Parameter
        positional: list[str] = []
        by_name: list[str] = []
        self.outputs: set[str] = set()
        star = double = None
        for p in _parameters_of(func):
            if p.kind is kinds.VAR_POSITIONAL:
                star = p.name
            elif p.kind is kinds.VAR_KEYWORD:
                double = p.name
            else:
                self.outputs |= {p.name} if is_output(p) else set()
                if p.kind is not kinds.KEYWORD_ONLY:
                    positional.append(p.name)
                if p.kind is not kinds.POSITIONAL_ONLY:
                    by_name.append(p.name)
        if isinstance(func, np.ufunc):
            positional = [f"x{at + 1}" for at in range(func.nin)]
            positional += ["out"] * func.nout
            self.outputs.add("out")
        # it takes other names than are known
        self.open = double is not None or not positional
        names = [*positional, star, *by_name, double]
        self.names = list(dict.fromkeys(name for name in names if name is not None))
        # nothing is known of some builtins
        self.is_complete = double is None and bool(self.names)
        self._named = {*positional, *by_name}
        self._offset = int(bound)
        self._code = function.__code__ if function is not None else None
        known = () if self._code is None else parameters(self._code)
        self._numbers = {name: at for at, name in enumerate(known)}
        self.positional = [Parameter(n, self._at(i)) for i, n in enumerate(positional)]
        self.by_name = {n: Parameter(n, self._of(n)) for n in by_name}
        self.rest = Parameter(star or "args", self._at(sys.maxsize))
        self.more = Parameter(double or "kwargs", self._of(None))

    def is_output(self, name: str) -> bool:
        """Is what is passed by this name there to be written?"""
        if name in self._named or not self.open:
            return name in self.outputs
        return names_output(name)

    def given(self, count: int, names: Iterable[str]) -> list[Parameter]:
        """Return what takes so many positional arguments, and those with names."""
        found = self.positional[:count]
        for at in range(len(found), count):
            name = f"{self.rest.name}[{at - len(self.positional)}]"
            found.append(Parameter(name, self._at(at)))
        for name in names:
            known = self.by_name.get(name)
            found.append(known or Parameter(name, self._of(name)))
        return found

    def named(self, name: str) -> Parameter:
        """Return a parameter by its name."""
        known = [*self.positional, *self.by_name.values(), self.rest, self.more]
        return next(each for each in known if each.name == name)

    def _at(self, at: int) -> int:
        """Return the number of the parameter that takes a positional argument."""
        code = self._code
        if code is None:
            return -1
        at += self._offset
        if at < code.co_argcount:
            return at
        return code.co_argcount + code.co_kwonlyargcount if code.co_flags & 4 else -1

    def _of(self, name: str | None) -> int:
        """Return the number of the parameter that takes a keyword argument."""
        code = self._code
        if code is None:
            return -1
        at = self._numbers.get(name or "", -1)
        if code.co_posonlyargcount <= at < code.co_argcount + code.co_kwonlyargcount:
            return at
        return len(self._numbers) - 1 if code.co_flags & 8 else -1


def _parameters_of(func: Func) -> Sequence[inspect.Parameter]:
    try:
        return list(_signature(func).parameters.values())
    except (TypeError, ValueError):
        return []
    except Exception:
        # the code of an annotation: ``-> 1 / 0``
        function, bound = function_of(func)
        if function is None:
            return []
        bare = types.FunctionType(function.__code__, {}, "", function.__defaults__)
        bare.__kwdefaults__ = function.__kwdefaults__
        return list(inspect.signature(bare).parameters.values())[bound is not None :]


def function_of(func: Any) -> tuple[types.FunctionType | None, Any]:
    """Return the Python function that a callable runs, and what it is bound to."""
    if isinstance(func, types.FunctionType):
        return func, None
    if isinstance(func, types.MethodType):
        method: Any = func.__func__
        is_python = isinstance(method, types.FunctionType)
        return (method, func.__self__) if is_python else (None, None)
    if isinstance(func, type) or inspect.isroutine(func):
        return None, None
    inner: Any = getattr(type_of(func), "__call__", None)  # noqa: B004
    return (inner, func) if isinstance(inner, types.FunctionType) else (None, None)


def _signature(func: Func) -> inspect.Signature:
    """Return the signature; annotations may name what exists for checkers only."""
    if sys.version_info >= (3, 14):
        from annotationlib import Format

        return inspect.signature(func, annotation_format=Format.FORWARDREF)
    return inspect.signature(func)
