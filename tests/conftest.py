"""What tests of several folders need."""

import shutil
import subprocess
import sys

import pytest

pytest.register_assert_rewrite("tests.oracle")


@pytest.fixture(scope="session")
def python():
    """Run this Python with arguments, in a process of its own."""

    def run(*arguments, **options):
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, **options)

    return run


@pytest.fixture(scope="session")
def compiler():
    """The C compiler."""
    found = shutil.which("cc") or shutil.which("gcc")
    assert found, "cow is built with a C compiler, and so is this"
    return found
