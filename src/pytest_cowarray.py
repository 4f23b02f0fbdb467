"""The pytest plugin of cow: ``pytest --cow-audit[=PATTERN]``.

A module of its own, since pytest imports every plugin: it must not import
cow and NumPy unless it is asked for.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from cow._audit.audit import Audit

_AUDIT: pytest.StashKey[Audit] = pytest.StashKey()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("cow", "cow: who writes into the caller's arrays?")
    group.addoption(
        "--cow-audit",
        metavar="PATTERN",
        nargs="?",
        const="",
        help="report which functions write into arrays of their callers; PATTERN: "
        "packages or patterns with commas between (default: all but the standard "
        "library, NumPy and tests)",
    )
    group.addoption(
        "--cow-audit-fail",
        action="store_true",
        help="fail when a function wrote into an array of its caller unasked, or a "
        "write was seen that another array would see with NumPy",
    )
    group.addoption(
        "--cow-audit-migrate",
        action="store_true",
        help="run the tests on cow arrays (NumPy's constructors are switched, in the "
        "tests and in PATTERN), and report each write that another array would see "
        "with NumPy",
    )
    group.addoption(
        "--cow-audit-json", metavar="FILE", help="write everything found as JSON"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Make the audit, where one is asked for."""
    pattern = config.getoption("--cow-audit")
    if pattern is None:
        return
    # argparse takes the next word for the value: no package is called tests/ or x.py
    if os.path.exists(pattern) and (os.sep in pattern or pattern.endswith(".py")):
        raise pytest.UsageError(
            f"--cow-audit would take {pattern!r} for the pattern of packages: write "
            f"`pytest --cow-audit=PATTERN {pattern}`, or put --cow-audit last"
        )
    from cow._audit.audit import Audit

    migrates = bool(config.getoption("--cow-audit-migrate"))
    audit = Audit([p for p in pattern.split(",") if p], migrates)
    config.stash[_AUDIT] = audit
    if audit.migration is not None:
        audit.migration.switch()  # before the tests are imported


def pytest_unconfigure(config: pytest.Config) -> None:
    """Give NumPy its constructors back."""
    audit = config.stash.get(_AUDIT, None)
    if audit is not None and audit.migration is not None:
        audit.migration.switch_back()


@pytest.hookimpl(wrapper=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Run the tests under the audit."""
    audit = session.config.stash.get(_AUDIT, None)
    if audit is None:
        return (yield)
    with audit:
        result = yield
    found = audit.findings
    found.ended_badly = session.testsfailed > 0
    if session.config.getoption("--cow-audit-fail") and (found.refused or found.views):
        session.testsfailed = max(1, session.testsfailed)
    return result


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the report."""
    audit = config.stash.get(_AUDIT, None)
    if audit is None:
        return
    from cow import __version__
    from cow._audit.report import report

    terminalreporter.section("cow audit")
    terminalreporter.write_line(report(audit.findings, config.option.verbose > 0))
    file = config.getoption("--cow-audit-json")
    if file:
        with open(file, "w", encoding="utf-8") as out:
            json.dump({"cow": __version__, **audit.findings.as_dict()}, out, indent=1)
