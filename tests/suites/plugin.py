"""Run the tests of an installed package with or without `cow.protect`.

``--mode=plain`` protects nothing, ``early`` protects before the package is
imported and ``late`` after its public modules are. What happened is written to
the file ``--outcomes``, a line of JSON for each thing, as it happens.
"""

import hashlib
import importlib
import json
import os
import pkgutil
import sys
import time

import pytest

from tests.suites import plants

STATE = {}


def pytest_addoption(parser):
    parser.addoption("--mode", choices=("plain", "early", "late"), default="plain")
    parser.addoption("--pattern", help="what is protected")
    parser.addoption("--plants", help="the suite whose plants are tried")
    parser.addoption("--outcomes", help="the file; tests that it has are not run")
    parser.addoption("--sample", type=int, default=0, help="parameter sets a test")
    parser.addoption("--left-out", help="a file with the names of tests")
    parser.addoption("--only", help="a file with the names of the tests to be run")


def import_public(package):
    """Import a package and its public modules, as far as they can be."""
    module = importlib.import_module(package)
    for found in pkgutil.iter_modules(module.__path__, package + "."):
        name = found.name.rpartition(".")[2]
        if name.startswith("_") or name in ("tests", "conftest", "setup"):
            continue
        try:
            if found.ispkg:
                import_public(found.name)
            else:
                importlib.import_module(found.name)
        except Exception as error:  # an optional package is missing
            print(f"{found.name} cannot be imported: {error!r}")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    # later would be too late: the packages' conftests import the packages
    options = early_config.known_args_namespace
    if options.pattern in sys.modules:
        raise pytest.UsageError(f"{options.pattern} is imported already")
    plants.sow(options.plants)
    if options.mode == "plain":
        return
    if options.mode == "late":
        import_public(options.pattern)
    import cow

    STATE["protection"] = cow.protect(options.pattern)


def pytest_configure(config):
    config.pluginmanager.register(_Reporter(config.getoption("--outcomes")))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config, items):
    chosen = set(_sample(items, config.getoption("--sample")))
    left_out, only = config.getoption("--left-out"), config.getoption("--only")
    if left_out:
        listed = _listed(left_out)  # tests, and classes
        chosen = {
            test
            for test in chosen - listed
            if test.partition("[")[0].rpartition("::")[0] + "::" not in listed
        }
    if only:
        chosen = _listed(only)
    chosen -= set(_tests_in(config.getoption("--outcomes")))
    items[:] = [item for item in items if item.nodeid in chosen]


def _listed(path):
    with open(path) as file:
        return set(file.read().splitlines())


def _sample(items, count):
    """Yield the names of the tests, of each function at most `count`.

    By the place among the parameters: that does not change with their names.
    """
    functions = {}
    for item in items:
        functions.setdefault(item.nodeid.partition("[")[0], []).append(item.nodeid)
    for name, tests in functions.items():
        keys = {
            test: hashlib.blake2b(f"{name}#{i}".encode()).digest()
            for i, test in enumerate(tests)
        }
        yield from sorted(tests, key=keys.get)[: count or None]


def _tests_in(path):
    if not os.path.exists(path):
        return
    with open(path) as file:
        for line in file:
            kind, test, *_ = json.loads(line)
            if kind == "test":
                yield test


class _Reporter:
    """Writes each test's outcome at once, so that a crash shows its test."""

    def __init__(self, path):
        self.path = path

    def write(self, *what):
        with open(self.path, "a") as file:
            print(json.dumps(what), file=file)

    def pytest_runtest_logstart(self, nodeid):
        self.write("test", nodeid, "started", 0, "")

    def pytest_runtest_logreport(self, report):
        message = ""
        if report.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            message = (crash.message if crash else str(report.longrepr))[:2000]
            message += "\n" + report.longreprtext[-6000:]
        # a test that crashes after its setup must not look passed
        outcome = report.outcome
        if report.when == "setup" and report.passed:
            outcome = "started"
        self.write("test", report.nodeid, outcome, report.duration, message)

    def pytest_collectreport(self, report):
        if report.failed:
            text = report.longreprtext
            self.write("test", report.nodeid, "failed", 0, text.splitlines()[-1] + text)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_finish(self, session):
        # before the tests, so that a crash does not hide it
        suite = session.config.getoption("--plants")
        for name, text in plants.harvest(suite):
            self.write("plant", name, text)
        self.began = time.perf_counter()

    def pytest_sessionfinish(self):
        began = getattr(self, "began", None)
        if began is not None:
            self.write("phase", time.perf_counter() - began)
        protection = STATE.get("protection")
        if protection is not None:
            self.write("counts", protection.counts())
