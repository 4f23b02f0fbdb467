"""guard_report: what `no_mutate` guards of a function, and how."""

from __future__ import annotations

import dataclasses
import os
import types
from typing import TYPE_CHECKING, Any

from cow._ground.types import Args, Kwargs, type_of
from cow._guard.guarded_function import COPY, OUTPUT, PASS, GuardedFunction
from cow._guard.proof import Finding, Proof
from cow._guard.registry import how
from cow._guard.signature import Parameter
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
        s = guarded.signature
        rows = [_row(guarded, s.named(name), receiver) for name in s.names]
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


def _given(
    guarded: GuardedFunction, args: Args, kwargs: Kwargs
) -> list[ParameterReport]:
    receiver = args[0] if guarded.receivers and args else None
    parameters = guarded.signature.given(len(args), kwargs)
    rows: list[ParameterReport] = []
    for each, value in zip(parameters, [*args, *kwargs.values()], strict=True):
        row = _row(guarded, each, receiver)
        kind = how(value)
        if row.how in ("lent", "copied") and kind != "copied":
            row = ParameterReport(each.name, kind.partition(";")[0])
        rows.append(row)
    return rows


def _row(
    guarded: GuardedFunction, parameter: Parameter, receiver: Any
) -> ParameterReport:
    """Tell of one parameter, for calls with arrays."""
    name = parameter.name
    if parameter in guarded.receivers:
        return ParameterReport(name, "passes as it is", "the object itself")
    proof = guarded.prove(receiver, frozenset()).proof
    mode = guarded.mode(proof, parameter)
    if mode == PASS:
        return ParameterReport(name, "passes as it is", "skip= or only=")
    if mode == OUTPUT:
        return ParameterReport(name, "is written", "an output")
    if guarded.isolate is False:
        return ParameterReport(name, "lent", "isolate=False")
    if mode != COPY:
        return ParameterReport(name, "lent")
    if isinstance(proof, Proof):
        return ParameterReport(name, "copied", _why(proof.copied.get(parameter.number)))
    return ParameterReport(name, "copied", _why(proof))


def _why(finding: Finding | None) -> str:
    if finding is None:
        return "it may be what is written as it is"
    place = f", {os.path.basename(finding.filename)}:{finding.lineno}"
    known = finding.lineno > 0
    return f"the function {finding.what}{place if known else ''}"
