"""A write into a temporary view raises; a write that can be seen never does."""

import cProfile
import functools
import importlib.util
import operator
import sys
from pathlib import Path
from types import CodeType

import numpy as np
import pytest

import cow
from cow._dispatch import operands
from tests import ROOT
from tests.catalogue.chained_lines import HELD, HOW, LOST, names, run, wrong


@pytest.fixture
def c():
    return cow.array(np.arange(48.0).reshape(6, 8) + 1)


@pytest.mark.parametrize("line", LOST)
def test_write_that_nobody_can_see_raises(line):
    told = {how: run(line, how) for how in HOW}
    assert all(raised in (None, True) for raised in told.values()), told


@pytest.mark.parametrize("line", HELD)
def test_write_that_somebody_can_see_does_not_raise(line):
    told = {how: run(line, how) for how in HOW}
    assert not any(told.values()), told


def test_write_into_a_temporary_that_borrows_raises():
    plain = np.arange(3.0)
    with pytest.raises(cow.ChainedAssignmentError):
        cow.asarray(plain)[0] = 1
    with pytest.raises(cow.ChainedAssignmentError):
        cow.asarray(plain).sort()
    named = cow.asarray(plain)
    named[0] = 1
    named.sort()
    assert list(plain) == [0, 1, 2]


def codes(code):
    yield code
    for const in code.co_consts:
        if isinstance(const, CodeType):
            yield from codes(const)


@pytest.mark.parametrize("package", ["asyncio", "contextlib", "inspect", "typing"])
def test_the_stack_is_known_in_all_code_of_the_standard_library(package):
    path = Path(importlib.util.find_spec(package).origin)
    paths = path.parent.glob("*.py") if path.stem == "__init__" else [path]
    found = [
        code
        for path in paths
        for code in codes(compile(path.read_text(encoding="utf-8"), path, "exec"))
    ]
    assert len(found) > 80
    assert [code for code in found if not operands._steps(code)] == []


def nothing(*args):
    pass


def following(*args):
    return following


def test_lines_are_judged_alike_under_a_profile_function():
    old = sys.getprofile()
    sys.setprofile(nothing)
    try:
        found = wrong()
    finally:
        sys.setprofile(old)
    assert found == []


def test_lines_are_judged_alike_under_a_trace_function():
    old = sys.gettrace()
    sys.settrace(following)
    try:
        found = wrong()
    finally:
        sys.settrace(old)
    assert found == []


def test_lines_are_judged_alike_in_the_profiler():
    profiler = cProfile.Profile()
    old = sys.getprofile()
    sys.setprofile(None)
    try:
        found = profiler.runcall(wrong)
    finally:
        sys.setprofile(old)
    assert found == []


@pytest.mark.skipif(sys.version_info < (3, 12), reason="came with CPython 3.12")
def test_lines_are_judged_alike_where_a_tool_monitors():
    monitoring, tool = sys.monitoring, 3
    events = monitoring.events
    wanted = [events.CALL, events.PY_START, events.PY_RETURN, events.INSTRUCTION]
    monitoring.use_tool_id(tool, "test")
    try:
        for event in wanted:
            monitoring.register_callback(tool, event, nothing)
        monitoring.set_events(tool, functools.reduce(operator.or_, wanted))
        found = wrong()
    finally:
        monitoring.set_events(tool, 0)
        monitoring.free_tool_id(tool)
    assert found == []


def test_limits_are_right_where_a_trace_function_saw_the_import(python):
    code = """
import sys
def following(*args):
    return following
sys.settrace(following)
import cow
sys.settrace(None)
from tests.catalogue.chained_lines import wrong
found = wrong()
assert found == [], found
"""
    done = python("-c", code, cwd=ROOT)
    assert done.returncode == 0, done.stderr


def test_nothing_is_told_on_an_interpreter_that_is_not_known(monkeypatch):
    monkeypatch.setattr(operands, "_before_locals", 0)
    assert not operands.is_known()
    found = [(line, how) for line in HELD for how in HOW if run(line, how)]
    assert found == []
    stores = sys.version_info >= (3, 14)  # which tells the core itself
    assert run("a[1:3][0] = 9", "function") == stores
    assert not run("a[1:3].sort()", "function")


def test_operands_of_calls_are_those_that_a_profile_function_is_told():
    wrong, calls = [], 0

    def check(frame, event, arg):
        nonlocal calls
        if event == "c_call" and frame.f_globals is globals():
            calls += 1
            found = operands.operands(frame)
            receiver = getattr(arg, "__self__", None)
            among = found.addresses if found else []
            if id(arg) not in among[:2] and id(receiver) not in among[:3]:
                wrong.append((arg, found))

    def work(*args, **kwargs):
        sizes = [len(repr(x)) for x in range(3)]
        sizes += list(map(len, ["ab", "c"]))
        with open(__file__) as file:
            lines = sorted(file, key=len, reverse=True)
            try:
                int(lines[0])
            except ValueError as error:
                sizes.append(max(len(str(error)), *map(len, lines), key=abs))
        return max(*sizes, **kwargs), "".join(f"{x:{len(sizes)}}" for x in sizes)

    old = sys.getprofile()
    sys.setprofile(check)
    try:
        for _ in range(5):
            work(1, key=abs)
    finally:
        sys.setprofile(old)
    assert wrong == [] and calls > 50


# What is lost, and not told: somebody else has the view in hand, or might have.
UNTOLD = [
    "functools.partial(np.copyto, a[1:3])(7)",
    "list(map(np.copyto, [a[1:3]], [0]))",
    "list(map(operator.setitem, [a[1:3]], [0], [9]))",
    "operator.methodcaller('sort')(a[1:3])",
    "(lambda x: x.sort())(a[1:3])",
    "a[1:3].__setitem__(0, 9)",
    "a[1:3].__iadd__(1)",
    "operator.iadd(a[1:3], 1)",
    "a[1:3].sort(*())",
    "at = np.add.at; at(a[1:], 0, 1)",
    "f = a.clip; f(2, 3, out=a[:])",
    "np.add(1, 2, **{'out': a[1:3]})",
]


@pytest.mark.parametrize("line", UNTOLD)
def test_write_that_cannot_be_told_is_listed(line):
    space = names()
    before = space["a"].tolist()
    exec(line, space)
    assert space["a"].tolist() == before


def test_readonly_array_says_so_at_once():
    r = cow.readonly(np.arange(6.0).reshape(2, 3))
    frozen = cow.array(np.arange(6.0).reshape(2, 3))
    frozen.setflags(write=False)
    for a in (r, frozen):
        for line in (
            "a[1:][0] = 9",
            "a[1:][0:][0] = 9",
            "a[1:].sort()",
            "a[1:].real = 0",
            "a[1:].flat[0] = 1",
            "np.copyto(a[1:], 0)",
            "np.add(1, 2, out=a[1:])",
            "np.add.at(a[1:], 0, 1)",
            "a.clip(2, 3, out=a[:])",
        ):
            with pytest.raises(cow.ReadOnlyError):
                exec(line, {"a": a, "np": np})
        assert a.tolist() == [[0, 1, 2], [3, 4, 5]]


def test_named_view_is_written(c):
    v = c[1:3]
    v[0] = 9
    v.sort()
    v.fill(3)
    v.real = 4
    np.copyto(v, 5)
    np.add(v, 1, out=v)
    np.add.at(v, 0, 1)
    assert v.tolist() == [[7.0] * 8, [6.0] * 8]
    assert c[1, 0] == 9.0 and c[2, 0] == 17.0


def test_view_in_a_container_or_attribute_is_written(c):
    class Box:
        pass

    box = Box()
    box.view = c[1:3]
    box.view[0] = 9
    box.view.fill(8)
    views = [c[0], c[1]]
    views[0][0] = 9
    views[1].sort()
    np.copyto(views[1], 0)
    named = {"row": c[0]}
    named["row"][0] = 9
    np.negative(named["row"], out=named["row"])
    assert box.view.max() == 8 and views[0][0] == 9 and named["row"][0] == -9
    assert c[0, 0] == 1


def test_lazy_copy_as_temporary_is_no_view(c):
    c.copy()[0] = 9
    c.copy().sort()
    c.copy().real = 0
    np.copyto(c.copy(), 0)
    result = np.add(c, 1, out=c.copy())
    assert result[0, 0] == 2 and c[0, 0] == 1


def test_fresh_temporary_is_no_view(c):
    (c + 1)[0] = 9
    c[[0, 1]][0] = 9
    c[c > 5][0] = 9
    (c * 2).sort()
    cow.zeros(3)[0] = 1
    assert c[0, 0] == 1


def test_augmented_assignment_to_a_slice_writes(c):
    c[1:3] += 1
    c[1:3, ::2] *= 2
    c[0] -= 1
    assert c[0, 0] == 0 and c[1, 0] == 20 and c[1, 1] == 11


def test_augmented_assignment_to_a_property_writes():
    z = cow.array([1 + 1j, 2 + 2j])
    z.real += 1
    z.imag *= 2
    assert z.tolist() == [2 + 2j, 3 + 4j]


def test_loop_and_comprehension_variables_are_named(c):
    for row in c:
        row[0] = 9
        row *= 2
        row.sort()
    [row.fill(0) for row in c]
    [operator.setitem(row, 0, 5) for row in c]
    [np.copyto(row, 0) for row in c]
    assert c[0, 0] == 1


def test_parameters_are_named(c):
    def write(x):
        x[0] = 9
        x.sort()
        np.copyto(x, 0)

    write(c[1:3])
    assert c[1, 0] == 9.0  # arange: the second row starts with 9


@pytest.mark.parametrize(
    "call",
    [
        lambda c: list(map(operator.setitem, [c[0], c[1]], [0, 0], [9, 9])),
        lambda c: functools.partial(operator.setitem, c[0])(0, 9),
        lambda c: functools.partial(c[0].__setitem__, 0)(9),
        lambda c: functools.partial(c[0].fill)(0),
        lambda c: list(map(np.ndarray.sort, [c[0], c[1]])),
        lambda c: functools.reduce(lambda x, y: np.add(x, y, out=x), list(c)),
    ],
    ids=[
        "map setitem",
        "partial setitem",
        "partial of bound",
        "partial fill",
        "map unbound sort",
        "reduce",
    ],
)
def test_caller_in_c_gives_no_false_alarm(c, call):
    before = c.tolist()
    try:
        call(c)
    except cow.ChainedAssignmentError:
        pytest.fail("false alarm")
    except ValueError:
        pass  # the unbound method of ndarray refuses a read-only array
    assert c.tolist() == before


def test_view_that_outlives_its_source_is_written():
    def window():
        return cow.arange(10)[2:5]

    window()[0] = 9  # nobody else looks at the memory: nothing is lost
    v = window()
    v[0] = 9
    assert v.tolist() == [9, 3, 4]
