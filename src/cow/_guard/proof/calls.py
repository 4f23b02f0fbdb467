"""Calls of Python functions, builtins, classes and the standard library."""

from __future__ import annotations

import ast
import builtins
import functools
import operator as _operator
import sys
import types
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from cow import _core
from cow._ground.types import type_of
from cow._guard.border import Border
from cow._guard.proof import reading
from cow._guard.proof.attributes import Attributes
from cow._guard.proof.names import constants, own_nodes
from cow._guard.proof.source import syntax_tree
from cow._guard.proof.values import (
    CLASS,
    FRESH,
    MASK,
    ODD,
    SLICES,
    Bound,
    Const,
    DataMethod,
    Env,
    Known,
    Local,
    Own,
    Passed,
    Scope,
    StdMethod,
    UfuncMethod,
    Value,
    among,
    is_function,
    is_instance,
    is_random,
    join,
    spell,
    static,
)
from cow._guard.wrapper import Wrapper, wrapper_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

isinstance_, issubclass_ = builtins.isinstance, builtins.issubclass
_DEEPEST = 15


def _asks_plainly(cls: type) -> bool:
    """Does isinstance(x, cls) run no code of the program?"""
    if type_of(cls) is type:
        return True
    top = cls.__module__.partition(".")[0]
    return top == "numpy" or top in sys.stdlib_module_names


_tree = functools.lru_cache(maxsize=2000)(syntax_tree)


class Calls(Attributes):
    """Functions that are run, or whose effects are known."""

    def function_call(
        self,
        function: types.FunctionType,
        args: Sequence[Value],
        names: Sequence[str] = (),
        call: Passed | None = None,
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
        cells = tuple(id(c) for c in function.__closure__ or ())
        key = (id(code), id(function.__globals__), cells)
        return self.body(
            key, bound, lambda: Scope(node, code, function, None), code.co_flags & 0x20
        )

    def local_call(self, local: Local, call: Passed) -> Value:
        bound = self.bind(local.node.args, call, None, local)
        is_generator = any(
            isinstance(n, ast.Yield | ast.YieldFrom) for n in own_nodes(local.node)
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
        self, key: Any, bound: Env, new: Callable[[], Scope], generator: Any
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
        env: Env = {}
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
        result |= ODD if isinstance(body, list) else FRESH
        if generator:
            held = result | (scope.yields or FRESH)
            result = self.lazy(("yields", key), held, join(bound.values()))
        if self.memo.get(key) != result:
            self.memo[key] = result
            self.changed = True
        return result

    def bind(
        self,
        a: ast.arguments,
        call: Passed,
        function: types.FunctionType | None,
        local: Local | None,
    ) -> Env:
        """Give the parameters their values."""
        positional = [arg.arg for arg in [*a.posonlyargs, *a.args]]
        bound: Env = dict(zip(positional, call.args, strict=False))
        more = list(call.args[len(positional) :])
        loose = [v for v in (call.star, call.double_star) if v is not None]
        if call.star is not None:
            more.append(call.star)
        rest: list[Value] = [] if call.double_star is None else [call.double_star]
        only_positional = {arg.arg for arg in a.posonlyargs}
        everyone = [*positional, *(arg.arg for arg in a.kwonlyargs)]
        for name, value in call.named.items():
            if name in everyone and name not in only_positional:
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
                bound[name] = join(options)
        if a.vararg is not None:
            bound[a.vararg.arg] = self.box((a.vararg, call.node), join(more))
        if a.kwarg is not None:
            bound[a.kwarg.arg] = self.box((a.kwarg, call.node), join(rest))
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
        value: Any = by_name[name]
        if name in (function.__kwdefaults__ or {}):
            return [self.found(value, function.__kwdefaults__, name)]
        if _core.is_data(value, True):
            return [ODD if value is None or isinstance(value, str) else FRESH]
        if isinstance(value, np.ndarray) and _core.is_data(value, False):
            return [Value(outer=True)]
        return [Value(consts=frozenset([Known(value)]))]

    def apply(self, func: Value, call: Passed, key: Any) -> Value:
        """Call a value."""
        if not func.consts or func.args or func.boxes or func.outer:
            self.fail("calls a function that it was given")
        return join(self.apply_const(const, call, key) for const in func.consts)

    def apply_const(self, const: Const, call: Passed, key: Any) -> Value:
        if isinstance(const, Local):
            return self.local_call(const, call)
        if isinstance(const, Bound):
            return self.method_call(const.receiver, const.name, call, key)
        function, receiver = const.object, const.receiver
        if isinstance(function, DataMethod) and call.args:
            rest = call._replace(args=call.args[1:])
            return self.method_call(call.args[0], function.name, rest, key)
        if isinstance(function, types.MethodType):
            self.fail(f"calls {function.__qualname__}, a method of another object")
        if receiver is not None and is_function(function):
            call = call._replace(args=[receiver, *call.args])
        while isinstance(function, functools.partial):
            self.fail("calls a partial function")
        wrapper = wrapper_of(function)
        if wrapper is not None:
            if function is not wrapper:
                code: Any = getattr(function, "__code__", None)
                self.watch(function, "__code__", code)
            return self.wrapper_call(wrapper, call, key)
        owner = getattr(function, "__self__", None)
        if is_random(owner):
            method = StdMethod(owner, getattr(function, "__name__", ""))
            return self.outside_method(method, call, key)
        effect = reading.function_effect(function)
        if effect is not None:
            return self.numpy_call(function, effect, call, key)
        kind = reading.BUILTIN.get(id(function))
        if kind is not None:
            return self.builtin_call(kind, function, call, key)
        if isinstance(function, type):
            return self.class_call(function, call, key)
        kind = reading.stdlib_effect(function)
        if kind is not None:
            return self.stdlib_call(kind, function, call, key)
        if isinstance(function, types.FunctionType):
            return self.function_call(function, [], call=call)
        return self.fail(f"calls {spell(const)}")

    def wrapper_call(self, wrapper: Wrapper, call: Passed, key: Any) -> Value:
        """Call a guarded function, from inside of its border or outside."""
        border: Any = wrapper.cow_border
        self.watch(wrapper, "cow_border", border)
        caller = self.scope.function if self.scope is not None else None
        inside: bool = border is True
        if issubclass(type_of(border), Border) and caller is not None:
            inside = border.may_admit(caller)
        loose = call.star is not None or call.double_star is not None
        count = None if loose else len(call.args)
        wrapper.cow_prepare()
        guarded = wrapper.cow_guarded
        if inside or guarded is None or not guarded.hides(count, call.named):
            return self.apply_const(Known(wrapper.cow_func), call, key)
        # it cannot write its arguments, nor does its result look at them
        private = call._replace(
            args=[FRESH] * len(call.args),
            star=call.star and FRESH,
            named=dict.fromkeys(call.named, FRESH),
            double_star=call.double_star and FRESH,
        )
        result = self.apply_const(Known(wrapper.cow_func), private, key)
        return result | self.box(("guarded", key), FRESH)

    def class_call(self, cls: Any, call: Passed, key: Any) -> Value:
        """Make an instance of a class."""
        name = f"{cls.__module__}.{cls.__qualname__}"
        if issubclass(cls, BaseException):
            if any(
                each.__module__ != "builtins"
                and not vars(each).keys().isdisjoint(("__init__", "__new__"))
                for each in cls.__mro__
            ):
                self.fail(f"makes a {name}")
            if cls.__module__ != "builtins":
                self.watch(cls, "__init__", cls.__init__)
            for value in call.values():
                self.keep(value, "keeps in an exception")
            return FRESH
        if name in ("collections.deque", "collections.OrderedDict"):
            held = self.elements(join(call.args))
            return self.box(key, held | self.elements(held), name.endswith("deque"))
        if name == "collections.defaultdict":
            rest = call._replace(args=[], star=None, node=call.node)
            made = self.apply(call.args[0], rest, key) if call.args else FRESH
            return self.box(key, made | self.elements(join(call.args[1:])))
        if name == "collections.Counter":
            return self.box(key, self.elements(join(call.args)))
        if cls.__module__ == "itertools" and reading.stdlib_effect(cls) == "lazy":
            return self.stdlib_call("lazy", cls, call, key)
        new: Any = static(cls, "__new__")
        names: Any = getattr(new, "__globals__", {})
        generated = str(names.get("__name__")).startswith("namedtuple_")
        if generated and static(cls, "__init__") is vars(object)["__init__"]:
            return self.box(key, join(call.values()))
        if reading.stdlib_effect(cls) == "outside":
            return self.stdlib_call("outside", cls, call, key)
        return self.fail(f"makes a {name}")

    def builtin_call(self, kind: str, function: Any, call: Passed, key: Any) -> Value:
        values = call.values()
        everything = join(values)
        if among(function, (type, isinstance_)) or function is issubclass_:
            self.classes |= self.reach(everything).args
            for const in self.reach(everything).consts:
                obj = const.object if isinstance(const, Known) else None
                if isinstance(obj, type) and not _asks_plainly(obj):
                    self.fail(f"asks for {spell(const)}")
            if function is type:
                if len(call.args) != 1 or call.named or call.star is not None:
                    self.fail("makes a class")
                return CLASS
            return MASK
        if among(function, (sorted, max, min)):
            chosen = call.named.get("key")
            if chosen is not None and chosen != ODD:
                inner = self.elements(join(call.args))
                self.apply(chosen, Passed([inner], None, {}, None, call.node), key)
            values = [v for name, v in call.named.items() if name != "key"]
            everything = join([*call.args, *values])
            if call.star is not None:
                everything |= call.star
        if kind == "getattr":
            node: Any = call.node
            names = constants(node.args[1], self.scope) if len(node.args) > 1 else None
            if names is None:
                self.fail("looks up an attribute by a name that it computes")
            found = [self.attribute(call.args[0], name, key) for name in names]
            return join([*found, *call.args[2:]])
        if kind == "apply":
            rest = [self.elements(v) for v in call.args[1:]]
            if call.star is not None:
                rest.append(self.elements(call.star))
            each = Passed(rest, None, {}, None, call.node)
            if function is filter:
                if call.args and call.args[0] != ODD:
                    self.apply(call.args[0], each, key)
                return self.lazy(key, join(rest), join(call.values()))
            if not call.args:
                self.fail("calls map(*...)")
            made = self.apply(call.args[0], each, key)
            return self.lazy(key, made, join(call.values()))
        if function is len or function is iter:
            everything = self.with_method(everything, f"__{function.__name__}__", key)
        if among(function, (hasattr, callable, print, id, str, repr)):
            for const in everything.consts:
                asks = among(function, (hasattr, callable, id))
                if asks and isinstance(const, Known) and not is_instance(const.object):
                    continue
                self.data(Value(consts=frozenset([const])), "asks")
        else:
            self.data(everything, "computes with")
        if kind == "fresh":
            if function is slice:
                held = Value(self.reach(everything).args, opaque=True)
                return SLICES | held._replace(consts=SLICES.consts)
            if function is sum and call.args:
                held = self.elements(call.args[0])
                start = [*call.args[1:], *call.named.values()]
                return join([self.combine([*start, held], key), *start])
            if function is print and "file" in call.named:
                self.fail("prints into a file")
            return FRESH
        if kind == "element":
            whole = [*call.args[1:], *values]  # a default, or one of several
            return join([self.elements(everything), Value(everything.args), *whole])
        if kind == "box":
            held = self.elements(everything)
            if function is dict:
                held = join([self.elements(held), held, *call.named.values()])
            return self.box(key, held)
        if function is zip:
            inner = self.box((key, "item"), join(map(self.elements, values)))
            return self.box(key, inner, opaque=True)
        if function is enumerate:
            inner = self.box((key, "item"), self.elements(everything))
            return self.box(key, inner, opaque=True)
        return self.box(key, self.elements(everything), opaque=True)

    def with_method(self, value: Value, name: str, key: Any) -> Value:
        """Call a special method of the instances among a value; return the rest."""
        for const in value.consts:
            if isinstance(const, Own) or const.path is None:
                self.fail(f"computes with {spell(const)}")
            method = self.attribute(Value(consts=frozenset([const])), name, key)
            self.apply(method, Passed([], None, {}, None), key)
        return value._replace(consts=frozenset())

    def stdlib_call(self, kind: str, function: Any, call: Passed, key: Any) -> Value:
        everything = self.reach(self.data(join(call.values()), "hands out"))
        if kind == "fresh":
            if function is getattr(_operator, "mul", None) or everything.boxes:
                return self.combine(call.values(), key)
            return FRESH
        if kind == "alias":
            return join(call.values())
        if kind == "lazy":
            name = function.__name__
            held = join(self.elements(v) for v in call.values())
            if name == "chain":
                return self.box(key, held, opaque=True)
            if name == "repeat":
                return self.box(key, join(call.values()), opaque=True)
            if name in ("cycle", "islice", "count"):
                return self.box(key, held, opaque=True)
            if name == "groupby":
                held |= self.box((key, "group"), held)
            inner = self.box((key, "item"), held)
            return self.box(key, inner, opaque=True)
        return self.outside(function.__name__, call)

    def outside(self, name: str, call: Passed) -> Value:
        """Call something that may keep or write what it is given."""
        everything = self.reach(self.data(join(call.values()), "hands out"))
        if everything.outer:
            self.fail(f"hands data to {name}")
        for at in everything.args:
            self.copy(at, f"hands it to {name}")
        # it may be a container, of a kind that `settle` does not know
        return self.box(("outside", call.node), FRESH, opaque=True)

    def call_attribute(self, const: Const, name: str, call: Passed, key: Any) -> Value:
        found = self.const_attribute(const, name, key)
        results: list[Value] = []
        for each in found.consts:
            obj: Any = each.object if isinstance(each, Known) else None
            if isinstance(obj, UfuncMethod):
                results.append(self.ufunc_method(obj, call, key))
            elif isinstance(obj, StdMethod):
                results.append(self.outside_method(obj, call, key))
            else:
                results.append(self.apply_const(each, call, key))
        rest = found._replace(consts=frozenset())
        if rest != FRESH or not results:
            self.fail(f"calls {name}, which is no function")
        return join(results)

    def outside_method(self, method: StdMethod, call: Passed, key: Any) -> Value:
        """A method of an object of the standard library, or a random generator."""
        # it may hold data of the program
        return self.outside(method.name, call) | self.outer_box()
