"""Run NumPy's tests on subclass and on cow arrays and compare.

What passes with an empty subclass of ndarray must pass with cow arrays, apart
from the tests listed by name in ``allowed.toml``, in groups with a reason and
with the error that they must end in. Each module runs in a process of its own
so that a crash is seen.

    python -m tests.numpy_suite.run [modules, as in lib/tests/test_io.py]

The outcome of each test stays in ``build/numpy_suite``, with its traceback.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tomllib
from collections import Counter

import numpy as np

HERE = pathlib.Path(__file__).parent
KEPT = HERE.parents[1] / "build" / "numpy_suite"
NUMPY = pathlib.Path(np.__file__).parent
# They build extensions, test the installation or use no arrays.
LEFT_OUT = """
    distutils/ f2py/ typing/ _pyinstaller/ tests/
    _core/tests/test_cython.py _core/tests/test_limited_api.py
    _core/tests/test_mem_policy.py _core/tests/test_array_interface.py
    _core/tests/test_cpu_ _core/tests/test_simd random/tests/test_extending.py
    _core/tests/test_multithreading.py _core/tests/test_hashtable.py
    _core/tests/test_umath_accuracy.py
"""


def modules():
    """Return the test modules of the installed NumPy, relative to it."""
    found = sorted(NUMPY.glob("**/tests/test_*.py"))
    names = [path.relative_to(NUMPY).as_posix() for path in found]
    return [name for name in names if not name.startswith(tuple(LEFT_OUT.split()))]


def outcomes(module, kind):
    """Return {test: (outcome, traceback)} of a module; a crash is an outcome."""
    path = KEPT / np.__version__ / f"{module.replace('/', '.')}-{kind}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("")
    command = [sys.executable, "-m", "pytest", str(NUMPY / module), "-q"]
    command += ["-p", "tests.numpy_suite.plugin", f"--arrays={kind}"]
    command += [f"--outcomes={path}", "-m", "not slow", "-W", "ignore"]
    command += ["-p", "no:cacheprovider", "-c", "/dev/null", "--tb=short"]
    run = subprocess.run(
        command, capture_output=True, text=True, cwd=HERE.parents[1], env=_env()
    )
    found = {}
    for line in path.read_text().splitlines():
        test, outcome, message, traceback = json.loads(line)
        test = test.rpartition(module.rpartition("/")[2])[2].removeprefix("::")
        if found.get(test, ("started",))[0] != "failed":
            found[test] = (outcome, f"{message}\n{traceback}")
    if run.returncode not in (0, 1, 5):
        text = f"pytest ended with {run.returncode}: {run.stdout[-500:]}"
        found["(module)"] = ("crashed", text + run.stderr[-1500:])
    return found


def _env():
    # the tests' own outputs and hypothesis' data base stay out of the tree
    return {**os.environ, "COLUMNS": "200", "PYTHONPATH": str(HERE.parents[1])}


def _dense(line):
    # NumPy's versions differ in where they put spaces
    return line.replace(" ", "")


class Allowed:
    """The tests that may fail: by name, each in a group with its reason.

    A failure must have the error of its group or, where ``test | line`` is
    listed, happen in that line of the test.
    """

    def __init__(self):
        with open(HERE / "allowed.toml", "rb") as file:
            groups = tomllib.load(file)
        self.listed = {}
        self.met = set()
        for reason, group in groups.items():
            for line in filter(None, group["tests"].splitlines()):
                test, _, text = line.partition(" | ")
                self.listed.setdefault(test, []).append(
                    (reason, re.escape(_dense(text)) or group["error"])
                )

    def reason(self, module, test, message):
        """Return the group that the failure of a test is in, or None."""
        name = f"{module}::{test.partition('[')[0]}"
        for reason, error in self.listed.get(name, ()):
            if re.search(error, message) or re.search(error, _dense(message)):
                self.met.add(name)
                return reason
        return None

    def idle(self, run):
        """Return what is listed of the modules `run`, but did not fail."""
        listed = {test for test in self.listed if test.partition("::")[0] in run}
        return sorted(listed - self.met)


def compare(module, allowed, counts):
    """Return [(test, message)] of what only fails with cow arrays, unlisted."""
    subclass, cows = outcomes(module, "subclass"), outcomes(module, "cow")
    lost, row = [], Counter()
    for test, (outcome, message) in cows.items():
        if outcome == "skipped":
            continue
        row["cow " + outcome] += 1
        before = subclass.get(test, ("passed", ""))[0]
        if outcome == "passed" or before == "failed":
            continue
        reason = allowed.reason(module, test, message)
        if reason is None:
            lost.append((f"{module}::{test}", message))
            row["unexpected"] += 1
        else:
            row[reason] += 1
    for outcome, _ in subclass.values():
        row["subclass " + outcome] += 1
    counts.update(row)
    print(
        f"{module:48} subclass {row['subclass passed']:6} passed "
        f"{row['subclass failed']:4} failed   cow {row['cow passed']:6} passed "
        f"{row['cow failed']:4} failed, {row['unexpected']} unexpected",
        flush=True,
    )
    return lost


def main():
    allowed, counts, unexpected = Allowed(), Counter(), []
    run = sys.argv[1:] or modules()
    for module in run:
        unexpected += compare(module, allowed, counts)
    print(f"\nNumPy {np.__version__}")
    for name in sorted(counts):
        print(f"{counts[name]:7}  {name}")
    for name in allowed.idle(run):
        print(f"listed, but does not fail with this NumPy: {name}")
    for name, message in unexpected:
        print(f"\nfails with cow arrays alone: {name}\n{message.strip()[:600]}")
    return bool(unexpected)


if __name__ == "__main__":
    sys.exit(main())
