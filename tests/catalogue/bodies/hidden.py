"""Bodies that write where nobody looks for it."""

import sys
import weakref
from typing import Any

import numpy as np

from tests.catalogue.bodies.body import body
from tests.catalogue.bodies.helpers import helper_that_reads


class Sneaky:
    """Writes into `target` whenever Python asks it for anything."""

    def __init__(self, target, value=5):
        self.target = target
        self.value = value

    def write(self, *args):
        self.target[0] = self.value
        self.value += 1
        return 1

    def __enter__(self):
        return self.write()

    __len__ = __index__ = __hash__ = write

    def __exit__(self, *args):
        self.write()

    def __bool__(self):
        return bool(self.write())

    def __iter__(self):
        self.write()
        return iter([1])

    def __eq__(self, other):
        self.write()
        return True

    def __contains__(self, item):
        return bool(self.write())

    def __getitem__(self, item):
        return self.write()

    def __format__(self, spec):
        return str(self.write())

    def __call__(self, *args):
        return self.write()

    @property
    def level(self):
        return self.write()

    @level.setter
    def level(self, value):
        self.target[-1] = value


@body
def hook_of_with(x):
    with Sneaky(x):
        y = x.copy()
    return x, y


@body
def hook_of_index(x):
    y = x.copy()
    y[: Sneaky(x)]
    return x, y


@body
def hook_of_truth(x):
    if not (Sneaky(x) and Sneaky(x, 7) == 3):
        return None
    return x


@body
def hook_of_iteration(x):
    for _ in Sneaky(x):
        pass
    (*_,) = Sneaky(x[1:])
    return x


@body
def hook_of_containers(x):
    found = 3 in Sneaky(x)
    Sneaky(x[1:])["a"]
    {Sneaky(x[:-1]): 1}
    return len(Sneaky(x)), found, x


@body
def hook_of_format(x):
    return f"{Sneaky(x)}", x


@body
def hook_of_a_property(x):
    s = Sneaky(x)
    s.level = 3
    s.level
    return x


@body
def hook_of_augmented_property(x):
    class Gauge:
        @property
        def level(self):
            return x[1:]

        @level.setter
        def level(self, value):
            x[0] = 9

    Gauge().level += 1
    return x


class Cell:
    """A descriptor that changes what it is given."""

    def __set__(self, instance, value):
        value[0] = 8
        instance.__dict__["cell"] = value

    def __get__(self, instance, owner):
        held = instance.__dict__["cell"]
        held[-1] = 7
        return held


class Holder:
    cell = Cell()


@body
def descriptor(x):
    h = Holder()
    h.cell = x
    return h.cell


@body
def hook_of_del(x):
    class Last:
        def __del__(self):
            x.fill(6)

    last = Last()
    del last
    return x


@body
def hook_of_a_finalizer(x):
    class Thing:
        pass

    thing = Thing()
    weakref.finalize(thing, x.fill, 3)
    del thing
    return x


@body
def hook_of_a_metaclass(x):
    class Meta(type):
        def __new__(mcls, name, bases, names):
            x[0] = 3
            return super().__new__(mcls, name, bases, names)

    class Made(metaclass=Meta):
        def __init_subclass__(cls):
            x[-1] = 4

    class Sub(Made):
        pass

    return x, Sub.__name__


@body
def hook_of_sort_key(x):
    sorted([3, 1], key=Sneaky(x))
    min([2], key=lambda k: x.put(0, k))
    return x


@body
def hook_of_errstate(x):
    def note(kind, flag):
        x[0] = 77

    with np.errstate(all="call", call=note):
        y = np.log(np.zeros(2))
    return x, y


@body
def hook_of_print_options(x):
    with np.printoptions(formatter={"all": lambda v: str(x.put(0, 6))}):
        text = str(np.arange(2))
    return x, text


@body
def hook_of_a_trace(x):
    def trace(frame, event, arg):
        x[0] = 3

    old = sys.getprofile()
    sys.setprofile(trace)
    try:
        helper_that_reads(np.arange(2))
    finally:
        sys.setprofile(old)
    return x


class Duck:
    """No array, no protocol: NumPy calls its methods, Python its operators."""

    __array_ufunc__ = None
    held: Any = None

    def __radd__(self, other):
        other[0] = 5
        return 1

    def __rmul__(self, other):
        self.held = other
        return other

    def mean(self, axis=None, dtype=None, out=None):
        self.held[-1] = 4
        return 2

    def __len__(self):
        return 3


@body(script=lambda f, a: f(a, Duck()))
def duck_that_writes_its_operand(x, duck):
    y = x + duck
    return y, x


@body(script=lambda f, a: f(a, Duck()))
def duck_that_keeps_its_operand(x, duck):
    y = x * duck
    return np.mean(duck), y, x


@body(script=lambda f, a: f(a, Duck()), fails=True)
def duck_that_is_no_array(x, duck):
    x[0] = 4
    x += duck


class UfuncDuck:
    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        for each in inputs:
            if each is not self:
                each[0] = 9
        return "done"


@body
def ufunc_override(x):
    return np.add(x, UfuncDuck()), x * UfuncDuck(), x


class FunctionDuck:
    def __array_function__(self, func, types, args, kwargs):
        args[0][0][0] = 9
        return "done"


@body
def function_override(x):
    return np.concatenate([x, FunctionDuck()]), x


class Priority:
    __array_priority__ = 1e9

    def __rsub__(self, other):
        other[0] = 4
        return other

    __rmatmul__ = __rpow__ = __rsub__

    def __gt__(self, other):
        other[-1] = 3
        return True


@body
def reflected_operators(x):
    return x - Priority(), x < Priority(), x @ Priority()
