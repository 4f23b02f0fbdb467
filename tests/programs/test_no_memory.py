"""Failing allocations change nothing; see no_memory.py."""

import pathlib
import sys

import pytest

PROGRAM = pathlib.Path(__file__).with_name("no_memory.py")


@pytest.mark.skipif(sys.platform != "linux", reason="loads an allocator built by cc")
def test_failing_allocation_changes_nothing_and_loses_nothing(python):
    # a process of its own: it makes the allocators of CPython fail
    done = python("-X", "faulthandler", PROGRAM, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "nothing has changed" in done.stdout
