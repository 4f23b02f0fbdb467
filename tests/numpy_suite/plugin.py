"""Run NumPy's own tests with arrays of a subclass.

The constructors in NumPy's test modules are replaced: with ``--arrays=cow``
by cow's, with ``--arrays=subclass`` by some that give an empty subclass of
ndarray, which shows what no subclass can pass. What happened is written to
the file ``--outcomes``, a line of JSON for each test, as it happens.
"""

import functools
import json
import types

import numpy as np
import pytest

NAMES = """
    arange array empty eye frombuffer fromfunction fromiter full identity linspace
    ones tri zeros
"""


class Empty(np.ndarray):
    """A subclass that changes nothing."""


def pytest_addoption(parser):
    parser.addoption("--arrays", choices=("plain", "cow", "subclass"), default="cow")
    parser.addoption("--outcomes", default=None)


def _constructor(name, kind):
    function = getattr(np, name)

    @functools.wraps(function)
    def make(*args, **kwargs):
        result = function(*args, **kwargs)
        if type(result) is not np.ndarray:
            return result
        return result.view(Empty) if kind == "subclass" else cow.array(result)

    if kind == "subclass":
        return make
    import cow

    return getattr(cow, name, make)


def _namespace(kind):
    """Return a module that looks like numpy with other constructors."""
    module = types.ModuleType("numpy")
    made = {name: _constructor(name, kind) for name in NAMES.split()}
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


def pytest_configure(config):
    path = config.getoption("--outcomes")
    if path:
        config.pluginmanager.register(_Reporter(path))


class _Reporter:
    """Writes each test's outcome at once, so that a crash shows its test."""

    def __init__(self, path):
        self.path = path

    def write(self, test, outcome, message="", traceback=""):
        with open(self.path, "a") as file:
            print(json.dumps((test, outcome, message, traceback)), file=file)

    def pytest_runtest_logstart(self, nodeid):
        self.write(nodeid, "started")

    def pytest_runtest_logreport(self, report):
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            text = crash.message if crash else str(report.longrepr)
            chain = getattr(report.longrepr, "chain", None) or []
            causes = [part[1].message for part in chain if part[1] is not None]
            message = "\n".join([text, *causes])[:4000]
            self.write(report.nodeid, "failed", message, report.longreprtext[-8000:])
        elif report.when == "call" or report.skipped:
            self.write(report.nodeid, report.outcome)
