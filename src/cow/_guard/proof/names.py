"""The names of a function, and where they stand, as its syntax tree has it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from cow._guard.proof.source import FunctionNode

if TYPE_CHECKING:
    from cow._ground.types import isinstance


def names_of(
    node: FunctionNode, body: Sequence[ast.AST]
) -> tuple[set[str], set[str], set[str], set[str]]:
    """Return names: local ones, of those that inner functions use, global, nonlocal."""
    a = node.args
    bound = {arg.arg for arg in [*a.posonlyargs, *a.args, *a.kwonlyargs]}
    bound |= {arg.arg for arg in (a.vararg, a.kwarg) if arg is not None}
    used_inside: set[str] = set()
    global_names: set[str] = set()
    nonlocal_names: set[str] = set()
    todo: list[Any] = list(body)
    each: Any
    while todo:
        each = todo.pop()
        if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            bound.add(each.name)
        if isinstance(each, FunctionNode | ast.GeneratorExp | ast.ClassDef):
            used_inside |= {n.id for n in ast.walk(each) if isinstance(n, ast.Name)}
            used_inside |= {
                name
                for n in ast.walk(each)
                if isinstance(n, ast.Nonlocal)
                for name in n.names
            }
            if isinstance(each, FunctionNode):
                todo.extend([*each.args.defaults, *each.args.kw_defaults])
            todo.extend(getattr(each, "decorator_list", []))
            if isinstance(each, ast.GeneratorExp):
                todo.append(each.generators[0].iter)
            continue
        if isinstance(each, ast.Try | ast.TryStar | ast.With):
            # they may be left from anywhere: what is stored there is kept apart
            # from the order of statements
            used_inside |= {
                n.id
                for n in ast.walk(each)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
        if isinstance(each, ast.ListComp | ast.SetComp | ast.DictComp):
            # its targets are its own
            for inner in each.generators:
                todo.extend([inner.iter, *inner.ifs])
            todo += (
                [each.key, each.value] if isinstance(each, ast.DictComp) else [each.elt]
            )
            continue
        if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store | ast.Del):
            bound.add(each.id)
        elif isinstance(each, ast.Global):
            global_names.update(each.names)
        elif isinstance(each, ast.Nonlocal):
            nonlocal_names.update(each.names)
        elif isinstance(each, ast.Import | ast.ImportFrom):
            for alias in getattr(each, "names", []):
                bound.add((alias.asname or alias.name).partition(".")[0])
        elif isinstance(each, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            name: str | None = getattr(each, "name", None)
            bound |= {name} if name else set()
        elif isinstance(each, ast.MatchMapping):
            bound |= {each.rest} if each.rest else set()
        if each is not None:
            todo.extend(ast.iter_child_nodes(each))
    bound -= global_names | nonlocal_names
    return bound, used_inside & bound, global_names, nonlocal_names


def own_nodes(node: FunctionNode) -> Iterable[ast.AST]:
    """Yield the nodes of a function, without those of functions inside of it."""
    todo: list[ast.AST] = list(node.body) if isinstance(node.body, list) else []
    while todo:
        each = todo.pop()
        yield each
        if not isinstance(each, FunctionNode):
            todo.extend(ast.iter_child_nodes(each))


def constants(node: Any, scope: Any) -> list[str] | None:
    """Return the strings that an expression may be; None: any."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.Name) and node.id not in scope.shared:
        # a loop over a display of strings around it, and no other assignment
        nodes: list[Any] = list(ast.walk(scope.node))
        others = (ast.Match, ast.Global, ast.Nonlocal, ast.Import, ast.ImportFrom)
        stores = [
            each
            for each in nodes
            if isinstance(each, ast.Name)
            and each.id == node.id
            and isinstance(each.ctx, ast.Store)
        ]
        loops = [
            each
            for each in nodes
            if isinstance(each, ast.For)
            and each.target in stores
            and any(node is inside for stmt in each.body for inside in ast.walk(stmt))
            and isinstance(each.iter, ast.Tuple | ast.List)
            and all(
                isinstance(e, ast.Constant) and isinstance(e.value, str)
                for e in getattr(each.iter, "elts", [])
            )
        ]
        if len(stores) == len(loops) == 1 and not any(
            isinstance(each, others) or getattr(each, "name", None) == node.id
            for each in nodes
        ):
            iterable: Any = loops[0].iter
            known = [e.value for e in iterable.elts]
            return None if node.id in argument_names(scope) else known
    return None


def argument_names(scope: Any) -> set[str]:
    a = scope.node.args
    names = {arg.arg for arg in [*a.posonlyargs, *a.args, *a.kwonlyargs]}
    return names | {arg.arg for arg in (a.vararg, a.kwarg) if arg is not None}


def has_slice(node: ast.AST) -> bool:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(isinstance(each, ast.Slice) for each in parts)
