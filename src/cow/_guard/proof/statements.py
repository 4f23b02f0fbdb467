"""Statements, and the ways through them."""

from __future__ import annotations

import ast
import contextlib
import sys
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cow._guard.proof.expressions import Expressions
from cow._guard.proof.values import (
    FRESH,
    ODD,
    Env,
    Known,
    Own,
    Passed,
    Value,
    among,
    merge,
    parameters,
    spell,
)

if TYPE_CHECKING:
    from cow._ground.types import isinstance

_CONTEXTS = (
    *(np.errstate, np.printoptions, warnings.catch_warnings, contextlib.suppress),
    contextlib.nullcontext,
)


class Statements(Expressions):
    """Each method runs one kind of statement; False: it is not passed."""

    def block(self, body: Sequence[ast.stmt], env: Env) -> bool:
        """Run statements; return whether what follows them can be reached."""
        for each in body:
            self.nodes += 1
            self.line = each.lineno
            method = _STATEMENTS.get(type(each))
            if method is None:
                self.fail(f"uses {type(each).__name__}")
            if method(self, each, env) is False:
                return False
        return True

    def expression(self, node: ast.Expr, env: Env) -> None:
        self.eval(node.value, env)

    def assign(self, node: ast.Assign, env: Env) -> None:
        value = self.eval(node.value, env)
        for target in node.targets:
            self.bind_target(target, value, env)

    def annotated(self, node: ast.AnnAssign, env: Env) -> None:
        if node.value is not None:
            self.bind_target(node.target, self.eval(node.value, env), env)

    def augmented(self, node: ast.AugAssign, env: Env) -> None:
        target: Any = node.target
        if isinstance(target, ast.Name):
            old = self.load(target.id, env)
            value = self.eval(node.value, env)
            self.in_place(old, value)
            result = old | self.combine([old, value], self.at(node))
            self.store_name(target.id, result._replace(odd=old.odd), env)
            return
        owner = self.eval(target.value, env)
        if isinstance(target, ast.Subscript):
            index = self.eval(target.slice, env)
            self.data(self.reach(index), "indexes with")
            value = self.eval(node.value, env)
            old = self.elements(owner)
            self.in_place(old, value)
            self.store_item(owner, old | self.combine([old, value], self.at(node)))
            return
        value = self.eval(node.value, env)
        old = self.attribute(owner, target.attr, self.at(node))
        if target.attr == "flat" and not owner.consts:
            self.write(owner)
            return
        self.in_place(old, value)
        result = self.combine([old, value], self.at(node))
        self.store_attribute(owner, target.attr, result)

    def in_place(self, old: Value, value: Value) -> None:
        """What an in-place operator does to its left operand."""
        self.data(old, "computes with")
        self.data(value, "computes with")
        if old.boxes:
            self.put(old.boxes - {("outer",)}, self.elements(value) | value)
        self.write(old._replace(consts=frozenset()))

    def delete(self, node: ast.Delete, env: Env) -> None:
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                owner = self.eval(target.value, env)
                self.eval(target.slice, env)
                self.write(owner)
            elif not isinstance(target, ast.Name):
                self.fail("deletes an attribute")

    def return_(self, node: ast.Return, env: Env) -> bool:
        assert self.scope is not None
        value = self.eval(node.value, env) if node.value is not None else ODD
        self.scope.result = value | (self.scope.result or value)
        return False

    def raise_(self, node: ast.Raise, env: Env) -> bool:
        for each in (node.exc, node.cause):
            value = self.eval(each, env)
            for const in value.consts:
                if isinstance(const, Own) or not (
                    isinstance(const.object, type)
                    and issubclass(const.object, BaseException)
                ):
                    self.fail("raises an unknown exception")
                self.apply_const(const, Passed([], None, {}, None), self.at(node))
        return False

    def if_(self, node: ast.If, env: Env) -> bool:
        self.truth(self.eval(node.test, env))
        other = dict(env)
        first = self.block(node.body, env)
        second = self.block(node.orelse, other)
        return merge(env, first, other, second)

    def loop(self, node: Any, env: Env) -> bool:
        assert self.scope is not None
        ends: list[Env] = []
        self.scope.breaks.append(ends)
        endless = isinstance(node, ast.While) and (
            isinstance(node.test, ast.Constant) and bool(node.test.value)
        )
        for _ in range(50):
            before = dict(env)
            inner = dict(env)
            if isinstance(node, ast.While):
                self.truth(self.eval(node.test, inner))
            else:
                self.bind_element(node.target, node.iter, inner)
            self.again.append([])
            reached = self.block(node.body, inner)
            merge(env, True, inner, reached)
            for again in self.again.pop():
                merge(env, True, again, True)
            if env == before:
                break
        else:
            self.fail("has an intricate loop")
        self.scope.breaks.pop()
        reached = self.block(node.orelse, env)
        if endless:
            reached = False
        for end in ends:
            reached = merge(env, reached, end, True)
        return reached

    def break_(self, node: ast.Break, env: Env) -> bool:
        assert self.scope is not None
        self.scope.breaks[-1].append(dict(env))
        return False

    def continue_(self, node: ast.Continue, env: Env) -> bool:
        self.again[-1].append(dict(env))
        return False

    def try_(self, node: Any, env: Env) -> bool:
        # what is stored in here does not depend on the order of statements, see
        # `names_of`: the branches may be run one after the other
        reached = self.block(node.body, env)
        if reached:
            reached = self.block(node.orelse, env)
        for handler in node.handlers:
            inner = dict(env)
            kinds = self.eval(handler.type, inner)
            for const in self.reach(kinds).consts:
                if isinstance(const, Own) or not isinstance(const.object, type):
                    self.fail("catches an unknown exception")
            if handler.name:
                # its traceback holds the frames, and so the arguments
                everyone = frozenset(range(len(parameters(self.function.__code__))))
                held = Value(everyone - self.copied.keys())
                error = self.lazy(("error", node), FRESH, held)
                self.store_name(handler.name, error, inner, error=True)
            ends = self.block(handler.body, inner)
            reached = merge(env, reached, inner, ends)
        return self.block(node.finalbody, env) and reached

    def with_(self, node: ast.With, env: Env) -> bool:
        for item in node.items:
            expression = item.context_expr
            if not isinstance(expression, ast.Call):
                self.fail("enters an unknown context")
            func: Any = expression.func
            value = self.eval(func, env)
            for const in value.consts:
                if isinstance(const, Own) or not among(const.object, _CONTEXTS):
                    self.fail(f"enters {spell(const)}")
            if not value.consts:
                self.fail("enters an unknown context")
            self.eval(expression, env)
            if item.optional_vars is not None:
                self.bind_target(
                    item.optional_vars, self.box(self.at(item), FRESH), env
                )
        self.block(node.body, env)
        return True  # suppress() goes on after it

    def define_statement(self, node: Any, env: Env) -> None:
        self.store_name(node.name, self.define(node, env), env)

    def assert_(self, node: ast.Assert, env: Env) -> None:
        self.truth(self.eval(node.test, env))
        if node.msg is not None:
            self.keep(self.eval(node.msg, env), "raises with it")

    def import_(self, node: ast.Import | ast.ImportFrom, env: Env) -> None:
        if isinstance(node, ast.ImportFrom):
            module = sys.modules.get(node.module or "") if node.level == 0 else None
            for alias in node.names:
                if module is None or alias.name not in vars(module):
                    self.fail("imports")
                self.watch(sys.modules, node.module, module)
                value = self.found(vars(module)[alias.name], vars(module), alias.name)
                self.store_name(alias.asname or alias.name, value, env)
            return
        for alias in node.names:
            top = alias.name if alias.asname else alias.name.partition(".")[0]
            module = sys.modules.get(top)
            if module is None or alias.name not in sys.modules:
                self.fail("imports")
            self.watch(sys.modules, top, module)
            if "." in alias.name and alias.asname:
                parent, _, last = alias.name.rpartition(".")
                if vars(sys.modules[parent]).get(last) is not module:
                    self.fail("imports")
                self.watch(vars(sys.modules[parent]), last, module)
            value = Value(consts=frozenset([Known(module)]))
            self.store_name(alias.asname or top, value, env)

    def match_(self, node: ast.Match, env: Env) -> bool:
        subject = self.eval(node.subject, env)
        self.data(subject, "matches")
        held = self.reach(subject) | self.elements(subject)
        self.classes |= held.args
        after: Env = dict(env)
        reached = True
        for case in node.cases:
            inner = dict(env)
            for each in ast.walk(case.pattern):
                name = getattr(each, "name", None) or getattr(each, "rest", None)
                if name is not None:
                    found = held | self.box(self.at(each), held)
                    self.store_name(name, found, inner)
                if isinstance(each, ast.MatchClass):
                    for name in each.kwd_attrs:
                        self.attribute(held, name, self.at(each))
                    cls = self.eval(each.cls, inner)
                    for const in cls.consts:
                        if not isinstance(const, Known) or (
                            const.object.__module__ != "builtins"
                            and const.object is not np.ndarray
                        ):
                            self.fail("matches a class")
                if isinstance(each, ast.MatchValue):
                    self.data(self.eval(each.value, inner), "matches")
            if case.guard is not None:
                self.truth(self.eval(case.guard, inner))
            ends = self.block(case.body, inner)
            reached = merge(after, reached, inner, ends)
        env.clear()
        env.update(after)
        return reached

    def nothing(self, node: ast.stmt, env: Env) -> None:
        pass


_STATEMENTS: dict[type, Callable[..., Any]] = {
    ast.Expr: Statements.expression,
    ast.Assign: Statements.assign,
    ast.AnnAssign: Statements.annotated,
    ast.AugAssign: Statements.augmented,
    ast.Delete: Statements.delete,
    ast.Return: Statements.return_,
    ast.Raise: Statements.raise_,
    ast.If: Statements.if_,
    ast.For: Statements.loop,
    ast.While: Statements.loop,
    ast.Break: Statements.break_,
    ast.Continue: Statements.continue_,
    ast.Try: Statements.try_,
    ast.With: Statements.with_,
    ast.FunctionDef: Statements.define_statement,
    ast.Assert: Statements.assert_,
    ast.Import: Statements.import_,
    ast.ImportFrom: Statements.import_,
    ast.Match: Statements.match_,
    ast.Pass: Statements.nothing,
    ast.Global: Statements.nothing,
    ast.Nonlocal: Statements.nothing,
}
