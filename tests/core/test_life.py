"""Birth and death: garbage, finalizers, fork, exit and interpreters."""

import gc
import subprocess
import sys
import weakref

import numpy as np
import pytest

import cow
from cow import _core
from tests.programs import lives


@pytest.mark.parametrize("life", lives.LIVES, ids=lambda f: f.__name__)
def test_code_that_runs_in_the_middle_finds_right_values(life):
    life()


# ---------------------------------------------------------------- collection


class Sub(cow.CowArray):
    """Has a dictionary."""


class Thing:
    pass


def itself(thing):
    a = cow.array([None, None], dtype=object)
    a[0] = [a, thing]


def itself_after_a_move(thing):
    a = cow.array([None, None], dtype=object)
    v = a[:]
    a[0] = [a, thing]
    del v
    a[1] = 0


def two_dimensions(thing):
    a = cow.array([[None, None], [None, None]], dtype=object)
    a[1, 0] = {"a": a.T, "thing": thing}
    a[0, 1] = 1


def each_other(thing):
    a, b = (cow.array([None], dtype=object) for _ in range(2))
    a[0], b[0] = b, [a, thing]


def subclass_elements(thing):
    a = cow.array([None], dtype=object).view(Sub)
    a[0] = [a, thing]


def attribute(thing):
    a = cow.zeros(3).view(Sub)
    a.me = [a, thing]


def attribute_of_an_object(thing):
    thing.array = cow.readonly(cow.array([thing, None], dtype=object))


def kept_storage(thing):
    a = cow.array([None] * 10, dtype=object)
    a[0] = [a, thing]
    np.nditer(a, flags=["refs_ok"])
    a[1] = 1


CYCLES = [itself, itself_after_a_move, two_dimensions, each_other, subclass_elements]
CYCLES += [attribute, attribute_of_an_object, kept_storage]


@pytest.mark.parametrize("make", CYCLES, ids=lambda f: f.__name__)
def test_cycle_through_an_array_is_collected(make):
    gc.collect()
    thing = Thing()
    ref = weakref.ref(thing)
    make(thing)
    del thing
    gc.collect()
    assert ref() is None


@pytest.mark.parametrize("look", [np.asarray, lambda a: a[:], memoryview, np.nditer])
def test_collection_leaves_what_somebody_looks_at(look):
    # were an element counted twice, the collector would take it away
    a = cow.array([[1], [2], None], dtype=object)
    a[2] = [a]
    if look is memoryview or look is np.nditer:
        look = np.ravel
    v = look(a)
    del a
    for _ in range(3):
        gc.collect()
    assert v[0] == [1] and v[1] == [2] and len(v[2]) == 1
    again = v[2][0]
    assert again[0] == [1]
    _core.check(again)


def test_collection_in_the_middle_of_everything_changes_nothing():
    old = gc.get_threshold()
    gc.set_threshold(1)
    try:
        a = cow.array([[i] for i in range(50)] + [None], dtype=object)
        for i in range(50):
            v = a[i:]
            a[i] = [a[i], v]
            w = a.copy()
            w[0] = [w]
        assert a[49][0] == [49] and a[0][0] == [0]
        _core.check(a)
    finally:
        gc.set_threshold(*old)


def test_temporary_gives_back_what_it_left_when_it_is_written():
    left = []

    def moved():
        a = cow.zeros(20_000)
        left.append(weakref.ref(_core.plain(a)))
        np.nditer(a)
        _core.detach(a.copy())
        v = a[:]
        a[0] = 1
        assert v[0] == 0
        return a

    class Holder:
        def __setitem__(self, idx, array):
            array[0] = 5
            assert array[0] == 5

    Holder()[0] = moved()
    moved()[0] = 5
    gc.collect()
    assert [ref() for ref in left] == [None, None]


def test_error_of_a_ledger_is_reported_and_the_write_is_done(monkeypatch):
    seen = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: seen.append(args.exc_type))
    old = _core.set_ledger(lambda *args: 1 / 0)
    try:
        a = cow.zeros(4)
        v = a[:]
        a[0] = 1
    finally:
        _core.set_ledger(old)
    assert a[0] == 1 and v[0] == 0 and seen == [ZeroDivisionError]


# ------------------------------------------------------- processes and exit


def run(code, *args):
    done = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code, *args],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, (done.returncode, done.stderr[-2000:])
    return done.stdout


FORK = """
import os, sys, threading, warnings
import numpy as np, cow
from cow import _core
warnings.simplefilter("ignore")  # that a process with threads forks
a = cow.zeros(200_000)
v = a[:]
stop = threading.Event()
def work():
    b = a.copy()
    while not stop.is_set():
        b += 1
        c[:] = b
c = cow.zeros(200_000)
threads = [threading.Thread(target=work) for _ in range(int(sys.argv[1]))]
for t in threads: t.start()
for i in range(20):
    pid = os.fork()
    if pid == 0:
        a[0] = 5.0
        v[:] = 7.0
        _core.check(a)
        os._exit(0 if a[0] == 5.0 and a[1] == 0.0 and v[0] == 7.0 else 3)
    status = os.waitpid(pid, 0)[1]
    assert status == 0, status
    assert a[0] == v[0] == 0.0 and np.shares_memory(a, v)
stop.set()
for t in threads: t.join()
_core.check(c)
print("unchanged")
"""


@pytest.mark.skipif(not hasattr(sys, "getdlopenflags"), reason="no fork on Windows")
@pytest.mark.parametrize("threads", [0, 2])
def test_child_writes_and_parent_is_unchanged(threads):
    assert run(FORK, str(threads)) == "unchanged\n"


FORK_IN_A_WRITE = """
import os, signal, threading, warnings
import numpy as np, cow
from cow import _core
warnings.simplefilter("ignore")
a = cow.zeros(20_000, dtype=object)
inside, leave = threading.Event(), threading.Event()
class Slow:
    def __radd__(self, other):
        inside.set()
        leave.wait()
        return 1
other = np.array([1] * 20_000, dtype=object)
other[-1] = Slow()
def write():
    global a
    a += other
thread = threading.Thread(target=write)
thread.start()
inside.wait()
pid = os.fork()
if pid == 0:
    signal.alarm(60)  # of the child alone, should it wait
    a[0], a[-1]
    b = a.copy()
    a[5] = 7
    _core.check(a)
    t = threading.Thread(target=lambda: a.fill(3))
    t.start()
    t.join()
    os._exit(0 if a[0] == a[5] == 3 and b[5] != 3 else 3)
leave.set()
thread.join()
assert os.waitpid(pid, 0)[1] == 0
assert a[0] == a[-1] == 1
print("unchanged")
"""


@pytest.mark.skipif(not hasattr(sys, "getdlopenflags"), reason="no fork on Windows")
def test_child_does_not_wait_for_a_writer_that_it_has_not():
    assert run(FORK_IN_A_WRITE) == "unchanged\n"


EXIT = """
import atexit, sys, threading, weakref
import numpy as np, cow
class Sub(cow.CowArray):
    def __del__(self):
        self[0] = 1
a = cow.arange(20_000.0)
v, s = a[5:], a.view(Sub)
s.me = s
o = cow.array([None, None], dtype=object)
o[0] = [o, o[1:]]
it, m, p = np.nditer(a), memoryview(a), np.asarray(a)
ref = weakref.ref(v, lambda r: a.__setitem__(0, 3.0))
big = cow.ones(5_000_000)
cow.no_mutate(lambda x: x)(a)
def last():
    a[0] = 2.0
    assert v[0] == 5.0
    print("last", flush=True)
atexit.register(last)
sys.kept = [a, big + 1]
np.kept = cow.array([sys, [cow]], dtype=object)
if sys.argv[1] == "threads":
    def work():
        while True:
            b = a.copy()
            b += 1
            v.sum()
    for _ in range(3):
        threading.Thread(target=work, daemon=True).start()
if sys.argv[1] == "error":
    raise SystemExit(0)
"""


@pytest.mark.parametrize("how", ["plain", "threads", "error"])
def test_interpreter_ends_with_live_arrays(how):
    assert run(EXIT, how) == "last\n"


IN_ANOTHER = """
import importlib.machinery, importlib.util
def package():
    import cow
def core():  # without NumPy's own refusal, which comes first
    spec = importlib.util.spec_from_file_location("cow._core", %r)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
for load in (package, core, package):
    try:
        load()
    except ImportError:
        print("refused", flush=True)
    else:
        print("loaded", flush=True)
"""

MAIN = """
import cow
{start}
code = {code!r}
for _ in range(2):
    {call}
a = cow.arange(3)
v = a[:]
a[0] = 5
assert v[0] == 0
print("main works")
"""

# module -> how it starts another interpreter, and how that runs code
ROADS = {
    "_testcapi": ("import _testcapi", "assert _testcapi.run_in_subinterp(code) == 0"),
    # since CPython 3.13: one that shares the lock, as those of embedding programs
    "_interpreters": (
        "import _interpreters; other = _interpreters.create('legacy')",
        "assert _interpreters.exec(other, code) is None",
    ),
    # since CPython 3.14
    "concurrent.interpreters": (
        "from concurrent.interpreters import create; other = create()",
        "other.exec(code)",
    ),
}


@pytest.mark.parametrize("road", ROADS)
def test_second_interpreter_is_refused(road):
    pytest.importorskip(road, reason=f"this CPython has no {road}")
    start, call = ROADS[road]
    script = MAIN.format(start=start, call=call, code=IN_ANOTHER % _core.__file__)
    assert run(script).splitlines() == ["refused"] * 6 + ["main works"]


BORROWED = """
import gc
from concurrent import interpreters
import numpy as np, cow
a = cow.arange(20_000.0)
v = a[:]
other = interpreters.create()
other.prepare_main(m=memoryview(a))
other.exec("assert m[3] == 3.0 and m.nbytes == 160_000")
a[3] = 9.0
assert v[3] == 3.0
del a, v
gc.collect()
junk = [np.full(20_000, 7.0) for _ in range(20)]
other.exec("assert m[4] == 4.0 and m[3] in (3.0, 9.0)")
other.close()
print("alive")
"""


def test_memory_that_another_interpreter_looks_at_stays():
    pytest.importorskip("concurrent.interpreters", reason="Python 3.14")
    assert run(BORROWED) == "alive\n"


def test_package_works_without_docstrings():
    code = "import cow; a = cow.zeros(2); b = a.copy(); b[0] = 1; print(a, -b, b.sum())"
    command = [sys.executable, "-OO", "-W", "error", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "[0. 0.] [-1. -0.] 1.0\n"
