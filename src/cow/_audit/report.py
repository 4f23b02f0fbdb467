"""The report of an audit, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sized
from os.path import relpath, sep

from cow._audit.findings import Alias, Findings, Migration, Write

__all__ = ["MOST", "conclusion", "report", "short", "title"]

MOST = 30


def report(findings: Findings, everything: bool = False) -> str:
    """Return the findings as text; `everything` lists all that is only counted."""
    most = None if everything else MOST
    lines = [title(findings)]
    refused = findings.refused
    lines += _writes("Write into an array of their caller", refused, most)
    asked = [w for w in findings.writes.values() if w.external and w.asked]
    lines += _names("Write because the call asks for it (out=, inplace=)", asked)
    inner = [w for w in findings.writes.values() if not w.external]
    own = "Write into arrays of their own package"
    lines += _writes(own, inner, None) if everything else _names(own, inner)
    aliases = sorted(findings.aliases.values(), key=lambda a: -a.times)
    lines += _aliases(aliases, most)
    lines += _views(sorted(findings.views.values(), key=lambda m: -m.times), most)
    lines += _limits(findings)
    if last := [*conclusion(findings)]:
        lines += ["", *last]
    return "\n".join(lines)


def title(findings: Findings) -> str:
    """Return what was watched, in one line."""
    packages = ", ".join(findings.patterns) or "all packages"
    return (
        f"cow audit of {packages}: {findings.calls:,} calls with arrays, "
        f"{findings.functions:,} functions, {findings.seconds:.1f} s"
    )


def conclusion(findings: Findings) -> Iterator[str]:
    """Say that all is well, if it is."""
    if findings.ended_badly:
        yield "The program failed: what it did not come to was not seen."
    elif not findings.refused and not findings.views:
        yield "No function wrote into an array of its caller unasked."
        if findings.migrates:
            yield "No write was seen that another array would see with NumPy."


def _writes(heading: str, writes: list[Write], most: int | None) -> Iterator[str]:
    if not writes:
        return
    yield from ("", f"{heading} ({len(writes)}):")
    writes = sorted(writes, key=lambda w: -w.times)
    for w in writes[:most]:
        what = "" if w.what == "values" else f" ({w.what})"
        yield f"  {w.function}({w.parameter}){what}, {_times(w.times)}"
        line = w.line or f"{w.first_line} (the function: its line was not seen)"
        yield f"      written at   {short(w.file)}:{line}"
        if w.path != w.parameter:
            yield f"      for example  {w.path}"
        yield f"      called from  {short(w.called_from)}"
        through = [t for t in w.through if t != f"{w.function}({w.parameter})"]
        if through:
            yield f"      through      {', '.join(through[:3])}"
    yield from _more(writes, most)


def _names(heading: str, writes: list[Write]) -> Iterator[str]:
    if writes:
        names = sorted(f"{w.function}({w.parameter})" for w in writes)
        shown = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
        yield from ("", f"{heading} ({len(names)}): {shown}")


def _aliases(aliases: list[Alias], most: int | None) -> Iterator[str]:
    if not aliases:
        return
    yield from ("", f"Results that share memory with an argument ({len(aliases)}):")
    width = max(len(_times(a.times)) for a in aliases)
    for a in aliases[:most]:
        yield f"  {_times(a.times):>{width}}  {a.function}({a.parameter}): {a.kind}"
    yield from _more(aliases, most)


def _views(views: list[Migration], most: int | None) -> Iterator[str]:
    if not views:
        return
    yield from ("", f"Writes that another array would see with NumPy ({len(views)}):")
    for m in views[:most]:
        yield f"  {short(m.file)}:{m.line} in {m.function}, {_times(m.times)}"
        yield f"      written      {_made(m.array)}"
        yield f"      seen by      {_made(m.seen_by)}"
    yield from _more(views, most)


def _limits(findings: Findings) -> Iterator[str]:
    if findings.closed:
        shown = ", ".join(findings.closed[:5])
        n = len(findings.closed)
        yield from ("", f"Not watched to the end, too slow to compare ({n}): {shown}")
    if findings.too_large:
        yield from ("", f"Arrays too large to watch: {findings.too_large:,} times")
    if findings.interrupted:
        yield from ("", "The program replaced the trace function: calls are missing.")
    if findings.errors:
        yield from ("", "Errors of the audit itself:", *findings.errors)


def _times(n: int) -> str:
    return "once" if n == 1 else f"{n:,} times"


def _made(array: str) -> str:
    what, made, place = array.partition(", made at ")
    return what + made + short(place) if made else array


def _more(items: Sized, most: int | None) -> Iterator[str]:
    if most is not None and len(items) > most:
        yield f"  ... and {len(items) - most} more (--all, --json)"


def short(path: str) -> str:
    """Shorten a path: from the package on, or relative to here."""
    for mark in (f"site-packages{sep}", f"dist-packages{sep}"):
        if mark in path:
            return path.rpartition(mark)[2]
    near = relpath(path) if path.startswith(sep) else path
    return path if near.startswith("..") else near
