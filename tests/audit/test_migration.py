"""The migration mode tells each line at which cow and NumPy part."""

import json
import os
import re
import subprocess
import sys

import pytest

# (a program that prints its result, the lines that part)
PROGRAMS = {
    "flat parameters": (
        "params = np.zeros(6)\nW = params[:4]\nparams += 1\nprint(W)\n",
        [4],
    ),
    "an inner part of a grid": (
        "U = np.zeros((5, 5))\nu = U[1:-1, 1:-1]\nfor _ in range(3):\n"
        "    u += 0.5\n    U[2, 2] = 9\nprint(U, u)\n",
        [5, 6],
    ),
    "rows": ("a = np.ones((3, 2))\nfor row in a:\n    row *= 2\nprint(a)\n", [4]),
    "random numbers": (
        "rng = np.random.default_rng(1)\nx = rng.normal(size=4)\nhead = x[:2]\n"
        "head[:] = 0\nprint(x)\n",
        [5],
    ),
    "a plain array of it": (
        "a = np.arange(3.0)\np = np.asarray(a)[:]\na[0] = 5\nprint(p)\n",
        [4],
    ),
    "a write in steps": (
        "a = np.zeros((2, 2))\ntry:\n    a[0][1] = 5\nexcept ValueError:\n    pass\n"
        "print(a)\n",
        [4],
    ),
    "one that has parted before": (
        "a = np.zeros(4)\nv = a[:2]\nv[0] = 1\na[1] = 2\nprint(v, a)\n",
        [4, 5],
    ),
}
ALIKE = {
    "augmented parts": "a = np.zeros(6)\na[1:3] += 1\na[::2] *= 3\nprint(a)\n",
    "views that are read": (
        "a = np.arange(6.0)\nv = a[1:]\nprint(v.sum())\ndel v\na -= 1\nprint(a)\n"
    ),
    "a base that is gone": (
        "a = np.arange(6.0).reshape(2, 3)\na[0] = 7\nb = a.T.copy()\nb += 1\n"
        "print(a, b)\n"
    ),
}


def python(folder, *arguments):
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )


def audited(folder, text):
    """Return what a program prints, without and with the audit, and the report."""
    (folder / "program.py").write_text("import numpy as np\n" + text)
    plain = python(folder, "program.py")
    run = python(
        folder, "-m", "cow", "audit", "--migrate", "--json", "r.json", "program.py"
    )
    found = json.loads((folder / "r.json").read_text())["migration"]
    return plain, run, found


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_line_that_parts_is_in_the_report(tmp_path, name):
    text, lines = PROGRAMS[name]
    plain, run, found = audited(tmp_path, text)
    assert plain.stdout != run.stdout
    assert sorted(m["line"] for m in found) == lines
    assert run.returncode == 1 and "Writes that another array would see" in run.stderr
    assert "No " not in run.stderr  # it never says that all is well


@pytest.mark.parametrize("name", ALIKE)
def test_what_computes_the_same_is_not_accused(tmp_path, name):
    plain, run, found = audited(tmp_path, ALIKE[name])
    assert plain.stdout == run.stdout and run.returncode == 0
    assert not found
    assert "No write was seen that another array would see" in run.stderr


def test_a_program_that_fails_is_not_called_well(tmp_path):
    _, run, _ = audited(tmp_path, "a = np.ones((2, 2))\na.T[0][0] = 3\n")
    assert run.returncode == 1 and "ChainedAssignmentError" in run.stderr
    assert "program.py:3 in <module>, once" in run.stderr
    assert "The program failed" in run.stderr and "No " not in run.stderr


def test_other_packages_get_plain_arrays(tmp_path):
    text = (
        "from scipy import signal\nassert type(np.zeros(3)).__name__ == 'CowArray'\n"
        "print(type(signal.get_window('hann', 8)).__name__)\n"
    )
    _, run, found = audited(tmp_path, text)
    assert run.stdout == "ndarray\n" and not found


LIBRARY = """
import numpy as np
class Filter:
    def __init__(self):
        self.state = np.zeros(4)
        self.speed = self.state[2:]
    def step(self):
        self.state += 1
        return self.speed
def mean(x):
    return x.sum() / len(x)
"""
TESTS = """
import numpy as np
from numpy import ones
import lib
def test_step():
    print(lib.Filter().step())
def test_mean():
    assert type(ones(2)).__name__ == "CowArray"
    assert lib.mean(ones(2)) == 1
"""


def test_pytest_tells_it_too(tmp_path):
    (tmp_path / "lib.py").write_text(LIBRARY)
    (tmp_path / "test_lib.py").write_text(TESTS)
    pytest_ = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "test_lib.py"]
    pytest_ += ["--cow-audit=lib", "--cow-audit-migrate"]
    run = python(tmp_path, *pytest_)
    assert run.returncode == 0, run.stdout
    assert "lib.py:8 in Filter.step, once" in run.stdout
    assert re.search(r"seen by +CowArray float64\[2\], made at lib.py:6", run.stdout)
    assert "No " not in run.stdout
    run = python(tmp_path, *pytest_, "--cow-audit-fail")
    assert run.returncode == 1
    run = python(tmp_path, *pytest_, "-k", "mean")
    assert "No write was seen that another array would see with NumPy." in run.stdout
