"""What an audit watches: functions, and the calls of them in progress."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import CodeType, FrameType
from typing import TypeAlias

import numpy as np

from cow._audit.memory import Record
from cow._ground.types import Args, Plain
from cow._guard.proof import parameters
from cow._guard.signature import RECEIVERS

__all__ = ["Argument", "Call", "Function"]

_IN_PLACE = re.compile(r"^(inplace|in_place|overwrite\w*)$")
_COPY = re.compile(r"^copy(_\w+)?$")

# path, record, array, and its metadata before the call
Argument: TypeAlias = tuple[str, Record, Plain, Args]


class Function:
    """A watched function, and what is known of it so far."""

    __slots__ = (
        "calls",
        "closed",
        "code",
        "flags",
        "lineless",
        "module",
        "name",
        "package",
        "parameters",
        "spent",
        "star",
        "switches",
        "traced",
        "varargs",
    )

    def __init__(self, code: CodeType, module: str) -> None:
        self.code = code
        self.flags = code.co_flags
        self.module = module
        self.package = module.partition(".")[0]
        self.name = f"{module}.{code.co_qualname}"
        names = parameters(code)
        # the keywords of **kwargs are parameters, too
        self.star = names[-1] if code.co_flags & 0x8 else None
        at = code.co_argcount + code.co_kwonlyargcount
        self.varargs = names[at] if code.co_flags & 0x4 else None
        self.parameters = names[1:] if names[:1] and names[0] in RECEIVERS else names
        self.switches = [
            (name, bool(_IN_PLACE.match(name)))
            for name in names
            if _IN_PLACE.match(name) or _COPY.match(name)
        ]
        self.calls = self.traced = 0
        self.spent = 0.0
        self.closed = False
        self.lineless = False

    @property
    def is_protocol(self) -> bool:
        """NumPy calls it to carry out a write that somebody else asked for."""
        name = self.code.co_name
        return name.startswith("__array_") or (
            name.startswith("<") and name != "<lambda>"
        )

    def asked(self, values: Mapping[str, object]) -> bool:
        """Whether the call asks for a write, as ``overwrite_x=True`` does."""
        return "inplace" in self.code.co_name or any(
            isinstance(values.get(name), bool | np.bool_)
            and bool(values[name]) == wanted
            for name, wanted in self.switches
        )

    def wants_lines(self, later_calls: int) -> bool:
        """Whether the next call is compared line by line."""
        # tracing lines holds references to the locals of the frame (CPython up
        # to 3.12), which ndarray.resize() counts
        if "resize" in self.code.co_names:
            return False
        if self.calls > 1 and not self.lineless:
            return False
        if self.lineless:
            self.traced += 1
        return self.traced <= later_calls


class Call:
    """One call in progress that was given arrays.

    Attributes
    ----------
    function : Function
    arguments : list of Argument
    asked : bool
        It asks for a write.
    external : bool
        Code outside of the package of the function calls it.
    guarded : bool
        `no_mutate` gave it arrays of its own.
    counted : set
        What was found in this call, and counts once.
    traces_lines : bool
        Its arguments are compared after each line.
    line : int or None
        The one that runs, where it is known.
    caller : frame or None
        As long as it is at hand.
    """

    __slots__ = (
        *("arguments", "asked", "caller", "counted", "external", "function"),
        *("guarded", "line", "traces_lines"),
    )

    def __init__(
        self, function: Function, asked: bool, external: bool, guarded: bool
    ) -> None:
        self.function = function
        self.asked = asked
        self.external = external
        self.guarded = guarded
        self.counted: set[object] = set()
        self.arguments: list[Argument] = []
        self.traces_lines = False
        self.line: int | None = None
        self.caller: FrameType | None = None

    def counts(self, key: object) -> bool:
        """Whether it is the first time that this was found in the call."""
        if key in self.counted:
            return False
        self.counted.add(key)
        return True
