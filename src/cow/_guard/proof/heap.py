"""The memory of an abstract run: containers, variables, what is written or kept."""

from __future__ import annotations

import abc
import ast
import builtins
import types
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import numpy as np

from cow import _core
from cow._ground.types import type_of
from cow._guard.proof.values import (
    ABSENT,
    ATOM,
    DATA,
    FRESH,
    GENERATOR,
    ODD,
    Check,
    Env,
    Finding,
    Known,
    Own,
    Passed,
    Scope,
    Unproven,
    Value,
    is_inert,
    is_instance,
    join,
    parameters,
    spell,
)

if TYPE_CHECKING:
    from cow._ground.types import isinstance


_MOST_STEPS = 20_000  # from container to container, in a proof: some 10 ms


class Heap(abc.ABC):
    """What has been learnt of containers, variables, and parameters to copy."""

    def __init__(
        self,
        function: types.FunctionType,
        receiver: Any,
        bound: bool,
        boxes: frozenset[int],
    ) -> None:
        self.function = function
        self.receiver = receiver
        self.bound = bound
        # parameters that may be containers
        code = function.__code__
        first = code.co_argcount + code.co_kwonlyargcount
        self.containers = boxes | set(range(first, len(parameters(function.__code__))))
        self.copied: dict[int, Finding] = {}
        self.classes: set[int] = set()
        self.checks: dict[Any, Check] = {}
        self.heap: dict[Any, Value] = {}
        self.memo: dict[Any, Value] = {}
        self.active: list[Any] = []
        self.scopes: dict[Any, Scope] = {}
        self.changed = False
        self.nodes = self.steps = 0
        self.line = 0
        self.scope: Scope | None = None
        self.stored: set[tuple[int, str]] = set()
        self.cyclic: set[Any] = set()  # containers that may hold themselves
        self.again: list[list[Env]] = []  # where `continue` goes on, by loop

    @abc.abstractmethod
    def apply(self, func: Value, call: Passed, key: Any) -> Value:
        """Call a value."""

    @abc.abstractmethod
    def function_call(
        self,
        function: types.FunctionType,
        args: Sequence[Value],
        names: Sequence[str] = (),
        call: Passed | None = None,
    ) -> Value:
        """Run a Python function on values; by name where `names` are given."""

    @abc.abstractmethod
    def eval(self, node: ast.AST | None, env: Env) -> Value:
        """Return the value of an expression."""

    @abc.abstractmethod
    def block(self, body: Sequence[ast.stmt], env: Env) -> bool:
        """Run statements; return whether what follows them can be reached."""

    def fail(self, what: str) -> NoReturn:
        """Give up: nothing is proven."""
        raise Unproven(-1, what, self.scope.filename if self.scope else "", self.line)

    def copy(self, at: int, what: str) -> None:
        """Note that a parameter must be copied."""
        if at not in self.copied:
            filename = self.scope.filename if self.scope else ""
            self.copied[at] = Finding(at, what, filename, self.line)
            self.changed = True

    def write(self, value: Value, what: str = "writes") -> None:
        """Note a write into the memory of a value."""
        for at in value.args:
            self.copy(at, what)
        if value.outer:
            self.fail("writes to an array that is not an argument")
        if value.consts:
            self.fail("writes to an object that is not an array")

    def reach(self, value: Value) -> Value:
        """Return the value joined with all that the containers in it hold."""
        seen: set[Any] = set()
        todo = list(value.boxes)
        while todo:
            self.steps += 1
            if self.steps > _MOST_STEPS:
                self.fail("is too intricate")
            box = todo.pop()
            if box in seen:
                continue
            seen.add(box)
            held = self.heap.get(box, FRESH)
            todo.extend(held.boxes)
            value |= held
        return value

    def keep(self, value: Value, what: str, returned: bool = False) -> None:
        """Note that a value outlives the call, or is handed to the caller."""
        value = self.reach(value)
        for const in value.consts:
            if isinstance(const, Own) or const.receiver is not None:
                self.fail("hands out a function of its own")
        if returned:
            self.classes |= value.args
        if not returned or value.opaque:
            for at in value.args:
                self.copy(at, what)

    def watch(self, start: Any, key: Any, expected: Any) -> None:
        """Require at each call that `start` has `expected` at `key`."""
        self.checks.setdefault((id(start), key), Check(start, key, expected))
        if self.checks[id(start), key].expected is not expected:
            if self.checks[id(start), key].expected is DATA and expected is ATOM:
                self.checks[id(start), key] = Check(start, key, ATOM)
            elif not (
                self.checks[id(start), key].expected is ATOM and expected is DATA
            ):
                self.fail(f"{key} changes while it is looked at")

    def found(
        self, value: Any, start: Any, key: Any, names: tuple[str, ...] | None = None
    ) -> Value:
        """Describe an object that was found outside of the function."""
        path = None
        if names is not None:  # an attribute of an instance
            key = names
            path = (start, names)
        if _core.is_data(value, True):
            self.watch(start, key, ATOM)
            return ODD if value is None or isinstance(value, str | bytes) else FRESH
        if _core.is_data(value, False):
            self.watch(start, key, DATA)
            if isinstance(value, np.ndarray):
                return Value(outer=True)
            return self.outer_box()
        if path is None or not is_instance(value):
            self.watch(start, key, value)
            if is_instance(value):
                self.watch(value, (None,), type_of(value))
            return Value(consts=frozenset([Known(value)]))
        self.watch(start, (*key, None), type_of(value))
        return Value(consts=frozenset([Known(value, path)]))

    def outer_box(self) -> Value:
        """Return a container of data that was there before the call."""
        box = frozenset([("outer",)])
        self.put(box, Value(boxes=box, outer=True, odd=True))
        return Value(boxes=box, outer=True)

    def put(self, boxes: Iterable[Any], value: Value) -> None:
        """Note that containers may hold a value."""
        for const in value.consts:
            obj = const.object if isinstance(const, Known) else None
            acts = is_instance(obj) or isinstance(obj, type)
            if acts and not is_inert(obj) and obj is not GENERATOR:
                self.fail(f"puts {spell(const)} into a container")
        held = self.reach(value).boxes
        for box in boxes:
            self.hold_error(value)
            if box in held and box[0] not in ("hidden", "outer"):
                self.cyclic.add(box)
            old = self.heap.get(box)
            new = value if old is None else old | value
            if new != old:
                self.heap[box] = new
                self.changed = True

    def box(self, key: Any, value: Value, opaque: bool = False) -> Value:
        """Return a container made at `key`, which holds the value."""
        box = frozenset([key])
        self.put(box, value)
        return Value(boxes=box, opaque=opaque, odd=True)

    def lazy(self, key: Any, value: Value, holds: Value) -> Value:
        """Return an iterator over values, which holds what it makes them of."""
        made = self.box(key, value, opaque=True)
        hidden = frozenset([("hidden", key)])
        self.put(hidden, holds)
        return made._replace(boxes=made.boxes | hidden)

    def elements(self, value: Value) -> Value:
        """Return what iterating or indexing may give: elements or views."""
        result = Value(value.args, outer=value.outer, opaque=value.opaque)
        if value.opaque and value.boxes:
            result = result._replace(opaque=False)
        for box in value.boxes:
            if box[0] != "hidden":
                result |= self.heap.get(box, FRESH)
        for const in value.consts:
            self.fail(f"looks into {spell(const)}")
        return result

    def data(self, value: Value, doing: str) -> Value:
        """Return a value that is no function or other object, or fail."""
        for const in value.consts:
            if isinstance(const, Own) or not is_inert(const.object):
                self.fail(f"{doing} {spell(const)}")
        return value

    def combine(self, values: Sequence[Value], key: Any) -> Value:
        """Return the result of an operator: fresh, but lists are joined."""
        value = join(values)
        self.data(value, "computes with")
        if not value.boxes:
            return FRESH
        held = join(self.heap.get(box, FRESH) for box in value.boxes)
        return self.box(key, held)

    def load(self, name: str, env: Env) -> Value:
        scope: Scope | None = self.scope
        assert scope is not None
        if "." + name in env:  # the target of a comprehension
            return env["." + name]
        if name in env and name not in scope.shared:
            return env[name]
        if name in scope.locals:
            found = scope.weak.get(name, env.get(name))
            return found or self.fail(f"uses {name} before it is set")
        if name not in scope.globals:
            outer = scope.parent
            while outer is not None:
                if name in outer.locals:
                    found = outer.weak.get(name)
                    return found or self.fail(f"uses {name} before it is set")
                if name in outer.globals:
                    break
                outer = outer.parent
        function = scope.function
        assert function is not None
        free = function.__code__.co_freevars
        if name in free and name not in scope.globals:
            cell = (function.__closure__ or ())[free.index(name)]
            try:
                value = cell.cell_contents
            except ValueError:
                return self.fail(f"needs {name}, which is not defined yet")
            return self.found(value, cell, "cell_contents")
        names = function.__globals__
        if name in names:
            return self.found(names[name], names, name)
        # a module, or its dict
        builtin: Any = names.get("__builtins__", builtins)
        table: dict[str, Any] = getattr(builtin, "__dict__", builtin)
        if name not in table:
            return self.fail(f"needs {name}, which is not defined yet")
        self.watch(names, name, ABSENT)
        return self.found(table[name], table, name)

    def store_name(
        self, name: str, value: Value, env: Env, error: bool = False
    ) -> None:
        scope: Scope | None = self.scope
        assert scope is not None
        if name in scope.globals or name in scope.nonlocals:
            outer = scope.parent
            while name in scope.nonlocals and outer is not None:
                if name in outer.locals:
                    self.weaken(outer, name, value)
                    return
                outer = outer.parent
            self.store_outside(name, value, scope)
            return
        if not error:
            self.hold_error(value)
        if name in scope.shared:
            self.weaken(scope, name, value)
        env[name] = value

    def hold_error(self, value: Value) -> None:
        """A variable that holds an exception is in a cycle with its frame."""
        for box in value.boxes:
            if box[0] == "hidden" and box[1][0] == "error":
                for at in self.heap[box].args:
                    self.copy(at, "is in the traceback of an exception that is kept")

    def store_outside(self, name: str, value: Value, scope: Scope) -> None:
        """Store a global variable, or that of a function which has ended."""
        self.keep(value, f"keeps as {name}")
        if value.consts or value.boxes or value.outer:
            self.fail(f"replaces {name}")
        function = scope.function
        assert function is not None
        free = function.__code__.co_freevars
        if name in scope.globals:
            start: Any = function.__globals__
            key = name
        else:
            start = (function.__closure__ or ())[free.index(name)]
            key = "cell_contents"
        self.stored.add((id(start), key))

    def weaken(self, scope: Scope, name: str, value: Value) -> None:
        old = scope.weak.get(name)
        new = value if old is None else old | value
        if new != old:
            scope.weak[name] = new
            self.changed = True
