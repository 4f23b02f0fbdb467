"""Strict views stop, or report, each write that another array would see with NumPy."""

import asyncio
import gc
import os
import subprocess
import sys
import threading
import warnings

import numpy as np
import pytest

import cow
from cow import _core
from cow._insight import views


@pytest.fixture
def strict():
    with cow.views("raise"):
        yield


def stopped(function, *args):
    with pytest.raises(cow.ViewError) as raised:
        function(*args)
    return str(raised.value)


def add_one(x):
    x += 1


def test_the_default_is_copy_and_asks_nothing():
    assert not _core.is_strict()
    a = cow.zeros(6)
    v = a[:3]
    a += 1
    assert v.tolist() == [0, 0, 0]


def test_the_message_names_both_places_and_the_two_ways_on(strict):
    base = cow.zeros(6)
    here = sys._getframe().f_lineno
    view = base[:4]
    text = stopped(add_one, base)
    assert f"CowArray float64[6], made at {__file__}:{here - 1}. " in text
    assert f"CowArray float64[4], made at {__file__}:{here + 1}. " in text
    assert "base[1:3] = value" in text and "base[1:3].copy()" in text
    assert view.tolist() == [0, 0, 0, 0] and base.tolist() == [0] * 6


def test_nothing_has_changed_when_it_raises(strict):
    a = cow.arange(8.0)
    v = a[2:5]
    address = _core.extent(a)[0]
    for write in (
        lambda: a.__setitem__(3, 9),
        lambda: a.__setitem__(slice(0, 3), 9),
        lambda: a.__setitem__([0, 2], 9),
        lambda: a.sort(),
        lambda: np.add(a, 1, out=a),
        lambda: a.resize(3, refcheck=False),
        lambda: np.put(a, [3], 9),
        lambda: v.fill(7),
    ):
        stopped(write)
        assert a.tolist() == list(range(8)) and v.tolist() == [2, 3, 4]
        assert _core.extent(a)[0] == address and np.shares_memory(a, v)


def test_objects_and_records_are_stopped_before_anything_is_written(strict):
    a = cow.array([1, "x", None], dtype=object)
    v = a[:2]
    stopped(a.__setitem__, slice(None), [5, 6, 7])
    assert a.tolist() == [1, "x", None] and v.tolist() == [1, "x"]
    r = cow.zeros(3, dtype=[("x", "f8"), ("y", "i4")])
    x = r["x"]
    r["y"] = 5
    stopped(r.__setitem__, "x", 1)
    stopped(r.__setitem__, 0, (1, 2))
    assert x.tolist() == [0, 0, 0]


OPERATORS = ["+", "-", "*", "/", "//", "%", "**", "&", "|", "^", "<<", ">>", "@"]


@pytest.mark.parametrize("operator", OPERATORS)
@pytest.mark.parametrize("dtype", ["i8", "f8", "O"])
@pytest.mark.parametrize("n", [3, 3000])
def test_operators_in_place_know_who_has_their_operand(strict, operator, dtype, n):
    base = np.arange(1, n * n + 1).reshape(n, n) if operator == "@" else np.arange(1, n)
    if n == 3000:
        base = np.ones((60, 60), "i8") if operator == "@" else base % 7 + 1
    a = cow.asarray(base.astype(dtype))
    names = {"a": a, "held": [a[::-1]]}
    try:
        exec(f"b = a.copy(); b {operator}= b[::-1].copy()", {**names})
    except TypeError:
        return  # there is no such operator for the dtype
    before = a.tolist()
    for program in (
        f"v = a[::-1]\na {operator}= v",
        f"a {operator}= held[0]",
        f"def f(x, v):\n    x {operator}= v\nf(a, held[0])",
        f"def f(x):\n    v = x[::-1]\n    x {operator}= v\nf(a)",
    ):
        stopped(exec, program, {**names})
        assert a.tolist() == before
    del names["held"]
    gc.collect()  # the tracebacks
    wanted = np.array(a)
    exec(f"a {operator}= a[::-1].copy()", {"a": wanted})
    try:
        exec(f"a {operator}= a[::-1]", names)
    except cow.ViewError:
        assert dtype == "O" or operator in ("**", "@")
    else:
        assert a.tolist() == wanted.tolist()


def test_two_outputs_are_asked_before_one_is_written(strict):
    a, b = cow.array([1.5, 2.5]), cow.zeros(2)
    v = b[:1]
    stopped(lambda: np.modf(a, out=(a, b)))
    assert a.tolist() == [1.5, 2.5] and v.tolist() == [0]


def test_a_pointer_to_what_others_see_is_refused(strict):
    a = cow.zeros(3)
    v = a[:2]
    stopped(lambda: a.ctypes)
    stopped(lambda: cow.writing(a).__enter__())
    del v
    with cow.writing(a) as p:
        p[0] = 1
        a[1] = 2
    assert a.tolist() == [1, 2, 0]


def test_what_has_parted_before_is_remembered():
    a = cow.zeros(6)
    v = a[:4]
    w = v[1:3]
    v[0] = 1
    with cow.views("raise"):
        stopped(add_one, a)  # w sees it, and v would
        del v
        stopped(add_one, a)
        del w
        add_one(a)
    assert a.tolist() == [1] * 6


def test_what_lies_apart_is_not_seen_wherever_it_is_now():
    a = cow.zeros(6)
    left, right = a[:3], a[3:]
    left[0] = 1
    right[0] = 1
    del a
    with cow.views("raise"):
        left += 1
        right += 1
    assert left.tolist() == [2, 1, 1] and right.tolist() == [2, 1, 1]


def test_an_empty_write_is_no_write(strict):
    a = cow.zeros(6)
    p = np.asarray(a)
    a[:0] = 1
    a[a > 5] = 1
    stopped(add_one, a)
    assert p.tolist() == [0] * 6


def test_arguments_of_guarded_functions_are_copies(strict):
    @cow.no_mutate
    def doubled(x):
        x *= 2
        return x

    box = cow.arange(3.0)

    @cow.no_mutate(results="own")
    def kept(x):
        return box

    a = cow.arange(3.0)
    v = a[1:]
    b = doubled(a)
    b += 1
    c = kept(a)
    c += 1
    assert (a.tolist(), b.tolist(), v.tolist()) == ([0, 1, 2], [1, 3, 5], [1, 2])
    assert c.tolist() == [1, 2, 3]


def test_borrowed_memory_that_nobody_else_has_is_written(strict):
    for make in (lambda: np.zeros(4)[1:], lambda: np.zeros(3)):
        a = cow.asarray(make())
        a[0] = 5
    q = np.zeros(3)
    b = cow.asarray(q)
    assert "ndarray float64[3]" in stopped(add_one, b)
    frozen = cow.asarray(np.frombuffer(bytes(4), dtype=np.uint8))
    stopped(add_one, frozen)  # as NumPy, which raises ValueError


def test_what_lies_upon_itself_is_stopped(strict):
    a = cow.zeros(4)
    windows = np.lib.stride_tricks.sliding_window_view(a, 2)
    del a
    stopped(add_one, windows)


def test_warn_tells_each_line_once_and_goes_on():
    with cow.views("warn"):
        a = cow.zeros((3, 2))
        with pytest.warns(cow.ViewWarning, match="would be seen") as told:
            for row in a:
                row += 1
        assert len(told) == 1 and told[0].filename == __file__
        assert a.tolist() == [[0, 0]] * 3 and row.tolist() == [1, 1]
        with warnings.catch_warnings():
            warnings.simplefilter("error", cow.ViewWarning)
            v = a[:1]
            with pytest.raises(cow.ViewWarning):
                a += 1
            assert v.tolist() == a[:1].tolist() == [[0, 0]]


def test_what_parts_under_warn_is_told_at_each_later_line():
    told = []
    views.collect(told.append)
    try:
        a = cow.zeros(6)
        v = a[:4]
        v[0] = 1
        a[1] = 2
        v[1] = 3
        w = v[::2]
        del v
        a[0] = 4
        a[5] = 4
        w[1] = 6
    finally:
        views.stop_collecting(told.append)
    first = told[0].lineno
    assert [t.lineno - first for t in told] == [0, 1, 2, 5, 7]
    assert not _core.is_strict()


def test_blocks_are_of_one_thread_and_the_setting_is_of_all():
    a = cow.zeros(4)
    v = a[:2]
    errors = []

    def write():
        try:
            cow.zeros(3)
            a[0] = 1
        except cow.ViewError as error:
            errors.append(error)

    def in_thread():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()

    with cow.views("raise"):
        in_thread()
        assert not errors and v.tolist() == [0, 0]
        v = a[:2]
    cow.views("raise")
    try:
        in_thread()
        assert len(errors) == 1
        with cow.views("copy"):
            a[0] = 2
        v = a[:2]
        stopped(add_one, a)
    finally:
        cow.views("copy")
    assert not _core.is_strict() and v.tolist() == [2, 0]


def test_blocks_are_of_one_task():
    async def write(mode, wait):
        with cow.views(mode):
            a = cow.zeros(4)
            v = a[:2]
            await asyncio.sleep(wait)
            try:
                a[0] = 1
            except cow.ViewError:
                return "stopped"
            return v.tolist()

    async def both():
        return await asyncio.gather(write("raise", 0.02), write("copy", 0.01))

    assert asyncio.run(both()) == ["stopped", [0, 0]]
    assert not _core.is_strict()


def test_a_setting_holds_until_the_next_and_blocks_give_it_back():
    for _ in range(5):
        cow.views("warn")
    block = cow.views("raise")
    with block, cow.views("copy"):
        assert _core.is_strict()
        with pytest.raises(RuntimeError, match="open already"):
            block.__enter__()
    assert views._set[-1][1] == "warn" and len(views._set) < 4
    cow.views("copy")
    assert not _core.is_strict()


def test_another_mode_is_refused():
    with pytest.raises(ValueError, match="'copy', 'warn' or 'raise', not 'never'"):
        cow.views("never")


@pytest.mark.parametrize("mode", ["", "copy", "warn", "raise", "no"])
def test_the_environment_sets_it(mode):
    program = "import cow, cow.numpy; a = cow.zeros(3); v = a[:2]; a += 1; print(v)"
    run = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "COW_VIEWS": mode},
        capture_output=True,
        text=True,
    )
    wanted = {
        "raise": "ViewError",
        "no": "ValueError: COW_VIEWS",
        "warn": "ViewWarning",
    }
    assert (run.returncode != 0) == (mode in ("raise", "no"))
    assert wanted.get(mode, "") in run.stderr
    assert bool(run.stderr) == (mode in wanted)
