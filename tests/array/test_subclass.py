"""Subclasses of CowArray keep their class and attributes, and stay values."""

import copy
import pickle

import numpy as np
import pytest

import cow
from cow import _core


class Measured(cow.CowArray):
    """An array with a unit, as NumPy's guide to subclassing writes it."""

    def __new__(cls, values, unit=None):
        self = cow.asarray(values).view(cls)
        self.unit = unit
        return self

    def __array_finalize__(self, obj):
        if obj is None:
            return
        self.unit = getattr(obj, "unit", None)


class Plain(cow.CowArray):
    """A subclass without anything of its own."""


class Derived(Measured):
    """A subclass that calls its parent's hook."""

    def __array_finalize__(self, obj):
        super().__array_finalize__(obj)
        self.seen = getattr(obj, "seen", 0) + 1


@pytest.fixture(params=[Measured, Derived])
def m(request):
    return request.param(np.arange(12.0).reshape(3, 4), unit="m")


DERIVED = {
    "slice": lambda m: m[1:],
    "row": lambda m: m[1],
    "transpose": lambda m: m.T,
    "reshape": lambda m: m.reshape(-1),
    "view": lambda m: m.view(),
    "items by array": lambda m: m[[0, 2]],
    "mask": lambda m: m[m > 3],
    "copy": lambda m: m.copy(),
    "copy.copy": lambda m: copy.copy(m),
    "deepcopy": lambda m: copy.deepcopy(m),
    "add": lambda m: m + 1,
    "add reversed": lambda m: np.ones(4) + m,
    "negative": lambda m: -m,
    "sqrt": lambda m: np.sqrt(m),
    "cumsum": lambda m: m.cumsum(axis=0),
    "sum of an axis": lambda m: m.sum(axis=0),
    "astype": lambda m: m.astype("f4"),
    "np.sort": lambda m: np.sort(m),
    "next": lambda m: next(iter(m)),
}


@pytest.mark.parametrize("derive", DERIVED.values(), ids=DERIVED)
def test_class_and_attribute_stay(m, derive):
    before = m.tolist()
    result = derive(m)
    assert type(result) is type(m)
    assert result.unit == "m"
    wanted = derive(np.arange(12.0).reshape(3, 4))
    np.testing.assert_array_equal(np.asarray(result), wanted)
    cow._core.check(result)
    result[...] = 99
    assert m.tolist() == before
    cow._core.check(m)


def test_attributes_belong_to_each_array(m):
    v = m[1:]
    v.unit = "km"
    assert m.unit == "m" and v[0].unit == "km"


def test_constructor_borrows_and_never_writes_its_source():
    a = np.arange(3.0)
    m = Measured(a, "m")
    m[0] = 9
    assert a[0] == 0 and m.tolist() == [9, 1, 2]


def test_view_as_another_class_and_back(m):
    c = m.view(cow.CowArray)
    assert type(c) is cow.CowArray
    c[0] = 9
    assert m[0, 1] == 1
    back = c.view(type(m))
    assert type(back) is type(m) and back.unit is None
    back[0, 0] = 7
    assert c[0, 0] == 9


def test_in_place_operators_keep_object_class_and_attribute(m):
    same = m
    v = m[1:]
    m += 1
    m[0] *= 2
    assert m is same and m.unit == "m"
    assert v[0, 0] == 4 and m[1, 0] == 5 and m[0, 0] == 2


def test_chained_assignment_raises_for_a_subclass(m):
    with pytest.raises(cow.ChainedAssignmentError):
        m[1:3][0] = 9


def test_hook_of_the_parent_runs():
    m = Derived([1.0, 2.0], unit="s")
    assert m[1:].unit == "s" and m[1:].seen == m.seen + 1


def test_subclass_without_anything_of_its_own():
    p = cow.zeros(4).view(Plain)
    v = p[1:]
    v[0] = 9
    assert type(v) is Plain and type(p + 1) is Plain and p.tolist() == [0] * 4
    cow._core.check(p)


@pytest.mark.parametrize("protocol", range(2, 6))
def test_pickle_keeps_class_values_and_attribute(m, protocol):
    back = pickle.loads(pickle.dumps(m, protocol))
    assert type(back) is type(m) and back.unit == "m"
    assert back.tolist() == m.tolist()
    back[0] = 9
    assert m[0, 1] == 1
    cow._core.check(back)


def test_pickle_by_a_reduce_of_its_own():
    back = pickle.loads(pickle.dumps(Stamped([1.0, 2.0], "now"), 5))
    assert type(back) is Stamped and back.stamp == "now" and back.tolist() == [1, 2]
    back[0] = 9
    assert back.tolist() == [9, 2]


class Stamped(cow.CowArray):
    """A subclass that pickles its attribute inside NumPy's state."""

    def __new__(cls, values, stamp=None):
        self = cow.array(values).view(cls)
        self.stamp = stamp
        return self

    def __array_finalize__(self, obj):
        self.stamp = getattr(obj, "stamp", None)

    def __reduce__(self):
        rebuild, args, state = super().__reduce__()
        return rebuild, args, (*state, self.stamp)

    def __setstate__(self, state):
        self.stamp = state[-1]
        super().__setstate__(state[:-1])


class Failing(cow.CowArray):
    """A subclass whose hook raises when told to."""

    fail = False

    def __array_finalize__(self, obj):
        if Failing.fail:
            raise RuntimeError("own")


def test_hook_that_raises_leaves_the_source_intact():
    f = cow.arange(10_000).view(Failing)
    Failing.fail = True
    try:
        with pytest.raises(RuntimeError, match="own"):
            f[1:]
        with pytest.raises(RuntimeError, match="own"):
            f.view()
    finally:
        Failing.fail = False
    cow._core.check(f)
    v = f[1:]
    f[1] = 99
    assert v[0] == 1 and f[1] == 99


class Writing(cow.CowArray):
    """A subclass whose hook writes into the new array."""

    def __array_finalize__(self, obj):
        if obj is not None and self.size:
            self[...] = 0


def test_hook_that_writes_changes_the_view_alone():
    c = cow.arange(1, 10_001)
    w = c.view(Writing)
    assert c[0] == 1 and c[-1] == 10_000
    assert not w.any()
    cow._core.check(c)
    cow._core.check(w)


class Prior(cow.CowArray):
    """A subclass that wins over others in results."""

    __array_priority__ = 5.0


def test_priority_decides_the_class_of_results():
    c, p = cow.zeros(3), cow.zeros(3).view(Prior)
    assert type(c + p) is Prior and type(p + c) is Prior
    assert type(np.concatenate([c, p])) is Prior


def test_guarded_function_keeps_the_subclass():
    @cow.no_mutate
    def double(x):
        x *= 2
        return x

    m = Measured(np.arange(3.0), "m")
    result = double(m)
    assert type(result) is Measured and result.unit == "m"
    assert m.tolist() == [0, 1, 2] and result.tolist() == [0, 2, 4]


def test_hook_of_the_core_on_a_foreign_class_raises():
    class Foreign(np.ndarray):
        __array_finalize__ = _core.capsule

    with pytest.raises(TypeError, match="for cow arrays only"):
        np.zeros(3).view(Foreign)


def test_class_without_a_hook_raises_as_numpy():
    class NoHook(cow.CowArray):
        __array_finalize__ = None

    # older NumPys call it deprecated
    with pytest.raises((TypeError, DeprecationWarning), match=r"callable|deprecated"):
        _core.share(cow.arange(5), NoHook)


def test_hook_that_is_set_later_shares_and_copies_on_write():
    class Late(cow.CowArray):
        pass

    Late.__array_finalize__ = lambda self, obj: None
    a = cow.arange(5)
    for n in (_core.share(a, Late), a.view(Late), np.ndarray.view(a, Late)):
        n[0] = 9
        assert a[0] == 0 and n[0] == 9 and type(n[1:]) is Late
        _core.check(n)


@pytest.mark.parametrize(
    "change",
    [
        lambda a: a.__setitem__(0, 9),
        lambda a: a.resize(2, refcheck=False),
        lambda a: _core.become(a, np.ones(3, a.dtype)),
        lambda a: _core.share(a, cow.CowArray).__setitem__(0, 9),
    ],
    ids=["write", "resize", "become", "share"],
)
def test_source_that_changes_while_a_view_is_made_is_seen_as_it_was(change):
    # what another thread may do when the class is asked for its hook
    class Hook:
        def __get__(self, instance, owner):
            if instance is not None:
                return lambda obj: None
            if changes:
                changes.pop()(a)
            return _core.capsule

    class Late(cow.CowArray):
        pass

    Late.__array_finalize__ = Hook()
    for make in (_core.share, _core.copy, lambda a, cls: a.view(cls)):
        a, changes = cow.arange(5), [change]
        v = make(a, Late)
        assert not changes and list(np.asarray(v)) == [0, 1, 2, 3, 4]
        _core.check(v)
        _core.check(a)
        v[1] = 7
        assert a[1] != 7
