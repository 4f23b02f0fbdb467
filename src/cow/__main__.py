"""``python -m cow audit``: run a program and report who writes into whose arrays."""

from __future__ import annotations

import argparse
import json
import runpy
import sys
import traceback
import types
from os.path import abspath, dirname

from cow import __version__
from cow._audit.audit import Audit
from cow._audit.report import report
from cow._audit.view import page


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m cow",
        description="Tools of cow, NumPy arrays that behave as values.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    audit = commands.add_parser(
        "audit",
        help="run a program and report which functions write into their callers' "
        "arrays",
        description="Run a program as it is, and report which functions of the "
        "chosen packages write into arrays of their callers.",
        epilog="The exit status is that of the program; where that is 0, it is 1 if "
        "a function wrote into an array of its caller unasked or, with --migrate, if "
        "another array would see a write with NumPy.",
        usage="python -m cow audit [options] (-m module | script.py) [args]",
    )
    audit.add_argument(
        "--package",
        metavar="PATTERN",
        action="append",
        default=[],
        help="package, module or pattern to watch, for example scipy.signal; may be "
        "given several times (default: all but the standard library and NumPy)",
    )
    audit.add_argument("--json", metavar="FILE", help="write everything found as JSON")
    audit.add_argument("--html", metavar="FILE", help="write the report as a page")
    audit.add_argument(
        "--migrate",
        action="store_true",
        help="run the program on cow arrays (NumPy's constructors are switched), and "
        "report each write that another array would see with NumPy",
    )
    audit.add_argument("--all", action="store_true", help="list what is only counted")
    audit.add_argument("-m", dest="module", help="run a module, as python -m does")
    audit.add_argument("rest", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser


def _split(argv: list[str]) -> tuple[list[str], list[str]]:
    """Cut the command line where the program's own arguments begin."""
    takes_value = {"--package", "--json", "--html"}
    at = 1
    while at < len(argv):
        word = argv[at]
        if word in takes_value:
            at += 2
        elif word == "-m":
            return argv[: at + 2], argv[at + 2 :]
        elif word.startswith("-"):
            at += 1
        else:
            return argv[:at], argv[at:]
    return argv, []


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    parser = _parser()
    own, program = _split(sys.argv[1:] if argv is None else argv)
    options = parser.parse_args(own)
    if options.module is None and not program:
        parser.error("name the script to run, or -m module")
    progress = _progress if sys.stderr is not None else None
    audit = Audit(options.package, options.migrate, progress)
    status = _run(audit, options.module, program)
    findings = audit.findings
    findings.ended_badly = status != 0
    print(report(findings, options.all), file=sys.stderr)
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            found = {"cow": __version__, "status": status, **findings.as_dict()}
            json.dump(found, file, indent=1)
    if options.html:
        with open(options.html, "w", encoding="utf-8") as file:
            file.write(page(findings))
    return status or (1 if findings.refused or findings.views else 0)


def _progress(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _run(audit: Audit, module: str | None, program: list[str]) -> int:
    """Run the program under the audit; return its exit status."""
    own_main, own_argv, own_path = sys.modules["__main__"], sys.argv, sys.path[:]
    try:
        if module is not None:
            sys.argv = [module, *program]
            with audit:
                runpy.run_module(module, run_name="__main__", alter_sys=True)
        else:
            _run_script(audit, program)
    except SystemExit as stop:
        return _status(stop.code)
    except BaseException as error:
        # without the frames of cow and runpy
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename in _FRAMES:
            trace = trace.tb_next
        traceback.print_exception(type(error), error, trace)
        return 1
    finally:
        sys.modules["__main__"] = own_main
        sys.argv, sys.path[:] = own_argv, own_path
    return 0


_FRAMES = (__file__, runpy.__file__, "<frozen runpy>")


def _run_script(audit: Audit, program: list[str]) -> None:
    path = program[0]
    try:
        with open(path, "rb") as file:
            code = compile(file.read(), path, "exec")
    except OSError as error:
        print(f"python -m cow audit: {error}", file=sys.stderr)
        raise SystemExit(2) from None
    module = types.ModuleType("__main__")
    module.__file__ = path
    sys.modules["__main__"] = module
    sys.argv = program
    sys.path[0] = dirname(abspath(path))
    with audit:
        exec(code, module.__dict__)


def _status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code
    print(code, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
