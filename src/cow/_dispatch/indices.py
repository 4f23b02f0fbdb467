"""One index that does what several in a row do: ``a[1][0]`` as ``a[1, 0]``."""

from __future__ import annotations

import ast
from typing import TypeAlias

import numpy as np

from cow._ground.types import Resolve

__all__ = ["merged"]

_Parts: TypeAlias = list[ast.expr]

# of two integers they give an integer
_ARITHMETIC = ast.Add | ast.Sub | ast.Mult | ast.FloorDiv | ast.Mod


def merged(target: ast.Subscript, root: ast.expr, resolve: Resolve) -> ast.expr | None:
    """Return one index for all of those that `target` has from `root` on.

    None where it might not select the same elements.
    """
    indices: list[ast.expr] = []
    node: ast.expr = target
    while isinstance(node, ast.Subscript) and node is not root:
        indices.insert(0, node.slice)
        node = node.value
    if node is not root or len(indices) < 2:
        return None
    parts = _parts(indices[0])
    for index in indices[1:]:
        joined = _joined(parts, _parts(index), resolve)
        if joined is None:
            return None
        parts = joined
    return parts[0] if len(parts) == 1 else ast.Tuple(parts, ast.Load())


def _parts(index: ast.expr) -> _Parts:
    return list(index.elts) if isinstance(index, ast.Tuple) else [index]


def _joined(first: _Parts, second: _Parts, resolve: Resolve) -> _Parts | None:
    """Return one index for `second` on what `first` selects."""
    if not all(_is_basic(part, resolve) for part in first):
        return None
    open_ = [at for at, part in enumerate(first) if not _is_integer(part, resolve)]
    # one array alone is right, too, if it lies beside the integers
    beside = len(second) == 1 and not open_ and _is_array(second[0], resolve)
    if not beside and not all(_is_basic(part, resolve) for part in second):
        return None
    parts = list(first)
    for at, part in enumerate(second):
        if at >= len(open_):
            parts.append(part)
            continue
        inner = _composed(first[open_[at]], part, resolve)
        if inner is None:
            return None
        parts[open_[at]] = inner
    return parts


def _composed(first: ast.expr, second: ast.expr, resolve: Resolve) -> ast.expr | None:
    """Return ``1:5`` and ``2`` as ``3``, one index on the elements of a slice."""
    if not isinstance(first, ast.Slice):
        return None
    low, high, step = first.lower, first.upper, first.step
    if low is high is step is None:
        return second
    start = 0 if low is None else _constant(low)
    stop = None if high is None else _constant(high)
    if step is not None or start is None or (stop is None and high is not None):
        return None
    if isinstance(second, ast.Slice):
        begin = 0 if second.lower is None else _constant(second.lower)
        end = None if second.upper is None else _constant(second.upper)
        if second.step is not None or begin is None or (second.upper and end is None):
            return None
        ends = [
            e for e in (stop, None if end is None else start + end) if e is not None
        ]
        upper = ast.Constant(min(ends)) if ends else None
        return ast.Slice(ast.Constant(start + begin), upper)
    at = _constant(second)
    if at is None or (stop is not None and start + at >= stop):
        return None
    return ast.Constant(start + at)


def _constant(node: ast.expr) -> int | None:
    """Return the value of a number that is written there, and not negative."""
    if isinstance(node, ast.Constant) and type(node.value) is int:
        return node.value
    return None


def _is_integer(node: ast.expr, resolve: Resolve) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _is_integer(node.operand, resolve)
    if isinstance(node, ast.BinOp) and isinstance(node.op, _ARITHMETIC):
        return _is_integer(node.left, resolve) and _is_integer(node.right, resolve)
    value = resolve(node)
    return type(value) is int or isinstance(value, np.integer)


def _is_basic(node: ast.expr, resolve: Resolve) -> bool:
    """Is it an integer or a slice, for certain?"""
    return isinstance(node, ast.Slice) or _is_integer(node, resolve)


def _is_array(node: ast.expr, resolve: Resolve) -> bool:
    if isinstance(node, ast.List | ast.Compare):
        return True
    value = resolve(node)
    return type(value) is list or (isinstance(value, np.ndarray) and value.ndim > 0)
