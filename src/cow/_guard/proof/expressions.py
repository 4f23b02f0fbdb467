"""Expressions, and the targets of assignments."""

from __future__ import annotations

import ast
import functools
import types
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from cow._ground.types import type_of
from cow._guard.proof.calls import Calls
from cow._guard.proof.names import has_slice
from cow._guard.proof.source import FunctionNode
from cow._guard.proof.values import (
    FRESH,
    MASK,
    NUMPY_MASK,
    ODD,
    SLICES,
    Env,
    Known,
    Local,
    Own,
    Passed,
    Value,
    among,
    is_instance,
    join,
    spell,
    static,
)

if TYPE_CHECKING:
    from cow._ground.types import isinstance

_MOST_NODES = 40_000
# Objects of NumPy that make arrays of what is in brackets.
_MAKERS = (np.r_, np.c_, np.mgrid, np.ogrid)


class Expressions(Calls):
    """Each method returns the value of one kind of node."""

    def eval(self, node: ast.AST | None, env: Env) -> Value:
        """Return the value of an expression."""
        if node is None:
            return FRESH
        self.nodes += 1
        if self.nodes > _MOST_NODES:
            self.fail("is too long")
        self.line = getattr(node, "lineno", self.line)
        method = _EXPRESSIONS.get(type(node))
        if method is None:
            return self.fail(f"uses {type(node).__name__}")
        return method(self, node, env)

    def constant(self, node: ast.Constant, env: Env) -> Value:
        return FRESH if isinstance(node.value, int | float | complex) else ODD

    def name(self, node: ast.Name, env: Env) -> Value:
        return self.load(node.id, env)

    def attribute_node(self, node: ast.Attribute, env: Env) -> Value:
        return self.attribute(self.eval(node.value, env), node.attr, node)

    def display(self, node: Any, env: Env) -> Value:
        held = FRESH
        for each in node.elts:
            if isinstance(each, ast.Starred):
                held |= self.elements(self.eval(each.value, env))
            else:
                held |= self.eval(each, env)
        return self.box(self.at(node), held)

    def dict_display(self, node: ast.Dict, env: Env) -> Value:
        held = FRESH
        for key, value in zip(node.keys, node.values, strict=True):
            inner = self.eval(value, env)
            held |= self.elements(inner) if key is None else inner
            self.data(self.eval(key, env), "has as a key")
        return self.box(self.at(node), held | ODD)

    def at(self, node: Any) -> Any:
        """Return the key of a container made by a node: one for each function run."""
        return (node, self.scope)

    def binary(self, node: ast.BinOp, env: Env) -> Value:
        left, right = self.eval(node.left, env), self.eval(node.right, env)
        result = self.combine([left, right], self.at(node))
        both = isinstance(node.op, ast.BitAnd | ast.BitOr | ast.BitXor)
        if both and result == FRESH:
            return FRESH._replace(advanced=min(left.advanced, right.advanced))
        return result

    def unary(self, node: ast.UnaryOp, env: Env) -> Value:
        value = self.eval(node.operand, env)
        if isinstance(node.op, ast.Not):
            return self.truth(value)
        result = self.combine([value], self.at(node))
        # ~True is an int
        inverts = isinstance(node.op, ast.Invert) and value.advanced == 2
        return NUMPY_MASK if inverts and result == FRESH else result

    def truth(self, value: Value) -> Value:
        for const in value.consts:
            if isinstance(const, Known) and is_instance(const.object):
                self.fail(f"asks for the truth of {spell(const)}")
        return MASK

    def boolean(self, node: ast.BoolOp, env: Env) -> Value:
        values = [self.eval(each, env) for each in node.values]
        for value in values:
            self.truth(value)
        return functools.reduce(lambda a, b: a | b, values)

    def compare(self, node: ast.Compare, env: Env) -> Value:
        values = [self.eval(each, env) for each in (node.left, *node.comparators)]
        if not all(isinstance(op, ast.Is | ast.IsNot) for op in node.ops):
            for value in values:
                self.data(self.reach(value), "compares")
        return MASK

    def conditional(self, node: ast.IfExp, env: Env) -> Value:
        self.truth(self.eval(node.test, env))
        return self.eval(node.body, env) | self.eval(node.orelse, env)

    def subscript(self, node: ast.Subscript, env: Env) -> Value:
        value = self.eval(node.value, env)
        index = self.eval(node.slice, env)
        self.data(self.reach(index), "indexes with")
        if index.advanced and not value.boxes:
            self.data(value, "looks into")
            return FRESH
        if value.consts and all(
            isinstance(c, Known) and among(c.object, _MAKERS) for c in value.consts
        ):
            self.data(self.reach(index), "joins")
            return FRESH
        if value.consts and all(
            isinstance(c, Known) and among(c.object, (np.s_, np.index_exp))
            for c in value.consts
        ):
            return SLICES | index._replace(opaque=True)
        result = self.elements(value)
        if has_slice(node.slice) or index.consts & SLICES.consts:
            return result | Value(boxes=value.boxes)
        # a view, or a field, of an array of objects
        objects = frozenset(b for b in value.boxes if b[0] == "objects")
        return result | Value(boxes=objects) if objects else result

    def slice(self, node: ast.Slice, env: Env) -> Value:
        for each in (node.lower, node.upper, node.step):
            self.data(self.eval(each, env), "slices with")
        return FRESH

    def string(self, node: ast.JoinedStr, env: Env) -> Value:
        for each in ast.iter_child_nodes(node):
            self.eval(each, env)
        return ODD

    def formatted(self, node: ast.FormattedValue, env: Env) -> Value:
        value = self.eval(node.value, env)
        for const in self.reach(value).consts:
            self.data(Value(consts=frozenset([const])), "formats")
        self.eval(node.format_spec, env)
        return ODD

    def lambda_(self, node: ast.Lambda, env: Env) -> Value:
        return self.define(node, env)

    def define(self, node: FunctionNode, env: Env) -> Value:
        a = node.args
        names = [arg.arg for arg in [*a.posonlyargs, *a.args]]
        values = [self.eval(d, env) for d in a.defaults]
        with_default = names[len(names) - len(values) :]
        defaults = list(zip(with_default, values, strict=True))
        for arg, default in zip(a.kwonlyargs, a.kw_defaults, strict=True):
            if default is not None:
                defaults.append((arg.arg, self.eval(default, env)))
        assert self.scope is not None
        if getattr(node, "decorator_list", None):
            self.fail("decorates a function")
        if any(isinstance(n, ast.Name) and "." + n.id in env for n in ast.walk(node)):
            self.fail("makes a function in a comprehension")
        return Value(consts=frozenset([Local(node, self.scope, tuple(defaults))]))

    def comprehension(self, node: Any, env: Env) -> Value:
        inner = dict(env)
        lazy = isinstance(node, ast.GeneratorExp)
        for each in node.generators:
            if each.is_async:
                self.fail("iterates asynchronously")
            self.bind_element(each.target, each.iter, inner, comprehension=True)
            for test in each.ifs:
                self.truth(self.eval(test, inner))
        if isinstance(node, ast.DictComp):
            value: Any = node.value
            key = self.eval(node.key, inner)
            if value is None:  # {**each for ...}, since Python 3.15
                held = self.elements(key) | ODD
            else:
                self.data(key, "has as a key")
                held = self.eval(value, inner) | ODD
        else:
            held = self.eval(node.elt, inner)
        for name, value in inner.items():
            if not name.startswith("."):  # from `:=`
                env[name] = env[name] | value if name in env else value
        if not lazy:
            return self.box(self.at(node), held)
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        used = [self.load(n, inner) for n in names if self.is_own(n, inner)]
        return self.lazy(self.at(node), held, join(used))

    def is_own(self, name: str, env: Env) -> bool:
        """Is it a variable of a function that is running?"""
        scope = self.scope
        while scope is not None:
            if name in scope.locals:
                return True
            scope = scope.parent
        return "." + name in env

    def bind_element(
        self, target: ast.AST, source: ast.expr, env: Env, comprehension: bool = False
    ) -> None:
        """Assign an element of what a loop goes over to its target."""
        element = self.elements(self.eval(source, env))
        parts = self.parts(target, source, env)
        if parts is None:
            self.bind_target(target, element, env, comprehension)
            return
        for each, value in zip(getattr(target, "elts", []), parts, strict=True):
            self.bind_target(each, value, env, comprehension)

    def parts(self, target: ast.AST, source: ast.expr, env: Env) -> list[Value] | None:
        """Return the elements of the arguments of zip() or enumerate()."""
        if not (isinstance(target, ast.Tuple) and isinstance(source, ast.Call)):
            return None
        if not isinstance(source.func, ast.Name):
            return None
        if any(isinstance(e, ast.Starred) for e in [*target.elts, *source.args]):
            return None
        function = self.eval(source.func, env)
        elements = [self.elements(self.eval(a, env)) for a in source.args]
        known = [c.object for c in function.consts if isinstance(c, Known)]
        if len(known) != 1 or len(function.consts) != 1:
            return None
        if known[0] is enumerate and len(target.elts) == 2:
            return [FRESH, elements[0]] if elements else None
        if known[0] is zip and len(target.elts) == len(elements):
            return elements
        return None

    def bind_target(
        self, target: ast.AST, value: Value, env: Env, comprehension: bool = False
    ) -> None:
        """Assign a value to a target."""
        if isinstance(target, ast.Name):
            if comprehension:
                env["." + target.id] = value
            else:
                self.store_name(target.id, value, env)
        elif isinstance(target, ast.Tuple | ast.List):
            held = self.elements(value)
            for each in getattr(target, "elts", []):
                if isinstance(each, ast.Starred):
                    rest = self.box(self.at(each), held)
                    self.bind_target(each.value, rest, env, comprehension)
                else:
                    self.bind_target(each, held, env, comprehension)
        elif isinstance(target, ast.Subscript):
            owner = self.eval(target.value, env)
            self.data(self.reach(self.eval(target.slice, env)), "indexes with")
            self.store_item(owner, value)
        elif isinstance(target, ast.Attribute):
            self.store_attribute(self.eval(target.value, env), target.attr, value)
        else:
            self.fail("assigns to something else")

    def store_item(self, owner: Value, value: Value) -> None:
        for const in owner.consts:
            self.fail(f"stores into {spell(const)}")
        self.write(owner)
        held = self.reach(value)
        if owner.boxes:
            # a slice is given the elements
            inside = self.elements(value._replace(consts=frozenset()))
            self.put(owner.boxes, value | inside)
        else:
            self.data(held, "stores")

    def store_attribute(self, owner: Value, name: str, value: Value) -> None:
        if owner.args or owner.boxes or owner.outer:
            self.write(owner._replace(consts=frozenset()), f"sets {name} of it")
        self.put(owner.boxes, value)
        if owner == FRESH and name not in ("shape", "dtype", "strides", "flat"):
            self.fail(f"sets {name}")
        for const in owner.consts:
            if isinstance(const, Own) or const.path is None:
                self.fail(f"sets {name} of {spell(const)}")
            cls = type_of(const.object)
            found = static(cls, name)
            if cls.__setattr__ is not object.__setattr__ or (
                hasattr(type_of(found), "__set__")
                and not isinstance(found, types.MemberDescriptorType)
            ):
                self.fail(f"sets {name} of {spell(const)}")
            self.keep(value, f"keeps as {name}")
            if value.consts or value.boxes or value.outer:
                self.fail(f"keeps an object as {name}")
            # what is stored is data, as it is required of what is there
            start, names = const.path
            if (id(start), (*names, name, None)) in self.checks:
                self.fail(f"replaces {name}")

    def named(self, node: ast.NamedExpr, env: Env) -> Value:
        value = self.eval(node.value, env)
        self.store_name(node.target.id, value, env)
        return value

    def starred(self, node: ast.Starred, env: Env) -> Value:
        return self.elements(self.eval(node.value, env))

    def yield_(self, node: ast.Yield, env: Env) -> Value:
        assert self.scope is not None
        value = self.eval(node.value, env)
        self.scope.yields = value | (self.scope.yields or FRESH)
        return ODD

    def yield_from(self, node: ast.YieldFrom, env: Env) -> Value:
        assert self.scope is not None
        value = self.elements(self.eval(node.value, env))
        self.scope.yields = value | (self.scope.yields or FRESH)
        return value | ODD

    def call(self, node: ast.Call, env: Env) -> Value:
        key = self.at(node)
        func = node.func
        receiver = None
        if isinstance(func, ast.Attribute):
            receiver = self.eval(func.value, env)
            target = FRESH
        else:
            target = self.eval(func, env)
        args: list[Value] = []
        star: Value | None = None
        for each in node.args:
            if isinstance(each, ast.Starred):
                held = self.elements(self.eval(each.value, env))
                star = held if star is None else star | held
            elif star is not None:
                star |= self.eval(each, env)
            else:
                args.append(self.eval(each, env))
        named: dict[str, Value] = {}
        double: Value | None = None
        for keyword in node.keywords:
            value = self.eval(keyword.value, env)
            if keyword.arg is None:
                held = self.elements(value)
                double = held if double is None else double | held
            else:
                named[keyword.arg] = value
        self.line = node.lineno
        call = Passed(args, star, named, double, node)
        if receiver is None:
            return self.apply(target, call, key)
        name = getattr(func, "attr", "")
        results: list[Value] = []
        for const in receiver.consts:
            results.append(self.call_attribute(const, name, call, key))
        rest = receiver._replace(consts=frozenset())
        if rest != FRESH or not receiver.consts:
            results.append(self.method_call(rest, name, call, key))
        return join(results)


_EXPRESSIONS: dict[type, Callable[..., Value]] = {
    ast.Constant: Expressions.constant,
    ast.Name: Expressions.name,
    ast.Attribute: Expressions.attribute_node,
    ast.Tuple: Expressions.display,
    ast.List: Expressions.display,
    ast.Set: Expressions.display,
    ast.Dict: Expressions.dict_display,
    ast.BinOp: Expressions.binary,
    ast.UnaryOp: Expressions.unary,
    ast.BoolOp: Expressions.boolean,
    ast.Compare: Expressions.compare,
    ast.IfExp: Expressions.conditional,
    ast.Subscript: Expressions.subscript,
    ast.Slice: Expressions.slice,
    ast.JoinedStr: Expressions.string,
    ast.FormattedValue: Expressions.formatted,
    ast.Lambda: Expressions.lambda_,
    ast.ListComp: Expressions.comprehension,
    ast.SetComp: Expressions.comprehension,
    ast.DictComp: Expressions.comprehension,
    ast.GeneratorExp: Expressions.comprehension,
    ast.NamedExpr: Expressions.named,
    ast.Starred: Expressions.starred,
    ast.Yield: Expressions.yield_,
    ast.YieldFrom: Expressions.yield_from,
    ast.Call: Expressions.call,
}
