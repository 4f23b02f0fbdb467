"""An interpreter that nobody has looked at gets the safe choice everywhere.

Each program pretends, before it imports cow, that its interpreter is newer than all
that were tried, is not CPython, has no global lock, no ctypes, or no fork. No write
into an array that somebody holds raises or is lost, and those into temporaries do what
the table in docs/known-issues.md says.
"""

import ctypes
import functools
import json
import subprocess
import sys

import pytest

from tests import ROOT
from tests.catalogue.chained_lines import HELD, LOST

# a newer one has this module; it is seen in the table of those that are loaded
NEWS = """
if real < (3, 14):
    news = sys.modules["string.templatelib"] = types.ModuleType("templatelib")
    news.Template = type("Template", (), {})
    news.Interpolation = type("Interpolation", (), {})
"""
PRETEND = {
    "newer": """
Version = collections.namedtuple("Version", "major minor micro releaselevel serial")
sys.version_info = Version(3, 99, 0, "final", 0)
"""
    + NEWS,
    "no CPython": 'sys.implementation.name = "other"',
    "no lock": 'sys.version += " free-threading build"',
    # a CPython that was built without libffi: no addresses of functions, either
    "no ctypes": 'sys.modules["ctypes"] = sys.modules["_ctypes"] = None',
    # Windows, for one
    "no fork": """
import logging, os, random, numpy.random
del os.register_at_fork
sys.modules["ctypes"] = None
""",
}
# CPython 3.14 and newer tell by themselves what a temporary is
TELLS = hasattr(ctypes.pythonapi, "PyUnstable_Object_IsUniqueReferencedTemporary")
# stores of a constant or a variable, whose target is the temporary for certain
STORES = [
    "a[1:3][0] = 9",
    "a[1:3][0:1] = 9",
    "a[1:][2:][0] = 1",
    "a[1:].T[0] = 5",
    "a[1:3].real[0] = 4",
    "(lambda: a[1:])()[0] = 3",
    "box.a[1:][0] = 9",
    "d['a'][1:][0] = 9",
    "L[0][1:][0] = 9",
    "box.view[0] = 9",
    "call()[0] = 9",
    "a[i][j] = 9",
]
# what believes the version, and has nothing to do with cow
IMPORTS = """
import collections, json, sys, types, numpy, typing_extensions
real = sys.version_info
"""
RUN = """
from cow._dispatch import operands as _operands
assert not _operands.is_known()
from tests.catalogue.chained_lines import HELD, LOST, HOW, run
told = {line: [run(line, how) for how in HOW] for line in HELD}
for line in LOST:
    told[line] = []
    for how in HOW:
        try:
            told[line].append(run(line, how))
        except ValueError:
            told[line].append(False)  # what NumPy says, as it got to the write
print()  # after what the lines print
print(json.dumps(told))
"""
WORKS = """
import numpy as np
import cow
sys.version_info = real  # annotations are read in the way of the version
a = cow.array(np.arange(4.0))
view, plain, kept = a[1:], np.asarray(a), np.zeros(2)
a[0], view[0] = 5, 9
assert (a.tolist(), view.tolist()) == ([5, 1, 2, 3], [9, 2, 3])
assert plain.tolist() == [0, 1, 2, 3]
borrowed = cow.asarray(kept)
borrowed[0] = 1
cow.no_mutate(results="own")(lambda: kept)()[0] = 1
cow.no_mutate(lambda x: x.fill(1))(kept)
assert kept.tolist() == [0, 0] and kept.flags.writeable
"""
LANDS = """
import numpy as np
import cow
from tests.catalogue.chained_lines import HELD, names
for line in HELD:
    ours, numpys = names(), names()
    numpys["a"] = np.array(numpys["a"])
    numpys["box"].a = numpys["L"][0] = numpys["d"]["a"] = numpys["a"]
    exec(line, ours)
    try:
        exec(line, numpys)
    except (AttributeError, NameError):
        continue  # it names a class of cow's
    for name in ("v", "o", "w", "x", "y"):
        if isinstance(numpys.get(name), np.ndarray):
            assert np.array_equal(np.asarray(ours[name]), numpys[name]), (line, name)
"""


@functools.cache
def pretending(how, code):
    """Run the code in an interpreter that pretends; return its last line."""
    code = f"{IMPORTS}\n{PRETEND[how]}\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1:]


@pytest.mark.parametrize("how", PRETEND)
def test_writes_into_arrays_that_somebody_holds_never_raise(how):
    told = json.loads(*pretending(how, RUN))
    assert [line for line in HELD if any(told[line])] == []


@pytest.mark.parametrize("how", PRETEND)
def test_writes_into_temporaries_are_told_as_the_known_issues_say(how):
    told = json.loads(*pretending(how, RUN))
    raising = {line for line in LOST if any(told[line])}
    if not TELLS or "ctypes" in PRETEND[how]:
        assert raising == set()
        return
    for line in STORES:
        assert all(raised in (None, True) for raised in told[line]), line
    assert all("] = " in line or " in [" in line for line in raising), raising


@pytest.mark.parametrize("how", PRETEND)
def test_no_write_is_seen_elsewhere(how):
    pretending(how, WORKS)


@pytest.mark.parametrize("how", PRETEND)
def test_writes_into_arrays_that_somebody_holds_land(how):
    pretending(how, LANDS)


LAZY = """
import numpy as np
import cow

def function(x, *, y: 1 / 0 = 2) -> 1 / 0:
    x += y
    return x

class Class:
    def method(self, x: 1 / 0):
        x += 1
        return x

x = np.zeros(2)
guarded = cow.no_mutate(function)
assert list(guarded(x, y=3)) == [3, 3] and list(guarded(x)) == [2, 2]
assert list(cow.no_mutate(Class)().method(x)) == [1, 1]
assert list(cow.no_mutate(Class().method)(x)) == [1, 1]
only = cow.no_mutate(function, only=("x",))
assert list(only(x)) == [2, 2]
assert list(x) == [0, 0]
"""


@pytest.mark.skipif(sys.version_info < (3, 14), reason="lazy from CPython 3.14 on")
def test_annotations_that_raise_when_they_are_read_are_not_read():
    exec(compile(LAZY, "<user>", "exec"), {})
