"""Run NumPy's own tests with arrays of a subclass.

The constructors in NumPy's test modules are replaced: with
``--arrays=cow`` they give cow arrays, with ``--arrays=subclass`` an empty
subclass of ndarray, which shows what no subclass can pass.
"""

import types

import numpy as np
import pytest

NAMES = ["array", "zeros", "ones", "empty", "arange", "linspace"] + [
    "eye",
    "full",
    "identity",
]


class Empty(np.ndarray):
    """A subclass that changes nothing."""


def pytest_addoption(parser):
    parser.addoption("--arrays", choices=("plain", "cow", "subclass"), default="cow")


def _constructor(name, kind):
    function = getattr(np, name)

    def make(*args, **kwargs):
        result = function(*args, **kwargs)
        if type(result) is not np.ndarray:
            return result
        if kind == "subclass":
            return result.view(Empty)
        import cow

        return cow.array(result)

    make.__name__ = name
    return make


def _namespace(kind):
    """Return a module that looks like numpy with other constructors."""
    module = types.ModuleType("numpy")
    made = {name: _constructor(name, kind) for name in NAMES}
    module.__dict__.update(vars(np))
    module.__dict__.update(made)
    module.__getattr__ = lambda name: getattr(np, name)
    return module, made


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    kind = config.getoption("--arrays")
    if kind == "plain":
        return
    namespace, made = _namespace(kind)
    for module in {item.module for item in items if hasattr(item, "module")}:
        for name, value in list(vars(module).items()):
            if value is np:
                setattr(module, name, namespace)
            elif name in made and value is getattr(np, name):
                setattr(module, name, made[name])
