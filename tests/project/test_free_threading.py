"""Without its global lock CPython cannot have cow: the build says so."""

import re
import subprocess
import sys
import sysconfig

import numpy as np
import pytest

import cow
from tests import ROOT

SOURCE = ROOT / "src" / "core" / "module.c"  # which includes the rest
REFUSAL = (
    "cow needs the global lock of CPython: use the usual build of the same version "
    "(python3.14, not python3.14t)"
)


@pytest.fixture
def refusal(compiler):
    """Whether the compiler fails, and what it says."""
    paths = [f"-I{sysconfig.get_paths()['include']}", f"-I{np.get_include()}"]

    def refusal(source, *flags):
        command = [compiler, "-std=c11", "-fsyntax-only", "-w", *flags, *paths]
        done = subprocess.run([*command, str(source)], capture_output=True, text=True)
        return done.returncode, " ".join(done.stderr.split())

    return refusal


def test_core_cannot_be_compiled_without_the_lock(refusal):
    failed, said = refusal(SOURCE, "-DPy_GIL_DISABLED")
    assert failed and REFUSAL in said
    failed, said = refusal(
        SOURCE,
        "-DNPY_TARGET_VERSION=NPY_2_0_API_VERSION",
        "-DNPY_NO_DEPRECATED_API=NPY_2_0_API_VERSION",
    )
    assert not failed, said


def test_build_refuses_first_and_in_the_same_words():
    build = (ROOT / "meson.build").read_text()
    check = build.index("Py_GIL_DISABLED")
    assert f"error('{REFUSAL}')" in build
    assert check < build.index("extension_module(") < build.index("limited_api")


def test_core_does_not_say_that_it_can_do_without_the_lock():
    for path in (ROOT / "src").rglob("*.[ch]"):
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        assert "Py_mod_gil" not in text


def test_lock_is_on_where_cow_is_imported():
    assert cow.CowArray
    assert getattr(sys, "_is_gil_enabled", lambda: True)()
