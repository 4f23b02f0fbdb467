"""The options of `no_mutate` and `protect`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypedDict

from cow._ground.types import OnWrite

__all__ = ["Options", "checked", "lenient"]

_MODES = ("copy", "raise", "report")


class Options(TypedDict):
    """The options of `no_mutate`; `exact`: a name that no parameter has is refused."""

    on_write: OnWrite
    isolate: bool | None
    verify: bool
    only: set[str]
    skip: set[str]
    results: Literal["share", "own"]
    strict: bool
    exact: bool


def checked(
    *,
    on_write: OnWrite,
    isolate: bool | None,
    verify: bool,
    only: str | Iterable[str],
    skip: str | Iterable[str],
    results: Literal["share", "own"],
    strict: bool,
) -> Options:
    """Return the options that the caller of `no_mutate` has given."""
    if on_write not in _MODES:
        raise ValueError(
            f"on_write must be 'copy', 'raise' or 'report', not {on_write!r}"
        )
    if results not in ("share", "own"):
        raise ValueError(f"results must be 'share' or 'own', not {results!r}")
    if isolate not in (None, True, False):
        raise ValueError(f"isolate must be None, True or False, not {isolate!r}")
    return Options(
        on_write=on_write,
        isolate=isolate,
        verify=verify,
        only={only} if isinstance(only, str) else set(only),
        skip={skip} if isinstance(skip, str) else set(skip),
        results=results,
        strict=bool(strict),
        exact=True,
    )


def lenient(options: Options) -> Options:
    """Return options that take names which a function does not have."""
    return {**options, "exact": False}
