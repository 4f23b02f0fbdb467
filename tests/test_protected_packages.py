"""Public functions of SciPy and scikit-learn under cow.protect; see protected_calls."""

import json
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
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["wrong"] == []
    assert found["calls"] > 600
    # attempts to write, into copies, and into what is lent
    assert found["written"] > 400 and found["refused"] > 10
    for counts in found["counts"]:
        assert counts["copied"] >= 0
    assert sum(counts["guarded"] for counts in found["counts"]) > 600
