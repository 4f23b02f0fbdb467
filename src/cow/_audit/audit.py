"""The audit: which functions write into the arrays of their callers.

A trace function is told of each call. Calls of the chosen packages are
watched: their array arguments are compared, byte by byte, before and after.
The program runs as it would without; nothing is wrapped or replaced.

A write belongs to the innermost watched call that was given the memory. To
name its line, the first call of each function is compared line by line, and
later calls of a function that was seen to write, within limits of time.
"""

from __future__ import annotations

import dis
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from fnmatch import fnmatchcase
from time import perf_counter
from types import CodeType, FrameType
from typing import Any, Self, TypeAlias

from cow._audit import view
from cow._audit.findings import Findings
from cow._audit.memory import Record, Records, collect, metadata
from cow._audit.migration import Migration
from cow._audit.report import report
from cow._audit.watched import Call, Function
from cow._ground.frames import frame_at
from cow._ground.types import Plain
from cow._guard.border import is_test
from cow._guard.wrapper import runs_guarded

__all__ = ["Audit", "WatchedCall", "audit"]

# Seconds of comparing line by line: in the first call of a function, and in
# each of some calls of a function that writes, until its line is known.
_FIRST = 0.02
_LATER = 1.0
_LATER_CALLS = 3
# Seconds of comparing after which a function is no longer watched.
_LIMIT = 20.0
_NEVER = frozenset({"numpy", "cow", "_pytest", "pytest", "pluggy", "hypothesis"})
_OPTIMIZED, _GENERATORS = 0x1, 0x20 | 0x80 | 0x200
_YIELD = dis.opmap["YIELD_VALUE"]
_RESUME = dis.opmap["RESUME"]


class Audit:
    """Watches the calls of some packages; printed, it is the report.

    Parameters
    ----------
    patterns : sequence of str
        Packages, modules or patterns such as ``skimage.*``. None: everything
        but the standard library, NumPy, cow and pytest.
    migrate : bool, optional
        Let NumPy's constructors give cow arrays, and record where a write parts from
        NumPy's, too.
    progress : callable, optional
        Called with a line of text every few seconds.
    """

    def __init__(
        self,
        patterns: Iterable[str] = (),
        migrate: bool = False,
        progress: Callable[[str], object] | None = None,
    ) -> None:
        self.patterns = tuple(patterns)
        self.findings = Findings(self.patterns)
        self._known: dict[int, tuple[CodeType, Function | None]] = {}
        self._thread = _Thread()
        self.migration = (
            Migration(self.patterns, self.findings.parting) if migrate else None
        )
        self.findings.migrates = migrate
        self._progress = progress
        self._next_progress = perf_counter() + 2

    def __enter__(self) -> Self:
        if sys.gettrace() is not None:
            raise RuntimeError(
                "the audit needs Python's trace function, which a debugger or a "
                "coverage tool is using: run it without"
            )
        if self.migration is not None:
            self.migration.__enter__()
        self.findings.started = perf_counter()
        threading.settrace(self._enter)
        sys.settrace(self._enter)
        return self

    def __exit__(self, *error: object) -> None:
        self.findings.interrupted = sys.gettrace() != self._enter
        sys.settrace(None)
        threading.settrace(None)
        self.findings.seconds += perf_counter() - self.findings.started
        self.findings.ended_badly |= error[:1] not in ((), (None,))
        watched = [f for _, f in self._known.values() if f is not None and f.calls]
        self.findings.functions = len(watched)
        self.findings.closed = [f.name for f in watched if f.closed]
        if self.migration is not None:
            self.migration.__exit__()

    def __str__(self) -> str:
        return report(self.findings)

    def _repr_html_(self) -> str:
        return view.html(self.findings)

    def watches(self, module: str) -> bool:
        """Whether the functions of a module are watched."""
        tests = [each for each in self.patterns if is_test(each.split("."))]
        if is_test(module.split(".")) and not tests:
            return False
        if module.startswith("namedtuple_"):  # what the standard library generates
            return False
        if not self.patterns:
            package = module.partition(".")[0]
            return package not in _NEVER and (
                package not in sys.stdlib_module_names or package == "__main__"
            )
        return any(
            module == pattern
            or module.startswith(pattern + ".")
            or fnmatchcase(module, pattern)
            for pattern in self.patterns
        )

    def _learn(self, frame: FrameType) -> Function | None:
        code = frame.f_code
        module = frame.f_globals.get("__name__") or "?"
        function = None
        if code.co_flags & _OPTIMIZED and self.watches(module):
            function = Function(code, module)
            if not function.parameters or function.is_protocol:
                function = None
        # the code is kept, so that its id stays its own
        self._known[id(code)] = code, function
        return function

    def _enter(self, frame: FrameType, event: str, arg: object) -> Any:
        known = self._known.get(id(frame.f_code))
        function = known[1] if known is not None else self._learn(frame)
        if function is None or function.closed:
            return None
        started = perf_counter()
        try:
            call = self._begin(frame, function)
        except Exception as error:  # the program must not see it
            self.findings.failed(function, error)
            return None
        function.spent += perf_counter() - started
        return call

    def _begin(self, frame: FrameType, function: Function) -> Any:
        thread = self._thread
        values = frame.f_locals
        owner, known, counted = thread.suspended.pop(id(frame), _NOBODY)
        found = known if owner is function else []
        if owner is not function:
            for name in function.parameters:
                if name == function.star:
                    for key, value in values.get(name, {}).items():
                        collect(value, key, found)
                else:
                    collect(values.get(name), name, found)
            function.calls += bool(found)
        if not found:
            return None
        if function.spent > _LIMIT:
            function.closed = True
            return None
        self._count()
        call = WatchedCall(self, thread, function, frame, values, found)
        if owner is function:
            call.counted = counted
        frame.f_trace_lines = call.traces_lines
        return call.trace

    def _count(self) -> None:
        findings = self.findings
        findings.calls += 1
        if self._progress is not None and findings.calls % 64 == 0:
            now = perf_counter()
            if now > self._next_progress:
                self._next_progress = now + 10
                self._progress(findings.progress(now))


# the function and the arguments of a generator, and what was found in it
_Suspended: TypeAlias = tuple[Function | None, list[tuple[str, Plain]], set[object]]
# what is known of a frame that was not suspended
_NOBODY: _Suspended = (None, [], set())


class _Thread(threading.local):
    """The calls in progress in one thread, innermost last."""

    def __init__(self) -> None:
        self.stack: list[WatchedCall] = []
        self.records = Records()
        self.suspended: dict[int, _Suspended] = {}  # by the id of its frame


class WatchedCall(Call):
    """A call that Python's trace function is told of."""

    __slots__ = ("audit", "spent", "thread")

    def __init__(
        self,
        audit: Audit,
        thread: _Thread,
        function: Function,
        frame: FrameType,
        values: Mapping[str, object],
        found: list[tuple[str, Plain]],
    ) -> None:
        self.audit = audit
        self.thread = thread
        self.spent = 0.0
        package = function.package
        guarded = runs_guarded(frame)
        external = not guarded and (
            package == "__main__"
            or all(call.function.package != package for call in thread.stack)
        )
        super().__init__(function, function.asked(values), external, guarded)
        for path, array in found:
            record = thread.records.hold(array, self._account)
            if record is None:
                audit.findings.too_large += 1
            else:
                self.arguments.append((path, record, array, metadata(array)))
        self.traces_lines = function.wants_lines(_LATER_CALLS)
        thread.stack.append(self)

    def trace(self, frame: FrameType, event: str, arg: object) -> Any:
        """Python's local trace function for the frame of this call."""
        if event == "line":
            self._guarded(self._line, frame, None)
        elif event == "return":
            self._guarded(self._leave, frame, arg)
        return self.trace

    def _guarded(
        self,
        action: Callable[[FrameType, object], None],
        frame: FrameType,
        arg: object,
    ) -> None:
        started = perf_counter()
        try:
            action(frame, arg)
        except Exception as error:  # the program must not see it
            self.audit.findings.failed(self.function, error)
        finally:
            spent = perf_counter() - started
            self.spent += spent
            self.function.spent += spent

    def _line(self, frame: FrameType, arg: object) -> None:
        if not self.traces_lines:
            return
        if self.line is not None:
            self._compare(frame)
        self.line = frame.f_lineno
        if self.spent > (_LATER if self.function.lineless else _FIRST):
            # what changes from here on has no line
            self.traces_lines = frame.f_trace_lines = False
            self.line = None

    def _compare(self, frame: FrameType) -> None:
        self.caller = frame.f_back
        for _, record, _, _ in self.arguments:
            if record.changed():
                self._account(record)
        self.caller = None

    def _leave(self, frame: FrameType, result: object) -> None:
        stack, records = self.thread.stack, self.thread.records
        while stack and stack[-1] is not self:
            # a frame whose end nobody told us of
            stack.pop()._release(records)
        try:
            self._compare(frame)
            self.caller = frame.f_back
            self._compare_metadata()
            if self._is_suspended(frame):
                found = [(path, array) for path, _, array, _ in self.arguments]
                told = self.function, found, self.counted
                self.thread.suspended[id(frame)] = told
            if self.external and result is not None:
                self._find_aliases(result)
        finally:
            if stack:
                stack.pop()
            self._release(records)
            self.caller = None

    def _release(self, records: Records) -> None:
        for _, record, _, _ in self.arguments:
            records.release(record)
        # a traceback may keep the frame, and with it this call
        self.arguments = []

    def _is_suspended(self, frame: FrameType) -> bool:
        code, at = self.function.code.co_code, frame.f_lasti
        if code[at] == _RESUME:  # CPython 3.13 is one instruction further
            at -= 2
        return self.function.flags & _GENERATORS != 0 and code[at] == _YIELD

    def _account(self, record: Record) -> None:
        """Find whose write it was, and put it down."""
        stack = self.thread.stack
        findings = self.audit.findings
        for call in reversed(stack):
            path = call._path(record)
            if path is not None:
                if call.guarded:
                    break
                findings.write(call, path, "values", stack, record, _caller(call, self))
                break
        self.thread.records.accounted(record)

    def _path(self, record: Record) -> str | None:
        for path, mine, _, _ in self.arguments:
            if mine is record:
                return path
        return None

    def _compare_metadata(self) -> None:
        for path, record, array, before in self.arguments:
            now = metadata(array)
            if now == before:
                continue
            if self.guarded:
                continue
            what = "flags" if now[:3] == before[:3] else "shape or dtype"
            stack = self.thread.stack
            self.audit.findings.write(self, path, what, stack, record, self.caller)
            for call in stack:
                for at, (p, mine, own, _) in enumerate(call.arguments):
                    if own is array and call is not self:
                        call.arguments[at] = p, mine, own, now

    def _find_aliases(self, result: object) -> None:
        found: list[tuple[str, Plain]] = []
        collect(result, "result", found)
        for _, array in found[:50]:
            self.audit.findings.alias(self, array)


def _caller(call: WatchedCall, current: WatchedCall) -> FrameType | None:
    """The frame that called `call`, from the frames that are at hand."""
    if call.caller is not None:
        return call.caller
    frame: FrameType | None = current.caller or frame_at(1)
    while frame is not None and frame.f_code is not call.function.code:
        frame = frame.f_back
    return frame.f_back if frame is not None else None


def audit(*packages: str, migrate: bool = False) -> Audit:
    """Watch which functions write into the arrays of their callers.

    Parameters
    ----------
    *packages : str
        Packages, modules or patterns to watch (``"scipy.signal"``, ``"mypackage.*"``).
        Without any: everything but the standard library and NumPy.
    migrate : bool, optional
        Let NumPy's constructors give cow arrays, and report each write that another
        array would see with NumPy, too.

    Returns
    -------
    Audit
        A context manager. Printed, it is the report; a notebook shows tables.
        ``findings.as_dict()`` has everything.

    Raises
    ------
    RuntimeError
        Where a debugger or a coverage tool uses Python's trace function, which the
        audit needs.

    Notes
    -----
    Shares no memory: it compares the arrays with what it has noted of them, and the
    program runs as it would without. ``python -m cow audit`` and ``pytest
    --cow-audit`` do the same for a whole program.

    Examples
    --------
    >>> import numpy as np, cow
    >>> def centre(x):
    ...     x -= x.mean()
    ...     return x
    >>> with cow.audit("__main__", centre.__module__) as found:
    ...     y = centre(np.arange(3.0))
    >>> [(w.function.rpartition(".")[2], w.parameter) for w in found.findings.refused]
    [('centre', 'x')]
    """
    return Audit(packages, migrate)
