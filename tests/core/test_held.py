"""What something holds is not written, nor kept for longer."""

import copy
import itertools
import operator
import weakref

import numpy as np
import pytest

import cow
from cow import _core

# NumPy 2.5 deprecates that shape, dtype and strides are set
pytestmark = pytest.mark.filterwarnings("ignore:Setting the:DeprecationWarning")


def test_operators_never_write_what_something_holds():
    a, b = cow.ones(100_000), cow.ones(100_000)
    for name in ("add", "radd", "mul", "sub", "truediv", "pow"):
        method = getattr(a * b, f"__{name}__")
        assert len({float(method(2.0)[0]) for _ in range(4)}) == 1
    held = [a * b]
    assert next(iter(held)) + 1.0 is not held[0] and held[0][0] == 1
    both = list(itertools.accumulate([a, b, a], operator.add))
    assert [x[0] for x in both] == [1, 2, 3]


def test_borrowing_from_an_array_that_a_weak_reference_finds():
    cache = weakref.WeakValueDictionary()

    def load(name):
        if name not in cache:
            array = np.zeros(3)
            cache[name] = array
            return array
        return cache[name]

    image = cow.asarray(load("x"))
    image[0] = 9
    assert load("x").tolist() == [0, 0, 0]
    image[1] = 9
    assert load("x").tolist() == [0, 0, 0]


def test_array_wrap_leaves_the_array_of_its_caller_alone():
    def named():
        p = np.zeros(3)
        wrapped = cow.zeros(3).__array_wrap__(p)
        wrapped[0] = 1
        return p

    p = named()
    assert p.flags.writeable and p.tolist() == [0, 0, 0]


def test_copy_of_a_part_does_not_keep_the_whole():
    big = cow.zeros(1_000_000)
    part = big[:10]
    alive = weakref.ref(big)
    for copied in (part.copy(), copy.copy(part), np.copy(part)):
        assert copied.base is None and _core.sharing(copied).storage.nbytes == 80
    del big
    assert alive() is None


def test_array_made_by_its_method_is_no_view_of_an_exposed_one():
    a = cow.arange(3.0)
    a.ctypes
    made = a.__array__()
    a[0] = 9
    assert made[0] == 0


def test_array_that_is_rebuilt_by_hand_borrows():
    def rebuilt(q):
        rebuild, (cls, _), _ = cow.zeros(3).__reduce_ex__(2)
        return rebuild(cls, q)

    p = np.zeros(3)
    a = rebuilt(p)
    a[0] = 1
    assert p.flags.writeable and p[0] == 0
    p[1] = 5
