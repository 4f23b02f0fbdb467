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


def lombscargle(y, weights):
    from scipy.signal import lombscargle

    times = np.linspace(0, 9, len(y))
    return lombscargle(times, y, [1.0, 2.0], precenter=True, weights=weights)


def thin(image):
    from skimage.morphology import thin

    return thin(image)


def nmf(x, w, h):
    from sklearn.decomposition import NMF

    model = NMF(2, init="custom", max_iter=2000)
    return model.fit_transform(x, W=w, H=h)


def minibatch_nmf(x, w, h):
    from sklearn.decomposition import MiniBatchNMF

    return MiniBatchNMF(2, init="custom").fit_transform(x, W=w, H=h)


def factorization(x, w, h):
    from sklearn.decomposition import non_negative_factorization

    return non_negative_factorization(
        x, w, h, n_components=2, init="custom", max_iter=2000
    )[0]


def factors():
    rng = np.random.default_rng(1)
    return rng.random((30, 4)), rng.random((30, 2)), rng.random((2, 4))


def square():
    image = np.zeros((20, 20), dtype=bool)
    image[5:15, 5:15] = True
    return (image,)


def series():
    rng = np.random.default_rng(2)
    return rng.random(50) + 1, rng.random(50)


# function -> (arguments, package, written parameters as the audit names them)
GALLERY = {
    lombscargle: (series, "scipy", {"y", "weights"}),
    thin: (square, "skimage", {"image"}),
    nmf: (factors, "sklearn", {"W"}),
    minibatch_nmf: (factors, "sklearn", {"W", "H"}),
    factorization: (factors, "sklearn", {"W"}),
}
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
        from tests.test_gallery import {function.__name__} as f, {make.__name__} as g
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
