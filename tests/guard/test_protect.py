"""protect guards whole modules, before and after their import, and undoes it."""

import importlib
import sys

import numpy as np
import pytest

import cow

PACKAGE = {
    "__init__.py": "from wall.inner import centre, Model\nfrom wall import inner\n",
    "inner.py": """
import numpy as np
from math import sqrt

LIMIT = 3

def centre(x, out=None):
    x -= x.mean()
    if out is not None:
        out[...] = x
    return x

def _private(x):
    x[0] = 99

class Model:
    def __init__(self, x):
        x[0] = 99
        self.x = x

    def fit(self, x):
        x[0] = 99
        return self

class Failure(Exception):
    pass
""",
    "other.py": "def write(x):\n    x[0] = 99\n",
}


@pytest.fixture
def package(tmp_path, monkeypatch):
    (tmp_path / "wall").mkdir()
    for name, text in PACKAGE.items():
        (tmp_path / "wall" / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    importlib.invalidate_caches()
    yield
    for name in [n for n in sys.modules if n.partition(".")[0] == "wall"]:
        del sys.modules[name]


@pytest.mark.parametrize("imported", [True, False], ids=["imported", "not yet"])
def test_functions_and_classes_are_guarded_until_undone(package, imported):
    if imported:
        importlib.import_module("wall")
    x = np.arange(5000.0)
    with cow.protect("wall", skip=("out",)) as protection:
        wall = importlib.import_module("wall")
        other = importlib.import_module("wall.other")
        out = np.empty(5000)
        assert wall.centre is wall.inner.centre
        assert wall.centre(x, out)[0] == -2499.5 and out[0] == -2499.5
        assert wall.Model(x).fit(x).x[0] == 99
        other.write(x)
        np.testing.assert_array_equal(x, np.arange(5000))
        assert "wall" in repr(protection)
    assert protection not in sys.meta_path
    assert not hasattr(wall.centre, "__wrapped__")
    other.write(x)
    assert x[0] == 99
    x[0] = 0
    wall.Model(x)
    assert x[0] == 99


def test_pattern_chooses_modules_and_private_names_are_left_alone(package):
    with cow.protect("wall.inn*", on_write="raise"):
        wall = importlib.import_module("wall")
        other = importlib.import_module("wall.other")
        x = np.arange(5.0)
        with pytest.raises(cow.MutationError, match="centre"):
            wall.inner.centre(x)
        other.write(x)
        assert x[0] == 99
        x[0] = 0
        wall.inner._private(x)
        assert x[0] == 99
        assert issubclass(wall.inner.Failure, Exception)


def test_options_are_those_of_no_mutate():
    with pytest.raises(ValueError, match="on_write"):
        cow.protect("wall", on_write="no")
    with pytest.raises(TypeError):
        cow.protect("wall", nothing=1)
