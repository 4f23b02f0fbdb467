"""Calls of NumPy's functions, and of methods of arrays."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any

import numpy as np

from cow._guard.proof import reading
from cow._guard.proof.heap import Heap
from cow._guard.proof.values import (
    CLASS,
    FRESH,
    GENERATOR,
    NUMPY_MASK,
    ODD,
    Known,
    Own,
    Passed,
    UfuncMethod,
    Value,
    among,
    is_inert,
    is_scalar,
    join,
    may_be_list,
    spell,
)

if TYPE_CHECKING:
    from cow._ground.types import isinstance

_COPY = reading.Effect("fresh", "array")


class NumPyCalls(Heap):
    """Arrays that are made, looked at and written."""

    def numpy_call(
        self, function: Any, effect: reading.Effect, call: Passed, key: Any
    ) -> Value:
        name = effect.name
        values = [*call.args, *(v for n, v in call.named.items() if n != "out")]
        everything = join(values)
        out = call.named.get("out", FRESH)
        if effect.out_at is not None and len(call.args) > effect.out_at:
            out |= join(call.args[effect.out_at :])
        if call.star is not None or call.double_star is not None:
            loose = self.reach((call.star or FRESH) | (call.double_star or FRESH))
            self.data(loose, "hands out")
            everything |= loose
            self.write(loose._replace(consts=frozenset()), "may write")
        self.numbers(everything, call)
        if out != FRESH and out != ODD:
            # a tuple of outputs, too
            out = out | self.reach(out)
            self.write(out._replace(odd=False), f"is the output of {name}")
        at = reading.OVERWRITES.get(name)
        if at is not None and (len(call.args) > at or "overwrite_input" in call.named):
            self.write(everything, f"may be overwritten by {name}")
        keeps = name.startswith("random.") or name in reading.KEEPS
        if keeps or name in reading.COUNTS:
            rest = everything if keeps else join(call.args[1:])
            for at in self.reach(rest).args:
                self.copy(at, f"hands it to {name}")
        if name in reading.FOURIER and len(values) > 1:
            return self.looks_at(everything, call, key)
        if name.startswith("random."):
            return Value(consts=frozenset([Known(GENERATOR)]))
        if effect.kind == "write":
            self.write(call.args[0] if call.args else everything, "writes")
            held = self.reach(join(call.args[1:]))
            self.put(call.args[0].boxes if call.args else (), held)
            return ODD
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
            if name == "where" and len(call.args) == 1:
                return NUMPY_MASK
            if self.may_hold_objects(effect, everything, call):
                held = self.reach(everything)._replace(consts=frozenset())
                if effect.name not in reading.DTYPE_AT:
                    out |= held  # it may be one of the objects itself
                return self.box(("objects", key), held) | out
            return NUMPY_MASK if effect.advanced and out == FRESH else FRESH | out
        if effect.kind == "edges":
            values = [v for n, v in call.named.items() if n not in ("a", "weights")]
            everything = join([*call.args[1:], *values])
        result = self.looks_at(everything, call, key)
        if effect.kind == "opaque":
            return result._replace(opaque=True)
        return result

    def numbers(self, value: Value, call: Passed) -> None:
        """Refuse callables and other objects, which NumPy would call or keep."""
        value = self.reach(value)
        for const in value.consts:
            if isinstance(const, Own) or not is_inert(const.object):
                self.fail(f"hands {spell(const)} to NumPy")
            if const in CLASS.consts or (
                isinstance(const.object, type) and issubclass(const.object, np.ndarray)
            ):
                self.fail("makes an array of another class")

    def copies(self, call: Passed, name: str) -> bool:
        """Does np.array(..., copy=...) or the like copy for certain?"""
        node: Any = call.node
        if not isinstance(node, ast.Call) or call.double_star is not None:
            return False
        for keyword in node.keywords:
            if keyword.arg == "copy":
                value = keyword.value
                return isinstance(value, ast.Constant) and value.value is True
        at = {"nan_to_num": 1, "array": 9, "astype": 4}.get(name, 99)
        return len(call.args) <= at and call.star is None

    def looks_at(self, value: Value, call: Passed, key: Any) -> Value:
        """Return an array, or a list of arrays, that may look at the memory."""
        arrays = Value(value.args, value.boxes, outer=value.outer, opaque=value.opaque)
        if isinstance(call.node, ast.Call) and not may_be_list(call.node):
            return arrays
        # several arguments, or parts of one
        return arrays | self.box(key, arrays | self.elements(arrays))

    def may_hold_objects(
        self, effect: reading.Effect, value: Value, call: Passed
    ) -> bool:
        """May a new array hold the very objects that it was given?"""
        node: Any = call.node
        if any(box[0] == "objects" for box in self.reach(value).boxes):
            return True
        dtype = call.named.get("dtype")
        at = reading.DTYPE_AT.get(effect.name, 99)
        if isinstance(node, ast.Call) and dtype is not None:
            given = [k.value for k in node.keywords if k.arg == "dtype"]
            return not (given and self.is_numeric(given[0], dtype))
        if isinstance(node, ast.Call) and len(call.args) > at:
            return not self.is_numeric(node.args[at], call.args[at])
        if effect.name not in reading.OBJECTS:
            return False
        fills = [*call.args, *(call.named.get(n, FRESH) for n in reading.FILLS)]
        plain = [v for v in fills if v.odd and not v.boxes]
        inner = join(self.heap.get(b, FRESH) for b in value.boxes if b != ("outer",))
        return bool(plain) or inner.odd

    def is_numeric(self, node: ast.AST, value: Value) -> bool:
        """Is a dtype one of numbers or strings for certain?"""
        if isinstance(node, ast.Constant):
            try:
                given: Any = node.value
                return not np.dtype(given).hasobject
            except TypeError:
                return False
        if isinstance(node, ast.Attribute) and node.attr == "dtype":
            return value == FRESH  # that of an array which has no objects
        return bool(value.consts) and all(
            isinstance(c, Known)
            and c.object is not object
            and (
                among(c.object, (int, float, complex, bool, str, bytes)) or is_scalar(c)
            )
            for c in value.consts
        )

    def array_method(self, value: Value, name: str, call: Passed, key: Any) -> Value:
        kind, out_at = reading.ARRAY[name]
        chosen = call.named.get("key")
        if name == "sort" and chosen is not None:
            if chosen != ODD:
                inner = Passed([self.elements(value)], None, {}, None, call.node)
                self.apply(chosen, inner, key)
            self.write(value._replace(consts=frozenset()), "is changed by .sort()")
            return ODD
        values = [*call.args, *(v for n, v in call.named.items() if n != "out")]
        self.numbers(join(values), call)
        out = call.named.get("out", FRESH)
        if out_at is not None and len(call.args) > out_at:
            out |= join(call.args[out_at:])
        for loose in (call.star, call.double_star):
            if loose is not None:
                self.write(self.reach(loose)._replace(consts=frozenset()), "may write")
        if out != FRESH and out != ODD:
            self.write(out, f"is the output of {name}")
        arrays = Value(value.args, outer=value.outer, opaque=value.opaque)
        if kind == "write":
            self.write(value._replace(consts=frozenset()), f"is changed by .{name}()")
            given = join(call.args)
            self.put(value.boxes, given | self.elements(given))
            return ODD
        if kind == "unknown":
            self.fail(f"calls the method {name}")
        if kind == "fresh":
            if value.boxes:
                # an array that may hold objects, or one of them
                held = self.elements(value)
                return self.box(("objects", key), held) | held | out
            if name == "tolist":
                return self.box(key, FRESH)
            return NUMPY_MASK if name == "nonzero" else FRESH | out
        if name == "astype" and self.copies(call, name):
            node: Any = call.node
            nodes = [*node.args[:1], *(k.value for k in node.keywords)]
            values = [*call.args[:1], *call.named.values()]
            if value.boxes or not self.is_numeric(nodes[0], values[0]):
                return self.box(("objects", key), self.elements(value))
            return FRESH
        if name in ("view", "getfield") and (call.args or call.named):
            node = call.node
            nodes = [*node.args[:1], *(k.value for k in node.keywords)]
            values = [*call.args[:1], *call.named.values()]
            plain = nodes and self.is_numeric(nodes[0], values[0])
            ours = isinstance(nodes[0], ast.Constant) or values[0].consts
            if not plain or not ours:  # of records: its elements are views
                for at in value.args:
                    self.copy(at, f"asks for a {name} of another dtype")
        arrays = arrays | Value(boxes=value.boxes)
        return arrays._replace(opaque=True) if kind == "opaque" else arrays

    def ufunc_method(self, method: UfuncMethod, call: Passed, key: Any) -> Value:
        function, name = method.function, method.name
        if reading.function_effect(function) is None:
            self.fail(f"calls {function.__name__}")
        if name == "at":
            self.write(join(call.args[:1]), f"is written by {function.__name__}.at")
            return ODD
        out_at = {"reduce": 3, "accumulate": 3, "reduceat": 4, "outer": 2}.get(name)
        if out_at is None:
            self.fail(f"calls {name} of a ufunc")
        effect = reading.Effect("fresh", function.__name__, out_at)
        return self.numpy_call(function, effect, call, key)
