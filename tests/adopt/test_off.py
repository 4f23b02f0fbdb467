"""With ``COW_OFF=1`` all arrays are NumPy's, and nothing is guarded or missing."""

import os
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest

import cow
from tests import ROOT

# for each public name, what holds with cow switched off
NAMES = {
    "ChainedAssignmentError": "issubclass(cow.ChainedAssignmentError, ValueError)",
    "CopyBudgetWarning": "issubclass(cow.CopyBudgetWarning, UserWarning)",
    "CowArray": "cow.CowArray is np.ndarray and isinstance(cow.zeros(1), cow.CowArray)",
    "MutationError": "issubclass(cow.MutationError, RuntimeError)",
    "MutationWarning": "issubclass(cow.MutationWarning, UserWarning)",
    "ReadOnly": "isinstance(p, cow.ReadOnly) and cow.ReadOnly[tuple[int], np.dtype]",
    "ReadOnlyArray": "isinstance(cow.readonly(p), cow.ReadOnlyArray)"
    " and not isinstance(p, cow.ReadOnlyArray)",
    "ReadOnlyError": "issubclass(cow.ReadOnlyError, ValueError)",
    "ReadOnlyNDArray": "cow.ReadOnlyNDArray[np.float64]",
    "History": "isinstance(cow.History, type)",
    "ViewError": "issubclass(cow.ViewError, Exception)",
    "ViewWarning": "issubclass(cow.ViewWarning, Warning)",
    "history": "callable(cow.history)",
    "paged": "cow.paged(p).tolist() == [0, 1, 2] and cow.paged(p).base is None",
    "snapshot": "cow.snapshot(p).tolist() == [0, 1, 2] and cow.snapshot(p) is not p",
    "views": "callable(cow.views)",
    "audit": "cow.audit is not None",
    "editing": "edited().tolist() == [9, 1, 2] and p.tolist() == [0, 1, 2]",
    "explain": "cow.explain(p).array.nbytes == 24",
    "guard_report": "'p: passes as it is (COW_OFF)' in str(cow.guard_report(write))",
    "is_readonly": "cow.is_readonly(cow.readonly(p)) and not cow.is_readonly(p)",
    "is_shared": "cow.is_shared(p[1:]) is False",
    "ledger": "copies() == 0",
    "no_mutate": "cow.no_mutate(write) is write"
    " and cow.no_mutate(on_write='raise')(write) is write"
    " and cow.no_mutate(Class) is Class and cow.no_mutate(Class.p) is Class.p",
    "protect": "protected()",
    "readonly": "refuses(cow.readonly(p)) and cow.readonly([1, 2]).tolist() == [1, 2]"
    " and cow.readonly(p) is not p",
    "register_container": "cow.register_container(Class, list, list) is None",
    "relation": "cow.relation(p, p[1:]).kind == 'view'",
    "safe_modify": "cow.safe_modify(p, write).tolist() == [9, 1, 2]"
    " and type(cow.safe_modify(p, write)) is np.ndarray and p[0] == 0",
    "trim": "cow.trim() is None or True",
    "writing": "written().tolist() == [9, 1, 2]",
}
CONSTRUCTORS = """
    arange array asarray ascontiguousarray asfortranarray empty empty_like eye
    frombuffer fromfunction fromiter full full_like linspace load loadtxt ones
    ones_like zeros zeros_like
""".split()
HELPERS = """
import warnings
warnings.simplefilter("ignore")
import numpy as np
import cow
p = np.arange(3)
def write(p): p[0] = 9
class Class:
    @property
    def p(self): return 1
def edited():
    with cow.editing(p) as e: e[0] = 9
    return e
def written():
    a = cow.arange(3)
    with cow.writing(a) as w: w[0] = 9
    return a
def copies():
    with cow.ledger() as log: cow.zeros(3)[1:][0] = 1
    return log.total_bytes
def refuses(a):
    try: a[0] = 1
    except ValueError: return True
def protected():
    with cow.protect("statistics") as protection:
        import statistics
        assert not hasattr(statistics.mean, "__wrapped__")
    protection.undo()
    try: cow.protect("no.such.module")
    except ModuleNotFoundError: pass
    else: return False
    return protection.counts() == {} and protection.unreached == ()
"""


def off(code, *options, **env):
    return subprocess.run(
        [sys.executable, *options, "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        cwd=ROOT,
        env={**os.environ, "COW_OFF": "1", **env},
    )


def holds(code):
    run = off(code)
    assert run.returncode == 0, run.stderr
    return run.stdout


def test_each_public_name_is_decided():
    assert NAMES.keys() | {*CONSTRUCTORS} == {*cow.__all__}


def test_each_public_name_is_there_and_works():
    checks = [f"assert {check}, {name!r}" for name, check in NAMES.items()]
    checks += [f"assert cow.{name} is np.{name}" for name in CONSTRUCTORS]
    checks += ["assert all(hasattr(cow, name) for name in cow.__all__)"]
    holds(HELPERS + "\n".join(checks))


def test_a_misspelt_option_is_still_an_error():
    for call in ("no_mutate(on_write='no')", "protect('statistics', isolate=3)"):
        run = off(HELPERS + f"cow.{call}")
        assert run.returncode == 1 and "ValueError" in run.stderr


def test_one_warning_at_the_import_says_that_nothing_is_guarded(tmp_path):
    (tmp_path / "program.py").write_text("import cow\nimport cow.numpy\nimport cow\n")
    run = off("import program", PYTHONPATH=str(tmp_path))
    assert run.returncode == 0
    assert run.stderr.count("Warning") == 1
    assert "program.py:1: RuntimeWarning: COW_OFF is set: nothing is" in run.stderr
    assert off("import cow", "-W", "ignore").stderr == ""


@pytest.mark.parametrize("value", ["", "0"])
def test_an_empty_value_and_0_switch_nothing_off(value):
    code = (
        "import cow\nassert type(cow.zeros(1)) is cow.CowArray\nimport cow.numpy as n"
    )
    code += "\nassert type(n.zeros(1)) is type(n.random.rand(1)) is cow.CowArray"
    run = off(code, COW_OFF=value)
    assert (run.returncode, run.stderr) == (0, "")


def test_changed_copies_have_the_same_values_as_with_cow():
    expressions = [
        "a.at[0].set(9)",
        "a.at[[1, 1]].add(5)",
        "a.at[1:].apply(lambda x: -x)",
        "a.at[a > 1].multiply(3)",
        "a.at[0].add(1).at[2].subtract(1)",
    ]
    shown = [f"print({each}.tolist(), a.tolist())" for each in expressions]
    code = HELPERS + "a = cow.arange(4)\n" + "\n".join(shown)
    code += "\nassert type(a.at[0].set(9)) is type(a) is cow.CowArray"
    assert holds(code) == off(code, COW_OFF="0").stdout


def test_the_namespace_is_that_of_numpy():
    holds(
        "import warnings; warnings.simplefilter('ignore')\n"
        "import numpy, cow.numpy as np, cow.numpy.random, cow.numpy.fft as fft\n"
        "assert all(getattr(np, n) is getattr(numpy, n) for n in numpy.__all__)\n"
        "assert np.random is cow.numpy.random is numpy.random and fft is numpy.fft\n"
        "from cow.numpy.random import default_rng\n"
        "assert default_rng is numpy.random.default_rng\n"
    )


def test_programs_compute_the_same():
    holds(
        """
import warnings; warnings.simplefilter("ignore")
import numpy
from tests.adopt.test_programs import PROGRAMS, EXERCISES, IMPORT, run, same
sources = [path.read_text() for path in PROGRAMS]
sources += ["import numpy as np\\n" + each + "\\nresult = r" for each in EXERCISES]
assert len(sources) > 80
for source in sources:
    scope = run(IMPORT.sub("import cow.numpy as np", source), "program")
    same(scope["result"], run(source, "program")["result"])
    arrays = [v for v in scope.values() if isinstance(v, numpy.ndarray)]
    assert not any(type(each).__module__.startswith("cow") for each in arrays)
"""
    )


def test_all_bodies_of_the_catalogue_are_given_back_as_they_are():
    told = holds(
        """
import warnings; warnings.simplefilter("ignore")
import importlib, pkgutil
import cow
from tests.catalogue import bodies
from tests.catalogue.bodies.body import BODIES
for each in pkgutil.iter_modules(bodies.__path__, bodies.__name__ + "."):
    importlib.import_module(each.name)
for each in BODIES.values():
    assert cow.no_mutate(each.function) is each.function, each.name
print(len(BODIES))
"""
    )
    assert int(told) > 300


def test_the_examples_show_numpy_twice():
    def run(name):
        return off(
            f"import runpy; runpy.run_path('examples/{name}', run_name='__main__')"
        )

    tutorial = run("tutorial.py")
    assert tutorial.returncode == 0, tutorial.stderr
    rows = re.findall(r"^  (?=\S).{32}(.{31})(\S.*)$", tutorial.stdout, re.M)
    assert len(rows) > 40
    assert [left.strip() for left, _ in rows] == [right for _, right in rows]
    real = run("real_data.py")  # it watches itself whether it is guarded
    if sys.version_info < (3, 15):  # with the SciPy that writes into its input
        assert real.returncode == 1
        assert "the guarded analysis has changed its arguments" in real.stderr


def test_pickles_made_with_cow_give_plain_arrays(tmp_path):
    file = tmp_path / "a.pickle"
    kept = [cow.arange(3), cow.readonly([4, 5]), cow.arange(6).reshape(2, 3).T]
    for protocol in (2, 5):
        file.write_bytes(pickle.dumps(kept, protocol))
        told = holds(
            f"{HELPERS}\nimport pickle\n"
            f"kept = pickle.load(open({os.fspath(file)!r}, 'rb'))\n"
            "assert {type(each) for each in kept} == {np.ndarray}\n"
            "kept[0][0] = 7\nprint([each.tolist() for each in kept])"
        )
        assert told.strip() == "[[7, 1, 2], [4, 5], [[0, 3], [1, 4], [2, 5]]]"


def test_the_audit_finds_the_guarded_functions_that_write(tmp_path):
    program = tmp_path / "program.py"
    program.write_text(
        "import numpy as np, cow\n@cow.no_mutate\ndef f(x):\n    x[0] = 1\n"
        "f(np.ones(2) * 3)\n"
    )
    command = [sys.executable, "-m", "cow", "audit", Path(program)]
    for value, status in (("1", 1), ("0", 0)):
        env = {**os.environ, "COW_OFF": value}
        run = subprocess.run(command, capture_output=True, text=True, env=env)
        assert run.returncode == status, run.stderr
        assert ("__main__.f(x), once" in run.stderr) == (value == "1")
