"""Failing allocations change nothing; see no_memory.py."""

import pathlib
import sys

import numpy as np
import pytest

PROGRAM = pathlib.Path(__file__).with_name("no_memory.py")


@pytest.mark.skipif(sys.platform != "linux", reason="loads an allocator built by cc")
def test_failing_allocation_changes_nothing_and_loses_nothing(python):
    # a process of its own: it makes the allocators of CPython fail. NumPy 2.0 ends one
    # that goes on for long, so there each operation has its own.
    runs = [[]] if np.lib.NumpyVersion(np.__version__) >= "2.1.0" else operations()
    for names in runs:
        done = python("-X", "faulthandler", PROGRAM, *names, timeout=300)
        assert done.returncode == 0, (names, done.stderr[-3000:])
        assert "nothing has changed" in done.stdout


def operations():
    """The names of all operations, each in a list."""
    sys.path.insert(0, str(PROGRAM.parent))
    try:
        import no_memory
    finally:
        sys.path.remove(str(PROGRAM.parent))
    return [[name] for name in no_memory.OPERATIONS]
