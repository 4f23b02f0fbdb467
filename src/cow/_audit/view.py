"""The report of an audit for notebooks, and as a page for browsers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from operator import attrgetter

from cow._audit.findings import Alias, Findings, Migration, Write
from cow._audit.report import MOST, conclusion, report, short, title
from cow._insight.table import paragraph, table

__all__ = ["html", "page"]

_FUNCTION = ("times", "function", "parameter")


def html(findings: Findings) -> str:
    """Return the findings for a notebook."""
    return f"<div>{''.join(_parts(findings))}</div>"


def page(findings: Findings) -> str:
    """Return the findings as a page, with the whole report as text below."""
    everything = escape(report(findings, everything=True))
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        "<title>cow audit</title>"
        '<meta name="color-scheme" content="light dark"></head>'
        '<body style="font-family:sans-serif;margin:2em">'
        f"{html(findings)}<pre>{everything}</pre></body></html>\n"
    )


def _parts(findings: Findings) -> Iterator[str]:
    yield paragraph(title(findings))
    refused = sorted(findings.refused, key=lambda w: -w.times)
    if refused:
        caption = f"Write into an array of their caller ({len(refused)})"
        yield _table(
            caption, (*_FUNCTION, "written at", "called from"), map(_write, refused)
        )
    for line in conclusion(findings):
        yield paragraph(line)
    views = sorted(findings.views.values(), key=attrgetter("times"), reverse=True)
    if views:
        caption = f"Writes that another array would see with NumPy ({len(views)})"
        head = "times", "where", "written", "seen by"
        yield _table(caption, head, map(_migration, views))
    asked = [w for w in findings.writes.values() if w.external and w.asked]
    if asked:
        caption = f"Write because the call asks for it (out=, inplace=) ({len(asked)})"
        yield _table(caption, _FUNCTION, map(_short, asked))
    aliases = sorted(findings.aliases.values(), key=attrgetter("times"), reverse=True)
    if aliases:
        caption = f"Results that share memory with an argument ({len(aliases)})"
        yield _table(caption, (*_FUNCTION, ""), map(_alias, aliases))


def _table(caption: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    rows = list(rows)
    more = len(rows) - MOST
    foot = f"... and {more} more" if more > 0 else ""
    return table(caption, head, rows[:MOST], foot, numbers=1)


def _write(w: Write) -> tuple[str, ...]:
    line = w.line or w.first_line
    where = f"{short(w.file)}:{line}"
    return f"{w.times:,}", w.function, w.parameter, where, short(w.called_from)


def _short(w: Write) -> tuple[str, ...]:
    return f"{w.times:,}", w.function, w.parameter


def _migration(m: Migration) -> tuple[str, ...]:
    where = f"{short(m.file)}:{m.line} in {m.function}"
    return f"{m.times:,}", where, m.array, m.seen_by


def _alias(a: Alias) -> tuple[str, ...]:
    return f"{a.times:,}", a.function, a.parameter, a.kind
