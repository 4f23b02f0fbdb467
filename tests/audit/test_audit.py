"""The audit finds who writes into whose arrays, and changes nothing."""

import json
import os
import subprocess
import sys
import textwrap

import pytest

PROGRAM = """
import sys
import numpy as np
import lib

a = np.arange(10.0)
lib.item(a)                                     # line 7
lib.sorts(a)
lib.nested({"grid": [a]})
lib.through(a)
lib.by_view(a)
lib.reshapes(np.ones((2, 3)))
list(lib.generator(a))
lib.c_code(a)
lib.Thing().method(a)
lib.asked(np.ones(3), out=a)
lib.asked_by_switch(a, overwrite_x=True)
lib.keywords(out=a)
lib.local_only(a)
lib.clean(a)
lib.alias(a)
assert a[0] == 42 or sys.exit("a write was lost")
sys.exit(int(sys.argv[1]) if len(sys.argv) > 1 else 0)
"""

LIBRARY = """
import numpy as np

def item(x):
    y = x.sum()
    x[0] = y                                    # item
    return y

def sorts(x):
    x[::-1].sort()                              # sorts

def nested(config):
    for g in config["grid"]:
        g += 1                                  # nested

def through(x):
    return inner(x, 2)

def inner(z, n):
    z *= n                                      # inner

def by_view(x):
    tail = x[3:]
    tail[0] = -1                                # by_view

def reshapes(x):
    x.shape = (-1,)                             # reshapes

def generator(x):
    yield 1
    x[1] = 7                                    # generator
    yield 2

def c_code(x):
    np.random.default_rng(0).shuffle(x)         # c_code
    x[0] = 42                                   # later

class Thing:
    def method(self, x):
        self.kept = x
        x[2] = 5                                # method

def asked(x, out):
    out[5] = -99

def asked_by_switch(x, overwrite_x=False):
    x[3] = -98

def keywords(**kwargs):
    kwargs["out"][4] = -97

def local_only(x):
    y = x.copy()
    inner_of_own(y)

def inner_of_own(y):
    y[0] = 1

def clean(x):
    x = x + 1
    x[0] = 2
    return x

def alias(x):
    return {"part": x[2:4]}
"""

WRITERS = {
    "item": "x",
    "sorts": "x",
    "nested": "config",
    "inner": "z",
    "by_view": "x",
    "reshapes": "x",
    "generator": "x",
    "c_code": "x",
    "Thing.method": "x",
}


@pytest.fixture
def project(tmp_path):
    (tmp_path / "prog.py").write_text(PROGRAM)
    (tmp_path / "lib.py").write_text(LIBRARY)
    return tmp_path


def python(cwd, *args, **env):
    return subprocess.run(
        [sys.executable, *args],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **env},
    )


@pytest.fixture
def found(project):
    run = python(
        project, "-m", "cow", "audit", "--package=lib", "--json=out.json", "prog.py"
    )
    assert run.returncode == 1, run.stderr
    return json.loads((project / "out.json").read_text()), run.stderr


def line_of(mark):
    lines = LIBRARY.splitlines()
    return next(i for i, s in enumerate(lines, 1) if s.endswith("# " + mark))


def test_each_writer_is_found_with_its_line_and_nobody_else_is(found):
    writes = [w for w in found[0]["writes"] if w["external"] and not w["asked"]]
    assert {w["function"].partition(".")[2]: w["parameter"] for w in writes} == WRITERS
    for w in writes:
        name = w["function"].rpartition(".")[2]
        assert w["line"] == line_of(name) and w["file"].endswith("lib.py"), w
        assert w["times"] == 1, w
    assert found[0]["limits"]["errors"] == []


def test_example_of_the_caller_is_a_line_of_the_program(found):
    writes = {w["function"]: w for w in found[0]["writes"]}
    assert "prog.py:7 in <module>" in writes["lib.item"]["called_from"]
    assert writes["lib.inner"]["through"] == ["lib.through(x)"]
    assert writes["lib.nested"]["path"] == "config['grid'][0]"
    assert writes["lib.reshapes"]["what"] == "shape or dtype"


def test_writes_that_are_asked_for_or_stay_inside_are_told_apart(found):
    writes = {w["function"]: w for w in found[0]["writes"]}
    for name in ("asked", "asked_by_switch", "keywords"):
        assert writes["lib." + name]["asked"]
    assert not writes["lib.inner_of_own"]["external"]
    assert "lib.clean" not in writes and "lib.local_only" not in writes


def test_results_that_alias_an_argument_are_reported(found):
    aliases = {(a["function"], a["parameter"], a["kind"]) for a in found[0]["aliases"]}
    assert ("lib.alias", "x", "shares its memory") in aliases


def test_report_is_readable(found):
    assert "Write into an array of their caller (9):" in found[1]
    assert f"written at   lib.py:{line_of('item')}" in found[1]
    assert "Write because the call asks for it (out=, inplace=) (3)" in found[1]


def test_program_runs_as_without_and_keeps_its_exit_status(project):
    audit = ["-m", "cow", "audit", "--package", "lib"]
    assert python(project, *audit, "prog.py", "7").returncode == 7
    assert python(project, *audit, "-m", "prog", "7").returncode == 7
    (project / "clean.py").write_text("import lib, numpy as n\nlib.clean(n.ones(3))")
    run = python(project, *audit, "clean.py")
    assert run.returncode == 0 and "No function wrote" in run.stderr
    (project / "fails.py").write_text("def f():\n    1 / 0\nf()")
    run = python(project, *audit, "fails.py")
    assert run.returncode == 1 and "ZeroDivisionError" in run.stderr
    assert "__main__.py" not in run.stderr
    assert python(project, *audit, "missing.py").returncode == 2


def test_without_a_pattern_the_script_itself_is_watched(project):
    (project / "own.py").write_text(
        "import numpy as np\ndef f(x):\n    x[0] = 1\nf(np.zeros(3))\n"
    )
    run = python(project, "-m", "cow", "audit", "own.py")
    assert run.returncode == 1 and "__main__.f(x)" in run.stderr
    assert "own.py:3" in run.stderr


def test_threads_and_large_arrays_and_one_line_loops_are_watched(project):
    (project / "own.py").write_text(
        textwrap.dedent("""
        import threading
        import numpy as np
        def last(x):
            x.flat[x.size - 1] = np.nan
        big = np.full(10_000_000, np.nan)
        big[-1] = 0
        thread = threading.Thread(target=last, args=(big,))
        thread.start(); thread.join()
        """)
    )
    run = python(project, "-m", "cow", "audit", "own.py")
    assert run.returncode == 1 and "own.py:5" in run.stderr


def test_migration_mode_reports_writes_through_views(project):
    (project / "rows.py").write_text(
        "import cow\na = cow.ones((3, 2))\nfor row in a:\n    row *= 2\na[0] = 1\n"
    )
    run = python(project, "-m", "cow", "audit", "--migrate", "rows.py")
    assert "Writes that another array would see with NumPy (1)" in run.stderr
    assert "rows.py:4 in <module>, 3 times" in run.stderr


def test_migration_mode_reports_views_whose_sources_move_instead(project):
    (project / "rows.py").write_text(
        "import cow\na = cow.ones((100, 100))\nv = a[...]\nrow = a[0]\n"
        "del a\nv[:] = 0\nassert row[0] == 1\n"
    )
    run = python(project, "-m", "cow", "audit", "--migrate", "rows.py")
    assert "rows.py:6 in <module>, once" in run.stderr
    assert "seen by      CowArray float64[100], made at rows.py:4" in run.stderr


TESTS = """
import lib, numpy as np
def test_item():
    a = np.ones(3)
    lib.item(a)
    assert a[0] == 3
"""


def test_pytest_plugin_reports_and_fails_on_request(project):
    (project / "test_it.py").write_text(TESTS)
    pytest_ = ["-m", "pytest", "-q", "-p", "no:cacheprovider"]
    run = python(project, *pytest_, "test_it.py", "--cow-audit=lib")
    assert run.returncode == 0, run.stdout
    assert "lib.item(x), once" in run.stdout and "test_it.py:5" in run.stdout
    run = python(project, *pytest_, "test_it.py", "--cow-audit", "--cow-audit-fail")
    assert run.returncode == 1 and "1 passed" in run.stdout
    run = python(project, *pytest_, "--cow-audit", "test_it.py")
    assert run.returncode == 4 and "put --cow-audit last" in run.stderr


def test_plugin_imports_nothing_unless_asked(project):
    (project / "test_it.py").write_text(
        "import sys\ndef test_it():\n"
        "    assert 'pytest_cowarray' in sys.modules\n"
        "    assert 'cow' not in sys.modules and 'numpy' not in sys.modules\n"
    )
    # alone: plugins of other packages may import NumPy
    alone = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    plugins = ("-p", "no:cacheprovider", "-p", "pytest_cowarray")
    run = python(project, "-m", "pytest", "-q", *plugins, **alone)
    assert run.returncode == 0, run.stdout


def test_guarded_functions_are_not_accused(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        """
import numpy as np, cow

@cow.no_mutate
def centre(x):
    x -= x.mean()
    return x

@cow.no_mutate
class Model:
    def fit(self, x):
        x[0] = 1
        x.shape = (2, -1)
        return x

def bare(x):
    x[0] = 1

a = np.arange(5000.0)
for _ in range(3):
    centre(a)
    Model().fit(a)
bare(a)
"""
    )
    run = python(tmp_path, "-m", "cow", "audit", "--json=out.json", "program.py")
    assert run.returncode == 1, run.stderr
    writes = json.loads((tmp_path / "out.json").read_text())["writes"]
    assert [w["function"] for w in writes if w["external"]] == ["__main__.bare"]
