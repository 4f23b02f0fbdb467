"""Attributes and methods of data, modules, classes and instances."""

from __future__ import annotations

import types
from typing import TYPE_CHECKING, Any

import numpy as np

from cow._ground.types import type_of
from cow._guard.proof import reading
from cow._guard.proof.numpy_calls import NumPyCalls
from cow._guard.proof.values import (
    ABSENT,
    CLASS,
    FRESH,
    ODD,
    PLAIN_METACLASSES,
    Bound,
    Const,
    DataMethod,
    Known,
    Own,
    Passed,
    StdMethod,
    UfuncMethod,
    Value,
    is_function,
    is_random,
    join,
    spell,
    static,
)

if TYPE_CHECKING:
    from cow._ground.types import isinstance

_SPREADS = ("extend", "update", "extendleft")


class Attributes(NumPyCalls):
    """What stands behind a dot."""

    def attribute(self, value: Value, name: str, key: Any) -> Value:
        """Return an attribute of a value."""
        results = [self.const_attribute(c, name, key) for c in value.consts]
        rest = value._replace(consts=frozenset())
        if rest != FRESH or not results:
            results.append(self.data_attribute(rest, name))
        return join(results)

    def data_attribute(self, value: Value, name: str) -> Value:
        if any(box[0] == "hidden" for box in value.boxes):
            self.fail(f"looks into an exception or an iterator ({name})")
        if name in ("start", "stop", "step") and value.args:
            return Value(value.args)  # of a slice
        if name in reading.FRESH_ATTRIBUTES:
            known = not (value.args or value.boxes) or name not in reading.ARRAY
            if known and value.boxes:
                # an object with such a name, or an array of objects
                return self.elements(value) | ODD
            if known:
                return FRESH
        if name in reading.ALIAS_ATTRIBUTES:
            return value._replace(odd=False, advanced=0)
        if name == "flat":
            return value._replace(odd=False, advanced=0, opaque=True)
        if name == "__class__":
            self.classes |= self.reach(value).args
            return CLASS
        if name in reading.CONTAINER or name in reading.ARRAY:
            return Value(consts=frozenset([Bound(value, name)]))
        if not (value.args or value.outer or value.boxes):
            return FRESH
        for at in value.args:
            self.copy(at, f"asks for its {name}")
        if value.outer:
            self.fail(f"asks for {name} of an array that is not an argument")
        return self.elements(value)

    def const_attribute(self, const: Const, name: str, key: Any) -> Value:
        if isinstance(const, Own):
            return self.fail(f"asks for {name} of a function")
        obj = const.object
        if isinstance(obj, types.ModuleType):
            if name not in vars(obj) or type_of(obj) is not types.ModuleType:
                self.fail(f"asks for {obj.__name__}.{name}")
            self.watch(obj, (None,), types.ModuleType)
            return self.found(vars(obj)[name], vars(obj), name)
        if isinstance(obj, np.ufunc):
            return Value(consts=frozenset([Known(UfuncMethod(obj, name))]))
        if const in CLASS.consts and name in ("__name__", "__qualname__", "__module__"):
            return ODD
        if isinstance(obj, type):
            ours: Any = obj
            if issubclass(ours, np.ndarray | np.generic) or (
                obj.__module__ == "builtins"
            ):
                return Value(consts=frozenset([Known(DataMethod(name))]))
            found = static(obj, name)
            if isinstance(found, staticmethod):
                found = found.__func__
            if type_of(obj).__module__ not in PLAIN_METACLASSES:
                self.fail(f"asks for {obj.__qualname__}.{name}")
            if found is None or (
                hasattr(type_of(found), "__get__") and not is_function(found)
            ):
                self.fail(f"asks for {obj.__qualname__}.{name}")
            return self.found(found, obj, name)
        return self.instance_attribute(const, name, key)

    def instance_attribute(self, const: Known, name: str, key: Any) -> Value:
        obj, cls = const.object, type_of(const.object)
        if reading.stdlib_effect(cls) == "outside" or is_random(obj):
            return Value(consts=frozenset([Known(StdMethod(obj, name))]))
        if const.path is None:
            # found by itself, and watched as such
            const = Known(obj, (obj, ()))
        if cls.__getattribute__ is not object.__getattribute__:
            self.fail(f"asks for {name} of {spell(const)}")
        self.watch(cls, "__getattribute__", object.__getattribute__)
        found = static(cls, name)
        me = Value(consts=frozenset([const]))
        if is_function(found):
            self.watch(cls, name, found)
            self.absent(const, name)
            return Value(consts=frozenset([Known(found, None, me)]))
        if isinstance(found, staticmethod):
            self.watch(cls, name, found.__func__)
            self.absent(const, name)
            return Value(consts=frozenset([Known(found.__func__)]))
        if isinstance(found, property) and is_function(found.fget):
            self.watch(cls, name, found)
            call = Passed([me], None, {}, None)
            getter = Value(consts=frozenset([Known(found.fget)]))
            return self.apply(getter, call, key)
        is_slot = isinstance(found, types.MemberDescriptorType)
        if found is not None and hasattr(type_of(found), "__get__") and not is_slot:
            self.fail(f"asks for {name} of {spell(const)}")
        own = getattr(obj, "__dict__", {})
        if name in own or is_slot or found is not None:
            value = getattr(obj, name, None)
        else:
            return self.fail(f"asks for {name} of {spell(const)}")
        start, names = const.path or (obj, ())
        return self.found(value, start, name, (*names, name))

    def absent(self, const: Known, name: str) -> None:
        """An instance may have an attribute before the method of its class."""
        if name in getattr(const.object, "__dict__", {}):
            self.fail(f"calls {name}, which an instance replaces")
        if const.path is not None:
            start, names = const.path
            self.watch(start, (*names, "__dict__", name), ABSENT)

    def method_call(self, value: Value, name: str, call: Passed, key: Any) -> Value:
        """Call a method of data: an array, a container, a string."""
        everything = join(call.values())
        result: list[Value] = []
        known = False
        if name in reading.CONTAINER and (value.boxes or name not in reading.ARRAY):
            known = True
            result.append(self.container_method(value, name, call, key))
        if name in reading.ARRAY:
            known = True
            result.append(self.array_method(value, name, call, key))
        if name in reading.PURE_METHODS and not known:
            self.data(everything, "hands out")
            return self.box(key, FRESH) if "split" in name or "part" in name else FRESH
        if not known:
            if value.args or value.outer or value.boxes:
                self.write(value, f"calls its method {name}")
            return self.fail(f"calls the method {name}")
        return join(result)

    def container_method(
        self, value: Value, name: str, call: Passed, key: Any
    ) -> Value:
        kind = reading.CONTAINER[name]
        values = list(call.values())
        everything = join(values)
        if kind != "put":
            self.data(self.reach(everything), "looks for")
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
            return ODD
        if kind == "get":
            held = self.elements(value)
            if name == "items":
                held = self.box((key, "item"), held | ODD)
            if name in ("items", "values", "keys", "copy"):
                return self.box(key, held, opaque=name != "copy")
            return held | everything
        return ODD
