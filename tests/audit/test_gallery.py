"""The gallery: released functions that write into their input, see docs/gallery.md.

Each is shown to write, the audit finds it, and no_mutate stops it.
"""

import json
import subprocess
import sys
import textwrap

import numpy as np
import pytest

import cow
from tests.catalogue.gallery import GALLERY

# package -> the first Python for which the release that writes has no wheel
MENDED = {"skimage": (3, 13), "scipy": (3, 15)}
each = pytest.mark.parametrize("function", GALLERY, ids=lambda f: f.__name__)


@pytest.fixture
def gallery(function):
    package = GALLERY[function][1]
    if sys.version_info >= MENDED.get(package, (4,)):
        pytest.skip(f"the release of {package} that writes has no wheel here")
    return GALLERY[function]


def changed(function, arguments):
    before = [x.copy() for x in arguments]
    function(*arguments)
    return sum(not np.array_equal(x, y) for x, y in zip(arguments, before, strict=True))


@each
@pytest.mark.filterwarnings("ignore")
def test_function_writes_and_no_mutate_stops_it(function, gallery):
    make, _, written = gallery
    assert changed(function, make()) == len(written)
    guarded = cow.no_mutate(isolate=True)(function)
    assert changed(guarded, make()) == 0
    np.testing.assert_array_equal(guarded(*make()), function(*make()))


@each
def test_audit_finds_it(function, gallery, tmp_path):
    make, package, written = gallery
    script = textwrap.dedent(f"""
        import warnings
        warnings.simplefilter("ignore")
        from tests.catalogue.gallery import {function.__name__} as f
        from tests.catalogue.gallery import {make.__name__} as g
        f(*g())
    """)
    (tmp_path / "script.py").write_text(script)
    audit = [sys.executable, "-m", "cow", "audit", "--package", package]
    run = subprocess.run(
        [*audit, "--json", tmp_path / "out.json", tmp_path / "script.py"],
        capture_output=True,
        text=True,
        timeout=120,
        env={"PYTHONPATH": "."},
    )
    assert run.returncode == 1, run.stderr
    found = json.loads((tmp_path / "out.json").read_text())
    refused = [w for w in found["writes"] if w["external"] and not w["asked"]]
    parameters = {
        name.partition("(")[2].rstrip(")") for w in refused for name in w["through"]
    }
    assert parameters == written, run.stderr
    assert all(w["line"] for w in refused), run.stderr
    print([(w["function"], w["parameter"], w["file"], w["line"]) for w in refused])
