"""Tell a write into a temporary view from one into a named array.

A temporary is held by the caller's expression alone: its reference count is
one lower than that of a named array. The counts seen inside a method or a
property are measured once, at import, on the running interpreter. C code
(Cython, for example) may hold a single reference to a named array too, so the
caller must be Python code that is executing this very store or call.
"""

from __future__ import annotations

import ast
import dis
import linecache
import sys
from collections.abc import Container
from types import FrameType
from typing import Any, Never

from cow import _core
from cow._errors import ChainedAssignmentError
from cow._frames import frame_at
from cow._types import Func

# Local variables are counted references up to CPython 3.13; 3.14 borrows them.
COUNTS_LOCALS = sys.version_info < (3, 14)

_STORES = {dis.opmap[n] for n in ("STORE_SUBSCR", "STORE_SLICE") if n in dis.opmap}
_SETTERS = {dis.opmap["STORE_ATTR"]}
_CALLS = {number for name, number in dis.opmap.items() if name.startswith("CALL")}
_CACHE = dis.opmap.get("CACHE", 0)
_IS_VIEW = 1


def address_of(name: str) -> int:
    """Return the address of a function of CPython's that has this name, or 0.

    The limited API of CPython 3.11 lacks some that each later version has.
    """
    import ctypes

    function = getattr(ctypes.pythonapi, name, None)
    return ctypes.cast(function, ctypes.c_void_p).value or 0 if function else 0


class _Probe:
    """Counts the references to a temporary as the methods of an array see it."""

    __slots__ = ("seen",)

    def method(self, *args: Any, **kwargs: Any) -> int:
        return sys.getrefcount(self)

    def setter(self, value: list[int]) -> None:
        value.append(sys.getrefcount(self))

    prop = property(None, setter)


def _calibrate() -> tuple[int, int]:
    counts: list[int] = []
    _Probe().prop = counts
    return _Probe().method(), counts[0]


_IN_METHOD, _IN_SETTER = _calibrate() if COUNTS_LOCALS else (0, 0)


def _executes(frame: FrameType, opcodes: Container[int]) -> bool:
    code = frame.f_code.co_code
    at = frame.f_lasti
    # a call from Python to Python stands behind the inline caches of CALL
    while at > 0 and code[at] == _CACHE:
        at -= 2
    return at >= 0 and code[at] in opcodes


def is_shared_view(array: _core.Array) -> bool:
    """Would NumPy have carried a write through `array` to another array?"""
    others, plain, owner, _, _, flags = _core.sharing(array)
    return bool(flags & _IS_VIEW and (others or plain or owner is not None))


def _source(frame: FrameType) -> ast.expr | None:
    """Return the syntax tree of the expression that `frame` is executing."""
    code = frame.f_code
    try:
        # a place that is not known is None, and a TypeError below
        where: Any = list(code.co_positions())[frame.f_lasti // 2]
        first, last, start, end = where
        lines = linecache.getlines(code.co_filename, frame.f_globals)
        found = [line.encode() for line in lines[first - 1 : last]]
        found[-1] = found[-1][:end]
        found[0] = found[0][start:]
        text = b"".join(found).decode()
        return ast.parse(text.strip(), mode="eval").body
    except (TypeError, ValueError, IndexError, SyntaxError):
        return None


def _remedy(frame: FrameType) -> str:
    """Return the corrected code for a store into a temporary view."""
    tree = _source(frame)
    if isinstance(tree, ast.Call):
        tree = tree.func
    if not isinstance(tree, ast.Subscript | ast.Attribute):
        return "view = a[1:3]; view[0] = value; a[1:3] = view"
    inner = tree.value
    view = ast.unparse(inner)
    if isinstance(tree, ast.Subscript) and isinstance(inner, ast.Subscript):
        one_step = _merge(inner, tree)
        if one_step is not None:
            return f"{one_step} = ..."
    rest = ast.unparse(tree)[len(view) :]
    rest += " = ..." if not _executes(frame, _CALLS) else "(...)"
    back = f"{view} = view"
    if isinstance(inner, ast.Call) or (
        isinstance(inner, ast.Attribute) and inner.attr not in ("real", "imag")
    ):
        back = "assign it back to where it came from"
    return f"view = {view}; view{rest}; {back}"


def _merge(inner: ast.Subscript, outer: ast.Subscript) -> str | None:
    """Return ``a[1][0]`` as ``a[1, 0]``, and ``a[1:3][0]`` as ``a[1]``."""
    first, second = inner.slice, outer.slice
    base = ast.unparse(inner.value)
    if _is_index(first) and (_is_index(second) or isinstance(second, ast.Slice)):
        return f"{base}[{ast.unparse(first)}, {ast.unparse(second)}]"
    if isinstance(first, ast.Slice) and first.step is None:
        lower = 0 if first.lower is None else _integer(first.lower)
        offset = _integer(second)
        if lower is not None and offset is not None and lower >= 0 and offset >= 0:
            return f"{base}[{lower + offset}]"
    return None


def _is_index(node: ast.expr) -> bool:
    return _integer(node) is not None


def _integer(node: ast.expr) -> int | None:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return None


def _raise(frame: FrameType, what: str) -> Never:
    raise ChainedAssignmentError(
        f"{what} a temporary view: the array that it was taken from would not "
        f"change, the write would be lost. Write instead:  {_remedy(frame)}"
    )


def check_store(array: _core.Array) -> None:
    """Raise where the caller's Python code stores an item into a temporary."""
    frame = frame_at(1)
    if _executes(frame, _STORES):
        _raise(frame, "assignment to an item of")


def check_method(array: _core.Array, count: int, name: str) -> None:
    """Raise where a method that writes was called on a temporary view.

    `count` is ``sys.getrefcount(self)`` in the method, whose caller's frame is
    two above.
    """
    if count <= _IN_METHOD and is_shared_view(array):
        frame = frame_at(2)
        if _executes(frame, _CALLS) and name in frame.f_code.co_names:
            _raise(frame, f"{name}() on")


def is_discarded(array: _core.Array, count: int, name: str) -> bool:
    """Is `array` a temporary, no view, on which the method `name` was called?

    `count` is as in `check_method`. Nobody would see a write into its memory.
    """
    if count > _IN_METHOD or _core.guard(array) is not None:
        return False
    frame = frame_at(2)
    return (
        not is_shared_view(array)
        and _core.sharing(array)[2] is None  # borrows from no owner
        and _executes(frame, _CALLS)
        and name in frame.f_code.co_names
    )


def check_setter(array: _core.Array, count: int, name: str) -> None:
    """Raise where a property of a temporary view is set."""
    if count <= _IN_SETTER and is_shared_view(array):
        frame = frame_at(3)
        if _executes(frame, _SETTERS) and name in frame.f_code.co_names:
            _raise(frame, f"setting {name} of")


def calls(frame: FrameType, func: Func) -> bool:
    """Is `frame` Python code that is calling `func` itself, not a caller of it?"""
    if not _executes(frame, _CALLS):
        return False
    code = frame.f_code
    if getattr(func, "__name__", None) in code.co_names:
        return True
    names = {*code.co_names, *code.co_varnames, *code.co_freevars, *code.co_cellvars}
    scopes = (frame.f_locals, frame.f_globals)
    return any(scope.get(name) is func for scope in scopes for name in names)


def refuse_argument(frame: FrameType, func: Func, first: bool) -> Never:
    """Raise for `func`, which would write into a temporary view."""
    name = getattr(func, "__name__", "the function")
    raise ChainedAssignmentError(
        f"{name}() into a temporary view: the array that it was taken from would "
        "not change, the write would be lost. Write instead:  "
        f"{_argument_remedy(frame, first)}"
    )


class _Naming(ast.NodeTransformer):
    """Puts the name `view` in the place of one node."""

    def __init__(self, node: ast.AST) -> None:
        self.node = node

    def visit(self, node: ast.AST) -> ast.AST:
        if node is self.node:
            return ast.Name("view")
        return super().generic_visit(node)


def _argument_remedy(frame: FrameType, first: bool) -> str:
    """Return the corrected code for a temporary view that is to be written."""
    tree = _source(frame)
    if isinstance(tree, ast.Call):
        out = [keyword.value for keyword in tree.keywords if keyword.arg == "out"]
        for node in (*out, *(tree.args if first else tree.args[::-1])):
            if isinstance(node, ast.Subscript):
                view = ast.unparse(node)
                call = ast.unparse(_Naming(node).visit(tree))
                return f"view = {view}; {call}; {view} = view"
    return "view = a[1:3]; np.copyto(view, value); a[1:3] = view"
