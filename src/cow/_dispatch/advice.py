"""The corrected line for a write into a temporary view.

It runs as it stands, where the source of the caller can be read, and does what
NumPy would have done: one index in place of two; or the view gets a name, is written
and assigned back; or the write is done on a plain copy of the whole array.
"""

from __future__ import annotations

import ast
import copy
import functools
import linecache
from collections.abc import Callable, Generator
from types import FrameType
from typing import Any, Never, TypeAlias

from cow import _core
from cow._dispatch.indices import merged
from cow._dispatch.operands import operands
from cow._ground.errors import ChainedAssignmentError
from cow._ground.types import Args, Resolve, type_of

__all__ = ["listeners", "opening_line", "refuse"]

# what is told of each refusal: the frame, the temporary view, the message
listeners: list[Callable[[FrameType, _core.Array, str], object]] = []

# a store or a call, the view in it, and the array that this is taken from
_Write: TypeAlias = tuple[ast.AST, Any, ast.expr]
_Path: TypeAlias = list[ast.AST]  # from the outermost node to the innermost

_FALLBACK = "view = a[1:3]; view[0] = value; a[1:3] = view"
_PARTS = ("real", "imag")
_ATTRIBUTES = (*_PARTS, "T", "mT", "flat")
_METHODS = ("diagonal", "ravel", "reshape", "squeeze", "swapaxes", "transpose", "view")
_SCOPES = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SAFE_TWICE = (
    ast.Name | ast.Constant | ast.Slice | ast.Tuple | ast.UnaryOp | ast.BinOp
    | ast.Compare | ast.Subscript | ast.Attribute | ast.List | ast.expr_context
    | ast.operator | ast.unaryop | ast.cmpop
)  # fmt: skip


def refuse(
    frame: FrameType,
    array: _core.Array,
    what: str,
    held: object = None,
    outs: Args = (),
) -> Never:
    """Raise for a write into `array`, a temporary view of `frame`'s.

    `held` is what the stack of the frame holds where it is not the array itself, but
    a tuple or an iterator; `outs` is all that the call writes.
    """
    guard = _core.guard(array)
    if guard is not None:
        guard(array)  # what is read-only refuses whatever is written instead, too
    message = (
        f"{what} a temporary view: the array that it was taken from would not "
        f"change, the write would be lost. Write instead:  "
        f"{_remedy(frame, held, outs or (array,))}"
    )
    for tell in listeners:
        tell(frame, array, message)
    raise ChainedAssignmentError(message)


def opening_line(frame: FrameType, lasti: int) -> str | None:
    """Return the call at an instruction of `frame` on what `cow.writing` opens.

    None where it is no call that is given a cow array which may be written.
    """
    path = _path(frame, lasti)
    if not path or not isinstance(path[-1], ast.Call):
        return None
    call = path[-1]
    names = {*frame.f_locals, *frame.f_globals}
    opened: list[str] = []
    new: dict[int, Any] = {}
    for node in [*call.args, *(keyword.value for keyword in call.keywords)]:
        array = _resolve(node, frame)
        if isinstance(array, _core.Array) and _core.guard(array) is None:
            name = "p" if not opened else f"p{len(opened) + 1}"
            while name in names:
                name += "_"
            opened.append(f"cow.writing({ast.unparse(node)}) as {name}")
            new[id(node)] = ast.Name(name)
    if not opened:
        return None
    return f"with {', '.join(opened)}: {_statement(copy.deepcopy(path, new))}"


def _remedy(frame: FrameType, held: object, outs: Args) -> str:
    path = _path(frame, frame.f_lasti)
    views = _views(path[-1], frame, held, outs) if path else []
    if not views:
        return _FALLBACK

    def resolve(node: ast.AST) -> Any:
        return _resolve(node, frame)

    line = _Line({*frame.f_locals, *frame.f_globals})
    writes = [(path[-1], view, _root(view, resolve)) for view in views]
    writes += _other_targets(path, resolve)
    indices = [_one_index(*write, resolve) for write in writes]
    for (target, view, root), index in zip(writes, indices, strict=True):
        known = isinstance(resolve(root), _core.Array)
        base = root if known else line.name_source(root)
        if index is not None and None not in indices:
            line.replace(target, ast.Subscript(base, index, ast.Store()))
        elif view is root and known:
            pass  # another output, which somebody holds
        elif view is root:
            line.replace(root, base)
            line.comment = f"  # and give `{ast.unparse(base)}` back to its owner"
        elif len(writes) == 1 and _can_be_assigned(view, root):
            line.write_back(view, copy.deepcopy(view, {id(root): base}))
        else:
            line.write_plain(root, base)
    return line.around(path)


def _one_index(
    target: ast.AST, view: ast.expr, root: ast.expr, resolve: Resolve
) -> ast.expr | None:
    if isinstance(target, ast.Subscript) and target.value is view:
        return merged(target, root, resolve)
    return None


class _Line:
    """A line of statements about one that is changed."""

    def __init__(self, names: set[str]) -> None:
        self._names = names
        self._before: list[str] = []
        self._after: list[str] = []
        self._new: dict[int, ast.expr] = {}  # in the place of nodes with these id()s
        self._plain: dict[str, ast.Name] = {}
        self.comment = ""

    def replace(self, node: ast.AST, by: ast.expr) -> None:
        self._new[id(node)] = by

    def name_source(self, root: ast.expr) -> ast.Name:
        """Give a name to an array, where it is not known which one it is."""
        name = self._name("array")
        self._before.append(f"{name.id} = {ast.unparse(root)}")
        return name

    def write_back(self, view: ast.expr, place: ast.expr) -> None:
        name, text = self._name("view"), ast.unparse(place)
        self._before.append(f"{name.id} = {text}")
        self._after.insert(0, f"{text} = {name.id}")
        self.replace(view, name)

    def write_plain(self, root: ast.expr, base: ast.expr) -> None:
        """Let the statement write into a plain copy of the array."""
        text = ast.unparse(base)
        if text not in self._plain:
            name = self._plain[text] = self._name("plain")
            self._before.append(f"{name.id} = {text}.to_numpy()")
            self._after.insert(0, f"{text}[...] = {name.id}")
        self.replace(root, self._plain[text])

    def around(self, path: _Path) -> str:
        changed = _statement(copy.deepcopy(path, dict[int, Any](self._new)))
        return "; ".join([*self._before, changed, *self._after]) + self.comment

    def _name(self, name: str) -> ast.Name:
        while name in self._names:
            name += "_"
        self._names.add(name)
        return ast.Name(name)


def _can_be_assigned(view: ast.expr, root: ast.expr) -> bool:
    """May `view`, one step from `root`, be looked up, and then assigned to?"""
    if not isinstance(view, ast.Subscript | ast.Attribute) or view.value is not root:
        return False
    if isinstance(view, ast.Attribute):
        return view.attr in _PARTS
    return all(isinstance(part, _SAFE_TWICE) for part in ast.walk(view.slice))


# ------------------------------------------------------------------- the source


@functools.lru_cache(maxsize=4)
def _tree(source: str) -> ast.Module | None:
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _path(frame: FrameType, lasti: int) -> _Path:
    """Return the nodes from a statement to the expression at an instruction."""
    code = frame.f_code
    where = list(code.co_positions())[lasti // 2]
    linecache.checkcache(code.co_filename)
    lines = linecache.getlines(code.co_filename, frame.f_globals)
    tree = _tree("".join(lines))
    if tree is None or None in where:
        return []
    first, last, start, end = where
    for path in _paths(tree, first or 0):
        node: Any = path[-1]
        if (node.end_lineno, node.end_col_offset) == (last, end) and (
            isinstance(node, ast.Call)
            or (
                isinstance(node, ast.Subscript | ast.Attribute)
                and (node.lineno, node.col_offset) == (first, start)
            )
        ):
            statements = [isinstance(part, ast.stmt) for part in path]
            return path[len(path) - 1 - statements[::-1].index(True) :]
    return []


def _paths(node: ast.AST, line: int) -> Generator[_Path]:
    """Yield the paths to the expressions below `node` that include a line."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.expr):
            if not child.lineno <= line <= (child.end_lineno or 0):
                continue
            if isinstance(child, ast.expr):
                yield [child]
        for path in _paths(child, line):
            yield [child, *path]


def _views(node: ast.AST, frame: FrameType, held: object, outs: Args) -> list[ast.expr]:
    """Return the expressions in `node`, a store or a call, that are the views."""
    given: list[ast.expr] = []
    if isinstance(node, ast.Subscript | ast.Attribute):
        given = [node.value]
    elif isinstance(node, ast.Call):
        found = operands(frame)
        values = [*node.args, *(keyword.value for keyword in node.keywords)]
        for out in outs if held is None else (held,):
            if found is None or out is None or id(out) not in found.addresses:
                continue
            at = found.addresses.index(id(out)) - 2
            if at < 0 and isinstance(node.func, ast.Attribute):
                given.append(node.func.value)
            elif 0 <= at < len(values):
                given.append(values[at])
    if isinstance(held, tuple):
        items: Args = held  # pyright: ignore[reportUnknownVariableType]
        given = [
            item
            for part in given
            for item, out in zip(getattr(part, "elts", []), items, strict=False)
            if out is not None
        ]
    elif held is not None:  # an iterator
        given = [part.value for part in given if isinstance(part, ast.Attribute)]
    return [part for part in given if not isinstance(part, ast.Name | ast.Starred)]


def _root(view: ast.expr, resolve: Resolve) -> ast.expr:
    """Return the innermost part of `view` that may be the array it is taken from."""
    node = view
    while not isinstance(resolve(node), _core.Array):
        inner: ast.expr | None = None
        if isinstance(node, ast.Subscript) or (
            isinstance(node, ast.Attribute) and node.attr in _ATTRIBUTES
        ):
            inner = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            inner = node.func.value if node.func.attr in _METHODS else None
        found = None if inner is None else resolve(inner)
        if inner is None or (found is not None and not isinstance(found, _core.Array)):
            break
        node = inner
    return node


def _resolve(node: ast.AST, frame: FrameType) -> Any:
    """Return the value of `node` where looking it up runs no code, or None."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Name):
        scopes = frame.f_locals, frame.f_globals
        return next((scope[node.id] for scope in scopes if node.id in scope), None)
    place: Any = None
    key: Any = None
    if isinstance(node, ast.Attribute):
        try:
            owner = _resolve(node.value, frame)
            place, key = object.__getattribute__(owner, "__dict__"), node.attr
        except AttributeError:
            return None
    elif isinstance(node, ast.Subscript):
        place, key = _resolve(node.value, frame), _resolve(node.slice, frame)
    if type_of(place) in (dict, list, tuple) and type_of(key) in (str, int):
        try:
            return place[key]
        except (LookupError, TypeError):
            pass
    return None


def _other_targets(path: _Path, resolve: Resolve) -> list[_Write]:
    """Return what an assignment stores into other temporary views."""
    found: list[_Write] = []
    if isinstance(path[0], ast.Assign) and path[-1] is not path[0].value:
        for target in path[0].targets:
            for node in ast.walk(target):
                if node is path[-1] or not isinstance(node, ast.Subscript):
                    continue
                root = _root(node.value, resolve)
                is_store = isinstance(node.ctx, ast.Store) and node.value is not root
                if is_store and isinstance(resolve(root), _core.Array):
                    found.append((node, node.value, root))
    return found


def _statement(path: _Path) -> str:
    """Return a statement that does what the innermost node of `path` does."""
    inside = any(isinstance(part, _SCOPES) for part in path[:-1])
    if isinstance(path[0], ast.Expr | ast.Assign | ast.AugAssign) and not inside:
        return ast.unparse(ast.fix_missing_locations(path[0]))
    text = ast.unparse(ast.fix_missing_locations(path[-1]))
    return text if isinstance(path[-1], ast.Call) else f"{text} = value"
