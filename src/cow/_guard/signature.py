"""The parameters of a function: their names, and their numbers in its code."""

from __future__ import annotations

import inspect
import sys
import types
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cow._ground.types import Func, type_of
from cow._guard.outputs import is_output, names_output
from cow._guard.proof import parameters

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["Signature", "function_of"]


class Signature:
    """The parameters of a function.

    A wrapper has the names of what it wraps, and code that takes ``*args``.
    """

    def __init__(
        self, func: Func, function: types.FunctionType | None, bound: bool
    ) -> None:
        kinds = inspect.Parameter
        self.positional: list[str] = []
        self.by_name: list[str] = []
        self.outputs: set[str] = set()
        self.star = self.double = None
        for p in _parameters_of(func):
            if p.kind is kinds.VAR_POSITIONAL:
                self.star = p.name
            elif p.kind is kinds.VAR_KEYWORD:
                self.double = p.name
            else:
                self.outputs |= {p.name} if is_output(p) else set()
                if p.kind is not kinds.KEYWORD_ONLY:
                    self.positional.append(p.name)
                if p.kind is not kinds.POSITIONAL_ONLY:
                    self.by_name.append(p.name)
        if isinstance(func, np.ufunc):
            self.positional = [f"x{at + 1}" for at in range(func.nin)]
            self.positional += ["out"] * func.nout
            self.outputs.add("out")
        # it takes other names than are known
        self.open = self.double is not None or not self.positional
        known = [*self.positional, self.star, *self.by_name, self.double]
        self.names = list(dict.fromkeys(name for name in known if name is not None))
        self._offset = int(bound)
        self._code = function.__code__ if function is not None else None
        self._numbers: dict[str, int] = {}
        if function is not None:
            self._numbers = {n: at for at, n in enumerate(parameters(function))}

    def is_output(self, name: str) -> bool:
        """Is what is passed by this name there to be written?"""
        if name in self.positional or name in self.by_name or not self.open:
            return name in self.outputs
        return names_output(name)

    def name(self, at: int) -> str:
        """Return the name of a positional argument."""
        if at < len(self.positional):
            return self.positional[at]
        return f"{self.star or 'args'}[{at - len(self.positional)}]"

    def at(self, at: int) -> int:
        """Return the number of the parameter that takes a positional argument."""
        code = self._code
        if code is None:
            return -1
        at += self._offset
        if at < code.co_argcount:
            return at
        return code.co_argcount + code.co_kwonlyargcount if code.co_flags & 4 else -1

    def of(self, name: str | None) -> int:
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
