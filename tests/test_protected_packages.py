"""Public functions of SciPy and scikit-learn under cow.protect; see protected_calls."""

import json
import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize("size", ["small", "large"])
@pytest.mark.parametrize("mode", ["early", "late"])
def test_functions_compute_what_they_compute_and_write_copies(mode, size):
    done = subprocess.run(
        [sys.executable, "-m", "tests.protected_calls", mode, size],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["calls"] > (600 if size == "small" else 200)
    # attempts to write, into copies, and into what is lent
    assert found["written"] > 100 and found["refused"] > 5
    assert sum(counts["guarded"] for counts in found["counts"]) > 200
    assert sum(counts["lent"] for counts in found["counts"]) > 5
