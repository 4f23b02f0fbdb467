"""What is known of the values of an abstract run, and what is proven."""

from __future__ import annotations

import ast
import dataclasses
import functools
import types
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np

from cow import _core
from cow._ground.types import type_of
from cow._guard.proof.names import names_of
from cow._guard.proof.source import FunctionNode
from cow._guard.wrapper import wrapper_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance


@dataclasses.dataclass(frozen=True)
class Finding:
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

    def _key(self) -> Any:
        # by identity: what the program holds may have any `==`
        start, names = self.path or (None, None)
        return id(self.object), id(start), names, self.receiver

    def __hash__(self) -> int:
        return hash(self._key())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Known) and self._key() == other._key()


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


Const: TypeAlias = Known | Local | Bound


class Value(NamedTuple):
    """What is known of a value.

    A value of which nothing holds is a number, a string, or an array that was
    made in this call and shares its memory with nothing else named here.
    """

    args: frozenset[int] = frozenset()  # parameters whose memory it may look at
    boxes: frozenset[Any] = frozenset()  # containers made in this call
    consts: frozenset[Const] = frozenset()
    outer: bool = False  # it may be data that was there before the call
    opaque: bool = False  # it looks at memory in a way that `settle` cannot mend
    odd: bool = False  # not a number or an array of numbers: None, say
    advanced: int = 0  # as an index it makes a copy; 2: NumPy made it

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
            min(self.advanced, other.advanced),
        )


FRESH = Value()
ODD = Value(odd=True)
MASK = Value(advanced=1)
NUMPY_MASK = Value(advanced=2)
SLICES = Value(consts=frozenset([Known(slice(None))]))
CLASS = Value(consts=frozenset([Known(type("AnyClass", (), {}))]))
GENERATOR = np.random.default_rng()


def join(values: Iterable[Value]) -> Value:
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


@dataclasses.dataclass(frozen=True)
class Proof:
    """What is known of the calls of a function.

    `copied` are the parameters that get copies, each with a finding; `classes`
    those whose class is asked for, or that come back: lent as they are only where
    a copy has the class ndarray.
    """

    copied: dict[int, Finding]
    classes: frozenset[int]
    checks: tuple[Check, ...]


Env: TypeAlias = dict[str, Value]


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
        self.filename: str = ""
        if code is not None:
            self.filename = code.co_filename
        elif parent is not None:
            self.filename = parent.filename
        body = node.body if isinstance(node.body, list) else [node.body]
        self.locals, self.shared, self.globals, self.nonlocals = names_of(node, body)
        self.weak: Env = {}
        self.result: Value | None = None
        self.yields: Value | None = None
        self.breaks: list[list[Env]] = []


def merge(env: Env, reached: bool, other: Env, also: bool) -> bool:
    """Join `other` into `env`, as far as each of the two is reached."""
    if also and not reached:
        env.clear()
        env.update(other)
    elif also:
        for name, value in other.items():
            env[name] = env[name] | value if name in env else value
    return reached or also


class Passed(NamedTuple):
    """The arguments of an abstract call."""

    args: list[Value]
    star: Value | None  # what *args may hold
    named: dict[str, Value]
    double_star: Value | None
    node: ast.AST | None = None

    def values(self) -> list[Value]:
        more = [v for v in (self.star, self.double_star) if v is not None]
        return [*self.args, *self.named.values(), *more]


@dataclasses.dataclass(frozen=True)
class UfuncMethod:
    function: Any
    name: str


@dataclasses.dataclass(frozen=True)
class DataMethod:
    name: str


@dataclasses.dataclass(frozen=True)
class StdMethod:
    object: Any
    name: str


def is_function(obj: Any) -> bool:
    """Is it a Python function, or one that is guarded?"""
    return isinstance(obj, types.FunctionType) or wrapper_of(obj) is not None


def among(obj: Any, options: Iterable[Any]) -> bool:
    """Is it one of these objects? Arrays have an `==` of their own."""
    return any(obj is each for each in options)


def static(cls: type, name: str) -> Any:
    for each in cls.__mro__:
        if name in vars(each):
            return vars(each)[name]
    return None


def is_random(obj: Any) -> bool:
    return isinstance(obj, np.random.Generator | np.random.RandomState)


def is_instance(value: Any) -> bool:
    """Is it an object of a class that Python code has defined?"""
    kind = type_of(value)
    return bool(kind.__flags__ & (1 << 9)) and not isinstance(
        value, type | types.FunctionType | types.ModuleType | np.ufunc
    )


# of classes whose comparisons and the like are those of `object`
PLAIN_METACLASSES = ("builtins", "abc", "numpy", "numpy._core")


def is_inert(obj: Any) -> bool:
    """May an object stand beside arrays in expressions: dtypes, classes, None?"""
    return (
        obj is None
        or obj is Ellipsis
        or isinstance(obj, np.dtype | types.EllipsisType | slice)
        or (isinstance(obj, type) and type_of(obj).__module__ in PLAIN_METACLASSES)
        or _core.is_data(obj, True)
    )


def is_scalar(const: Known) -> bool:
    obj = const.object
    if isinstance(obj, np.dtype):
        return not obj.hasobject
    return (
        isinstance(obj, type)
        and issubclass(obj, np.generic)
        and not issubclass(obj, np.object_)
    )


def may_be_list(node: ast.Call) -> bool:
    """May the function return a list of arrays?"""
    func: Any = node.func
    name: Any = getattr(func, "attr", None) or getattr(func, "id", "")
    return name.endswith("split") or name in (
        *("unstack", "ix_", "atleast_1d", "atleast_2d", "atleast_3d"),
        *("broadcast_arrays", "meshgrid", "nditer", "ndenumerate"),
    )


def spell(const: Const) -> str:
    if not isinstance(const, Known):
        return "a function of its own"
    obj = const.object
    name = getattr(obj, "__qualname__", None) or getattr(obj, "__name__", None)
    module = getattr(obj, "__module__", None)
    if not isinstance(name, str):
        return f"an object of the class {type_of(obj).__qualname__}"
    return f"{module}.{name}" if isinstance(module, str) else name


def parameters(code: types.CodeType) -> tuple[str, ...]:
    """Return the names of the parameters, in the order of the code."""
    count = code.co_argcount + code.co_kwonlyargcount
    count += bool(code.co_flags & 0x04) + bool(code.co_flags & 0x08)
    return code.co_varnames[:count]
