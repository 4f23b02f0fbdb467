"""``python -m benchmarks.kernels [names] [--size SIZE] [--json PATH]``: one table."""

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import geometric_mean

from benchmarks.kernels import programs
from benchmarks.kernels.program import SIZES
from benchmarks.kernels.running import HEADER, KINDS, Figures, measure
from benchmarks.machine import machine


def summary(rows: list[Figures]) -> Iterator[str]:
    """Yield the geometric means, and the worst three of each kind."""
    yield f"\n{'geometric mean':46}{'cow':>8}{'guarded':>9}"
    for name in [*SIZES, "all"]:
        chosen = [row for row in rows if name in (row.size, "all")]
        if chosen:
            means = (geometric_mean(r.ratio(k) for r in chosen) for k in KINDS[1:])
            yield f"{name:46}{''.join(f'{m:>8.3f} ' for m in means)}"
    for kind in KINDS[1:]:
        yield f"\nworst, {kind}"
        worst = sorted(rows, key=lambda row: -row.ratio(kind))[:3]
        yield from (str(row) for row in worst)


def main() -> int:
    known = programs()
    parser = argparse.ArgumentParser("python -m benchmarks.kernels")
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(known))
    parser.add_argument("--size", choices=SIZES, action="append", help="some sizes")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    if unknown := set(options.names) - set(known):
        parser.error(f"no such program: {', '.join(sorted(unknown))}")
    rows: list[Figures] = []
    wrong: list[str] = []
    print(HEADER)
    for name in options.names or known:
        for size in options.size or SIZES:
            try:
                rows.append(measure(known[name], SIZES[size]))
            except Exception as error:
                wrong.append(f"{name}, {size}: {error!r}")
                print(f"{name:26}{size:8} WRONG: {error!r}", flush=True)
            else:
                print(rows[-1], flush=True)
    if rows:
        print(*summary(rows), sep="\n")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        found = {"machine": machine(), "rows": [row.json() for row in rows]}
        options.json.write_text(json.dumps(found, indent=1) + "\n")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main())
