"""Run NumPy's tests on plain, subclass and cow arrays and compare.

What passes with an empty subclass must pass with cow arrays, apart from tests
that end in a refusal (a chained assignment, or C code that is told that the
memory is read-only) and those in ``allowed.txt``, each with its reason.
"""

import os
import pathlib
import re
import subprocess
import sys

import numpy as np

HERE = pathlib.Path(__file__).parent
MODULES = [
    "_core/tests/test_multiarray.py",
    "_core/tests/test_numeric.py",
    "_core/tests/test_ufunc.py",
    "_core/tests/test_umath.py",
    "_core/tests/test_indexing.py",
    "_core/tests/test_shape_base.py",
    "_core/tests/test_einsum.py",
    "lib/tests/test_function_base.py",
    "lib/tests/test_nanfunctions.py",
    "lib/tests/test_shape_base.py",
    "lib/tests/test_arraysetops.py",
    "lib/tests/test_index_tricks.py",
    "lib/tests/test_twodim_base.py",
    "lib/tests/test_stride_tricks.py",
    "linalg/tests/test_linalg.py",
    "fft/tests/test_pocketfft.py",
    "matrixlib/tests",
    "ma/tests/test_core.py",
]


def outcomes(module, kind):
    """Return the tests that passed, those that failed, the count of refusals."""
    path = pathlib.Path(np.__file__).parent / module
    command = [sys.executable, "-m", "pytest", str(path), "-q", "-rA", "--tb=no"]
    command += ["-p", "tests.numpy_suite.plugin", f"--arrays={kind}", "-m", "not slow"]
    command += ["-p", "no:cacheprovider", "-W", "ignore", "-c", "/dev/null"]
    run = subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=HERE.parents[1],
        env={**os.environ, "COLUMNS": "2000"},
    )
    if run.returncode not in (0, 1):
        raise SystemExit(
            f"{module}, {kind}: pytest ended with {run.returncode}\n"
            f"{run.stdout[-2000:]}{run.stderr[-2000:]}"
        )
    found = {"PASSED": set(), "FAILED": set(), "ERROR": set(), "REFUSED": set()}
    for line in run.stdout.splitlines():
        match = re.match(r"(PASSED|FAILED|ERROR) \S*?([\w./]*::.*?)(?: - (.*))?$", line)
        if match:
            name = match[2].rpartition("/")[2]
            refused = re.search("ChainedAssignmentError|read-only", match[3] or "")
            found["REFUSED" if refused else match[1]].add(name)
    return found["PASSED"], found["FAILED"] | found["ERROR"], len(found["REFUSED"])


def allowed():
    """Read the names that may fail; each line is ``name  # reason``."""
    names = {}
    for line in (HERE / "allowed.txt").read_text().splitlines():
        name, _, reason = line.partition("  # ")
        if name and not name.startswith("#"):
            names[name] = reason
    return names


def main():
    known = allowed()
    unexpected = set()
    totals = {"cow": [0, 0], "subclass": [0, 0]}
    for module in sys.argv[1:] or MODULES:
        passed, failed, _ = outcomes(module, "subclass")
        cow_passed, cow_failed, refused = outcomes(module, "cow")
        for kind, pair in (
            ("subclass", (passed, failed)),
            ("cow", (cow_passed, cow_failed)),
        ):
            for place in (0, 1):
                totals[kind][place] += len(pair[place])
        lost = {name for name in passed & cow_failed if name not in known}
        unexpected |= lost
        print(
            f"{module:36} subclass {len(passed)} of {len(passed | failed)}, "
            f"cow {len(cow_passed)}, {refused} refused, "
            f"{len(lost)} unexpected",
            flush=True,
        )
    for kind, (passed, failed) in totals.items():
        print(f"{kind}: {passed} passed, {failed} failed")
    for name in sorted(unexpected):
        print(f"only with cow arrays fails: {name}")
    return bool(unexpected)


if __name__ == "__main__":
    sys.exit(main())
