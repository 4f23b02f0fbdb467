"""What an audit has found, added up by function and parameter."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from types import FrameType
from typing import Any

import numpy as np

from cow._audit.memory import Record
from cow._audit.watched import Call, Function
from cow._ground.types import Plain
from cow._guard.outputs import names_output
from cow._insight.ledger import user_frame
from cow._insight.relation import plain_view
from cow._insight.views import Parting

__all__ = ["Alias", "Findings", "Migration", "Write"]

_MOST_ERRORS = 20


@dataclass
class Write:
    """A function that wrote into an array which it was given."""

    function: str
    parameter: str
    path: str
    what: str
    file: str
    line: int | None
    first_line: int
    times: int = 0
    called_from: str = ""
    through: list[str] = field(default_factory=list[str])
    external: bool = False
    asked: bool = True


@dataclass
class Alias:
    """A function whose result shares memory with an argument."""

    function: str
    parameter: str
    kind: str
    file: str
    line: int
    times: int = 0
    called_from: str = ""


@dataclass
class Migration:
    """A line that wrote what another array would see with NumPy."""

    file: str
    line: int
    function: str
    array: str
    seen_by: str
    times: int = 0


class Findings:
    """Everything that one audit found."""

    def __init__(self, patterns: Iterable[str] = ()) -> None:
        self.patterns = tuple(patterns)
        self.writes: dict[object, Write] = {}
        self.aliases: dict[object, Alias] = {}
        self.views: dict[object, Migration] = {}
        self.errors: list[str] = []
        self.functions = 0
        self.closed: list[str] = []
        self.calls = self.too_large = 0
        self.started = self.seconds = 0.0
        self.interrupted = False
        self.migrates = False
        self.ended_badly = False  # the program, or a test

    @property
    def refused(self) -> list[Write]:
        """The writes that reach a caller outside, and that nobody asked for."""
        return [w for w in self.writes.values() if w.external and not w.asked]

    def write(
        self,
        call: Call,
        path: str,
        what: str,
        stack: Sequence[Call],
        record: Record,
        caller: FrameType | None,
    ) -> None:
        """Put down a write of `call` into the argument at `path`."""
        function = call.function
        parameter = _root(path)
        key = function.code, parameter, what
        found = self.writes.get(key)
        if found is None:
            found = self.writes[key] = Write(
                function.name,
                parameter,
                path,
                what,
                function.code.co_filename,
                None,
                function.code.co_firstlineno,
            )
        found.times += call.counts(key)
        if found.line is None:
            found.line = call.line if call.traces_lines else None
            function.lineless = found.line is None
        outer, shown, names = _boundary(stack, record)
        # `f(x, out=x)` asks for it, whichever of the two comes first
        names = names or _names(call, record)
        asked = (shown or call).asked or any(map(_is_output, names))
        if shown is not None:
            through = f"{shown.function.name}({names[0]})"
            if through not in found.through and len(found.through) < 10:
                found.through.append(through)
        if not found.called_from or (outer is not None and not found.external):
            found.called_from = _place(caller, outer.function if outer else None)
        if outer is not None and not found.external:
            found.external, found.asked = True, asked
        elif outer is not None or not found.external:
            # a single call that did not ask for it is enough
            found.asked = found.asked and asked

    def alias(self, call: Call, array: Plain) -> None:
        """Put down where `array`, part of a result, shares memory."""
        plain = plain_view(array)
        for path, record, argument, _ in call.arguments:
            if _is_output(path) or call.asked:
                continue
            if array is argument:
                kind = "is the argument"
            elif record.low < record.high and _shares(plain, argument):
                kind = "shares its memory"
            else:
                continue
            parameter = _root(path)
            key = call.function.code, parameter, kind
            found = self.aliases.get(key)
            if found is None:
                code = call.function.code
                found = self.aliases[key] = Alias(
                    call.function.name,
                    parameter,
                    kind,
                    code.co_filename,
                    code.co_firstlineno,
                    called_from=_place(call.caller),
                )
            found.times += call.counts(key)
            return

    def parting(self, told: Parting) -> None:
        """Put down a write that another array would see with NumPy."""
        key = told.filename, told.lineno
        found = self.views.get(key)
        if found is None:
            found = self.views[key] = Migration(*key, *told[2:5])
        found.times += 1

    def failed(self, function: Function, error: Exception) -> None:
        """Put down an error of the audit itself, which the program never sees."""
        if len(self.errors) < _MOST_ERRORS:
            self.errors.append(f"{function.name}: {type(error).__name__}: {error}")

    def progress(self, now: float) -> str:
        """One line on what happened so far."""
        return (
            f"cow audit: {self.calls:,} calls watched, "
            f"{len(self.refused)} functions write, {now - self.started:.0f} s"
        )

    def as_dict(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return {
            "packages": list(self.patterns),
            "functions": self.functions,
            "calls": self.calls,
            "seconds": round(self.seconds, 3),
            "writes": [asdict(w) for w in self.writes.values()],
            "aliases": [asdict(a) for a in self.aliases.values()],
            "migration": [asdict(m) for m in self.views.values()],
            "limits": {
                "not_watched_to_the_end": self.closed,
                "arrays_too_large": self.too_large,
                "errors": self.errors,
                "interrupted": self.interrupted,
            },
        }


def _is_output(path: str) -> bool:
    """Is it there to be written? ``.0`` is what a comprehension goes over."""
    return path == ".0" or names_output(_root(path))


def _root(path: str) -> str:
    """The parameter at the beginning of a path."""
    return re.split(r"[\[.]", path, maxsplit=1)[0]


def _shares(plain: Plain, other: Plain) -> bool:
    other = plain_view(other)
    if not np.may_share_memory(plain, other):
        return False
    try:
        # NumPy's stubs know of the limits 0 and -1 alone
        return np.shares_memory(plain, other, max_work=1000)  # type: ignore[arg-type]
    except np.exceptions.TooHardError:
        return True


def _boundary(
    stack: Sequence[Call], record: Record
) -> tuple[Call | None, Call | None, list[str]]:
    """The outermost call from outside that was given the memory.

    Returns it, the call that gives the memory a name (a decorator's wrapper only
    knows ``*args``), and the names there.
    """
    outer, shown, shown_names = None, None, []
    package = None
    for at, call in reversed(list(enumerate(stack))):
        if call.guarded and _names(call, record):
            # its own copy, which no call outside knows
            stack, package = stack[at:], call.function.package
            break
    for call in stack:
        if outer is None and (not call.external or call.function.package == package):
            continue
        names = _names(call, record)
        if names and outer is None:
            outer, shown, shown_names = call, call, names
        if names and names[0] != call.function.varargs:
            return outer, call, names
    return outer, shown, shown_names


def _names(call: Call, record: Record) -> list[str]:
    """The parameters of `call` that look at the memory of the record."""
    return [
        _root(path)
        for path, mine, _, _ in call.arguments
        if mine is record or mine.overlaps(record)
    ]


def _place(frame: FrameType | None, function: Function | None = None) -> str:
    """Name a frame; that which called `function`, where one is given."""
    inner = frame
    while function is not None and inner is not None:
        if inner.f_code is function.code:
            frame, function = inner.f_back, None
        inner = inner.f_back
    if frame is None:
        return ""
    frame = user_frame(frame)
    return f"{frame.f_code.co_filename}:{frame.f_lineno} in {frame.f_code.co_name}"
