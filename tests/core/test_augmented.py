"""x[i] op= y is written where it lies, and is seen by nobody else."""

import functools
import operator
import sys
import types

import numpy as np
import pytest

import cow
from cow._dispatch.operands import is_known

N = 40_000
IN_PLACE = {
    "slice": "x[1:] += y[1:]",
    "to the end": "x[5:] *= 2",
    "all": "x[:] -= y",
    "ellipsis": "x[...] += 1",
    "backwards": "x[::-1] -= y",
    "steps": "x[::3] *= y[::3]",
    "column": "m[:, 3] /= 2",
    "row": "big[3] += 1",
    "rectangle": "m[1:-1, 1:-1] -= m.T[1:-1, 1:-1] * 0.5",
    "new axis": "m[:, None] += 1",
    "negative bounds": "x[-30_000:-5] += y[-30_000:-5]",
    "chosen twice": "x[1:] += x[:-1].copy()",
    "attribute": "o.x[1:] += y[1:]",
    "item": "box[0][1:] += y[1:]",
    "walrus": "x[1:] += (k := y[1:])",
    "condition": "x[1:] += y[1:] if len(y) else 0",
    "call": "x[1:] += f(y[1:])",
    "nested": "x[f(1):f(-1)] += f(y[f(1):f(-1)])",
    "variable": "x[s] += y[s]",
    "variables": "i, j = 1, -1; x[i:j] += y[i:j]",
    "floor": "x[2:] //= 2",
}
COPIED = {
    "power": "x[1:] **= 2",
    "overlap": "x[1:] += x[:-1]",
    "list": "x[[0, 5, 5]] += 1",
    "mask": "x[x > 1.5] -= 1",
    "of a view": "v = x[1:]; v[1:] += 1; x = v",
    "plain view": "p = np.asarray(x); x[1:] += 1",
    "wider": "x[1:] += np.ones(1)",
}


def inputs(kind):
    x = kind(np.linspace(1, 2, N))
    names = {"x": x, "y": kind(np.linspace(3, 4, N)), "f": lambda value: value}
    names["m"] = kind(np.linspace(1, 2, 640_000).reshape(800, 800))
    names["big"] = kind(np.linspace(1, 2, 6 * N).reshape(6, N))
    names["s"] = slice(7, -3, 2)
    names["o"], names["box"], names["np"] = types.SimpleNamespace(x=x), [x], np
    return names


@functools.cache
def program(line):
    """The line as a function, where all are local variables."""
    names = ", ".join(inputs(np.array))
    space = {}
    exec(f"def program({names}):\n    {line}\n    return x, y, m, big", space)
    return space["program"]


def run(line, names):
    return program(line)(**names)


def check(line, made):
    for found, expected in zip(made, run(line, inputs(np.array)), strict=True):
        np.testing.assert_array_equal(np.asarray(found), expected)


@pytest.mark.parametrize("name", IN_PLACE)
def test_large_parts_are_written_in_place(name):
    run(IN_PLACE[name], inputs(cow.array))  # what runs once is not looked at
    with cow.ledger() as log:
        made = run(IN_PLACE[name], inputs(cow.array))
    check(IN_PLACE[name], made)
    assert not log.entries or not is_known()
    for array in made:
        cow._core.check(array)


@pytest.mark.parametrize("name", [*IN_PLACE, *COPIED])
@pytest.mark.parametrize("holder", ["snapshot", "view", "plain", "memoryview"])
def test_who_looks_at_the_array_sees_nothing(name, holder):
    line = {**IN_PLACE, **COPIED}[name]
    names = inputs(cow.array)
    before = {key: np.array(names[key]) for key in ("x", "m", "big")}
    how = {
        "snapshot": lambda a: a[...],
        "view": lambda a: a[1:],
        "plain": np.asarray,
        "memoryview": memoryview,
    }[holder]
    held = {key: how(names[key]) for key in before}
    run(line, inputs(cow.array))
    check(line, run(line, names))
    for key, other in held.items():
        old = before[key][1:] if holder == "view" else before[key]
        np.testing.assert_array_equal(np.asarray(other), old)


@pytest.mark.parametrize("name", COPIED)
def test_other_lines_compute_the_same(name):
    check(COPIED[name], run(COPIED[name], inputs(cow.array)))


def test_a_part_that_is_called_with_leaves_the_array():
    x = cow.arange(float(N))
    for add in (operator.iadd, lambda a, b: a.__iadd__(b), np.ndarray.__iadd__):
        part = x[1:]
        result = add(part, 1.0)
        assert result[0] == 2.0 and x[1] == 1.0
    functools.reduce(operator.iadd, [1.0, 2.0], x[1:])
    np.testing.assert_array_equal(x, np.arange(float(N)))


def test_a_named_part_leaves_the_array():
    x = cow.arange(float(N))
    part = x[1:]
    part += 1.0
    x[2:], other = x[2:] + 0.0, x[1:]
    other += 1.0
    np.testing.assert_array_equal(x, np.arange(float(N)))
    np.testing.assert_array_equal(part, np.arange(1.0, N) + 1)


class Moving:
    """An index that is another one each time."""

    def __init__(self):
        self.at = 0

    def __index__(self):
        self.at += 1
        return self.at


def test_an_index_that_changes_raises_as_with_numpy():
    for kind in (np.arange, cow.arange):
        x = kind(float(N))
        s = x[...]
        for _ in range(3):
            with pytest.raises(ValueError, match="could not broadcast"):
                x[slice(Moving(), N - 10, Moving())] += 1.0
    cow._core.check(x)
    np.testing.assert_array_equal(s, np.arange(float(N)))


def test_a_read_only_array_stays():
    x = cow.readonly(cow.arange(float(N)))
    closed = cow.arange(float(N))
    closed.setflags(write=False)
    for array in (x, closed):
        with pytest.raises(cow.ReadOnlyError):
            array[1:] += 1.0
        np.testing.assert_array_equal(array, np.arange(float(N)))


def test_a_borrowed_array_is_not_written():
    p = np.arange(float(N))
    x = cow.asarray(p)
    x[1:] += 1.0
    np.testing.assert_array_equal(p, np.arange(float(N)))
    assert x[1] == 2.0


def test_a_temporary_of_a_view_raises():
    m = cow.ones((300, 300))
    with pytest.raises(cow.ChainedAssignmentError):
        m[1:][1:] += 1.0
    np.testing.assert_array_equal(m, np.ones((300, 300)))


def test_a_temporary_of_what_is_never_shared_raises():
    x = cow.asarray(np.ones((100, 4)))
    with cow.writing(x) as p:
        p[...] = 40  # somebody may have the address
    for _ in range(3):
        with pytest.raises(cow.ChainedAssignmentError):
            x[1:3][0] += 1
    v = x[1:3]
    v[0] += 1
    v[0] += 1
    assert x[1, 0] == 40 and v[0, 0] == 42


def test_the_part_may_be_found_while_the_other_operand_is_computed():
    x = cow.arange(float(N))
    found = []

    def other():
        storage = cow._core.sharing(x).storage
        found.extend(a for a in cow._core.sharers(storage) if a is not x)
        return 1.0

    for _ in range(3):
        x[1:] += other()
    np.testing.assert_array_equal(x[1:], np.arange(1.0, N) + 3)
    assert [part[0] for part in found] == [2.0, 3.0, 4.0]


def test_the_array_may_change_meanwhile():
    for shape in ("(200, 200)", "10"):
        change = f"x.resize({shape}, refcheck=False)"
        x = cow.arange(float(N))

        def other(x=x, change=change):
            exec(change, {"x": x})
            return 1.0

        with pytest.raises((ValueError, IndexError)):
            x[1:] += other()
        cow._core.check(x)


def test_under_a_trace_function_and_after_many_rounds():
    def program(x, y):
        for _ in range(3000):
            x[5:3000] += y[5:3000]
            x[5:3000] -= y[5:3000]
        return x

    x, y = cow.ones(3000), cow.ones(3000)
    np.testing.assert_array_equal(program(x, y), np.ones(3000))
    old = sys.gettrace()
    sys.settrace(lambda *args: None)
    try:
        s = x[...]
        x[1:] += y[1:]
    finally:
        sys.settrace(old)
    assert x[1] == 2 and s[1] == 1


def test_operands_are_those_of_the_instruction():
    told = []

    class Other:
        def __radd__(self, other):
            told.append(cow._core.of_operator(other, self))  # in its own frame
            return other

        __array_ufunc__ = None

    x = cow.arange(float(N))
    (x[1:] + Other())[0]
    assert told == [None]
