"""Prove that a function only reads its arguments, through NumPy alone.

An abstract run of its syntax tree, and of those of the Python functions that it
calls: each value is described by what its memory may belong to. What is not known
raises `Unproven`, and the function gets copies.
"""

from __future__ import annotations

import ast
import builtins
import dataclasses
import functools
import types
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from cow import _core, _reading
from cow._source import FunctionNode, syntax_tree
from cow._types import type_of

if TYPE_CHECKING:
    from cow._types import isinstance, issubclass

__all__ = ["GUARDED", "Finding", "Proof", "parameters", "prove"]

# What `no_mutate` has made, and of what.
GUARDED: weakref.WeakKeyDictionary[Any, Any] = weakref.WeakKeyDictionary()

_MOST_NODES, _DEEPEST, _MOST_PASSES = 40_000, 25, 12


class Finding(NamedTuple):
    """Why a parameter is copied (-1: all of them)."""

    parameter: int
    what: str
    filename: str
    lineno: int


class Unproven(Exception):
    """Something about which nothing is known; its arguments make a `Finding`."""


@dataclasses.dataclass(frozen=True, eq=False)
class Known:
    """A Python object in the abstract run: a function, module, class, instance.

    `path`: how its attributes are found again at a call: None where the object
    itself is watched, else names from the first argument on. `receiver`: of a
    bound method.
    """

    object: Any
    path: tuple[Any, tuple[str, ...]] | None = None
    receiver: Value | None = None

    def __hash__(self) -> int:
        return hash((id(self.object), self.path, self.receiver))

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Known)
            and self.object is other.object
            and (self.path, self.receiver) == (other.path, other.receiver)
        )


class Own:
    """A function that is made while the function runs."""


@dataclasses.dataclass(frozen=True)
class Bound(Own):
    """A method of data: ``scores.get``."""

    receiver: Value
    name: str


@dataclasses.dataclass(frozen=True)
class Local(Own):
    """A function that is defined while the function runs."""

    node: FunctionNode
    scope: Scope
    defaults: tuple[tuple[str, Value], ...]


_Const: TypeAlias = Known | Local | Bound


class Value(NamedTuple):
    """What is known of a value.

    A value of which nothing holds is a number, a string, or an array that was
    made in this call and shares its memory with nothing else named here.
    """

    args: frozenset[int] = frozenset()  # parameters whose memory it may look at
    boxes: frozenset[Any] = frozenset()  # containers made in this call
    consts: frozenset[_Const] = frozenset()
    outer: bool = False  # it may be data that was there before the call
    opaque: bool = False  # it looks at memory in a way that `settle` cannot mend
    odd: bool = False  # not a number or an array of numbers: None, say
    advanced: bool = False  # as an index it makes a copy

    def __or__(self, other: Any) -> Value:
        if other == self:
            return self
        return Value(
            self.args | other.args,
            self.boxes | other.boxes,
            self.consts | other.consts,
            self.outer or other.outer,
            self.opaque or other.opaque,
            self.odd or other.odd,
            self.advanced and other.advanced,
        )


FRESH = Value()
_ODD = Value(odd=True)
_MASK = Value(advanced=True)


def _join(values: Iterable[Value]) -> Value:
    found = list(values)
    return functools.reduce(lambda a, b: a | b, found) if found else FRESH


class Check(NamedTuple):
    """What must hold at a call, for a proof to be good.

    `start` None stands for the first argument; `key` is an item of a dict or the
    name of an attribute; `expected` is the object, or one of the kinds below.
    """

    start: Any
    key: Any
    expected: Any


# kinds of `expected`: plain data of numbers; the same, and it cannot be changed
DATA, ATOM, ABSENT = _core.DATA, _core.ATOM, _core.ABSENT


class Proof(NamedTuple):
    """What is known of the calls of a function.

    `copied` are the parameters that get copies, each with a finding; `classes`
    those whose class is asked for, or that come back: lent as they are only where
    a copy has the class ndarray.
    """

    copied: dict[int, Finding]
    classes: frozenset[int]
    checks: tuple[Check, ...]


_Env: TypeAlias = dict[str, Value]


class Scope:
    """The names of a running function."""

    def __init__(
        self,
        node: FunctionNode,
        code: types.CodeType | None,
        function: types.FunctionType | None,
        parent: Scope | None,
    ) -> None:
        self.node = node
        self.parent = parent
        self.function = function
        self.filename = code.co_filename if code else parent.filename if parent else ""
        body = node.body if isinstance(node.body, list) else [node.body]
        self.locals, self.shared, self.globals, self.nonlocals = _names(node, body)
        self.weak: _Env = {}
        self.result: Value | None = None
        self.yields: Value | None = None
        self.breaks: list[list[_Env]] = []


def _names(
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
            bound |= {(x.asname or x.name).partition(".")[0] for x in each.names}
        elif isinstance(each, ast.ExceptHandler | ast.MatchAs | ast.MatchStar):
            bound |= {each.name} if each.name else set()
        elif isinstance(each, ast.MatchMapping):
            bound |= {each.rest} if each.rest else set()
        if each is not None:
            todo.extend(ast.iter_child_nodes(each))
    bound -= global_names | nonlocal_names
    return bound, used_inside & bound, global_names, nonlocal_names


class _Call(NamedTuple):
    """The arguments of an abstract call."""

    args: list[Value]
    star: Value | None  # what *args may hold
    named: dict[str, Value]
    double_star: Value | None
    node: ast.AST | None = None

    def values(self) -> list[Value]:
        more = [v for v in (self.star, self.double_star) if v is not None]
        return [*self.args, *self.named.values(), *more]


class Prover:
    """One abstract run, repeated until nothing more is learnt."""

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
        self.containers = boxes | set(range(first, len(parameters(function))))
        self.copied: dict[int, Finding] = {}
        self.classes: set[int] = set()
        self.checks: dict[Any, Check] = {}
        self.heap: dict[Any, Value] = {}
        self.memo: dict[Any, Value] = {}
        self.active: list[Any] = []
        self.scopes: dict[Any, Scope] = {}
        self.changed = False
        self.nodes = 0
        self.line = 0
        self.scope: Scope | None = None
        self.stored: set[tuple[int, str]] = set()
        self.cyclic: set[Any] = set()  # containers that may hold themselves
        self.again: list[list[_Env]] = []  # where `continue` goes on, by loop

    # ------------------------------------------------------------ the result

    def run(self) -> Proof:
        """Return the proof; raises `Unproven`."""
        names = parameters(self.function)
        for _ in range(_MOST_PASSES):
            self.changed = False
            self.nodes = 0
            values: list[Value] = []
            for at in range(len(names)):
                if at == 0 and self.receiver is not None:
                    start = self.receiver if self.bound else None
                    known = Known(self.receiver, (start, ()))
                    values.append(Value(consts=frozenset([known])))
                elif at in self.copied:
                    values.append(self.private(at))
                else:
                    box = frozenset([("parameter", at)])
                    is_box = at in self.containers
                    values.append(
                        Value(frozenset([at]), box if is_box else frozenset())
                    )
                    if is_box:
                        # they may hold containers in turn, but not themselves
                        for each in box:
                            inside = Value(frozenset([at]), box, odd=True)
                            self.heap.setdefault(each, inside)
                if not (at == 0 and self.receiver is not None):
                    values[at] = _join(
                        [values[at], *self.default(self.function, names[at])]
                    )
            result = self.function_call(self.function, values, names)
            self.keep(result, "returns", returned=True)
            self.keep(Value(boxes=frozenset(self.cyclic)), "leaves in a cycle")
            for scope in self.scopes.values():
                self.keep_recursive(scope)
            if not self.changed:
                break
        else:
            self.fail("is too intricate")
        for owner, name in self.stored:
            for check in self.checks.values():
                if (
                    id(check.start) == owner
                    and check.key == name
                    and check.expected not in (DATA, ATOM)
                ):
                    self.fail(f"replaces {name}")
        return Proof(
            dict(self.copied), frozenset(self.classes), tuple(self.checks.values())
        )

    def keep_recursive(self, scope: Scope) -> None:
        """Note what functions hold that refer to themselves, by their names."""
        used: dict[str, Value] = {n: self.reach(v) for n, v in scope.weak.items()}
        for name, value in used.items():
            names, todo = set[str](), [name]
            while todo:
                each = todo.pop()
                for const in used[each].consts if each in used else ():
                    if isinstance(const, Local):
                        found = {
                            n.id for n in ast.walk(const.node) if isinstance(n, ast.Name)
                        }
                        todo.extend(found - names)
                        names |= found
            if name in names and any(isinstance(c, Local) for c in value.consts):
                held = _join(used[n] for n in names if n in used)
                for at in held.args:
                    self.copy(at, "is held by a function that calls itself")

    def private(self, at: int) -> Value:
        """Return the value of a parameter that is copied: what it holds is ours."""
        box = frozenset([("parameter", at)])
        self.put(box, Value(boxes=box, odd=True))
        return Value(boxes=box if at in self.containers else frozenset())

    def fail(self, what: str) -> Any:
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

    # ------------------------------------------------------- what is watched

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
            return _ODD if value is None or isinstance(value, str | bytes) else FRESH
        if _core.is_data(value, False):
            self.watch(start, key, DATA)
            if isinstance(value, np.ndarray):
                return Value(outer=True)
            return self.outer_box()
        if path is None or not _is_instance(value):
            self.watch(start, key, value)
            return Value(consts=frozenset([Known(value)]))
        self.watch(start, (*key, None), type_of(value))
        return Value(consts=frozenset([Known(value, path)]))

    def outer_box(self) -> Value:
        """Return a container of data that was there before the call."""
        box = frozenset([("outer",)])
        self.put(box, Value(boxes=box, outer=True, odd=True))
        return Value(boxes=box, outer=True)

    # ------------------------------------------------------------ containers

    def put(self, boxes: Iterable[Any], value: Value) -> None:
        """Note that containers may hold a value."""
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
            self.fail(f"looks into {_spell(const)}")
        return result

    def data(self, value: Value, doing: str) -> Value:
        """Return a value that is no function or other object, or fail."""
        for const in value.consts:
            if isinstance(const, Own) or not _is_inert(const.object):
                self.fail(f"{doing} {_spell(const)}")
        return value

    def combine(self, values: Sequence[Value], key: Any) -> Value:
        """Return the result of an operator: fresh, but lists are joined."""
        value = _join(values)
        self.data(value, "computes with")
        if not value.boxes:
            return FRESH
        held = _join(self.heap.get(box, FRESH) for box in value.boxes)
        return self.box(key, held)

    # --------------------------------------------------------------- calling

    def function_call(
        self,
        function: types.FunctionType,
        args: Sequence[Value],
        names: Sequence[str] = (),
        call: _Call | None = None,
    ) -> Value:
        """Run a Python function on values; by name where `names` are given."""
        code = function.__code__
        self.watch(function, "__code__", code)
        node = _tree(code)
        if node is None:
            return self.fail(f"calls {function.__qualname__}, which has no source")
        if code.co_flags & 0x280:  # coroutines
            self.fail(f"calls {function.__qualname__}, a coroutine")
        if call is None:
            bound = dict(zip(names, args, strict=True))
        else:
            bound = self.bind(node.args, call, function, None)
        key = (code, tuple(id(c) for c in function.__closure__ or ()))
        return self.body(
            key, bound, lambda: Scope(node, code, function, None), code.co_flags & 0x20
        )

    def local_call(self, local: Local, call: _Call) -> Value:
        bound = self.bind(local.node.args, call, None, local)
        is_generator = any(
            isinstance(n, ast.Yield | ast.YieldFrom) for n in _own(local.node)
        )
        if isinstance(local.node, ast.AsyncFunctionDef):
            self.fail("calls a coroutine")
        return self.body(
            (local.node, local.scope),
            bound,
            lambda: Scope(local.node, None, local.scope.function, local.scope),
            is_generator,
        )

    def body(
        self, key: Any, bound: _Env, new: Callable[[], Scope], generator: Any
    ) -> Value:
        """Run the body of a function once for each combination of values."""
        key = (key, tuple(sorted(bound.items(), key=lambda item: item[0])))
        if key in self.active:
            return self.memo.get(key, FRESH)
        if len(self.active) > _DEEPEST:
            self.fail("calls too deep")
        scope = self.scopes.get(key)
        if scope is None:
            scope = self.scopes[key] = new()
        scope.result = scope.yields = None
        before, line = self.scope, self.line
        self.scope = scope
        self.active.append(key)
        env: _Env | None = {}
        for name, value in bound.items():
            self.store_name(name, value, env)
        body = scope.node.body
        if isinstance(body, list):
            self.block(body, env)
        else:
            scope.result = self.eval(body, env)
        self.active.pop()
        self.scope, self.line = before, line
        result = scope.result or FRESH
        result |= _ODD if isinstance(body, list) else FRESH
        if generator:
            held = scope.yields or FRESH
            result = self.lazy(("yields", key), held, _join(bound.values()))
        if self.memo.get(key) != result:
            self.memo[key] = result
            self.changed = True
        return result

    def bind(
        self,
        a: ast.arguments,
        call: _Call,
        function: types.FunctionType | None,
        local: Local | None,
    ) -> _Env:
        """Give the parameters their values."""
        positional = [arg.arg for arg in [*a.posonlyargs, *a.args]]
        bound: _Env = dict(zip(positional, call.args, strict=False))
        more = list(call.args[len(positional) :])
        loose = [v for v in (call.star, call.double_star) if v is not None]
        if call.star is not None:
            more.append(call.star)
        rest: list[Value] = [] if call.double_star is None else [call.double_star]
        everyone = [*positional, *(arg.arg for arg in a.kwonlyargs)]
        for name, value in call.named.items():
            if name in everyone:
                bound[name] = value
            else:
                rest.append(value)
        for name in everyone:
            if name not in bound or loose:
                options = [*loose, *([bound[name]] if name in bound else [])]
                if function is not None:
                    options += self.default(function, name)
                elif local is not None:
                    options += [v for n, v in local.defaults if n == name]
                bound[name] = _join(options)
        if a.vararg is not None:
            bound[a.vararg.arg] = self.box((a.vararg, call.node), _join(more))
        if a.kwarg is not None:
            bound[a.kwarg.arg] = self.box((a.kwarg, call.node), _join(rest))
        return bound

    def default(self, function: types.FunctionType, name: str) -> list[Value]:
        """Return the default of a parameter, if it has one."""
        code = function.__code__
        names = code.co_varnames[: code.co_argcount]
        defaults = function.__defaults__ or ()
        self.watch(function, "__defaults__", function.__defaults__)
        self.watch(function, "__kwdefaults__", function.__kwdefaults__)
        by_name = dict(zip(names[len(names) - len(defaults) :], defaults, strict=True))
        by_name |= function.__kwdefaults__ or {}
        if name not in by_name:
            return []
        value = by_name[name]
        if _core.is_data(value, True):
            return [_ODD if value is None or isinstance(value, str) else FRESH]
        if isinstance(value, np.ndarray) and _core.is_data(value, False):
            return [Value(outer=True)]
        return [Value(consts=frozenset([Known(value)]))]

    def apply(self, func: Value, call: _Call, key: Any) -> Value:
        """Call a value."""
        if not func.consts or func.args or func.boxes or func.outer:
            self.fail("calls a function that it was given")
        return _join(self.apply_const(const, call, key) for const in func.consts)

    def apply_const(self, const: _Const, call: _Call, key: Any) -> Value:
        if isinstance(const, Local):
            return self.local_call(const, call)
        if isinstance(const, Bound):
            return self.method_call(const.receiver, const.name, call, key)
        function, receiver = const.object, const.receiver
        if isinstance(function, _DataMethod) and call.args:
            rest = call._replace(args=call.args[1:])
            return self.method_call(call.args[0], function.name, rest, key)
        if isinstance(function, types.MethodType):
            self.fail(f"calls {function.__qualname__}, a method of another object")
        if receiver is not None and isinstance(function, types.FunctionType):
            call = call._replace(args=[receiver, *call.args])
        while isinstance(function, functools.partial):
            self.fail("calls a partial function")
        guarded = _guarded(function)
        if guarded is not None:
            # it cannot write its arguments, nor does its result look at them
            private = call._replace(
                args=[FRESH] * len(call.args),
                star=call.star and FRESH,
                named=dict.fromkeys(call.named, FRESH),
                double_star=call.double_star and FRESH,
            )
            self.apply_const(Known(guarded), private, key)
            return FRESH
        owner = getattr(function, "__self__", None)
        if _is_random(owner):
            return self.outside_method(_StdMethod(owner, function.__name__), call, key)
        effect = _reading.function_effect(function)
        if effect is not None:
            return self.numpy_call(function, effect, call, key)
        kind = _reading.BUILTIN.get(id(function))
        if kind is not None:
            return self.builtin_call(kind, function, call, key)
        if isinstance(function, type):
            return self.class_call(function, call, key)
        kind = _reading.stdlib_effect(function)
        if kind is not None:
            return self.stdlib_call(kind, function, call, key)
        if isinstance(function, types.FunctionType):
            return self.function_call(function, [], call=call)
        return self.fail(f"calls {_spell(const)}")

    def class_call(self, cls: type, call: _Call, key: Any) -> Value:
        """Make an instance of a class."""
        name = f"{cls.__module__}.{cls.__qualname__}"
        if issubclass(cls, BaseException):
            if any(
                each.__module__ != "builtins"
                and not vars(each).keys().isdisjoint(("__init__", "__new__"))
                for each in cls.__mro__
            ):
                self.fail(f"makes a {name}")
            for value in call.values():
                self.keep(value, "keeps in an exception")
            return FRESH
        if name in ("collections.deque", "collections.OrderedDict"):
            held = self.elements(_join(call.args))
            return self.box(key, held | self.elements(held), name.endswith("deque"))
        if name == "collections.defaultdict":
            rest = call._replace(args=[], star=None, node=call.node)
            made = self.apply(call.args[0], rest, key) if call.args else FRESH
            return self.box(key, made | self.elements(_join(call.args[1:])))
        if name == "collections.Counter":
            return self.box(key, self.elements(_join(call.args)))
        if cls.__module__ == "itertools" and _reading.stdlib_effect(cls) == "lazy":
            return self.stdlib_call("lazy", cls, call, key)
        if hasattr(cls, "_fields") and issubclass(cls, tuple):
            if cls.__init__ is object.__init__ and "__new__" in vars(cls):
                return self.box(key, _join(call.values()))
        if _reading.stdlib_effect(cls) == "outside":
            return self.stdlib_call("outside", cls, call, key)
        return self.fail(f"makes a {name}")

    def builtin_call(self, kind: str, function: Any, call: _Call, key: Any) -> Value:
        values = call.values()
        everything = _join(values)
        if _among(function, (type, isinstance_)) or function is issubclass_:
            self.classes |= self.reach(everything).args
            for const in self.reach(everything).consts:
                if isinstance(const, Known) and isinstance(const.object, type):
                    if type_of(const.object).__module__ not in _PLAIN_METACLASSES:
                        self.fail(f"asks for {_spell(const)}")
            if function is type:
                return Value(odd=True)
            return _MASK
        if _among(function, (sorted, max, min)):
            chosen = call.named.get("key")
            if chosen is not None and chosen != _ODD:
                inner = self.elements(_join(call.args))
                self.apply(chosen, _Call([inner], None, {}, None, call.node), key)
            values = [v for name, v in call.named.items() if name != "key"]
            everything = _join([*call.args, *values])
            if call.star is not None:
                everything |= call.star
        if kind == "getattr":
            node: Any = call.node
            name = node.args[1] if isinstance(node, ast.Call) else None
            names = _constants(name, self.scope)
            if names is None:
                self.fail("looks up an attribute by a name that it computes")
            found = [self.attribute(call.args[0], each, key) for each in names or ()]
            return _join([*found, *call.args[2:]])
        if kind == "apply":
            rest = [self.elements(v) for v in call.args[1:]]
            if call.star is not None:
                rest.append(self.elements(call.star))
            inner = _Call(rest, None, {}, None, call.node)
            if function is filter:
                if call.args and call.args[0] != _ODD:
                    self.apply(call.args[0], inner, key)
                return self.lazy(key, _join(rest), _join(call.values()))
            if not call.args:
                self.fail("calls map(*...)")
            made = self.apply(call.args[0], inner, key)
            return self.lazy(key, made, _join(call.values()))
        if function is len or function is iter:
            everything = self.with_method(everything, f"__{function.__name__}__", key)
        if _among(function, (hasattr, callable, print, id, str, repr)):
            for const in everything.consts:
                asks = _among(function, (hasattr, callable, id))
                if asks and isinstance(const, Known) and not _is_instance(const.object):
                    continue
                self.data(Value(consts=frozenset([const])), "asks")
        else:
            self.data(everything, "computes with")
        if kind == "fresh":
            if function is slice:
                return _SLICES
            if function is sum and call.args:
                held = self.elements(call.args[0])
                start = [*call.args[1:], *call.named.values()]
                return _join([self.combine([*start, held], key), *start])
            if function is print:
                for name in call.named:
                    if name == "file":
                        self.fail("prints into a file")
            return FRESH
        if kind == "element":
            return self.elements(everything) | Value(everything.args)
        if kind == "box":
            held = self.elements(everything)
            if function is dict:
                held = _join([self.elements(held), held, *call.named.values()])
            return self.box(key, held)
        if function is zip:
            inner = self.box((key, "item"), _join(map(self.elements, values)))
            return self.box(key, inner, opaque=True)
        if function is enumerate:
            inner = self.box((key, "item"), self.elements(everything))
            return self.box(key, inner, opaque=True)
        return self.box(key, self.elements(everything), opaque=True)

    def with_method(self, value: Value, name: str, key: Any) -> Value:
        """Call a special method of the instances among a value; return the rest."""
        for const in value.consts:
            if isinstance(const, Own) or const.path is None:
                self.fail(f"computes with {_spell(const)}")
            method = self.attribute(Value(consts=frozenset([const])), name, key)
            self.apply(method, _Call([], None, {}, None), key)
        return value._replace(consts=frozenset())

    def stdlib_call(self, kind: str, function: Any, call: _Call, key: Any) -> Value:
        everything = self.reach(self.data(_join(call.values()), "hands out"))
        if kind == "fresh":
            if function is getattr(_operator, "mul", None) or everything.boxes:
                return self.combine(call.values(), key)
            return FRESH
        if kind == "alias":
            return _join(call.values())
        if kind == "lazy":
            name = function.__name__
            held = _join(self.elements(v) for v in call.values())
            if name == "chain":
                return self.box(key, held, opaque=True)
            if name == "repeat":
                return self.box(key, _join(call.values()), opaque=True)
            if name in ("cycle", "islice", "count"):
                return self.box(key, held, opaque=True)
            if name == "groupby":
                held |= self.box((key, "group"), held)
            inner = self.box((key, "item"), held)
            return self.box(key, inner, opaque=True)
        return self.outside(function.__name__, call)

    def outside(self, name: str, call: _Call) -> Value:
        """Call something that may keep or write what it is given."""
        everything = self.reach(self.data(_join(call.values()), "hands out"))
        if everything.outer:
            self.fail(f"hands data to {name}")
        for at in everything.args:
            self.copy(at, f"hands it to {name}")
        return FRESH

    def numpy_call(
        self, function: Any, effect: _reading.Effect, call: _Call, key: Any
    ) -> Value:
        name = effect.name
        values = [*call.args, *(v for n, v in call.named.items() if n != "out")]
        everything = _join(values)
        out = call.named.get("out", FRESH)
        if effect.out_at is not None and len(call.args) > effect.out_at:
            out |= _join(call.args[effect.out_at :])
        if call.star is not None or call.double_star is not None:
            loose = self.reach((call.star or FRESH) | (call.double_star or FRESH))
            self.data(loose, "hands out")
            everything |= loose
            self.write(loose._replace(consts=frozenset()), "may write")
        self.numbers(everything, call)
        if out != FRESH and out != _ODD:
            # a tuple of outputs, too
            out = out | self.reach(out)
            self.write(out._replace(odd=False), f"is the output of {name}")
        for flag in ("overwrite_input",):
            if flag in call.named or (name == "median" and len(call.args) > 3):
                self.write(everything, f"may be overwritten by {name}")
        if name in ("percentile", "quantile", "nanpercentile", "nanquantile"):
            if len(call.args) > 4:
                self.write(everything, f"may be overwritten by {name}")
        if name in ("nanmedian",) and len(call.args) > 3:
            self.write(everything, f"may be overwritten by {name}")
        if name.startswith("random."):
            return Value(consts=frozenset([Known(_GENERATOR)]))
        if effect.kind == "write":
            self.write(call.args[0] if call.args else everything, "writes")
            held = self.reach(_join(call.args[1:]))
            self.put(call.args[0].boxes if call.args else (), held)
            return _ODD
        if name in ("nan_to_num", "array", "astype") or "copy" in call.named:
            copied = self.copies(call, name)
            if name == "nan_to_num":
                if not copied:
                    self.write(everything, "writes")
                return FRESH if copied else everything
            if not copied:
                return self.looks_at(everything, call, key)
            effect = _COPY
        if effect.kind == "fresh":
            if name in ("meshgrid", "where", "nonzero", "histogram", "unique"):
                single = name == "where" and len(call.args) == 1
                return _MASK if single or effect.advanced else FRESH | out
            if self.may_hold_objects(effect, everything, call):
                return self.box(("objects", key), self.reach(everything)) | out
            return _MASK if effect.advanced and out == FRESH else FRESH | out
        if effect.kind == "edges":
            values = [v for n, v in call.named.items() if n not in ("a", "weights")]
            everything = _join([*call.args[1:], *values])
        result = self.looks_at(everything, call, key)
        if effect.kind == "opaque":
            return result._replace(opaque=True)
        return result

    def numbers(self, value: Value, call: _Call) -> None:
        """Refuse callables and other objects, which NumPy would call or keep."""
        value = self.reach(value)
        for const in value.consts:
            if isinstance(const, Own) or not _is_inert(const.object):
                self.fail(f"hands {_spell(const)} to NumPy")
            if isinstance(const.object, type) and issubclass(const.object, np.ndarray):
                self.fail("makes an array of another class")

    def copies(self, call: _Call, name: str) -> bool:
        """Does np.array(..., copy=...) or the like copy for certain?"""
        node: Any = call.node
        if not isinstance(node, ast.Call) or call.double_star is not None:
            return False
        for keyword in node.keywords:
            if keyword.arg == "copy":
                value = keyword.value
                return isinstance(value, ast.Constant) and value.value is True
        at = {"nan_to_num": 1, "array": 9, "astype": 9, "meshgrid": 99}.get(name, 99)
        return len(call.args) <= at and call.star is None

    def looks_at(self, value: Value, call: _Call, key: Any) -> Value:
        """Return an array, or a list of arrays, that may look at the memory."""
        arrays = Value(value.args, value.boxes, outer=value.outer, opaque=value.opaque)
        if isinstance(call.node, ast.Call) and not _may_be_list(call.node):
            return arrays
        # several arguments, or parts of one
        return arrays | self.box(key, arrays | self.elements(arrays))

    def may_hold_objects(
        self, effect: _reading.Effect, value: Value, call: _Call
    ) -> bool:
        """May a new array hold the very objects that it was given?"""
        node: Any = call.node
        if any(box[0] == "objects" for box in self.reach(value).boxes):
            return True
        dtype = call.named.get("dtype")
        if dtype is not None and isinstance(node, ast.Call):
            given = [k.value for k in node.keywords if k.arg == "dtype"]
            return not (given and self.is_numeric(given[0], dtype))
        if effect.name in ("array", "empty", "zeros", "ones", "full", "copy"):
            held = self.reach(value)
            at = {"array": 1, "full": 2, "copy": 9}.get(effect.name, 1)
            if len(call.args) > at and isinstance(node, ast.Call):
                return not self.is_numeric(node.args[at], call.args[at])
            inner = _join(
                self.heap.get(b, FRESH) for b in value.boxes if b != ("outer",)
            )
            return effect.name in ("array", "full") and held.odd and inner.odd
        return False

    def is_numeric(self, node: ast.AST, value: Value) -> bool:
        """Is a dtype one of numbers or strings for certain?"""
        if isinstance(node, ast.Constant):
            try:
                return not np.dtype(node.value).hasobject
            except TypeError:
                return False
        if isinstance(node, ast.Attribute) and node.attr == "dtype":
            return True  # that of an array which has no objects
        return bool(value.consts) and all(
            isinstance(c, Known)
            and c.object is not object
            and (
                _among(c.object, (int, float, complex, bool, str, bytes)) or _scalar(c)
            )
            for c in value.consts
        )

    # --------------------------------------------------- attributes, methods

    def attribute(self, value: Value, name: str, key: Any) -> Value:
        """Return an attribute of a value."""
        results = [self.const_attribute(c, name, key) for c in value.consts]
        rest = value._replace(consts=frozenset())
        if rest != FRESH or not results:
            results.append(self.data_attribute(rest, name))
        return _join(results)

    def data_attribute(self, value: Value, name: str) -> Value:
        if name in _reading.FRESH_ATTRIBUTES:
            return FRESH
        if name in _reading.ALIAS_ATTRIBUTES:
            return Value(value.args, outer=value.outer, opaque=value.opaque)
        if name == "flat":
            return Value(value.args, outer=value.outer, opaque=True)
        if name == "__class__":
            self.classes |= self.reach(value).args
            return Value(odd=True)
        if name in _reading.CONTAINER or name in _reading.ARRAY:
            return Value(consts=frozenset([Bound(value, name)]))
        if not (value.args or value.outer or value.boxes):
            return FRESH
        for at in value.args:
            self.copy(at, f"asks for its {name}")
        if value.outer:
            self.fail(f"asks for {name} of an array that is not an argument")
        return self.elements(value)

    def const_attribute(self, const: _Const, name: str, key: Any) -> Value:
        if isinstance(const, Own):
            return self.fail(f"asks for {name} of a function")
        obj = const.object
        if isinstance(obj, types.ModuleType):
            if name not in vars(obj):
                self.fail(f"asks for {obj.__name__}.{name}")
            return self.found(vars(obj)[name], vars(obj), name)
        if isinstance(obj, np.ufunc):
            return Value(consts=frozenset([Known(_UfuncMethod(obj, name))]))
        if isinstance(obj, type):
            if issubclass(obj, np.ndarray | np.generic) or obj.__module__ == "builtins":
                return Value(consts=frozenset([Known(_DataMethod(name))]))
            found = _static(obj, name)
            if isinstance(found, staticmethod):
                found = found.__func__
            if found is None or (
                hasattr(type_of(found), "__get__")
                and not isinstance(found, types.FunctionType)
            ):
                self.fail(f"asks for {obj.__qualname__}.{name}")
            return self.found(found, obj, name)
        return self.instance_attribute(const, name, key)

    def instance_attribute(self, const: Known, name: str, key: Any) -> Value:
        obj, cls = const.object, type_of(const.object)
        if _reading.stdlib_effect(cls) == "outside" or _is_random(obj):
            return Value(consts=frozenset([Known(_StdMethod(obj, name))]))
        if const.path is None:
            # found by itself, and watched as such
            const = Known(obj, (obj, ()))
        if cls.__getattribute__ is not object.__getattribute__:
            self.fail(f"asks for {name} of {_spell(const)}")
        found = _static(cls, name)
        me = Value(consts=frozenset([const]))
        if isinstance(found, types.FunctionType):
            self.watch(cls, name, found)
            self.absent(const, name)
            return Value(consts=frozenset([Known(found, None, me)]))
        if isinstance(found, staticmethod):
            self.watch(cls, name, found.__func__)
            return Value(consts=frozenset([Known(found.__func__)]))
        if isinstance(found, property) and isinstance(found.fget, types.FunctionType):
            self.watch(cls, name, found)
            call = _Call([me], None, {}, None)
            return self.function_call(found.fget, [], call=call)
        is_slot = isinstance(found, types.MemberDescriptorType)
        if found is not None and hasattr(type_of(found), "__get__") and not is_slot:
            self.fail(f"asks for {name} of {_spell(const)}")
        own = getattr(obj, "__dict__", {})
        if name in own or is_slot or found is not None:
            value = getattr(obj, name, None)
        else:
            return self.fail(f"asks for {name} of {_spell(const)}")
        start, names = const.path or (obj, ())
        return self.found(value, start, name, (*names, name))

    def absent(self, const: Known, name: str) -> None:
        """An instance may have an attribute before the method of its class."""
        if name in getattr(const.object, "__dict__", {}):
            self.fail(f"calls {name}, which an instance replaces")
        if const.path is not None:
            start, names = const.path
            self.watch(start, (*names, "__dict__", name), ABSENT)

    def method_call(self, value: Value, name: str, call: _Call, key: Any) -> Value:
        """Call a method of data: an array, a container, a string."""
        everything = _join(call.values())
        result: list[Value] = []
        known = False
        if name in _reading.CONTAINER and (value.boxes or name not in _reading.ARRAY):
            known = True
            result.append(self.container_method(value, name, call, key))
        if name in _reading.ARRAY:
            known = True
            result.append(self.array_method(value, name, call, key))
        if name in _reading.PURE_METHODS and not known:
            self.data(everything, "hands out")
            return self.box(key, FRESH) if name in ("split", "rsplit") else FRESH
        if not known:
            if value.args or value.outer or value.boxes:
                self.write(value, f"calls its method {name}")
            return self.fail(f"calls the method {name}")
        return _join(result)

    def container_method(self, value: Value, name: str, call: _Call, key: Any) -> Value:
        kind = _reading.CONTAINER[name]
        values = list(call.values())
        everything = _join(values)
        if kind == "put":
            if value.outer:
                self.keep(everything, "keeps")
                if everything.boxes or everything.consts or name in _SPREADS:
                    self.fail("keeps a container")
            if value.args:
                self.put([("parameter", at) for at in value.args], everything)
            held = everything
            if name in _SPREADS:
                held = self.elements(everything) | everything
                held |= self.elements(self.elements(everything))
            self.put(value.boxes - {("outer",)}, held)
            if name == "setdefault":
                return self.elements(value) | everything
            return _ODD
        if kind == "get":
            held = self.elements(value)
            if name == "items":
                held = self.box((key, "item"), held | _ODD)
            if name in ("items", "values", "keys", "copy"):
                return self.box(key, held, opaque=name != "copy")
            return held | everything
        return _ODD

    def array_method(self, value: Value, name: str, call: _Call, key: Any) -> Value:
        kind, out_at = _reading.ARRAY[name]
        chosen = call.named.get("key")
        if name == "sort" and chosen is not None:
            if chosen != _ODD:
                inner = _Call([self.elements(value)], None, {}, None, call.node)
                self.apply(chosen, inner, key)
            self.write(value._replace(consts=frozenset()), "is changed by .sort()")
            return _ODD
        values = [*call.args, *(v for n, v in call.named.items() if n != "out")]
        self.numbers(_join(values), call)
        out = call.named.get("out", FRESH)
        if out_at is not None and len(call.args) > out_at:
            out |= _join(call.args[out_at:])
        for loose in (call.star, call.double_star):
            if loose is not None:
                self.write(self.reach(loose)._replace(consts=frozenset()), "may write")
        if out != FRESH and out != _ODD:
            self.write(out, f"is the output of {name}")
        arrays = Value(value.args, outer=value.outer, opaque=value.opaque)
        if kind == "write":
            self.write(value._replace(consts=frozenset()), f"is changed by .{name}()")
            if value.boxes and name in ("__setitem__",):
                self.put(value.boxes, _join(call.args))
            return _ODD
        if kind == "unknown":
            self.fail(f"calls the method {name}")
        if kind == "fresh":
            if value.boxes:
                # an array that may hold objects
                return self.box(("objects", key), self.elements(value)) | out
            return _MASK if name in ("argsort", "nonzero") else FRESH | out
        if name == "astype" and self.copies(call, name):
            box = self.box(("objects", key), self.elements(value))
            return box if value.boxes else FRESH
        arrays = arrays | Value(boxes=value.boxes)
        return arrays._replace(opaque=True) if kind == "opaque" else arrays

    # ----------------------------------------------------------------- names

    def load(self, name: str, env: _Env) -> Value:
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
        found = names.get("__builtins__", builtins)
        table = found if isinstance(found, dict) else vars(found)
        if name not in table:
            return self.fail(f"needs {name}, which is not defined yet")
        self.watch(names, name, ABSENT)
        return self.found(table[name], table, name)

    def store_name(
        self, name: str, value: Value, env: _Env, error: bool = False
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
            start, key = function.__globals__, name
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

    # ----------------------------------------------------------- expressions

    def eval(self, node: ast.AST | None, env: _Env) -> Value:
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

    def constant(self, node: ast.Constant, env: _Env) -> Value:
        return FRESH if isinstance(node.value, int | float | complex) else _ODD

    def name(self, node: ast.Name, env: _Env) -> Value:
        return self.load(node.id, env)

    def attribute_node(self, node: ast.Attribute, env: _Env) -> Value:
        return self.attribute(self.eval(node.value, env), node.attr, node)

    def display(self, node: Any, env: _Env) -> Value:
        held = FRESH
        for each in node.elts:
            if isinstance(each, ast.Starred):
                held |= self.elements(self.eval(each.value, env))
            else:
                held |= self.eval(each, env)
        return self.box(self.at(node), held)

    def dict_display(self, node: ast.Dict, env: _Env) -> Value:
        held = FRESH
        for key, value in zip(node.keys, node.values, strict=True):
            inner = self.eval(value, env)
            held |= self.elements(inner) if key is None else inner
            self.data(self.eval(key, env), "has as a key")
        return self.box(self.at(node), held | _ODD)

    def at(self, node: Any) -> Any:
        """Return the key of a container made by a node: one for each function run."""
        return (node, self.scope)

    def binary(self, node: ast.BinOp, env: _Env) -> Value:
        left, right = self.eval(node.left, env), self.eval(node.right, env)
        result = self.combine([left, right], self.at(node))
        if left.advanced and right.advanced and result == FRESH:
            return _MASK
        return result

    def unary(self, node: ast.UnaryOp, env: _Env) -> Value:
        value = self.eval(node.operand, env)
        if isinstance(node.op, ast.Not):
            return self.truth(value)
        result = self.combine([value], self.at(node))
        return _MASK if value.advanced and result == FRESH else result

    def truth(self, value: Value) -> Value:
        rest = [c for c in value.consts if isinstance(c, Known) and c.path is not None]
        for const in rest:
            cls = type_of(const.object)
            if _static(cls, "__bool__") or _static(cls, "__len__"):
                self.fail(f"asks for the truth of {_spell(const)}")
        return _MASK

    def boolean(self, node: ast.BoolOp, env: _Env) -> Value:
        values = [self.eval(each, env) for each in node.values]
        for value in values:
            self.truth(value)
        return functools.reduce(lambda a, b: a | b, values)

    def compare(self, node: ast.Compare, env: _Env) -> Value:
        values = [self.eval(each, env) for each in (node.left, *node.comparators)]
        if not all(isinstance(op, ast.Is | ast.IsNot) for op in node.ops):
            for value in values:
                self.data(self.reach(value), "compares")
        return _MASK

    def conditional(self, node: ast.IfExp, env: _Env) -> Value:
        self.truth(self.eval(node.test, env))
        return self.eval(node.body, env) | self.eval(node.orelse, env)

    def subscript(self, node: ast.Subscript, env: _Env) -> Value:
        value = self.eval(node.value, env)
        index = self.eval(node.slice, env)
        self.data(self.reach(index), "indexes with")
        if index.advanced and not value.boxes:
            self.data(value, "looks into")
            return FRESH
        if value.consts and all(
            isinstance(c, Known) and _among(c.object, (np.r_, np.c_))
            for c in value.consts
        ):
            self.data(self.reach(index), "joins")
            return FRESH
        if value.consts:
            value = self.with_item(value, index, node)
        result = self.elements(value)
        if _has_slice(node.slice) or index.consts & _SLICES.consts:
            result |= Value(boxes=value.boxes)
        return result

    def with_item(self, value: Value, index: Value, node: Any) -> Value:
        for const in value.consts:
            if isinstance(const, Known) and _among(const.object, (np.s_, np.index_exp)):
                continue
            self.fail(f"looks into {_spell(const)}")
        return value._replace(consts=frozenset()) | index | _SLICES

    def slice(self, node: ast.Slice, env: _Env) -> Value:
        for each in (node.lower, node.upper, node.step):
            self.data(self.eval(each, env), "slices with")
        return FRESH

    def string(self, node: ast.JoinedStr, env: _Env) -> Value:
        for each in ast.iter_child_nodes(node):
            self.eval(each, env)
        return _ODD

    def formatted(self, node: ast.FormattedValue, env: _Env) -> Value:
        value = self.eval(node.value, env)
        for const in self.reach(value).consts:
            self.data(Value(consts=frozenset([const])), "formats")
        self.eval(node.format_spec, env)
        return _ODD

    def lambda_(self, node: ast.Lambda, env: _Env) -> Value:
        return self.define(node, env)

    def define(self, node: FunctionNode, env: _Env) -> Value:
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

    def comprehension(self, node: Any, env: _Env) -> Value:
        inner = dict(env)
        lazy = isinstance(node, ast.GeneratorExp)
        for each in node.generators:
            if each.is_async:
                self.fail("iterates asynchronously")
            self.bind_element(each.target, each.iter, inner, comprehension=True)
            for test in each.ifs:
                self.truth(self.eval(test, inner))
        if isinstance(node, ast.DictComp):
            self.data(self.eval(node.key, inner), "has as a key")
            held = self.eval(node.value, inner) | _ODD
        else:
            held = self.eval(node.elt, inner)
        for name, value in inner.items():
            if not name.startswith("."):  # from `:=`
                env[name] = env[name] | value if name in env else value
        if not lazy:
            return self.box(self.at(node), held)
        names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
        used = [self.load(n, inner) for n in names if self.is_own(n, inner)]
        return self.lazy(self.at(node), held, _join(used))

    def is_own(self, name: str, env: _Env) -> bool:
        """Is it a variable of a function that is running?"""
        scope = self.scope
        while scope is not None:
            if name in scope.locals:
                return True
            scope = scope.parent
        return "." + name in env

    def bind_element(
        self, target: ast.AST, source: ast.expr, env: _Env, comprehension: bool = False
    ) -> None:
        """Assign an element of what a loop goes over to its target."""
        element = self.elements(self.eval(source, env))
        parts = self.parts(target, source, env)
        if parts is None:
            self.bind_target(target, element, env, comprehension)
            return
        for each, value in zip(getattr(target, "elts", []), parts, strict=True):
            self.bind_target(each, value, env, comprehension)

    def parts(self, target: ast.AST, source: ast.expr, env: _Env) -> list[Value] | None:
        """Return the elements of the arguments of zip() or enumerate()."""
        if not (isinstance(target, ast.Tuple) and isinstance(source, ast.Call)):
            return None
        if not isinstance(source.func, ast.Name):
            return None
        if any(isinstance(e, ast.Starred) for e in [*target.elts, *source.args]):
            return None
        function = self.eval(source.func, env)
        elements = [self.elements(self.eval(a, env)) for a in source.args]
        if function.consts == {Known(enumerate)} and len(target.elts) == 2:
            return [FRESH, elements[0]] if elements else None
        if function.consts == {Known(zip)} and len(target.elts) == len(elements):
            return elements
        return None

    def named(self, node: ast.NamedExpr, env: _Env) -> Value:
        value = self.eval(node.value, env)
        self.store_name(node.target.id, value, env)
        return value

    def starred(self, node: ast.Starred, env: _Env) -> Value:
        return self.elements(self.eval(node.value, env))

    def yield_(self, node: ast.Yield, env: _Env) -> Value:
        assert self.scope is not None
        value = self.eval(node.value, env)
        self.scope.yields = value | (self.scope.yields or FRESH)
        return _ODD

    def yield_from(self, node: ast.YieldFrom, env: _Env) -> Value:
        assert self.scope is not None
        value = self.elements(self.eval(node.value, env))
        self.scope.yields = value | (self.scope.yields or FRESH)
        return _ODD

    def call(self, node: ast.Call, env: _Env) -> Value:
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
        call = _Call(args, star, named, double, node)
        if receiver is None:
            return self.apply(target, call, key)
        name = func.attr  # type: ignore[attr-defined]
        results = []
        for const in receiver.consts:
            results.append(self.call_attribute(const, name, call, key))
        rest = receiver._replace(consts=frozenset())
        if rest != FRESH or not receiver.consts:
            results.append(self.method_call(rest, name, call, key))
        return _join(results)

    def call_attribute(self, const: _Const, name: str, call: _Call, key: Any) -> Value:
        found = self.const_attribute(const, name, key)
        results = []
        for each in found.consts:
            obj = each.object if isinstance(each, Known) else None
            if isinstance(obj, _UfuncMethod):
                results.append(self.ufunc_method(obj, call, key))
            elif isinstance(obj, _StdMethod):
                results.append(self.outside_method(obj, call, key))
            else:
                results.append(self.apply_const(each, call, key))
        rest = found._replace(consts=frozenset())
        if rest != FRESH or not results:
            self.fail(f"calls {name}, which is no function")
        return _join(results)

    def ufunc_method(self, method: _UfuncMethod, call: _Call, key: Any) -> Value:
        function, name = method
        if _reading.function_effect(function) is None:
            self.fail(f"calls {function.__name__}")
        if name == "at":
            self.write(_join(call.args[:1]), f"is written by {function.__name__}.at")
            return _ODD
        out_at = {"reduce": 3, "accumulate": 3, "reduceat": 4, "outer": 2}.get(name)
        if out_at is None:
            self.fail(f"calls {name} of a ufunc")
        effect = _reading.Effect("fresh", function.__name__, out_at)
        return self.numpy_call(function, effect, call, key)

    def outside_method(self, method: _StdMethod, call: _Call, key: Any) -> Value:
        """A method of an object of the standard library, or a random generator."""
        return self.outside(method.name, call)

    # ------------------------------------------------------------ statements

    def block(self, body: Sequence[ast.stmt], env: _Env) -> bool:
        """Run statements; return whether what follows them can be reached."""
        for each in body:
            self.nodes += 1
            self.line = each.lineno
            method = _STATEMENTS.get(type(each))
            if method is None:
                self.fail(f"uses {type(each).__name__}")
            if method(self, each, env) is False:  # type: ignore[misc]
                return False
        return True

    def expression(self, node: ast.Expr, env: _Env) -> None:
        self.eval(node.value, env)

    def assign(self, node: ast.Assign, env: _Env) -> None:
        value = self.eval(node.value, env)
        for target in node.targets:
            self.bind_target(target, value, env)

    def annotated(self, node: ast.AnnAssign, env: _Env) -> None:
        if node.value is not None:
            self.bind_target(node.target, self.eval(node.value, env), env)

    def bind_target(
        self, target: ast.AST, value: Value, env: _Env, comprehension: bool = False
    ) -> None:
        """Assign a value to a target."""
        if isinstance(target, ast.Name):
            if comprehension:
                env["." + target.id] = value
            else:
                self.store_name(target.id, value, env)
        elif isinstance(target, ast.Tuple | ast.List):
            held = self.elements(value)
            for each in target.elts:
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
        self.line = self.line
        for const in owner.consts:
            self.fail(f"stores into {_spell(const)}")
        self.write(owner)
        held = self.reach(value)
        if owner.boxes:
            self.put(owner.boxes, value)
        else:
            self.data(held, "stores")

    def store_attribute(self, owner: Value, name: str, value: Value) -> None:
        if owner.args or owner.boxes or owner.outer:
            self.write(owner._replace(consts=frozenset()), f"sets {name} of it")
        if owner == FRESH and name not in ("shape", "dtype", "strides", "flat"):
            self.fail(f"sets {name}")
        for const in owner.consts:
            if isinstance(const, Own) or const.path is None:
                self.fail(f"sets {name} of {_spell(const)}")
            cls = type_of(const.object)
            found = _static(cls, name)
            if cls.__setattr__ is not object.__setattr__ or (
                hasattr(type_of(found), "__set__")
                and not isinstance(found, types.MemberDescriptorType)
            ):
                self.fail(f"sets {name} of {_spell(const)}")
            self.keep(value, f"keeps as {name}")
            if value.consts or value.boxes or value.outer:
                self.fail(f"keeps an object as {name}")
            # what is stored is data, as it is required of what is there
            start, names = const.path
            if (id(start), (*names, name, None)) in self.checks:
                self.fail(f"replaces {name}")

    def augmented(self, node: ast.AugAssign, env: _Env) -> None:
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

    def delete(self, node: ast.Delete, env: _Env) -> None:
        for target in node.targets:
            if isinstance(target, ast.Subscript):
                owner = self.eval(target.value, env)
                self.eval(target.slice, env)
                self.write(owner)
            elif not isinstance(target, ast.Name):
                self.fail("deletes an attribute")

    def return_(self, node: ast.Return, env: _Env) -> bool:
        assert self.scope is not None
        value = self.eval(node.value, env) if node.value is not None else _ODD
        self.scope.result = value | (self.scope.result or value)
        return False

    def raise_(self, node: ast.Raise, env: _Env) -> bool:
        for each in (node.exc, node.cause):
            value = self.eval(each, env)
            for const in value.consts:
                if isinstance(const, Own) or not (
                    isinstance(const.object, type)
                    and issubclass(const.object, BaseException)
                ):
                    self.fail("raises an unknown exception")
                self.apply_const(const, _Call([], None, {}, None), self.at(node))
        return False

    def if_(self, node: ast.If, env: _Env) -> bool:
        self.truth(self.eval(node.test, env))
        other = dict(env)
        first = self.block(node.body, env)
        second = self.block(node.orelse, other)
        return _merge(env, first, other, second)

    def loop(self, node: Any, env: _Env) -> bool:
        assert self.scope is not None
        ends: list[_Env] = []
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
            _merge(env, True, inner, reached)
            for again in self.again.pop():
                _merge(env, True, again, True)
            if env == before:
                break
        self.scope.breaks.pop()
        reached = self.block(node.orelse, env)
        if endless:
            reached = False
        for end in ends:
            reached = _merge(env, reached, end, True)
        return reached

    def break_(self, node: ast.Break, env: _Env) -> bool:
        assert self.scope is not None
        self.scope.breaks[-1].append(dict(env))
        return False

    def continue_(self, node: ast.Continue, env: _Env) -> bool:
        self.again[-1].append(dict(env))
        return False

    def try_(self, node: Any, env: _Env) -> bool:
        before = dict(env)
        # a statement may fail anywhere: what any of them has assigned is seen
        partial = dict(env)
        reached = True
        for each in node.body:
            reached = self.block([each], env)
            _merge(partial, True, env, True)
            if not reached:
                break
        if reached:
            reached = self.block(node.orelse, env)
            _merge(partial, True, env, True)
        _merge(partial, True, before, True)
        anywhere = dict(partial)
        for handler in node.handlers:
            inner = dict(partial)
            kinds = self.eval(handler.type, inner)
            for const in self.reach(kinds).consts:
                if isinstance(const, Own) or not isinstance(const.object, type):
                    self.fail("catches an unknown exception")
            if handler.name:
                # its traceback holds the frames, and so the arguments
                everyone = frozenset(range(len(parameters(self.function))))
                held = Value(everyone - self.copied.keys())
                error = self.lazy(("error", node), FRESH, held)
                self.store_name(handler.name, error, inner, error=True)
            ends = self.block(handler.body, inner)
            _merge(anywhere, True, inner, True)
            reached = _merge(env, reached, inner, ends)
        if node.finalbody:
            if not self.block(node.finalbody, anywhere):
                return False
            if reached:
                return self.block(node.finalbody, env)
        return reached

    def with_(self, node: ast.With, env: _Env) -> bool:
        for item in node.items:
            expression = item.context_expr
            if not isinstance(expression, ast.Call):
                self.fail("enters an unknown context")
            func: Any = expression.func  # type: ignore[union-attr]
            value = self.eval(func, env)
            for const in value.consts:
                if isinstance(const, Own) or not _among(const.object, _CONTEXTS):
                    self.fail(f"enters {_spell(const)}")
            if not value.consts:
                self.fail("enters an unknown context")
            self.eval(expression, env)
            if item.optional_vars is not None:
                self.bind_target(
                    item.optional_vars, self.box(self.at(item), FRESH), env
                )
        # suppress() goes on after it, from anywhere in the body
        partial = dict(env)
        reached = True
        for each in node.body:
            reached = self.block([each], env)
            _merge(partial, True, env, True)
            if not reached:
                break
        return _merge(env, reached, partial, True)

    def define_statement(self, node: Any, env: _Env) -> None:
        self.store_name(node.name, self.define(node, env), env)

    def assert_(self, node: ast.Assert, env: _Env) -> None:
        self.truth(self.eval(node.test, env))
        if node.msg is not None:
            self.keep(self.eval(node.msg, env), "raises with it")

    def import_(self, node: ast.Import | ast.ImportFrom, env: _Env) -> None:
        import sys

        if isinstance(node, ast.ImportFrom):
            module = sys.modules.get(node.module or "") if node.level == 0 else None
            for alias in node.names:
                if module is None or alias.name not in vars(module):
                    self.fail("imports")
                value = self.found(vars(module)[alias.name], vars(module), alias.name)
                self.store_name(alias.asname or alias.name, value, env)
            return
        for alias in node.names:
            top = alias.name if alias.asname else alias.name.partition(".")[0]
            module = sys.modules.get(top)
            if module is None or alias.name not in sys.modules:
                self.fail("imports")
            self.watch(sys.modules, top, module)
            value = Value(consts=frozenset([Known(module)]))
            self.store_name(alias.asname or top, value, env)

    def match_(self, node: ast.Match, env: _Env) -> bool:
        subject = self.eval(node.subject, env)
        self.data(subject, "matches")
        held = self.reach(subject) | self.elements(subject)
        self.classes |= held.args
        after: _Env = dict(env)
        reached = True
        for case in node.cases:
            inner = dict(env)
            for each in ast.walk(case.pattern):
                name = getattr(each, "name", None) or getattr(each, "rest", None)
                if name is not None:
                    found = held | self.box(self.at(each), held)
                    self.store_name(name, found, inner)
                if isinstance(each, ast.MatchClass):
                    cls = self.eval(each.cls, inner)
                    for const in cls.consts:
                        if not isinstance(const, Known) or (
                            const.object.__module__ != "builtins"
                            and const.object is not np.ndarray
                        ):
                            self.fail("matches a class")
                if isinstance(each, ast.MatchValue):
                    self.eval(each.value, inner)
            if case.guard is not None:
                self.truth(self.eval(case.guard, inner))
            ends = self.block(case.body, inner)
            reached = _merge(after, reached, inner, ends)
        env.clear()
        env.update(after)
        return reached

    def nothing(self, node: ast.stmt, env: _Env) -> None:
        pass


def _merge(env: _Env, reached: bool, other: _Env, also: bool) -> bool:
    """Join `other` into `env`, as far as each of the two is reached."""
    if also and not reached:
        env.clear()
        env.update(other)
    elif also:
        for name, value in other.items():
            env[name] = env[name] | value if name in env else value
    return reached or also


class _UfuncMethod(NamedTuple):
    function: Any
    name: str


class _DataMethod(NamedTuple):
    name: str


class _StdMethod(NamedTuple):
    object: Any
    name: str


def _own(node: FunctionNode) -> Iterable[ast.AST]:
    """Yield the nodes of a function, without those of functions inside of it."""
    todo: list[ast.AST] = list(node.body) if isinstance(node.body, list) else []
    while todo:
        each = todo.pop()
        yield each
        if not isinstance(each, FunctionNode):
            todo.extend(ast.iter_child_nodes(each))


def _constants(node: Any, scope: Any) -> list[str] | None:
    """Return the strings that an expression may be; None: any."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.Name):
        # a loop over a display of strings, and no other assignment
        stores = [
            each
            for each in ast.walk(scope.node)
            if isinstance(each, ast.Name)
            and each.id == node.id
            and isinstance(each.ctx, ast.Store)
        ]
        loops = [
            each
            for each in ast.walk(scope.node)
            if isinstance(each, ast.For | ast.comprehension)
            and each.target in stores
            and isinstance(each.iter, ast.Tuple | ast.List)
            and all(
                isinstance(e, ast.Constant) and isinstance(e.value, str)
                for e in each.iter.elts
            )
        ]
        if len(stores) == len(loops) == 1 and node.id not in _argument_names(scope):
            iterable: Any = loops[0].iter
            return [e.value for e in iterable.elts]
    return None


def _argument_names(scope: Any) -> set[str]:
    a = scope.node.args
    names = {arg.arg for arg in [*a.posonlyargs, *a.args, *a.kwonlyargs]}
    return names | {arg.arg for arg in (a.vararg, a.kwarg) if arg is not None}


def _guarded(function: Any) -> Any:
    """Return the function that a wrapper of `no_mutate` guards."""
    try:
        return GUARDED.get(function)
    except TypeError:
        return None


def _has_slice(node: ast.AST) -> bool:
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    return any(isinstance(each, ast.Slice) for each in parts)


def _among(obj: Any, options: Iterable[Any]) -> bool:
    """Is it one of these objects? Arrays have an `==` of their own."""
    return any(obj is each for each in options)


def _static(cls: type, name: str) -> Any:
    for each in cls.__mro__:
        if name in vars(each):
            return vars(each)[name]
    return None


def _is_random(obj: Any) -> bool:
    return isinstance(obj, np.random.Generator | np.random.RandomState)


def _is_instance(value: Any) -> bool:
    """Is it an object of a class that Python code has defined?"""
    kind = type_of(value)
    return bool(kind.__flags__ & (1 << 9)) and not isinstance(
        value, type | types.FunctionType | types.ModuleType | np.ufunc
    )


def _is_inert(obj: Any) -> bool:
    """May an object stand beside arrays in expressions: dtypes, classes, None?"""
    return (
        obj is None
        or obj is Ellipsis
        or isinstance(obj, np.dtype | type | types.EllipsisType | slice)
        or _core.is_data(obj, True)
    )


def _scalar(const: Known) -> bool:
    obj = const.object
    if isinstance(obj, np.dtype):
        return not obj.hasobject
    return (
        isinstance(obj, type)
        and issubclass(obj, np.generic)
        and not issubclass(obj, np.object_)
    )


def _may_be_list(node: ast.Call) -> bool:
    """May the function return a list of arrays?"""
    name = getattr(node.func, "attr", None) or getattr(node.func, "id", "")
    return name.endswith("split") or name in (
        *("unstack", "ix_", "atleast_1d", "atleast_2d", "atleast_3d"),
        *("broadcast_arrays", "meshgrid", "nditer", "ndenumerate"),
    )


def _spell(const: _Const) -> str:
    if not isinstance(const, Known):
        return "a function of its own"
    obj = const.object
    name = getattr(obj, "__qualname__", None) or getattr(obj, "__name__", None)
    module = getattr(obj, "__module__", None)
    if not isinstance(name, str):
        return f"an object of the class {type_of(obj).__qualname__}"
    return f"{module}.{name}" if isinstance(module, str) else name


def parameters(function: types.FunctionType) -> tuple[str, ...]:
    """Return the names of the parameters in the order of the code."""
    code = function.__code__
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    return code.co_varnames[:count]


_tree = functools.lru_cache(maxsize=2000)(syntax_tree)


def prove(
    function: types.FunctionType, receiver: Any, bound: bool, boxes: frozenset[int]
) -> Proof | Finding:
    """Return what is proven of a function, or what stands against it.

    Parameters
    ----------
    function : function
        Parameters are numbered as in its code: ``*args`` and ``**kwargs`` last.
    receiver : object
        What the first parameter is (`self`, a class), None for any argument.
    bound : bool
        Is that so in all calls? Else it stands for others of its class.
    boxes : frozenset of int
        The parameters that are containers; all others are arrays, numbers,
        strings and the like.
    """
    prover = Prover(function, receiver, bound, boxes)
    try:
        return prover.run()
    except Unproven as error:
        return Finding(*error.args)
    except RecursionError:
        return Finding(-1, "is too deep", function.__code__.co_filename, 0)


import contextlib  # noqa: E402
import operator as _operator  # noqa: E402
import warnings  # noqa: E402

isinstance_, issubclass_ = builtins.isinstance, builtins.issubclass
_PLAIN_METACLASSES = ("builtins", "abc", "numpy")
_SPREADS = ("extend", "update", "extendleft")
_CONTEXTS = (
    *(np.errstate, np.printoptions, warnings.catch_warnings, contextlib.suppress),
    contextlib.nullcontext,
)
_SLICES = Value(consts=frozenset([Known(slice(None))]))
_GENERATOR = np.random.default_rng()
_COPY = _reading.Effect("fresh", "array")

_EXPRESSIONS: dict[type, Callable[..., Value]] = {
    ast.Constant: Prover.constant,
    ast.Name: Prover.name,
    ast.Attribute: Prover.attribute_node,
    ast.Tuple: Prover.display,
    ast.List: Prover.display,
    ast.Set: Prover.display,
    ast.Dict: Prover.dict_display,
    ast.BinOp: Prover.binary,
    ast.UnaryOp: Prover.unary,
    ast.BoolOp: Prover.boolean,
    ast.Compare: Prover.compare,
    ast.IfExp: Prover.conditional,
    ast.Subscript: Prover.subscript,
    ast.Slice: Prover.slice,
    ast.JoinedStr: Prover.string,
    ast.FormattedValue: Prover.formatted,
    ast.Lambda: Prover.lambda_,
    ast.ListComp: Prover.comprehension,
    ast.SetComp: Prover.comprehension,
    ast.DictComp: Prover.comprehension,
    ast.GeneratorExp: Prover.comprehension,
    ast.NamedExpr: Prover.named,
    ast.Starred: Prover.starred,
    ast.Yield: Prover.yield_,
    ast.YieldFrom: Prover.yield_from,
    ast.Call: Prover.call,
}
_STATEMENTS: dict[type, Callable[..., Any]] = {
    ast.Expr: Prover.expression,
    ast.Assign: Prover.assign,
    ast.AnnAssign: Prover.annotated,
    ast.AugAssign: Prover.augmented,
    ast.Delete: Prover.delete,
    ast.Return: Prover.return_,
    ast.Raise: Prover.raise_,
    ast.If: Prover.if_,
    ast.For: Prover.loop,
    ast.While: Prover.loop,
    ast.Break: Prover.break_,
    ast.Continue: Prover.continue_,
    ast.Try: Prover.try_,
    ast.With: Prover.with_,
    ast.FunctionDef: Prover.define_statement,
    ast.Assert: Prover.assert_,
    ast.Import: Prover.import_,
    ast.ImportFrom: Prover.import_,
    ast.Match: Prover.match_,
    ast.Pass: Prover.nothing,
    ast.Global: Prover.nothing,
    ast.Nonlocal: Prover.nothing,
}
