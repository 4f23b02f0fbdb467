"""guard_report: what `no_mutate` guards of a function, and how."""

from __future__ import annotations

import dataclasses
import os
import types
from typing import TYPE_CHECKING, Any

from cow._ground.types import type_of
from cow._guard.guarded_function import GuardedFunction
from cow._guard.proof import Finding
from cow._guard.registry import how
from cow._guard.wrapper import wrapper_of

if TYPE_CHECKING:
    from cow._ground.types import isinstance

__all__ = ["GuardReport", "ParameterReport", "guard_report"]


@dataclasses.dataclass(frozen=True)
class ParameterReport:
    """How a parameter is guarded: `how`, and `why` it is not only lent."""

    name: str
    how: str
    why: str = ""

    def __str__(self) -> str:
        return f"{self.name}: {self.how}" + (f" ({self.why})" if self.why else "")


@dataclasses.dataclass(frozen=True)
class GuardReport:
    """What `guard_report` returns.

    `unguarded` are the arguments that passed as they are in the calls so far,
    `calls` the number of guarded calls, `lent` and `copied` that of their arrays.
    """

    function: str
    parameters: tuple[ParameterReport, ...]
    unguarded: tuple[str, ...]
    calls: int
    lent: int
    copied: int

    def __str__(self) -> str:
        lines = [f"{self.function}()", *(f"  {each}" for each in self.parameters)]
        lines += [f"  not guarded so far: {each}" for each in self.unguarded]
        lines.append(
            f"  {self.calls} guarded calls, {self.lent} arrays lent, "
            f"{self.copied} copied"
        )
        return "\n".join(lines)

    __repr__ = __str__


def guard_report(func: Any, /, *args: Any, **kwargs: Any) -> GuardReport:
    """Tell what is guarded of a function, how, and why copies are made.

    Parameters
    ----------
    func : callable
        A function that `no_mutate` or `protect` guards; of methods best that of an
        object (``model.fit``), whose attributes decide what is proven.
    *args, **kwargs
        Arguments for which to tell; the function is not called.

    Returns
    -------
    GuardReport
        With `parameters`, `unguarded`, `calls`, `lent` and `copied`; ``str()`` of
        it is a table.

    Raises
    ------
    TypeError
        If the function is not guarded.

    Notes
    -----
    *Lent* means that nothing is copied: the function is proven to read what it
    gets, in calls with arrays and numbers. Nothing of the arguments is kept.

    Examples
    --------
    >>> import numpy as np, cow
    >>> @cow.no_mutate
    ... def scale(x, factor, model=None):
    ...     return x * factor
    >>> cow.guard_report(scale, np.ones(3), 2.0, model=object())
    scale()
      x: lent
      factor: cannot be changed
      model: passes as it is: an object of the class object
      0 guarded calls, 0 arrays lent, 0 copied
    """
    wrapper = wrapper_of(getattr(func, "__func__", func))
    if wrapper is None:
        name = getattr(func, "__name__", type_of(func).__name__)
        raise TypeError(
            f"{name} is not guarded: `{name} = cow.no_mutate({name})`"
            if not isinstance(func, type)
            else f"guard_report() takes a function: `cow.guard_report({name}.method)`"
        )
    wrapper.cow_prepare()
    guarded: Any = wrapper.cow_guarded
    receiver: Any = getattr(func, "__self__", None)
    if not args and not kwargs:
        rows = [_row(guarded, name, receiver) for name in guarded.signature.names]
    elif isinstance(func, types.MethodType):
        rows = _given(guarded, (receiver, *args), kwargs)
    else:
        rows = _given(guarded, args, kwargs)
    return GuardReport(
        guarded.name,
        tuple(rows),
        tuple(guarded.loose.values()),
        wrapper.cow_calls,
        wrapper.cow_lent,
        wrapper.cow_copied,
    )


def _given(guarded: GuardedFunction, args: Any, kwargs: Any) -> list[ParameterReport]:
    receiver = args[0] if guarded.first and args else None
    names = [guarded.signature.name(at) for at in range(len(args))]
    rows: list[ParameterReport] = []
    for name, value in [*zip(names, args, strict=True), *kwargs.items()]:
        row = _row(guarded, name, receiver)
        kind = how(value)
        if row.how in ("lent", "copied") and kind != "copied":
            row = ParameterReport(name, kind.partition(";")[0])
        rows.append(row)
    return rows


def _row(guarded: GuardedFunction, name: str, receiver: Any) -> ParameterReport:
    """Tell of one parameter, for calls with arrays."""
    bare = name.partition("[")[0]
    s = guarded.signature
    if guarded.first and name == s.names[0]:
        return ParameterReport(name, "passes as it is", "the object itself")
    proof = guarded.proof(receiver, frozenset())
    at = s.positional.index(bare) if bare in s.positional else None
    number = s.of(bare) if at is None else s.at(at)
    letter = guarded.letter(proof, number, bare)
    if letter == "p":
        return ParameterReport(name, "passes as it is", "skip= or only=")
    if letter == "o":
        return ParameterReport(name, "is written", "an output")
    if guarded.isolate is False:
        return ParameterReport(name, "lent", "isolate=False")
    if letter != "c":
        return ParameterReport(name, "lent")
    finding = proof if isinstance(proof, Finding) else proof.copied.get(number)
    return ParameterReport(name, "copied", _why(finding))


def _why(finding: Finding | None) -> str:
    if finding is None:
        return "it may be what is written as it is"
    place = f", {os.path.basename(finding.filename)}:{finding.lineno}"
    known = finding.lineno > 0
    return f"the function {finding.what}{place if known else ''}"
