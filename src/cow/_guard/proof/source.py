"""The syntax tree of a function, where it is proven to be what runs.

A file may have changed since it was imported, and two functions may claim the
same lines: the tree counts only if it compiles to the very code of the function.
"""

from __future__ import annotations
import __future__

import ast
import copy
import functools
import inspect
import linecache
import re
import types
from collections.abc import Iterator
from typing import Any, TypeAlias

__all__ = ["FunctionNode", "syntax_tree"]

FunctionNode: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda

_FUTURE = sum(
    {getattr(__future__, name).compiler_flag for name in __future__.all_feature_names}
    - {inspect.CO_NESTED}
)
_COMPARED = ("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars")


def syntax_tree(code: types.CodeType) -> FunctionNode | None:
    """Return the node of the function whose code is `code`; line numbers are right.

    None where there is no source, or where it is not what runs.
    """
    lines = linecache.getlines(code.co_filename)
    first = code.co_firstlineno - 1
    if not 0 <= first < len(lines):
        return None
    try:
        block = inspect.getblock(lines[first:])
    except (SyntaxError, IndentationError):
        return None
    indented = block[0][:1].isspace()
    # dedenting would change strings that go over several lines
    tree = _parse("".join(["if True:\n", *block] if indented else block))
    first -= indented
    if tree is None:
        # a lambda or a comprehension in the midst of a longer statement
        tree = _parse("".join(lines))
        first = 0
    if tree is None:
        return None
    text = "".join(lines)
    for node in ast.walk(tree):
        if isinstance(node, FunctionNode) and _name_of(node) == code.co_name:
            for pattern in (_IMPORT, _IMPORT_ANYWHERE):
                if _is_code_of(node, code, _imported(text, pattern)):
                    ast.increment_lineno(tree, first)
                    return node
    return None


# Names that a module imports: a call of an attribute of theirs has another code.
_REST = r"import\s*(?:\(([^)]*)\)|((?:[^\n\\]|\\\n)*))"
_IMPORT = re.compile(rf"^(?:from\s+[\w.]+\s+)?{_REST}", re.MULTILINE)
_IMPORT_ANYWHERE = re.compile(rf"^[ \t]*(?:from\s+[\w.]+\s+)?{_REST}", re.MULTILINE)


@functools.lru_cache(maxsize=50)
def _imported(text: str, pattern: re.Pattern[str]) -> list[str]:
    names: list[str] = []
    for found in pattern.finditer(text):
        inside = re.sub(r"#.*|\\\n", " ", found[1] or found[2] or "")
        for part in inside.split(","):
            words = part.split()
            if words and all(word.replace(".", "a").isidentifier() for word in words):
                names.append(words[-1].partition(".")[0])
    return list(dict.fromkeys(names))


def _name_of(node: FunctionNode) -> str:
    return "<lambda>" if isinstance(node, ast.Lambda) else node.name


def _parse(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except Exception:  # CPython 3.11 raises SystemError in the midst of threads
        return None


def _is_code_of(node: FunctionNode, code: types.CodeType, imported: list[str]) -> bool:
    # names of an enclosing function are cells, __x in a class is _Class__x
    body: list[ast.stmt] = [_bare(node)]
    owner = code.co_qualname.rpartition(".")[0].rpartition(".")[2]
    if owner.isidentifier() and any(map(_is_private, ast.walk(node))):
        return False  # the name that is looked up is another one
    mangled = owner.isidentifier() or "__class__" in code.co_freevars
    if mangled:
        name = owner if owner.isidentifier() else "C"
        body = [ast.ClassDef(name, bases=[], keywords=[], body=body, decorator_list=[])]
        if hasattr(ast, "TypeVar"):
            body[0].type_params = []  # type: ignore[attr-defined]
    free = [each for each in code.co_freevars if each != "__class__"]
    if free:
        cells = [
            ast.Assign([ast.Name(each, ast.Store())], ast.Constant(None))
            for each in free
        ]
        outer: Any = ast.parse("def outer(): pass").body[0]
        outer.body = [*cells, *body]
        body = [outer]
    if imported:
        body = [ast.Import([ast.alias("a", name) for name in imported]), *body]
    module = ast.fix_missing_locations(ast.Module(body, []))
    try:
        flags = code.co_flags & _FUTURE
        compiled: Any = compile(module, code.co_filename, "exec", flags, True)
    except Exception:
        return False
    return any(_same(each, code) for each in _inside(compiled))


def _is_private(node: ast.AST) -> bool:
    """Is it a name that a class changes, as __x?"""
    names = [getattr(node, field, None) for field in ("id", "attr", "arg", "name")]
    return any(
        isinstance(name, str) and name.startswith("__") and not name.endswith("__")
        for name in names
    )


def _bare(node: FunctionNode) -> ast.stmt:
    """Return the function without what is evaluated outside of it."""
    if isinstance(node, ast.Lambda):
        return ast.Expr(node)
    bare = copy.copy(node)
    bare.decorator_list = []
    return bare


def _inside(code: types.CodeType) -> Iterator[types.CodeType]:
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield const
            yield from _inside(const)


def _same(a: types.CodeType, b: types.CodeType) -> bool:
    return (
        all(getattr(a, name) == getattr(b, name) for name in _COMPARED)
        and (a.co_flags ^ b.co_flags) & ~(_FUTURE | inspect.CO_NESTED) == 0
        and len(a.co_consts) == len(b.co_consts)
        and all(map(_same_const, a.co_consts, b.co_consts))
    )


def _same_const(a: Any, b: Any) -> bool:
    if isinstance(a, types.CodeType) and isinstance(b, types.CodeType):
        return _same(a, b)
    return type(a) is type(b) and repr(a) == repr(b)
