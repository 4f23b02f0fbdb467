"""``python -m benchmarks [names] [--repeat N] [--json PATH]``: one table, and JSON."""

import argparse
import importlib
import json
from pathlib import Path
from typing import Any

from benchmarks.machine import machine
from benchmarks.timing import HEADER

NAMES = [
    "elements",
    "calls",
    "matrices",
    "large",
    "expressions",
    "writes",
    "views",
    "guard",
    "ledger",
    "programs",
    "floor",
]


def run(names: list[str], repeat: int) -> list[dict[str, Any]]:
    """Measure and print; return the rows as dictionaries for JSON."""
    found: list[dict[str, Any]] = []
    print(HEADER)
    for name in names:
        module = importlib.import_module(f"benchmarks.{name}")
        question = (module.__doc__ or "").partition("\n")[0]
        print(f"\n{question}", flush=True)
        for row in module.rows(repeat):
            print(row, flush=True)
            found.append({"file": name, "question": question, **row.json()})
    return found


def main() -> None:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES))
    parser.add_argument("--repeat", type=int, default=200, help="at most so often")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    options = parser.parse_args()
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"no such benchmark: {', '.join(sorted(unknown))}")
    rows = run(options.names or NAMES, options.repeat)
    over = sum(row["over"] for row in rows)
    limits = sum(row["limit"] is not None for row in rows)
    print(f"\n{limits - over} of {limits} figures within their limits, {over} over")
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        found = {"machine": machine(), "rows": rows}
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
