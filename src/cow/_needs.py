"""Guess from its code whether a function can work on borrowed arrays.

A borrowed array is read-only for what NumPy makes of it (``np.asarray(x)``).
The guess decides whether a call works without ``isolate=True``, never whether
the data of the caller is safe.
"""

from __future__ import annotations

import dis
import functools
import inspect
import types
from collections.abc import Iterator
from os.path import dirname, sep
from typing import TYPE_CHECKING, Any

import numpy as np

from cow._types import Func, type_of

if TYPE_CHECKING:
    from cow._types import isinstance

__all__ = ["code_of", "needs_copies"]

# Functions that turn any array into a plain one.
_TO_PLAIN = frozenset(
    {"asarray", "ascontiguousarray", "asfortranarray", "asarray_chkfinite"}
    | {"require", "frombuffer", "check_array", "check_X_y", "validate_data"}
    | {"astype", "_asarray", "_validate_data", "as_float_array", "atleast_2d"}
    | {"_asarray_validated", "view"}
)
_WRITE_METHODS = frozenset(
    {"sort", "fill", "put", "partition", "resize", "setfield", "byteswap", "at"}
    | {"copyto", "place", "putmask", "put_along_axis", "fill_diagonal"}
    | {"shuffle", "nan_to_num"}
)
_DEEP, _MANY = 3, 100  # callees that are looked at
_NUMPY = dirname(np.__file__) + sep
_STDLIB = dirname(inspect.__file__) + sep


def code_of(func: Any) -> types.CodeType | None:
    """Return the code object of a callable, None where it has no Python code."""
    while isinstance(func, functools.partial):
        func = func.func
    func = inspect.unwrap(func)
    if not isinstance(func, type) and not inspect.isroutine(func):
        func = getattr(type_of(func), "__call__", None)  # noqa: B004
    func = getattr(func, "__func__", func)
    # a function of Cython has a `__code__` as well, an empty one
    return func.__code__ if isinstance(func, types.FunctionType) else None


def needs_copies(func: Func) -> bool:
    """Can `func` not do with borrowed arrays?

    That is when it has no Python code, or when its code, or that of a function
    that it calls by a global name, both makes plain arrays and writes into arrays.
    """
    code = code_of(func)
    if code is None:
        return True
    todo, seen = [(func, code, 0)], {code}
    while todo and len(seen) < _MANY:
        func, code, depth = todo.pop()
        if _writes_plain(code):
            return True
        if depth < _DEEP:
            for callee in _callees(func, code):
                inner = code_of(callee)
                if inner is None or inner in seen or _is_known(inner.co_filename):
                    continue
                seen.add(inner)
                todo.append((callee, inner, depth + 1))
    return False


def _is_known(filename: str) -> bool:
    """NumPy is dealt with; the standard library knows no arrays."""
    return filename.startswith(_NUMPY) or (
        filename.startswith(_STDLIB) and "site-packages" not in filename
    )


def _callees(func: Func, code: types.CodeType) -> Iterator[Func]:
    """Yield the functions that `code` may mean: globals, attributes of modules."""
    func = inspect.unwrap(func)
    names = getattr(func, "__globals__", None)
    if names is None:
        names = getattr(type(func).__call__, "__globals__", {})
    found = [names[name] for name in code.co_names if name in names]
    modules = [value for value in found if isinstance(value, types.ModuleType)]
    for module in modules:
        if module is not np:
            found += [
                vars(module)[name] for name in code.co_names if name in vars(module)
            ]
    for value in found:
        if isinstance(value, types.FunctionType | functools.partial):
            yield value


def _writes_plain(code: types.CodeType) -> bool:
    names: set[str] = set()
    writes, todo = False, [code]
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
