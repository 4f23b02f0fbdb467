"""What the proof cannot see makes no difference, and it tells what is not proven."""

import collections
import gc
import importlib.util
import itertools
import queue
import sys
import types
import weakref

import numpy as np
import pytest

import cow
from cow._guard.proof import Finding, Proof, prove
from cow._guard.wrapper import wrapper_of

# ------------------------------------------------------- other roads to an array


class Writes:
    """Its methods write the array that the caller passes, by another road."""

    def __init__(self, array):
        self.array = array

    def __bool__(self):
        self.array[0] = 9
        return True

    def __hash__(self):
        self.array[0] = 9
        return 1

    def __eq__(self, other):
        self.array[0] = 9
        return True

    def __lt__(self, other):
        self.array[0] = 9
        return True

    def __str__(self):
        self.array[0] = 9
        return ""


ROADS = {
    "truth": lambda g, x: (1 if g else 2, x[0])[1],
    "not": lambda g, x: (not g, x[0])[1],
    "and": lambda g, x: (g and 1, x[0])[1],
    "filter": lambda g, x: (list(filter(None, [g])), x[0])[1],
    "max": lambda g, x: (max([g, g]), x[0])[1],
    "sorted": lambda g, x: (sorted([g, g]), x[0])[1],
    "index": lambda g, x: ([g].index(1), x[0])[1],
    "set": lambda g, x: ({g}, x[0])[1],
    "dict": lambda g, x: ({}.get(g), x[0])[1],
    "format": lambda g, x: (f"{g}", x[0])[1],
    "joined": lambda g, x: ("{}".format(g), x[0])[1],  # noqa: UP032
}


@pytest.mark.parametrize("name", ROADS)
def test_object_that_writes_by_another_road_makes_no_difference(name):
    x = np.arange(6.0)
    g = Writes(x)
    road = ROADS[name]

    @cow.no_mutate
    def read(x):
        return road(g, x)

    assert read(x) == 0


def test_array_of_the_caller_that_comes_from_elsewhere_is_written_there():
    x = np.arange(6.0)
    sources = [queue.Queue(), collections.UserDict(k=x), collections.ChainMap({"k": x})]
    sources[0].put(x)
    takes = [lambda: sources[0].get()]
    takes += [lambda: sources[1].get("k"), lambda: sources[2].get("k")]
    for take in takes:
        x[0] = 0

        @cow.no_mutate
        def read(x, take=take):
            take()[0] = 9
            return x[0]

        assert read(x) == 0 and x[0] == 9


# ------------------------------------------------------ replaced between two calls


def reads(y, k=1):
    return y.sum()


def writes(y, k=1):
    y[0] = 99
    return y.sum()


class Box:
    helper = staticmethod(reads)

    def method(self, y):
        return y.sum()


class Other(Box):
    def method(self, y):
        y[0] = 99


box = Box()


def by_class(x):
    return box.method(x)


def by_static(x):
    return box.helper(x)


def by_code(x):
    return reads(x)


def by_default(x, *, helper=reads):
    return helper(x)


def test_callee_that_is_replaced_is_noticed(monkeypatch):
    def check(function, replace):
        guarded = cow.no_mutate(function)
        x = np.zeros(5)
        guarded(x)
        with monkeypatch.context() as patch:
            replace(patch)
            guarded(x)
        assert not x.any()
        guarded(x)

    check(by_class, lambda patch: patch.setattr(box, "__class__", Other))
    check(by_class, lambda patch: patch.setattr(Box, "method", Other.method))
    check(by_static, lambda patch: patch.setattr(box, "helper", writes, raising=False))
    check(by_code, lambda patch: patch.setattr(reads, "__code__", writes.__code__))
    check(by_code, lambda patch: patch.setitem(globals(), "reads", writes))
    defaults = by_default.__kwdefaults__
    check(by_default, lambda patch: patch.setitem(defaults, "helper", writes))
    check(np_sum, lambda patch: patch.setattr(np, "sum", writes))


def np_sum(x):
    return np.sum(x)


def test_equal_code_with_other_globals_is_another_function():
    def call(y):
        return helper(y)  # noqa: F821

    first = types.FunctionType(call.__code__, {"helper": reads})
    second = types.FunctionType(call.__code__, {"helper": writes})
    x = np.zeros(5)
    cow.no_mutate(lambda x: (first(x), second(x)))(x)
    assert not x.any()


# ------------------------------------------------------------- what is not proven


def test_finding_names_parameter_reason_and_line():
    def shift(a, b):
        total = a.sum()
        b += total
        return a

    proof = prove(shift, None, False, frozenset())
    assert isinstance(proof, Proof) and list(proof.copied) == [1]
    finding = proof.copied[1]
    assert finding.filename == __file__ and finding.what == "writes"
    assert finding.lineno == shift.__code__.co_firstlineno + 2

    found = prove(lambda x: eval("x"), None, False, frozenset())
    assert isinstance(found, Finding) and "eval" in found.what


def test_function_without_source_or_with_other_source_gets_copies():
    scope = {}
    exec("def read(x): return x.sum()", scope)
    assert isinstance(prove(scope["read"], None, False, frozenset()), Finding)

    def read(x):
        return x.sum()

    def write(x):
        x[0] = 9

    read.__code__ = write.__code__.replace(co_firstlineno=read.__code__.co_firstlineno)
    x = np.zeros(5)
    cow.no_mutate(read)(x)
    assert not x.any()


def test_skipped_argument_that_is_written_is_not_seen_through_another():
    def shift(x, out):
        for i in range(len(x)):
            out[i] = x[0] + i + 1

    x = np.zeros(4)
    cow.no_mutate(shift, skip="out")(x, x)
    assert x.tolist() == [1, 2, 3, 4]


def test_guarded_function_goes_to_other_processes_and_dies_with_its_scope():
    import cloudpickle

    def read(x):
        return x.sum()

    for function in (cow.no_mutate(read), cow.no_mutate(on_write="raise")(read)):
        function(np.ones(3))
        again = cloudpickle.loads(cloudpickle.dumps(function))
        assert again(np.ones(3)) == 3

    def make():
        @cow.no_mutate
        def deeper(x, n=2):
            return x.sum() if n == 0 else deeper(x, n - 1)

        assert deeper(np.ones(3)) == 3
        return weakref.ref(deeper)

    dead = make()
    gc.collect()
    assert dead() is None


def test_guarded_functions_are_guarded_once():
    def read(x):
        return x.sum()

    once = cow.no_mutate(read)
    assert wrapper_of(cow.no_mutate(once)).cow_func is read
    assert list(itertools.chain([once(np.ones(3))])) == [3]


@pytest.mark.skipif(sys.version_info < (3, 15), reason="no such syntax")
@pytest.mark.parametrize(
    "made",
    [
        "{**y for y in x}['a']",
        "[*y.values() for y in x][0]",
        "(*y.values() for y in x).__next__()",
    ],
)
def test_unpacking_in_comprehensions_holds_what_is_unpacked(made, tmp_path):
    path = tmp_path / "unpacking.py"
    path.write_text(f"def f(x):\n    made = {made}\n    made += 1\n    return made\n")
    spec = importlib.util.spec_from_file_location("unpacking", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    a = np.zeros(3)
    for isolate in (None, True):
        options = {} if isolate is None else {"isolate": isolate}
        assert cow.no_mutate(module.f, **options)([{"a": a}]).tolist() == [1, 1, 1]
    assert a.tolist() == [0, 0, 0]


@pytest.mark.parametrize("n", [4, 5000])
def test_elements_of_records_are_views(n):
    for f in (
        lambda x: x.view([("a", float)])[0],
        lambda x: list(x.view([("a", float)])),
        lambda x: {"k": x.view([("a", float, 2)])[0]["a"]},
        lambda x: x.getfield([("a", float)])[0],
    ):
        x = np.arange(float(n))
        result = cow.no_mutate(f)(x)
        x[0] = -7
        if isinstance(result, dict):
            result = result["k"]
            result[1] = 5
            assert x[1] == 1 and result[0] == 0
            continue
        first = result[0] if isinstance(result, list) else result
        assert first["a"] == 0
